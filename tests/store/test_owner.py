"""The right to send: one on a SQLite file, one each on PostgreSQL; it comes back, and is known to be free, when its owner dies."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from digest.model.errors import DigestError, SenderBusy, TryLater
from digest.model.message import LEASE
from digest.store import Store, open_store
from digest.store.owner import SenderLock
from tests.store import rows
from tests.store.rows import NOW

HOLDER = """
import sys
from digest.store import open_store
with open_store(sys.argv[1]).sender_lock("the other"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(database_url: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has the right."""
    command = [sys.executable, "-c", HOLDER, database_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    opened = open_store(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def postgresql_store(postgresql_url: str) -> Iterator[Store]:
    opened = open_store(postgresql_url)
    yield opened
    opened.close()


def test_it_is_given_back(store: Store) -> None:
    lock = store.sender_lock("me")
    assert not lock.held()
    with pytest.raises(ZeroDivisionError):
        fail_with(lock)
    assert not lock.held()
    for _ in range(60):  # PostgreSQL takes its time to notice that a session has ended
        with store.sender_lock("me") as again:
            assert again.held()


def fail_with(lock: SenderLock) -> None:
    with lock:
        assert lock.held()
        _ = 1 / 0


def add_a_list(lock: SenderLock, name: str, then: Callable[[], object]) -> None:
    with lock.write() as tx:
        rows.a_list(tx, name)
        then()


def test_what_is_written_under_it_is_committed(store: Store) -> None:
    with store.sender_lock("me") as lock:
        with lock.write() as tx:
            rows.a_list(tx)
        with pytest.raises(ZeroDivisionError):
            add_a_list(lock, "second", lambda: 1 / 0)
        with lock.write() as tx:
            assert [each.name for each in tx.lists.all()] == ["weekly"]


def test_it_takes_no_connection_away_from_the_transactions(store: Store) -> None:
    with store.sender_lock("me"):
        for _ in range(40):
            with store.write() as tx:
                assert tx.lists.all() == []


# One on a file.


def test_a_file_has_one_sender(sqlite_store: Store) -> None:
    first, second = sqlite_store.sender_lock("me"), sqlite_store.sender_lock("you")
    with first:
        with pytest.raises(SenderBusy, match="Another digest process is sending"), second:
            pass
        assert not second.held()
        assert first.held()
    with second:
        assert second.held()


@pytest.mark.parametrize("name", ["link.db", "folder/../subscribers.db", "file:{path}?uri=true"])
def test_one_file_has_one_lock_however_it_is_named(sqlite_url: str, name: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    (path.parent / "folder").mkdir()
    (path.parent / "link.db").symlink_to(path)
    url = name.format(path=path) if "{" in name else str(path.parent / name)
    first, second = open_store(sqlite_url), open_store(f"sqlite:///{url}")
    with first.sender_lock("me"), pytest.raises(SenderBusy), second.sender_lock("you"):
        pass
    with second.sender_lock("you"), pytest.raises(SenderBusy), first.sender_lock("me"):
        pass
    first.close()
    second.close()


def test_a_lock_file_that_was_removed_is_no_lock_and_nothing_is_committed(sqlite_url: str, sqlite_store: Store) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///") + ".sender.lock")
    with sqlite_store.sender_lock("me") as lock:
        path.unlink()
        assert not lock.held()
        with pytest.raises(TryLater, match="lost the right to send"), lock.write() as tx:
            rows.a_list(tx)
        with sqlite_store.sender_lock("you") as other:
            assert other.held()
            assert not lock.held()
    with sqlite_store.read() as tx:
        assert tx.lists.all() == []


def test_a_lock_file_that_cannot_be_opened_is_said_so(sqlite_url: str, sqlite_store: Store) -> None:
    Path(sqlite_url.removeprefix("sqlite:///") + ".sender.lock").mkdir()
    with (
        pytest.raises(DigestError, match=r"The lock file .* cannot be opened \(Is a directory\)"),
        sqlite_store.sender_lock("me"),
    ):
        pass


# Many on PostgreSQL.


def test_a_server_has_many_senders(postgresql_store: Store) -> None:
    locks = [postgresql_store.sender_lock(f"sender {number}") for number in range(5)]
    with ExitStack() as stack:
        for lock in locks:
            stack.enter_context(lock)
        assert all(lock.held() for lock in locks)


def lose_the_session(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_right_whose_session_ended_stays_lost(postgresql_url: str, postgresql_store: Store) -> None:
    """Asking again must not open a new session, which would answer but has no lock."""
    with postgresql_store.sender_lock("me") as lock:
        lose_the_session(postgresql_url)
        assert [lock.held() for _ in range(3)] == [False] * 3
        with pytest.raises(TryLater, match="lost the right to send"), lock.write():
            pass


def test_a_session_that_ends_in_mid_transaction_commits_nothing(postgresql_url: str, postgresql_store: Store) -> None:
    with postgresql_store.sender_lock("me") as lock:
        with pytest.raises(TryLater):
            add_a_list(lock, "weekly", lambda: lose_the_session(postgresql_url))
        assert not lock.held()
    with postgresql_store.read() as tx:
        assert tx.lists.all() == []


# Who is dead.


def in_hand_of(store: Store, owner: str) -> None:
    with store.write() as tx:
        rows.readers(tx, rows.a_list(tx).id, 2)
        rows.a_campaign(tx, 1)
        assert len(tx.outbox.claim(owner, 1, NOW)) == 1


def dead(store: Store, later: timedelta = timedelta()) -> list[str]:
    with store.sender_lock("me") as lock, lock.write() as tx:
        tx.outbox.claim("me", 1, NOW)
        return lock.dead(tx, NOW + later)


def test_whoever_is_not_there_is_dead(store: Store) -> None:
    in_hand_of(store, "somebody")
    assert dead(store) == ["somebody"]


def test_another_process_is_dead_when_it_was_killed(store: Store, holder: "subprocess.Popen[str]") -> None:
    in_hand_of(store, "the other")
    if store.name.startswith("postgresql"):
        assert dead(store) == []
    else:
        with pytest.raises(SenderBusy):
            dead(store)
    holder.kill()
    holder.wait()
    for _ in range(200):  # the server may need a moment to see that a session has died; the kernel needs none
        if found := dead(store):
            break
        time.sleep(0.05)
    assert found == ["the other"]


def test_on_a_server_whoever_did_not_renew_is_as_good_as_dead(postgresql_store: Store) -> None:
    """Such as one that was stopped: its lock is held, and its lease runs out."""
    with postgresql_store.sender_lock("the other"):
        in_hand_of(postgresql_store, "the other")
        assert dead(postgresql_store, LEASE - timedelta(minutes=1)) == []
        assert dead(postgresql_store, LEASE + timedelta(minutes=1)) == ["the other"]
        with postgresql_store.write() as tx:
            assert tx.outbox.renew("the other", NOW + LEASE) == 1
        assert dead(postgresql_store, LEASE + timedelta(minutes=1)) == []


REFUSED: list[tuple[str, Callable[[Path], str], str]] = [
    ("no folder", lambda tmp: f"sqlite:///{tmp}/missing/x.db", "cannot be opened"),
    ("no server", lambda _tmp: "postgresql://127.0.0.1:1/x", "cannot be reached"),
]


@pytest.mark.parametrize(("name", "url", "said"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_a_database_that_is_not_there_is_said_so(
    tmp_path: Path, name: str, url: Callable[[Path], str], said: str
) -> None:
    store = open_store(url(tmp_path))
    with pytest.raises(DigestError, match=said), store.sender_lock("me"):
        pytest.fail(name)
    store.close()
