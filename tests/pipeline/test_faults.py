"""What breaks in mid-send: the database, the relay, the connection, our own code. Nobody is lost, and no dot goes unwritten."""

import random
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock, Timer
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from digest.app import App
from digest.model.errors import DigestError, TryLater
from digest.model.issue import Campaign, CampaignState, IssueState, OnCrash
from digest.model.message import Account, MessageState, Settlement
from digest.store import open_store
from tests.doubles.smtp_server import Action, Rule, SmtpServer, Turn, drop, reply
from tests.pipeline.test_deliver import addresses, prepared, recipients, send
from tests.pipeline.world import KEYS, World, make_world

READERS = 24
CONNECTIONS = 3


def file_of(world: World) -> Path:
    return Path(world.app.settings.database_url.removeprefix("sqlite:///"))


def states(world: World) -> dict[str, str]:
    """What stands in the file now, read beside the sender."""
    with sqlite3.connect(file_of(world)) as beside:
        found = dict(beside.execute("SELECT address, state FROM messages").fetchall())
    beside.close()
    return found


class Once:
    """An action that does something the first time, at the n-th dot, and goes on as usual."""

    def __init__(self, do: Callable[[], None], *, at: int = 7, then: Action = Turn.usual) -> None:
        self._do, self._at, self._then = do, at, then
        self._seen = 0
        self._lock = Lock()

    def __call__(self, turn: Turn) -> None:
        with self._lock:
            self._seen += 1
            if self._seen == self._at:
                self._do()
        self._then(turn)


class Blockade:
    """Another process that holds SQLite's write lock."""

    def __init__(self, path: Path) -> None:
        self._beside = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._lock = Lock()

    def begin(self) -> None:
        self._beside.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        with self._lock:
            if self._beside.in_transaction:
                self._beside.execute("ROLLBACK")

    def close(self) -> None:
        self.end()
        self._beside.close()


@pytest.fixture
def hasty_world(sqlite_url: str) -> Iterator[World]:
    """Its store waits for another writer for a moment only."""
    made = make_world(sqlite_url, connections=CONNECTIONS)
    made.app.store.close()
    made.app = App(made.app.settings, open_store(sqlite_url, busy_seconds=0.5), KEYS, now=made.clock)
    yield made
    made.app.close()


@pytest.fixture
def blockade(hasty_world: World) -> Iterator[Blockade]:
    made = Blockade(file_of(hasty_world))
    yield made
    made.close()


def end_of(world: World, campaign: Campaign) -> tuple[Account, CampaignState, IssueState]:
    with world.app.store.read() as tx:
        return (
            tx.campaigns.account(campaign.id),
            tx.campaigns.get(campaign.id).state,
            tx.issues.get(campaign.issue_id).state,
        )


def check_all_have_it(
    world: World, server: SmtpServer, campaign: Campaign, *, readers: int = READERS, extra: int
) -> None:
    """Everybody, at most `extra` copies, and each copy the same to the letter."""
    account, campaign_state, issue_state = end_of(world, campaign)
    assert account.of(MessageState.ACCEPTED) == readers
    assert account.balanced
    assert (campaign_state, issue_state) == (CampaignState.DONE, IssueState.SENT)
    copies = Counter(message.recipient for message in server.messages)
    assert sorted(copies) == addresses(readers)
    assert copies.total() - readers <= extra
    assert len({(message.recipient, message.content) for message in server.messages}) == readers


@contextmanager
def dots_watched(world: World) -> Iterator[tuple[Rule, list[str]]]:
    """A rule that writes down what the file says of each reader at the moment when their dot comes."""
    seen: list[str] = []

    def look(turn: Turn) -> None:
        seen.append(states(world)[turn.recipient])
        turn.usual()

    yield Rule(look, verb="."), seen


# The database.


