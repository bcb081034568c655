"""Delivering against a mail server that speaks real SMTP and does as it is told."""

from threading import Event
from typing import Any

import pytest

from digest.model.address import Address
from digest.model.errors import SenderBusy, TryLater
from digest.model.issue import CampaignState, IssueState, OnCrash
from digest.model.message import MessageState, Settlement
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.pipeline.deliver import DeliveryReport, deliver
from digest.store import open_store
from tests.doubles.smtp_server import Action, Rule, SmtpServer, drop, reply
from tests.pipeline.world import KEYS, World, with_relay

READERS = 12


def prepared(world: World, server: SmtpServer, readers: int = READERS, **settings: Any) -> World:
    world.subscribe(readers)
    world.add_articles(3)
    return with_relay(world, f"smtp://{server.host}:{server.port}?tls=none", **settings)


def send(world: World, **changes: Any) -> DeliveryReport:
    sender = world.app.sender(changes.pop("stop", None), changes.pop("settled", None))
    return deliver(sender)


def recipients(server: SmtpServer) -> list[str]:
    return sorted(message.recipient for message in server.messages)


def addresses(count: int = READERS) -> list[str]:
    return sorted(f"reader{number}@example.org" for number in range(count))


def test_every_reader_gets_the_issue_once(world: World) -> None:
    with SmtpServer() as server:
        ready = prepared(world, server)
        campaign = ready.publish()
        report = send(ready)
    assert recipients(server) == addresses()
    assert server.faults == []
    account = report.accounts[campaign.issue_id]
    assert str(account) == (
        "audience 12 = accepted 12 + deferred 0 + bounced 0 + suppressed 0 + failed 0 + uncertain 0"
    )
    with ready.app.store.read() as tx:
        assert tx.issues.get(campaign.issue_id).state is IssueState.SENT
        assert tx.campaigns.get(campaign.id).state is CampaignState.DONE


def test_a_second_run_sends_nothing(world: World) -> None:
    with SmtpServer() as server:
        ready = prepared(world, server)
        ready.publish()
        send(ready)
        report = send(ready)
    assert len(server.messages) == READERS
    assert not report.settled


def test_each_message_is_the_readers_own(sqlite_world: World) -> None:
    with SmtpServer() as server:
        ready = prepared(sqlite_world, server, readers=3)
        ready.publish()
        send(ready)
    for message in server.messages:
        head = message.content.partition(b"\r\n\r\n")[0]
        assert b"To: " + message.recipient.encode() in head
    ids = {message.message_id for message in server.messages}
    assert len(ids) == 3


def test_the_same_row_gives_the_same_bytes(sqlite_world: World) -> None:
    """Taken, then the connection breaks before the reply: the copy is recognisably the same message."""
    with SmtpServer(Rule(drop(record=True), verb=".", times=1)) as server:
        ready = prepared(sqlite_world, server, readers=1)
        ready.publish()
        send(ready)
        ready.clock.forward(minutes=2)
        send(ready)
    first, second = server.messages
    assert first.content == second.content


@pytest.mark.parametrize(
    ("action", "verb", "state"),
    [
        (reply("550 5.1.1 no such user"), "RCPT", MessageState.BOUNCED),
        (reply("550 5.1.1 no such user"), ".", MessageState.BOUNCED),
        (reply("450 4.2.1 mailbox busy"), "RCPT", MessageState.DEFERRED),
        (reply("451 4.3.0 try later"), ".", MessageState.DEFERRED),
        (reply("452 4.5.3 too many"), "MAIL", MessageState.DEFERRED),
        (drop(), ".", MessageState.DEFERRED),
    ],
)
def test_one_readers_refusal_is_that_readers_alone(
    sqlite_world: World, action: Action, verb: str, state: MessageState
) -> None:
    with SmtpServer(Rule(action, verb=verb, recipient="^reader3@" if verb != "MAIL" else "", times=1)) as server:
        ready = prepared(sqlite_world, server)
        campaign = ready.publish()
        send(ready)
    account = ready.account(campaign)
    assert account.of(state) == 1
    assert account.of(MessageState.ACCEPTED) == READERS - 1
    assert account.balanced


@pytest.mark.parametrize("action", [reply("421 4.3.2 going down"), drop(), drop(hard=True)])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
def test_a_connection_that_goes_before_the_dot_costs_nobody_anything(
    sqlite_world: World, action: Action, verb: str
) -> None:
    """The message goes out on another one at once; only when that goes, too, does it wait."""
    with SmtpServer(Rule(action, verb=verb, times=1)) as server:
        ready = prepared(sqlite_world, server, on_crash=OnCrash.HOLD)
        campaign = ready.publish()
        send(ready)
    assert ready.account(campaign).of(MessageState.ACCEPTED) == READERS
    assert recipients(server) == addresses()


def test_a_message_under_which_connections_always_go_waits(sqlite_world: World) -> None:
    with SmtpServer(Rule(drop(), verb="RCPT", recipient="^reader3@")) as server:
        ready = prepared(sqlite_world, server)
        campaign = ready.publish()
        send(ready)
    assert ready.account(campaign).of(MessageState.DEFERRED) == 1
    assert ready.account(campaign).of(MessageState.ACCEPTED) == READERS - 1


