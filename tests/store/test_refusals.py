"""What a database can refuse comes out as one sentence that names it, and whether trying later can help."""

import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from digest.model.errors import DigestError, TryLater
from digest.model.message import MessageState
from digest.store import Store, open_store
from tests.doubles.postgresql import PostgresqlServer
from tests.store import rows

LOCKED = "is locked by another process; try again when that has finished."


@pytest.fixture
def path(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.fixture
def opened() -> Iterator[Callable[[str], Store]]:
    """Opens stores that do not wait for long, and closes them."""
    stores: list[Store] = []

    def open_one(url: str) -> Store:
        stores.append(open_store(url, busy_seconds=0.1))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


def refusal(store: Store, *, writing: bool = True) -> DigestError:
    with pytest.raises(DigestError) as caught:
        write_a_list(store) if writing else read_lists(store)
    sentence = str(caught.value)
    assert store.name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return caught.value


def write_a_list(store: Store, then: Callable[[], None] = lambda: None, *, ask_again: bool = False) -> None:
    with store.write() as tx:
        rows.a_list(tx)
        then()
        if ask_again:
            tx.lists.all()


def read_lists(store: Store) -> None:
    with store.read() as tx:
        tx.lists.all()


Opened = Callable[[str], Store]


def test_a_file_that_another_process_writes_is_waited_for_and_then_said_to_be_locked(
    path: Path, opened: Opened
) -> None:
    store = opened(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    said = refusal(store)
    assert LOCKED in str(said)
    assert isinstance(said, TryLater)
    with store.read() as tx:
        assert tx.lists.all() == []  # reading goes on meanwhile
    other.execute("ROLLBACK")
    other.close()
    with store.write() as tx:
        assert rows.a_list(tx)


def test_a_table_that_another_session_locks_is_waited_for_and_then_said_to_be_locked(
    postgresql_url: str, opened: Opened
) -> None:
    store = opened(postgresql_url)
    with psycopg.connect(postgresql_url) as other:
        other.execute("LOCK TABLE lists IN EXCLUSIVE MODE")
        said = refusal(store)
        assert LOCKED in str(said)
        assert isinstance(said, TryLater)
    with store.write() as tx:
        assert rows.a_list(tx)


def test_a_message_that_another_session_locks_is_waited_for_and_then_nothing_is_settled_or_armed(
    postgresql_url: str, opened: Opened
) -> None:
    """Both are asked for at once, and what fails first is what is said."""
    store = opened(postgresql_url)
    with store.write() as tx:
        weekly = rows.a_list(tx).id
        rows.readers(tx, weekly, 2)
        rows.a_campaign(tx, weekly)
        one, two = [message.id for message in tx.outbox.claim("me", 2, rows.NOW)]
        tx.outbox.arm(one, "me", rows.NOW)
    settled = [rows.outcome(one, MessageState.ACCEPTED)]
    for locked in (one, two):
        with psycopg.connect(postgresql_url) as other:
            other.execute("SELECT 1 FROM messages WHERE id = %s FOR UPDATE", [locked])
            with pytest.raises(TryLater, match=LOCKED), store.write() as tx:
                tx.outbox.settle_and_arm(settled, [two], "me", rows.NOW)
        with store.read() as tx:
            assert rows.states(tx, 1) == [MessageState.ARMED, MessageState.CLAIMED]
    with store.write() as tx:
        assert tx.outbox.settle_and_arm(settled, [two], "me", rows.NOW).armed == {two}


def test_a_session_that_ends_before_messages_are_armed_can_be_tried_later(postgresql_url: str, opened: Opened) -> None:
    def settle_and_arm_when_it_has_ended() -> None:
        with store.write() as tx:
            tx.lists.all()
            end_sessions(postgresql_url)
            tx.outbox.settle_and_arm([rows.outcome(1, MessageState.ACCEPTED)], [2], "me", rows.NOW)

    store = opened(postgresql_url)
    with pytest.raises(TryLater, match="cannot be reached"):
        settle_and_arm_when_it_has_ended()
    with store.read() as tx:
        assert tx.lists.all() == []


def test_a_file_that_must_not_be_written_is_said_to_be_read_only(path: Path, opened: Opened) -> None:
    """By a URI: root, who may run these tests, can write a file that nobody may write."""
    store = opened(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert "is read-only; give this user the right" in str(refusal(store))


def test_a_standby_is_said_to_be_read_only(postgresql_url: str, opened: Opened) -> None:
    store = opened(f"{postgresql_url}&options=-c%20default_transaction_read_only%3Don")
    assert "is read-only just now" in str(refusal(store))


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path, opened: Opened) -> None:
    (tmp_path / "text.db").write_text("Dear diary, " * 1000)
    assert "is not a sound database (file is not a database)" in str(refusal(opened(f"sqlite:///{tmp_path}/text.db")))


def test_a_file_that_is_damaged_is_said_so(path: Path, opened: Opened) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    assert "is not a sound database (database disk image is malformed)" in str(refusal(opened(f"sqlite:///{path}")))


def test_a_folder_that_is_missing_is_said_so(tmp_path: Path, opened: Opened) -> None:
    said = refusal(opened(f"sqlite:///{tmp_path}/missing/x.db"))
    assert "cannot be opened; check that its folder exists" in str(said)
    assert not isinstance(said, TryLater)


def test_a_folder_in_place_of_a_file_is_said_so(tmp_path: Path, opened: Opened) -> None:
    assert "cannot be opened" in str(refusal(opened(f"sqlite:///{tmp_path}")))


def test_a_full_disk_loses_nothing_and_goes_on_when_there_is_space(path: Path, opened: Opened) -> None:
    store = opened(f"sqlite:///{path}")
    with store.write() as tx:
        weekly = rows.a_list(tx)
        pages = int(tx._connection.exec_driver_sql("PRAGMA page_count").scalar_one())
        tx._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(TryLater, match=f"The disk of .*{path.name} is full; nothing was lost"), store.write() as tx:
        rows.readers(tx, weekly.id, 500)
    with store.write() as tx:
        assert list(tx.subscribers.readers()) == []
        assert tx.lists.all() == [weekly]
        tx._connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert len(rows.readers(tx, weekly.id, 50)) == 50


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_database_without_tables_says_how_to_make_them(
    tmp_path: Path, postgresql_server: PostgresqlServer, opened: Opened, database: str
) -> None:
    name = postgresql_server.create()
    store = opened(f"sqlite:///{tmp_path}/new.db" if database == "sqlite" else postgresql_server.url(name))
    for writing in (True, False):
        assert "lacks a table" in str(refusal(store, writing=writing))
    with pytest.raises(DigestError, match="is empty; run `digest init` or `digest db upgrade`"):
        store.check_schema()
    store.close()
    postgresql_server.drop(name)


def test_a_server_that_is_not_there_can_be_tried_later(opened: Opened) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    said = refusal(opened(f"postgresql://ann:s3cret@127.0.0.1:{port}/digest"))
    assert "cannot be reached (" in str(said)
    assert "s3cret" not in str(said)
    assert isinstance(said, TryLater)


def test_a_database_that_the_server_does_not_have_is_said_so(
    postgresql_server: PostgresqlServer, opened: Opened
) -> None:
    said = refusal(opened(postgresql_server.url("nope")))
    assert "lets us not in" in str(said)
    assert 'database "nope" does not exist' in str(said)
    assert not isinstance(said, TryLater)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_keep_every_name_is_said_so(
    postgresql_server: PostgresqlServer, opened: Opened, encoding: str
) -> None:
    name = postgresql_server.create(encoding)
    try:
        store = opened(postgresql_server.url(name))
        assert f"keeps text in {encoding}" in str(refusal(store))
        store.close()
    finally:
        postgresql_server.drop(name)


def test_an_option_that_postgresql_does_not_know_is_said_so(opened: Opened) -> None:
    assert 'invalid connection option "nonsense"' in str(refusal(opened("postgresql://127.0.0.1:1/x?nonsense=1")))


def test_sessions_that_the_server_ended_are_replaced(postgresql_url: str, opened: Opened) -> None:
    """As after a restart: the connections that lie ready are dead."""
    store = opened(postgresql_url)
    with store.write() as tx:
        rows.a_list(tx)
    end_sessions(postgresql_url)
    with store.write() as tx:
        assert len(tx.lists.all()) == 1


def test_a_server_that_goes_away_in_the_middle_can_be_tried_later(postgresql_url: str, opened: Opened) -> None:
    store = opened(postgresql_url)
    with pytest.raises(TryLater, match="cannot be reached"):
        write_a_list(store, then=lambda: end_sessions(postgresql_url), ask_again=True)
    with store.read() as tx:
        assert tx.lists.all() == []


def test_a_commit_that_fails_is_said_and_nothing_is_kept(postgresql_url: str, opened: Opened) -> None:
    store = opened(postgresql_url)
    with pytest.raises(TryLater, match="cannot be reached"):
        write_a_list(store, then=lambda: end_sessions(postgresql_url))
    with store.read() as tx:
        assert tx.lists.all() == []


def end_sessions(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_too_much_at_once_can_be_tried_later(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    pool = store._engine.pool
    pool._timeout = 0.05  # type: ignore[attr-defined]  # half a minute is too long for a test
    held = [store._engine.connect() for _ in range(15)]
    assert "Too much is asked of the database" in str(refusal(store, writing=False))
    for connection in held:
        connection.close()
    store.close()


def test_a_copied_file_is_a_database_of_its_own(path: Path, tmp_path: Path, opened: Opened) -> None:
    shutil.copy(path, tmp_path / "copy.db")
    with opened(f"sqlite:///{tmp_path}/copy.db").write() as tx:
        rows.a_list(tx)
    with opened(f"sqlite:///{path}").read() as tx:
        assert tx.lists.all() == []
