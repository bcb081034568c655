"""Senders as processes: stopped politely, stopped like a clock, killed twice, killed while they recover."""

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psutil
import pytest

from digest.model.errors import SenderBusy
from digest.model.issue import OnCrash
from digest.model.message import MessageState
from digest.pipeline.deliver import deliver
from tests.doubles.smtp_server import SmtpServer
from tests.pipeline.test_faults import Blockade
from tests.pipeline.test_kill import CONNECTIONS, READERS, check, start
from tests.pipeline.world import World, make_world


class At:
    """Does something to a process at the k-th event of the protocol, in the server's thread."""

    def __init__(self) -> None:
        self.seen = 0
        self.wanted = 0
        self.reached = Event()
        self.go_on = Event()

    def __call__(self, _connection: int, _message: int, _name: str) -> None:
        self.seen += 1
        if self.seen == self.wanted:
            self.reached.set()
            self.go_on.wait(30)

    def wait_for(self, event: int) -> None:
        self.wanted = self.seen + event
        self.go_on.clear()
        self.reached.clear()


@contextmanager
def published(database_url: str, ledger: Path) -> Iterator[tuple[World, At, SmtpServer]]:
    at = At()
    with SmtpServer(on_event=at, ledger=ledger) as server:
        world = make_world(database_url, f"smtp://{server.host}:{server.port}?tls=none")
        world.subscribe(READERS)
        world.add_articles(2)
        world.publish()
        yield world, at, server
        world.app.close()


@contextmanager
def sending(world: World, policy: OnCrash = OnCrash.RESEND) -> Iterator[subprocess.Popen[bytes]]:
    process = start(world, policy, subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


def taken(ledger: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in ledger.read_text().splitlines()]


def balance(world: World) -> Counter[MessageState]:
    with world.app.store.read() as tx:
        (issue,) = tx.issues.all()
        campaign = tx.campaigns.of_issue(issue.id)
        assert campaign is not None
        account = tx.campaigns.account(campaign.id)
    assert account.balanced
    return Counter(account.counts)


def test_sigterm_finishes_the_messages_in_hand_and_puts_the_rest_back(sqlite_url: str, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    with published(sqlite_url, ledger) as (world, at, _):
        at.wait_for(40)
        with sending(world) as process:
            assert at.reached.wait(30)
            process.send_signal(signal.SIGTERM)
            assert process.stderr is not None
            assert b"Stopping after the messages in hand" in process.stderr.readline()  # the signal was taken
            at.go_on.set()
            process.wait(30)
        found = balance(world)
        assert set(found) <= {MessageState.ACCEPTED, MessageState.QUEUED}
        assert 0 < found[MessageState.ACCEPTED] == len(taken(ledger)) < READERS
        with sending(world) as process:
            process.wait(30)
        check(world, taken(ledger), OnCrash.HOLD)  # nobody twice, nobody lost, nothing uncertain


def test_a_stopped_sender_keeps_the_right_to_send_from_a_file(sqlite_url: str, tmp_path: Path) -> None:
    """SIGSTOP, and hours go by on the clock of whoever else would send: nobody else does."""
    ledger = tmp_path / "ledger"
    with published(sqlite_url, ledger) as (world, at, _):
        at.wait_for(40)
        with sending(world) as process:
            assert at.reached.wait(30)
            process.send_signal(signal.SIGSTOP)
            at.go_on.set()
            world.clock.forward(hours=3)
            before = len(taken(ledger))
            with pytest.raises(SenderBusy):
                deliver(world.app.sender())
            assert len(taken(ledger)) - before <= CONNECTIONS
            process.send_signal(signal.SIGCONT)
            process.wait(30)
        check(world, taken(ledger), OnCrash.HOLD)


@pytest.mark.parametrize(
    ("first", "second", "policy"), [(30, 1, OnCrash.HOLD), (45, 20, OnCrash.RESEND), (61, 26, OnCrash.HOLD)]
)
def test_two_kills_in_a_row(first: int, second: int, policy: OnCrash, sqlite_url: str, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    with published(sqlite_url, ledger) as (world, at, _):
        for event in (first, second):
            at.wait_for(event)
            with sending(world, policy) as process:
                assert at.reached.wait(30)
                process.kill()
                process.wait(30)
                at.go_on.set()
        with sending(world, policy) as process:
            process.wait(30)
        check(world, taken(ledger), policy, kills=2)


def test_killed_while_it_recovers(sqlite_url: str, tmp_path: Path) -> None:
    """It has the right to send, and waits to write what it recovered: another process holds the database."""
    ledger = tmp_path / "ledger"
    with published(sqlite_url, ledger) as (world, at, _):
        at.wait_for(45)
        with sending(world) as process:
            assert at.reached.wait(30)
            process.kill()
            process.wait(30)
            at.go_on.set()
        at.wait_for(10**6)
        blockade = Blockade(Path(sqlite_url.removeprefix("sqlite:///")))
        blockade.begin()
        with sending(world) as process:
            while not _holds_the_lock_file(process):
                assert process.poll() is None
                time.sleep(0.01)
            process.kill()
            process.wait(30)
        blockade.close()
        with sending(world) as process:
            process.wait(30)
        check(world, taken(ledger), OnCrash.RESEND)


def _holds_the_lock_file(process: subprocess.Popen[bytes]) -> bool:
    return any(file.path.endswith(".sender.lock") for file in psutil.Process(process.pid).open_files())
