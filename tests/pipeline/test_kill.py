"""kill -9 of `digest deliver`: nobody lost, at most one extra copy per open connection, always the same message.

A real process sends; the mail server tells us when event k is reached; we kill the process there, let the server take the
message in hand or not, and let a second process finish.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from threading import Event

import pytest

from digest.model.issue import IssueState, OnCrash
from digest.model.message import MessageState
from tests.doubles.smtp_server import SmtpServer
from tests.pipeline.world import KEYS, World, make_world

READERS = 8
CONNECTIONS = 2
EVENTS = 96  # of an issue to eight readers, at least; see test_there_are_enough_events
EVERY = 32  # kill at every so many of them: tests/promise tries all of them, without the command line


class Killer:
    """Counts the protocol's events and kills the sender at one of them."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.started = Event()
        self.killed = Event()

    def __call__(self, _connection: int, _message: int, _name: str) -> None:
        self.started.wait(30)
        self.seen += 1
        if self.seen == self.at and self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(30)
            self.killed.set()


def start(world: World, policy: OnCrash, errors: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    settings = world.app.settings
    assert settings.smtp_url is not None
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")} | {
        "DIGEST_CONFIG": os.devnull,
        "DIGEST_DATABASE_URL": settings.database_url,
        "DIGEST_SMTP_URL": settings.smtp_url.get_secret_value(),
        "DIGEST_BASE_URL": settings.base_url,
        "DIGEST_SECRET_KEY": KEYS.secret.decode(),
        "DIGEST_ON_CRASH": policy.value,
        "DIGEST_CONNECTIONS": str(CONNECTIONS),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "digest", "deliver"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=errors,
    )


def killed_at(event: int, database_url: str, ledger: Path, policy: OnCrash) -> tuple[World, list[dict[str, str]], bool]:
    """Send an issue, kill the sender at an event, finish with another sender. Returns what the server took."""
    killer = Killer(event)
    with SmtpServer(on_event=killer, ledger=ledger) as server:
        world = make_world(database_url, f"smtp://{server.host}:{server.port}?tls=none")
        world.subscribe(READERS)
        world.add_articles(2)
        world.publish()
        killer.process = start(world, policy)
        killer.started.set()
        killer.process.wait(60)
        killer.at = 0
        start(world, policy).wait(60)
    taken = [json.loads(line) for line in ledger.read_text().splitlines()]
    return world, taken, killer.killed.is_set()


@pytest.mark.parametrize("event", range(1, EVENTS, EVERY))
@pytest.mark.parametrize("policy", list(OnCrash))
def test_kill_at_event(event: int, policy: OnCrash, sqlite_url: str, tmp_path: Path) -> None:
    world, taken, killed = killed_at(event, sqlite_url, tmp_path / "ledger", policy)
    assert killed
    check(world, taken, policy)


@pytest.mark.parametrize("event", [5, 31, 58])
def test_kill_at_event_on_postgresql(event: int, postgresql_url: str, tmp_path: Path) -> None:
    world, taken, killed = killed_at(event, postgresql_url, tmp_path / "ledger", OnCrash.RESEND)
    assert killed
    check(world, taken, OnCrash.RESEND)


def check(world: World, taken: list[dict[str, str]], policy: OnCrash, *, kills: int = 1) -> None:
    audience = {f"reader{number}@example.org" for number in range(READERS)}
    copies = Counter(message["recipients"][0] for message in taken)
    with world.app.store.read() as tx:
        issue = tx.issues.all()[0]
        campaign = tx.campaigns.of_issue(issue.id)
        assert campaign is not None
        account = tx.campaigns.account(campaign.id)
        uncertain = {one.address for one in tx.messages.recipients(campaign.id) if one.state is MessageState.UNCERTAIN}
    world.app.close()
    assert account.balanced
    assert issue.state is IssueState.SENT
    assert set(copies) | uncertain == audience, "a reader is lost"
    extra = sum(copies.values()) - len(copies)
    if policy is OnCrash.RESEND:
        assert extra <= CONNECTIONS * kills
        assert not uncertain
    else:
        assert extra == 0
        assert len(uncertain) <= CONNECTIONS * kills
    for reader in copies:
        same = {(one["message_id"], one["sha256"]) for one in taken if one["recipients"][0] == reader}
        assert len(same) == 1, "a copy differs"


def test_there_are_enough_events(sqlite_url: str, tmp_path: Path) -> None:
    """Else the highest kill points would test nothing."""
    counter = Killer(at=0)
    counter.started.set()
    with SmtpServer(on_event=counter, ledger=tmp_path / "ledger") as server:
        world = make_world(sqlite_url, f"smtp://{server.host}:{server.port}?tls=none")
        world.subscribe(READERS)
        world.add_articles(2)
        world.publish()
        start(world, OnCrash.RESEND).wait(60)
        world.app.close()
    assert counter.seen >= EVENTS
