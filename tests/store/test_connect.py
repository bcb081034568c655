"""Connections: what is in force on each, and which URLs are refused."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from digest.model.errors import BadSetting
from digest.store import Store, open_store
from tests.store.rows import NOW

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}  # 2 is FULL


def pragmas(store: Store) -> dict[str, object]:
    with store.read() as tx:
        return {name: tx._connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}


def test_every_sqlite_connection_is_durable_and_strict(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: pragmas(store), range(12))) == [PRAGMAS] * 12
    store.close()
    assert pragmas(store) == PRAGMAS  # opened anew
    store.close()


def test_foreign_keys_are_in_force_again_after_an_upgrade(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    store.upgrade()
    assert pragmas(store) == PRAGMAS
    store.close()


def test_a_commit_on_postgresql_is_on_disk_whatever_the_server_is_set_to(postgresql_url: str) -> None:
    store = open_store(postgresql_url, busy_seconds=1.5)
    with store.write() as tx:
        asked = [
            tx._connection.exec_driver_sql(f"SHOW {name}").scalar() for name in ("synchronous_commit", "lock_timeout")
        ]
        default = tx._connection.exec_driver_sql(
            "SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'"
        ).scalar()
    store.close()
    assert default == "off"  # the tests' server hurries
    assert asked == ["on", "1500ms"]


def test_what_refers_to_nothing_cannot_be_kept(store: Store) -> None:
    with pytest.raises(Exception, match=r"refused: .*(?i:foreign key)"), store.write() as tx:
        tx.confirmations.add(99, [1], "hash", NOW, NOW)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "subscribers.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///x.db?foo=bar",
        "sqlite:///x.db?timeout=abc",
        "sqlite+aiosqlite:///x.db",
        "mysql://user@host/db",
        "postgresql+psycopg2://user@host/db",
        "postgresql+nope://user@host/db",
        "postgresql://host:port/db",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_in_words(url: str) -> None:
    with pytest.raises(BadSetting, match=r"^database_url .*; use sqlite:///subscribers\.db or postgresql://.*\.$"):
        open_store(url)


@pytest.mark.parametrize(
    "url",
    ["postgres://ann:s3cret@h/d", "postgresql://ann:s3cret@h/d", "postgresql+psycopg://h/d?password=s3cret&user=ann"],
)
def test_every_spelling_of_postgresql_is_understood_and_no_password_shown(url: str) -> None:
    name = open_store(url).name
    assert name.startswith("postgresql://")
    assert "s3cret" not in name
    assert "ann" in name