def test_no_dot_comes_before_it_is_on_disk_that_it_may(sqlite_world: World) -> None:
    with dots_watched(sqlite_world) as (rule, seen), SmtpServer(rule) as server:
        ready = prepared(sqlite_world, server)
        ready.publish()
        send(ready)
    assert seen == ["armed"] * len(addresses())


@pytest.mark.parametrize("verb", ["RCPT", "."])
def test_a_database_locked_in_mid_send_loses_nobody(hasty_world: World, blockade: Blockade, verb: str) -> None:
    """At RCPT nothing can be armed; at the dot its outcome cannot be written."""
    locking = Once(blockade.begin)
    with SmtpServer(Rule(locking, verb=verb)) as server:
        ready = prepared(hasty_world, server, READERS)
        campaign = ready.publish()
        with pytest.raises(TryLater, match=r"locked by another process; try again"):
            send(ready)
        assert len(server.messages) < READERS
        blockade.end()
        send(ready)
        check_all_have_it(ready, server, campaign, extra=CONNECTIONS)


def test_an_outcome_that_could_not_be_written_is_written_when_it_can(hasty_world: World, blockade: Blockade) -> None:
    """The lock goes away after the first failure: what the relay said is still known, and nobody gets a copy."""
    hasty_world.app.store.close()
    patient = open_store(
        hasty_world.app.settings.database_url, busy_seconds=2
    )  # gives up after two seconds, then tries once more
    hasty_world.app = App(hasty_world.app.settings, patient, KEYS, now=hasty_world.clock)

    def block() -> None:
        blockade.begin()
        Timer(3, blockade.end).start()

    with SmtpServer(Rule(Once(block), verb=".")) as server:
        ready = prepared(hasty_world, server, READERS)
        campaign = ready.publish()
        with pytest.raises(TryLater, match="locked"):
            send(ready)
        assert ready.account(campaign).of(MessageState.ACCEPTED) == len(server.messages)
        send(ready)
        check_all_have_it(ready, server, campaign, extra=0)


