"""When what came back gives up an address."""

import pytest

from digest.model.returned import MANY, Returned, ReturnKind, judge
from digest.model.subscriber import SuppressionReason

FAILED, DELAYED, COMPLAINT = ReturnKind


@pytest.mark.parametrize("status", ["5.1.1", "5.1.6", "5.1.10"])
def test_one_is_enough_when_there_is_no_mailbox(status: str) -> None:
    assert judge(Returned(FAILED, status), 0) is SuppressionReason.BOUNCED


@pytest.mark.parametrize("status", ["5.2.1", "5.2.2", "5.0.0", "5.4.4"])
def test_other_failures_for_good_must_be_many(status: str) -> None:
    assert [judge(Returned(FAILED, status), before) for before in range(MANY)] == [
        *[None] * (MANY - 1),
        SuppressionReason.BOUNCED,
    ]


@pytest.mark.parametrize("status", ["4.2.2", "4.4.7", "5.7.1", "5.7.26", "5.3.4", "5.1.8", ""])
def test_what_is_soft_or_about_us_never_counts(status: str) -> None:
    """Nor does what says no status: an unknown bounce suppresses nobody."""
    returned = Returned(FAILED, status)
    assert not returned.hard
    assert judge(returned, 100) is None


def test_a_delay_is_nothing() -> None:
    assert judge(Returned(DELAYED, "5.1.1"), 100) is None


def test_a_complaint_is_enough() -> None:
    assert judge(Returned(COMPLAINT), 0) is SuppressionReason.COMPLAINT
