"""What others do in mid-send: readers leave or are erased at every moment, an operator pauses and resumes, somebody signs up."""

from collections.abc import Callable

import pytest

from digest.audience.person import erase_person
from digest.audience.unsubscribe import unsubscribe
from digest.model.address import Address
from digest.model.issue import Campaign, CampaignState, IssueState
from digest.model.message import MessageState
from digest.pipeline.trial import queue_test
from tests.doubles.smtp_server import Rule, SmtpServer, Turn
from tests.pipeline.test_deliver import addresses, prepared, recipients, send
from tests.pipeline.test_faults import CONNECTIONS, Once
from tests.pipeline.world import KEYS, World

READERS = 12
LEAVER = "reader7@example.org"

#: When → the event at which the server, before it answers, lets it happen. The sender has one connection.
BEFORE_THE_DOT = {
    "claimed": Rule(lambda _: None, verb="MAIL", message=1),
    "being offered": Rule(lambda _: None, verb="DATA", recipient=LEAVER),
}


def leave(world: World) -> None:
    with world.app.store.read() as tx:
        leaver = tx.subscribers.find(Address.parse(LEAVER))
    assert leaver is not None
    unsubscribe(world.app.store, leaver.id, world.mailing_list.id, now=world.clock(), by="one-click")


def erase(world: World) -> None:
    erase_person(world.app.store, KEYS, LEAVER, now=world.clock())


GOING = pytest.mark.parametrize("go", [leave, erase])


def state_of(world: World, campaign: Campaign, address: str) -> MessageState:
    with world.app.store.read() as tx:
        (found,) = [one for one in tx.messages.recipients(campaign.id) if one.address == address]
    return found.state


def doing(action: Callable[[], object]) -> Callable[[Turn], None]:
    def act(turn: Turn) -> None:
        action()
        turn.usual()

    return act


def check_not_mailed(world: World, campaign: Campaign, server: SmtpServer) -> None:
    assert recipients(server) == sorted(set(addresses(READERS)) - {LEAVER})
    account = world.account(campaign)
    assert account.of(MessageState.SUPPRESSED) == 1
    assert account.of(MessageState.ACCEPTED) == READERS - 1
    assert account.balanced
    with world.app.store.read() as tx:
        assert tx.campaigns.get(campaign.id).state is CampaignState.DONE


@GOING
def test_who_goes_before_the_claim_is_not_mailed(world: World, go: Callable[[World], None]) -> None:
    with SmtpServer() as server:
        ready = prepared(world, server, READERS, connections=1)
        campaign = ready.publish()
        go(ready)
        send(ready)
        check_not_mailed(ready, campaign, server)


@GOING
@pytest.mark.parametrize("moment", BEFORE_THE_DOT)
def test_who_goes_before_the_arming_is_not_mailed(world: World, go: Callable[[World], None], moment: str) -> None:
    when = BEFORE_THE_DOT[moment]
    with SmtpServer() as server:
        ready = prepared(world, server, READERS, connections=1)
        server.rules = [
            Rule(doing(lambda: go(ready)), verb=when.verb, message=when.message, recipient=when.recipient, times=1)
        ]
        campaign = ready.publish()
        send(ready)
        check_not_mailed(ready, campaign, server)


def test_who_leaves_when_the_dot_is_on_its_way_gets_this_one(world: World) -> None:
    with SmtpServer() as server:
        ready = prepared(world, server, READERS, connections=1)
        server.rules = [Rule(doing(lambda: leave(ready)), verb=".", recipient=LEAVER)]
        campaign = ready.publish()
        send(ready)
    assert recipients(server) == addresses(READERS)
    assert state_of(ready, campaign, LEAVER) is MessageState.ACCEPTED