def test_a_database_that_is_locked_when_the_edition_is_read_fails_nobody(sqlite_world: World) -> None:
    """What the database says is not the message's fault."""
    broken = Event()
    broken.set()  # not while we publish

    @event.listens_for(sqlite_world.app.store._engine, "before_cursor_execute")
    def refuse(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM editions" in statement and not broken.is_set():
            broken.set()
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorname = "SQLITE_BUSY"
            raise error

    with SmtpServer() as server:
        ready = prepared(sqlite_world, server, READERS)
        campaign = ready.publish()
        broken.clear()
        with pytest.raises(TryLater, match="locked"):
            send(ready)
        assert ready.account(campaign).of(MessageState.FAILED) == 0
        send(ready)
        check_all_have_it(ready, server, campaign, extra=0)


def test_a_full_disk_in_mid_send_loses_nobody(sqlite_world: World) -> None:
    engine = sqlite_world.app.store._engine
    full = Event()

    @event.listens_for(engine, "begin")
    def bound(connection: Any) -> None:
        raw = connection.connection.dbapi_connection
        pages = raw.execute("PRAGMA page_count").fetchone()[0] if full.is_set() else 2**30
        raw.execute(f"PRAGMA max_page_count = {pages}")

    long_winded = reply(f"250 2.0.0 {'taken with many thanks ' * 20}")
    with SmtpServer(Rule(Once(full.set, then=long_winded), verb=".")) as server:
        ready = prepared(sqlite_world, server, 60, connections=CONNECTIONS)
        campaign = ready.publish()
        with pytest.raises(TryLater, match=r"disk of .* is full; nothing was lost"):
            send(ready)
        assert len(server.messages) < 60
        full.clear()
        send(ready)
        check_all_have_it(ready, server, campaign, readers=60, extra=CONNECTIONS)


def test_once_a_page_cannot_be_written_no_dot_goes_by_the_next(sqlite_world: World) -> None:
    """The next offer waits for its dot while the outcome of the last is refused: one message uncertain, and not two."""
    writing = Event()

    def refuse() -> None:
        writing.set()
        time.sleep(0.5)  # until the next offer is on the ledger's next page
        raise OSError("worn out")

    @event.listens_for(sqlite_world.app.store._engine, "begin")
    def teach(connection: Any) -> None:
        connection.connection.dbapi_connection.create_function("refuse", 0, refuse)

    def wait_for_the_writer(turn: Turn) -> None:
        if server.messages:
            assert writing.wait(10)
        turn.usual()

    with SmtpServer(Rule(wait_for_the_writer, verb="DATA")) as server:
        ready = prepared(sqlite_world, server, READERS, connections=1)
        campaign = ready.publish()
        with sqlite3.connect(file_of(sqlite_world)) as beside:
            condition = "BEFORE UPDATE ON messages WHEN NEW.state = 'accepted'"
            beside.execute(f"CREATE TRIGGER worn {condition} BEGIN SELECT refuse(); END")
        with pytest.raises(DigestError, match="refused"):
            send(ready)
        assert len(server.messages) == 1
        beside.execute("DROP TRIGGER worn")
        beside.close()
        send(ready)
        check_all_have_it(ready, server, campaign, extra=1)


@pytest.mark.parametrize("verb", ["MAIL", "."])
def test_postgresql_restarted_in_mid_send_loses_nobody(postgresql_url: str, verb: str) -> None:
    """All our sessions end, and with them the right to send."""
    world = make_world(postgresql_url)

    def end_sessions() -> None:
        with psycopg.connect(postgresql_url, autocommit=True) as beside:
            beside.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with SmtpServer(Rule(Once(end_sessions), verb=verb)) as server:
        ready = prepared(world, server, READERS, connections=CONNECTIONS)
        campaign = ready.publish()
        with pytest.raises(TryLater):
            send(ready)
        assert len(server.messages) < 7 + CONNECTIONS  # the dots that were armed already, and no other
        send(ready)
        check_all_have_it(ready, server, campaign, extra=CONNECTIONS)
    world.app.close()


def test_who_lost_the_right_to_send_sends_no_more(sqlite_world: World) -> None:
    """The lock file was removed: another process could take a new one of that name."""
    lock = Path(f"{file_of(sqlite_world)}.sender.lock")
    with SmtpServer(Rule(Once(lock.unlink), verb=".")) as server:
        ready = prepared(sqlite_world, server, READERS, connections=CONNECTIONS)
        campaign = ready.publish()
        with pytest.raises(TryLater, match="lost the right to send"):
            send(ready)
        assert len(server.messages) < 7 + CONNECTIONS
        send(ready)
        check_all_have_it(ready, server, campaign, extra=0)


# The relay.


def test_a_relay_that_goes_away_in_mid_send_loses_nobody(world: World) -> None:
    gone = Event()

    def gone_or_not(turn: Turn) -> None:
        if gone.is_set():
            turn.hang_up()
        turn.usual()

    with SmtpServer(Rule(Once(gone.set, then=gone_or_not), verb="."), Rule(gone_or_not)) as server:
        ready = prepared(world, server, READERS, connections=CONNECTIONS)
        campaign = ready.publish()
        with pytest.raises(TryLater, match="broke off before any mail was sent"):
            send(ready)
        account = ready.account(campaign)
        assert account.balanced
        assert account.open == READERS - len(server.messages)
        assert account.of(MessageState.CLAIMED) == account.of(MessageState.ARMED) == 0
        gone.clear()
        ready.clock.forward(minutes=2)
        send(ready)
        check_all_have_it(ready, server, campaign, extra=0)


def test_a_connection_that_breaks_before_the_dot_costs_no_copy_even_when_held(sqlite_world: World) -> None:
    """Seen before the dot was sent, so nothing is uncertain: hung up on while the body is read."""
    with SmtpServer(Rule(drop(hard=True), verb="BODY", times=1)) as server:
        ready = prepared(sqlite_world, server, READERS, on_crash=OnCrash.HOLD, connections=1)
        campaign = ready.publish()
        send(ready)
        ready.clock.forward(minutes=2)
        send(ready)
    account = ready.account(campaign)
    assert account.of(MessageState.ACCEPTED) + account.of(MessageState.UNCERTAIN) == READERS
    assert len(server.messages) == account.of(MessageState.ACCEPTED)


def test_four_hundred_readers_through_a_relay_that_breaks_at_random(sqlite_world: World) -> None:
    """By a seeded script: refusals, hang-ups before and after taking the message, at any command."""
    dice, told = random.Random(20261124), Lock()
    taken_in_silence: list[str] = []
    whims: list[tuple[float, Action]] = [
        (0.02, reply("451 4.3.0 not now")),
        (0.002, reply("421 4.3.2 going down")),  # each makes us slower for a while
        (0.02, drop()),
        (0.01, drop(hard=True)),
    ]

    def whim(turn: Turn) -> None:
        with told:
            roll = dice.random()
        if turn.verb == "." and roll < 0.02:
            with told:
                taken_in_silence.append(turn.recipient)
            turn.hang_up(record=True)
        for chance, action in whims:
            if roll < chance:
                return action(turn)
            roll -= chance
        return turn.usual()

    gone = Rule(reply("550 5.1.1 no such reader"), verb="RCPT", recipient="[37]7@")
    rules = [gone, *(Rule(whim, verb=verb) for verb in ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."))]
    with SmtpServer(*rules) as server:
        ready = prepared(sqlite_world, server, 400)
        campaign = ready.publish()
        for _ in range(60):
            try:
                report = send(ready)
            except TryLater:  # all four met a closed door at once
                continue
            if report.next_due_at is None:
                break
            ready.clock.time = report.next_due_at + timedelta(minutes=20)
    account, campaign_state, issue_state = end_of(ready, campaign)
    copies = Counter(recipients(server))
    assert account.balanced
    assert (campaign_state, issue_state) == (CampaignState.DONE, IssueState.SENT)
    assert account.of(MessageState.BOUNCED) == 8
    assert set(copies) == {one for one in addresses(400) if not re.search("[37]7@", one)}
    assert copies.total() - len(copies) <= len(taken_in_silence)
    assert taken_in_silence


# Time.


def test_what_is_deferred_for_two_days_has_failed_and_the_campaign_ends(sqlite_world: World) -> None:
    with SmtpServer(Rule(reply("450 4.2.1 mailbox busy"), verb="RCPT", recipient="^reader1@")) as server:
        ready = prepared(sqlite_world, server, 3)
        campaign = ready.publish()
        start = ready.clock()
        due = send(ready).next_due_at
        assert end_of(ready, campaign)[1] is CampaignState.RUNNING
        while due is not None:
            ready.clock.time = due
            due = send(ready).next_due_at
    account, campaign_state, issue_state = end_of(ready, campaign)
    assert account.of(MessageState.FAILED) == 1
    assert (campaign_state, issue_state) == (CampaignState.DONE, IssueState.SENT)
    assert 24 <= (ready.clock() - start).total_seconds() / 3600 <= 48
    with ready.app.store.read() as tx:
        (failed,) = [one for one in tx.messages.recipients(campaign.id) if one.state is MessageState.FAILED]
    assert failed.reply == "450 4.2.1 mailbox busy"


# Our own code.


@pytest.mark.parametrize("error", [KeyError("slot"), MemoryError(), RecursionError("too deep")])
def test_a_poison_message_fails_alone_and_costs_no_connection(
    sqlite_world: World, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    from digest.rendering.compose import Composer  # noqa: PLC0415  only here

    healthy = Composer.own

    def poisoned(self: Composer, to: Any, *rest: Any) -> Sequence[bytes]:
        if str(to.address) == "reader3@example.org":
            raise error
        return healthy(self, to, *rest)

    monkeypatch.setattr(Composer, "own", poisoned)
    with SmtpServer() as server:
        ready = prepared(sqlite_world, server, connections=1)
        campaign = ready.publish()
        send(ready)
    account, campaign_state, _ = end_of(ready, campaign)
    assert account.of(MessageState.FAILED) == 1
    assert account.of(MessageState.ACCEPTED) == len(addresses()) - 1
    assert campaign_state is CampaignState.DONE
    assert len(server.sessions) == 1
    with ready.app.store.read() as tx:
        (failed,) = [one for one in tx.messages.recipients(campaign.id) if one.state is MessageState.FAILED]
    assert type(error).__name__ in failed.reply


def test_an_edition_that_cannot_be_filled_fails_its_own_messages_and_no_others(sqlite_world: World) -> None:
    with SmtpServer() as server:
        ready = prepared(sqlite_world, server, 3)
        campaign = ready.publish()
        ready.add_articles(2)
        second = ready.publish(ready.draft(ready.clock().date().replace(day=30)))
        with ready.app.store.write() as tx:
            edition = tx.editions.of_issue(campaign.issue_id)
            assert edition is not None
            tx._connection.exec_driver_sql(f"UPDATE editions SET skeleton = X'00' WHERE id = {edition.id}")
        send(ready)
    assert ready.account(campaign).of(MessageState.FAILED) == 3
    assert ready.account(second).of(MessageState.ACCEPTED) == 3


def test_a_row_with_an_address_that_is_none_fails_alone(world: World) -> None:
    """Such as one that an older, laxer version let in."""
    with SmtpServer() as server:
        ready = prepared(world, server, 5)
        campaign = ready.publish()
        with ready.app.store.write() as tx:
            tx._connection.exec_driver_sql(
                "UPDATE messages SET address = 'nobody at all' WHERE id = (SELECT min(id) FROM messages)"
            )
        send(ready)
    account, campaign_state, _ = end_of(ready, campaign)
    assert account.of(MessageState.FAILED) == 1
    assert account.of(MessageState.ACCEPTED) == 4
    assert campaign_state is CampaignState.DONE


def test_whoever_watches_may_fall_over_without_stopping_the_mail(sqlite_world: World) -> None:
    """Such as a progress bar whose terminal has gone."""

    def fall_over(_: Settlement) -> None:
        raise BrokenPipeError

    with SmtpServer() as server:
        ready = prepared(sqlite_world, server, on_crash=OnCrash.HOLD)
        campaign = ready.publish()
        send(ready, settled=fall_over)
        check_all_have_it(ready, server, campaign, readers=len(addresses()), extra=0)


def test_an_event_tells_what_the_next_hop_said_without_the_address(sqlite_world: World) -> None:
    """Events outlive an erasure; the row, which has the whole of it, is emptied then."""
    said = reply("550 5.1.1 <reader3@example.org> no such user")
    with SmtpServer(Rule(said, verb="RCPT", recipient="^reader3@")) as server:
        ready = prepared(sqlite_world, server, 5)
        ready.publish()
        send(ready)
    with ready.app.store.read() as tx:
        details = tx._connection.exec_driver_sql("SELECT detail FROM events WHERE kind = 'bounced'").scalars().all()
    assert len(details) == 1
    assert "reader3" not in details[0]
    assert '"code": 550' in details[0]


def test_a_next_hop_that_will_not_have_us_is_told_and_puts_all_back(sqlite_world: World) -> None:
    with SmtpServer(Rule(reply("554 5.7.1 not from your network"), verb="CONNECT")) as server:
        ready = prepared(sqlite_world, server)
        campaign = ready.publish()
        with pytest.raises(DigestError, match="turned us away"):
            send(ready)
    assert ready.account(campaign).of(MessageState.QUEUED) == len(addresses())
