"""What is refused, retried and given up: each reader alone, by a clock that is moved; and what changes while an issue goes out."""

from datetime import timedelta

import pytest

from digest.model.errors import TryLater
from digest.model.issue import CampaignState
from digest.model.message import MessageState
from digest.model.subscriber import SubscriptionState
from digest.pipeline import brake
from digest.pipeline.plan import ListChange, change_list
from tests.doubles.smtp_server import Rule, SmtpServer, Turn, reply
from tests.pipeline.test_deliver import addresses, prepared, recipients, send
from tests.pipeline.test_faults import Once
from tests.pipeline.world import World, with_relay

READERS = 12


def states(world: World) -> dict[str, str]:
    with world.app.store.read() as tx:
        (issue,) = tx.issues.all()
        campaign = tx.campaigns.of_issue(issue.id)
        assert campaign is not None
        return {one.address.partition("@")[0]: one.state.value for one in tx.messages.recipients(campaign.id)}


def test_every_kind_of_refusal_says_of_whom_it_is(sqlite_world: World) -> None:
    refusals = {
        "reader1@": ("550 5.1.1 no such user", "bounced"),
        "reader2@": ("552 5.2.2 mailbox full", "deferred"),
        "reader3@": ("553 5.1.3 not an address", "bounced"),
        "reader4@": ("550 5.7.1 not from you", "deferred"),  # one mailbox's own policy, perhaps: nobody's bounce
        "reader5@": ("450 4.2.1 busy", "deferred"),
        "reader6@": ("554 no", "bounced"),
    }
    rules = [Rule(reply(said), verb="RCPT", recipient=f"^{whose}") for whose, (said, _) in refusals.items()]
    with SmtpServer(*rules) as server:
        ready = prepared(sqlite_world, server, READERS)
        ready.publish()
        assert not send(ready).paused
    expected = {whose.rstrip("@"): state for whose, (_, state) in refusals.items()}
    assert {reader: state for reader, state in states(ready).items() if state != "accepted"} == expected


def test_a_refusal_that_is_about_us_touches_no_reader(world: World) -> None:
    with SmtpServer(Rule(reply("550 5.7.26 unauthenticated"), verb=".")) as server:
        ready = prepared(world, server, READERS)
        campaign = ready.publish()
        assert send(ready).paused
        assert set(states(ready).values()) <= {"queued", "deferred"}
        with ready.app.store.read() as tx:
            readers = list(tx.subscribers.readers(None, None, None))
        assert {(each.subscription.state, each.suppressed) for each in readers} == {(SubscriptionState.CONFIRMED, None)}
        server.rules = []
        brake.resume(ready.app.store, campaign.issue_id, now=ready.clock())
        send(ready)
        ready.clock.forward(minutes=2)
        send(ready)
    assert recipients(server) == addresses(READERS)


def test_greylisting_delays_those_who_are_greylisted_and_nobody_else(world: World) -> None:
    def greylist(turn: Turn) -> None:
        turn.answer(None if ready.clock() >= lets_in else "450 4.7.1 greylisted, try again in 300 seconds")

    with SmtpServer(Rule(greylist, verb="RCPT", recipient="reader[0-4]@")) as server:
        ready = prepared(world, server, READERS)
        lets_in = ready.clock() + timedelta(minutes=5)
        ready.publish()
        due = send(ready).next_due_at
        assert len(server.messages) == READERS - 5
        assert due is not None
        assert due >= lets_in  # as long as it was asked for
        ready.clock.time = due + timedelta(minutes=5)
        send(ready)
    assert recipients(server) == addresses(READERS)


def test_a_relay_that_is_down_for_hours_costs_nobody_the_issue(sqlite_world: World) -> None:
    with SmtpServer() as gone:
        ready = prepared(sqlite_world, gone, READERS)
    ready.publish()
    for _ in range(2):
        with pytest.raises(TryLater):
            send(ready)
        ready.clock.forward(hours=5)
    with SmtpServer() as server:
        send(with_relay(ready, f"smtp://127.0.0.1:{server.port}?tls=none"))
    assert recipients(server) == addresses(READERS)


def test_a_lists_own_time_to_send_is_kept(sqlite_world: World) -> None:
    """An hour, and then what is still deferred has failed: tried at once, after a minute, five, and fifteen more."""
    change_list(sqlite_world.app.store, "weekly", ListChange(send_within_hours=1), now=sqlite_world.clock())
    with SmtpServer(Rule(reply("450 4.2.1 busy"), verb="RCPT", recipient="^reader1@")) as server:
        ready = prepared(sqlite_world, server, 2)
        campaign = ready.publish()
        start, due = ready.clock(), send(ready).next_due_at
        while due is not None:
            ready.clock.time = due
            due = send(ready).next_due_at
    assert ready.account(campaign).counts == {MessageState.ACCEPTED: 1, MessageState.FAILED: 1}
    assert timedelta(minutes=20) < ready.clock() - start <= timedelta(hours=1)
    with ready.app.store.read() as tx:
        assert tx.campaigns.get(campaign.id).state is CampaignState.DONE


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_clock_that_jumps_in_mid_send_sends_nothing_twice(world: World, hours: int) -> None:
    with SmtpServer() as server:
        ready = prepared(world, server, READERS, connections=2)
        campaign = ready.publish()
        server.rules = [Rule(Once(lambda: ready.clock.forward(hours=hours), at=4), verb=".")]
        send(ready)
        assert not send(ready).settled
    assert recipients(server) == addresses(READERS)
    assert ready.account(campaign).counts == {MessageState.ACCEPTED: READERS}


def test_what_is_edited_while_an_issue_goes_out_changes_no_mail_of_it(sqlite_world: World) -> None:
    def edit() -> None:
        change_list(ready.app.store, "weekly", ListChange(title="Another title", tagline="New"), now=ready.clock())
        with ready.app.store.write() as tx:
            tx._connection.exec_driver_sql("UPDATE subscribers SET name = 'Somebody else'")
            tx._connection.exec_driver_sql("UPDATE articles SET article = replace(article, 'Story', 'Rewritten')")

    with SmtpServer(Rule(Once(edit, at=4), verb=".")) as server:
        ready = prepared(sqlite_world, server, READERS, connections=1)
        ready.publish()
        send(ready)
    assert len(server.messages) == READERS
    assert not [
        one for one in server.messages for word in (b"Another title", b"Somebody", b"Rewritten") if word in one.content
    ]