def test_deferred_is_sent_when_it_is_due_again(world: World) -> None:
    with SmtpServer(Rule(reply("450 4.7.1 greylisted"), verb="RCPT", recipient="reader1@", times=1)) as server:
        ready = prepared(world, server)
        campaign = ready.publish()
        assert send(ready).next_due_at is not None
        assert send(ready).settled.total() == 0  # not due yet
        ready.clock.forward(minutes=2)
        send(ready)
    assert recipients(server) == addresses()
    assert ready.account(campaign).of(MessageState.ACCEPTED) == READERS


def test_silence_after_the_dot_is_uncertain_when_nobody_may_get_it_twice(sqlite_world: World) -> None:
    with SmtpServer(Rule(drop(record=True), verb=".", times=1)) as server:
        ready = prepared(sqlite_world, server, on_crash=OnCrash.HOLD)
        campaign = ready.publish()
        send(ready)
    account = ready.account(campaign)
    assert account.of(MessageState.UNCERTAIN) == 1
    assert account.of(MessageState.ACCEPTED) == READERS - 1
    assert recipients(server) == addresses()


def test_a_refusal_that_is_about_us_pauses_the_campaign(world: World) -> None:
    refuse = reply("550 5.7.515 access denied, sending domain does not meet the required authentication level")
    with SmtpServer(Rule(refuse, verb="RCPT")) as server:
        ready = prepared(world, server, readers=40)
        campaign = ready.publish()
        report = send(ready)
    assert "5.7.515" in report.paused[campaign.issue_id]
    account = ready.account(campaign)
    assert account.of(MessageState.BOUNCED) == 0  # never counted against a reader
    assert account.open == 40
    asked = sum(b"RCPT TO" in line for session in server.sessions for line in session.received.split(b"\r\n"))
    assert asked <= ready.app.settings.connections  # one each, then it stopped


def test_who_left_after_publishing_is_not_mailed(world: World) -> None:
    with SmtpServer() as server:
        ready = prepared(world, server)
        campaign = ready.publish()
        with ready.app.store.write() as tx:
            leaver = tx.subscribers.find(_address("reader4@example.org"))
            assert leaver is not None
            tx.subscribers.move(leaver.id, ready.mailing_list.id, SubscriptionState.UNSUBSCRIBED, ready.clock())
            tx.suppressions.add(
                KEYS.address_hash(_address("reader5@example.org")), SuppressionReason.COMPLAINT, ready.clock()
            )
        send(ready)
    assert recipients(server) == sorted(set(addresses()) - {"reader4@example.org", "reader5@example.org"})
    assert ready.account(campaign).of(MessageState.SUPPRESSED) == 2


def test_nothing_is_lost_when_the_relay_cannot_be_reached(world: World) -> None:
    with SmtpServer() as server:
        ready = prepared(world, server)
    campaign = ready.publish()
    with pytest.raises(TryLater, match="cannot be reached"):
        send(ready)
    account = ready.account(campaign)
    assert account.of(MessageState.QUEUED) == READERS


def test_a_relay_that_lets_only_one_connection_in_gets_all(sqlite_world: World) -> None:
    rules = [Rule(reply("421 4.7.0 too many connections"), verb="CONNECT", connection=n) for n in (2, 3, 4)]
    with SmtpServer(*rules) as server:
        ready = prepared(sqlite_world, server)
        campaign = ready.publish()
        send(ready)
    assert ready.account(campaign).of(MessageState.ACCEPTED) == READERS


def test_one_message_that_cannot_be_composed_does_not_stop_the_others(sqlite_world: World) -> None:
    with SmtpServer() as server:
        ready = prepared(sqlite_world, server, readers=5)
        campaign = ready.publish()
        with ready.app.store.write() as tx:
            tx._connection.exec_driver_sql("UPDATE messages SET name = 'x\r\nBcc: victim@example.org' WHERE id = 2")
        send(ready)
    account = ready.account(campaign)
    assert account.of(MessageState.FAILED) == 1
    assert account.of(MessageState.ACCEPTED) == 4


def test_stopping_finishes_the_messages_in_hand_and_puts_the_rest_back(sqlite_world: World) -> None:
    stop = Event()

    def stop_after_some(_: Settlement) -> None:
        stop.set()

    with SmtpServer() as server:
        ready = prepared(sqlite_world, server, readers=40)
        campaign = ready.publish()
        send(ready, stop=stop, settled=stop_after_some)
        account = ready.account(campaign)
        assert account.of(MessageState.ACCEPTED) == len(server.messages) < 40
        assert account.of(MessageState.QUEUED) == 40 - len(server.messages)
        send(ready)
    assert recipients(server) == addresses(40)


def test_only_one_process_sends_from_a_file_at_a_time(sqlite_world: World) -> None:
    with sqlite_world.app.store.sender_lock("other"), pytest.raises(SenderBusy):
        deliver(sqlite_world.app.sender())


def test_no_transaction_is_open_while_the_next_hop_is_spoken_to(sqlite_world: World) -> None:
    """House rule 1. Whenever the server is to answer a command it first writes to the database itself, and need not wait long."""
    beside = open_store(sqlite_world.app.settings.database_url, busy_seconds=10)
    asked = []

    def write(_connection: int, _message: int, name: str) -> None:
        if name in {"before MAIL", "before RCPT", "before DATA", "before ."}:
            with beside.write():
                asked.append(name)

    with SmtpServer(on_event=write) as server:
        ready = prepared(sqlite_world, server, connections=1)
        ready.publish()
        send(ready)
    beside.close()
    assert len(server.messages) == READERS
    assert len(asked) == 4 * READERS


def _address(text: str) -> Address:
    return Address.parse(text)
