"""When what came back gives up an address."""

import pytest

from digest.model.message import Reply
from digest.model.returned import AGAIN, MANY, Returned, ReturnKind, is_hard, judge, judge_refusal
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


@pytest.mark.parametrize("status", ["4.2.2", "4.4.7", "5.7.1", "5.7.26", "5.3.4", "5.1.8", "5.2.3", "5.6.0", ""])
def test_what_is_soft_or_about_us_never_counts(status: str) -> None:
    """Nor does what says no status: an unknown bounce suppresses nobody."""
    assert not is_hard(status)
    assert judge(Returned(FAILED, status), 100) is None


@pytest.mark.parametrize(
    ("reply", "enough"),
    [
        (Reply(550, "5.1.1", verb="RCPT"), AGAIN),
        (Reply(550, "5.1.1", verb="."), AGAIN),
        (Reply(550, "5.2.1", verb="RCPT"), MANY),
        (Reply(550, "5.4.1", verb="RCPT"), MANY),  # Microsoft's words for an unknown mailbox
        (Reply(550, verb="RCPT"), MANY),
    ],
)
def test_what_the_next_hop_says_must_be_said_again(reply: Reply, enough: int) -> None:
    """A relay that is set up wrongly says so of everybody."""
    assert enough > 1
    assert [judge_refusal(reply, before) for before in range(enough)] == [
        *[None] * (enough - 1),
        SuppressionReason.BOUNCED,
    ]


@pytest.mark.parametrize(
    "reply",
    [Reply(554, verb="."), Reply(550, verb="."), Reply(554, "5.6.0", verb="."), Reply(550, "5.7.1", verb="RCPT")],
)
def test_what_it_says_of_a_mail_never_counts(reply: Reply) -> None:
    assert judge_refusal(reply, 100) is None


def test_a_delay_is_nothing() -> None:
    assert judge(Returned(DELAYED, "5.1.1"), 100) is None


def test_a_complaint_is_enough() -> None:
    assert judge(Returned(COMPLAINT), 0) is SuppressionReason.COMPLAINT