def test_who_is_erased_when_the_dot_is_on_its_way_leaves_no_trace(world: World) -> None:
    """The account still balances; neither the row nor an event keeps the address."""
    with SmtpServer() as server:
        ready = prepared(world, server, READERS, connections=1)

        def refuse(turn: Turn) -> None:
            erase(ready)
            turn.answer(f"550 5.1.1 <{turn.recipient}> no such user")

        server.rules = [Rule(refuse, verb=".", recipient=LEAVER)]
        campaign = ready.publish()
        send(ready)
    assert ready.account(campaign).of(MessageState.BOUNCED) == 1
    assert ready.account(campaign).balanced
    with ready.app.store.read() as tx:
        rows = tx._connection.exec_driver_sql("SELECT address, name, reply_text FROM messages").all()
        details = tx._connection.exec_driver_sql("SELECT detail FROM events").all()
    assert "reader7" not in f"{rows} {details}"


def test_a_pause_that_a_refusal_caused_keeps_no_address(sqlite_world: World) -> None:
    with SmtpServer() as server:
        ready = prepared(sqlite_world, server, READERS, connections=1)
        server.rules = [
            Rule(lambda turn: turn.answer(f"550 5.7.1 <{turn.recipient.upper()}> is not yours"), verb="RCPT")
        ]
        campaign = ready.publish()
        why = send(ready).paused[campaign.issue_id]
    assert "550 5.7.1" in why
    assert "reader" not in why.lower()


def test_a_paused_campaign_stops_within_a_message_a_connection_and_resumes(world: World) -> None:
    readers, at = 130, 20  # more than are claimed at a time
    with SmtpServer() as server:
        ready = prepared(world, server, readers, connections=CONNECTIONS)
        campaign = ready.publish()

        def pause() -> None:
            with ready.app.store.write() as tx:
                assert tx.campaigns.pause(campaign.id, "The operator saw a mistake.")

        server.rules = [Rule(Once(pause, at=at), verb=".")]
        report = send(ready)
        sent = len(server.messages)
        assert at <= sent < at + CONNECTIONS
        assert len(server.sessions) <= 2 * CONNECTIONS  # what was in hand was let go of, not offered and withdrawn
        assert report.paused == {campaign.issue_id: "The operator saw a mistake."}
        account = ready.account(campaign)
        assert account.of(MessageState.QUEUED) == readers - sent
        assert account.of(MessageState.ACCEPTED) == sent
        assert not send(ready).settled
        with ready.app.store.write() as tx:
            assert tx.campaigns.resume(campaign.id)
        send(ready)
    assert recipients(server) == addresses(readers)
    with ready.app.store.read() as tx:
        assert tx.issues.get(campaign.issue_id).state is IssueState.SENT


def test_a_paused_campaign_does_not_stop_another(sqlite_world: World) -> None:
    with SmtpServer() as server:
        ready = prepared(sqlite_world, server, READERS, connections=CONNECTIONS)
        first = ready.publish()
        ready.add_articles(2)
        second = ready.publish(ready.draft(ready.clock().date().replace(day=30)))

        def pause() -> None:
            with ready.app.store.write() as tx:
                tx.campaigns.pause(first.id, "A mistake.")

        server.rules = [Rule(Once(pause, at=4), verb=".")]
        send(ready)
    assert ready.account(second).of(MessageState.ACCEPTED) == READERS
    assert ready.account(first).of(MessageState.ACCEPTED) < READERS


def test_a_mail_of_its_own_goes_before_a_campaigns(world: World) -> None:
    """Before it when both wait; within one claim when the campaign is under way."""
    readers = 220
    early, late = Address.parse("early@example.org"), Address.parse("late@example.org")
    with SmtpServer() as server:
        ready = prepared(world, server, readers, connections=1)
        campaign = ready.publish()

        def ask(address: Address) -> None:
            queue_test(
                ready.app.store, campaign.issue_id, [address], ready.app.render, KEYS, now=ready.clock(), nonce="1"
            )

        ask(early)
        server.rules = [Rule(Once(lambda: ask(late), at=5), verb=".")]
        send(ready)
    order = [message.recipient for message in server.messages]
    assert order[0] == str(early)
    assert order.index(str(late)) <= 100
    assert len(order) == readers + 2
