from datetime import UTC, datetime, timedelta

import pytest

from digest.model.fresh_link import LIFE, FreshLink, LinkPurpose, may_mail
from digest.model.subscriber import SubscriptionState, outranks

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionState


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("made", "may"),
    [
        ([], True),
        ([ago(minutes=14)], False),
        ([ago(minutes=15)], True),
        ([ago(hours=1), ago(hours=2)], True),
        ([ago(hours=1), ago(hours=2), ago(hours=23)], False),
        ([ago(hours=1), ago(hours=2), ago(hours=24)], True),
        ([ago(days=2)] * 50, True),
    ],
)
def test_one_in_a_quarter_of_an_hour_and_three_a_day(made: list[datetime], may: bool) -> None:
    assert may_mail(made, NOW) is may


@pytest.mark.parametrize("purpose", LinkPurpose)
def test_a_link_works_until_it_is_used_or_expires(purpose: LinkPurpose) -> None:
    end = NOW + LIFE[purpose]
    link = FreshLink(1, 1, 1, purpose, "", NOW, end)
    assert link.works(NOW)
    assert not link.works(end)
    assert not FreshLink(1, 1, 1, purpose, "", NOW, end, used_at=NOW).works(NOW)


def test_the_link_to_ones_data_is_the_shortest() -> None:
    assert LIFE[LinkPurpose.DATA] == timedelta(hours=1)
    assert min(LIFE.values()) == LIFE[LinkPurpose.DATA]


def test_who_is_subscribed_outranks_who_waits_and_who_has_left() -> None:
    assert outranks(CONFIRMED, PENDING)
    assert outranks(CONFIRMED, UNSUBSCRIBED)
    assert outranks(PENDING, UNSUBSCRIBED)
    assert not any(outranks(each, each) for each in SubscriptionState)
    assert not outranks(UNSUBSCRIBED, PENDING)
