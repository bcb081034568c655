"""Mails that the next hop refuses for good: when their address is given up, by real issues to real refusals."""

from datetime import timedelta

import pytest

from digest.model.event import EventKind
from digest.model.message import MessageState
from digest.model.returned import AGAIN, COUNTED_FOR, MANY, SILENT_FOR
from digest.model.subscriber import SuppressionReason
from tests.doubles.smtp_server import Rule, SmtpServer, reply
from tests.pipeline.test_absorb import happened, reason
from tests.pipeline.test_deliver import prepared, send
from tests.pipeline.world import PERIOD, World

READER = "reader0@example.org"
NOBODY, DISABLED, POLICY = "550 5.1.1 no such user", "550 5.2.1 disabled", "550 5.7.1 not from you"


class Weekly:
    """An issue at a time; days pass between them."""

    def __init__(self, world: World) -> None:
        self.world, self._issues = world, 0
        self._readers = 2

    def after(self, days: int, answer: str | None = None) -> MessageState:
        """What becomes of the reader's mail, which is answered so."""
        self.world.clock.forward(days=days)
        self._issues += 1
        self.world.add_articles(3)
        rules = [Rule(reply(answer), verb="RCPT", recipient=f"^{READER}")] if answer else []
        with SmtpServer(*rules) as server:
            ready = prepared(self.world, server, self._readers)
            self._readers = 0  # they are there now
            campaign = ready.publish(ready.draft(PERIOD + timedelta(days=self._issues)))
            send(ready)
        self.world = ready
        with ready.app.store.read() as tx:
            message = tx.outbox.of_reader(campaign.id, 1)
            if message is None:
                return MessageState.SUPPRESSED  # not in the audience
            rows = "SELECT state FROM messages WHERE subscriber_id = 1 ORDER BY id DESC LIMIT 1"
            return MessageState(tx._connection.exec_driver_sql(rows).scalar_one())


@pytest.fixture
def weekly(world: World) -> Weekly:
    return Weekly(world)


def test_a_mailbox_that_is_twice_unknown_is_mailed_no_more(weekly: Weekly) -> None:
    for week in range(AGAIN):
        assert reason(weekly.world, READER) is None, week
        assert weekly.after(7, NOBODY) is MessageState.BOUNCED
    assert reason(weekly.world, READER) is SuppressionReason.BOUNCED
    assert happened(weekly.world, READER) == [*[EventKind.BOUNCED] * AGAIN, EventKind.SUPPRESSED]
    assert weekly.after(7) is MessageState.SUPPRESSED


def test_one_that_is_disabled_is_tried_once_more(weekly: Weekly) -> None:
    for week in range(MANY):
        assert reason(weekly.world, READER) is None, week
        assert weekly.after(7, DISABLED) is MessageState.BOUNCED
    assert reason(weekly.world, READER) is SuppressionReason.BOUNCED


def test_a_day_counts_once(weekly: Weekly) -> None:
    """A relay that is set up wrongly for an hour ends no subscription, whatever is sent in that hour."""
    for _ in range(MANY + 1):
        weekly.after(0, NOBODY)
    assert reason(weekly.world, READER) is None


def test_what_arrived_in_between_forgives(weekly: Weekly) -> None:
    weekly.after(7, NOBODY)
    assert weekly.after(7) is MessageState.ACCEPTED
    weekly.after(SILENT_FOR.days + 1, NOBODY)
    assert reason(weekly.world, READER) is None


def test_what_may_still_come_back_forgives_nothing(weekly: Weekly) -> None:
    weekly.after(7, NOBODY)
    assert weekly.after(1) is MessageState.ACCEPTED
    weekly.after(1, NOBODY)
    assert reason(weekly.world, READER) is SuppressionReason.BOUNCED


def test_old_refusals_are_forgotten(weekly: Weekly) -> None:
    weekly.after(7, NOBODY)
    weekly.after(COUNTED_FOR.days + 1, NOBODY)
    assert reason(weekly.world, READER) is None


def test_what_is_thought_of_us_is_not_their_fault(weekly: Weekly) -> None:
    for _ in range(MANY + 1):
        assert weekly.after(7, POLICY) is not MessageState.BOUNCED
    assert reason(weekly.world, READER) is None
    assert EventKind.SUPPRESSED not in happened(weekly.world, READER)
