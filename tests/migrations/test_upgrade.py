"""Migrations lead to exactly the tables, on both databases; a wrong revision is refused in words."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from digest.model.errors import DigestError, TryLater
from digest.store import Store, open_store
from digest.store.connect import open_engine
from digest.store.schema import REVISIONS, check_schema, migrating, upgrade
from digest.store.tables import instance
from tests.store import rows


@pytest.fixture
def engine(bare_database_url: str) -> Iterator[Engine]:
    opened = open_engine(bare_database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def bare_store(bare_database_url: str) -> Iterator[Store]:
    opened = open_store(bare_database_url)
    yield opened
    opened.close()


def test_an_empty_database_upgraded_has_exactly_the_tables(engine: Engine) -> None:
    assert upgrade(engine) == (None, REVISIONS[-1])
    is_postgresql = engine.dialect.name == "postgresql"  # SQLite reports every default as changed
    with engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": is_postgresql,
            # Alembic does not know ddl_if.
            "include_object": lambda each, *_: each.info.get("only", engine.dialect.name) == engine.dialect.name,
        }
        assert compare_metadata(MigrationContext.configure(connection, opts=options), instance.metadata) == []
        check_schema(connection, "this database")


def shape(connection: Connection) -> dict[str, object]:
    """What Alembic does not compare: foreign keys' ends, and the partial indexes' conditions."""
    found = inspect(connection)
    tables = sorted(set(found.get_table_names()) - {"alembic_version"})
    return {
        table: (
            sorted((key["name"], str(key["options"])) for key in found.get_foreign_keys(table)),
            sorted(
                (
                    str(index["name"]),
                    bool(index["unique"]),
                    index["column_names"],
                    sorted(f"{name}: {value}" for name, value in index["dialect_options"].items()),
                )
                for index in found.get_indexes(table)
            ),
            found.get_pk_constraint(table)["constrained_columns"],
            sorted(str(unique["name"]) for unique in found.get_unique_constraints(table)),
        )
        for table in tables
    }


def test_migrations_and_tables_agree_in_every_constraint(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        migrated = shape(connection)
    with engine.connect() as connection, connection.begin():
        connection.execute(text("DROP TABLE alembic_version"))
        instance.metadata.drop_all(connection)
        instance.metadata.create_all(connection)
    with engine.connect() as connection:
        assert shape(connection) == migrated


def test_numbers_in_links_are_never_given_twice_by_migrated_tables_either(sqlite_url: str) -> None:
    """Alembic does not compare AUTOINCREMENT."""
    engine = open_engine(sqlite_url)
    with engine.connect() as connection:
        listed = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        made = {row.name: row.sql for row in listed}
    engine.dispose()
    for table in instance.metadata.tables.values():
        wanted = bool(table.dialect_options["sqlite"]["autoincrement"])
        assert ("AUTOINCREMENT" in made[table.name]) is wanted, table.name
    assert "AUTOINCREMENT" in made["subscribers"]


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        before = shape(connection)
    assert upgrade(engine) == (REVISIONS[-1], REVISIONS[-1])
    with engine.connect() as connection:
        assert shape(connection) == before


def test_what_was_kept_is_still_there_after_upgrading_again(bare_store: Store) -> None:
    bare_store.upgrade()
    with bare_store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 3)
    bare_store.upgrade()
    with bare_store.read() as tx:
        assert tx.lists.all() == [weekly]
        assert len(list(tx.subscribers.readers())) == 3


def test_the_revisions_are_those_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", "digest.store:migrations")
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(found)) == REVISIONS


def set_revision(store: Store, revision: str) -> None:
    with store.write() as tx:
        tx._connection.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": revision})


def test_a_database_of_a_newer_digest_is_refused_and_left_alone(bare_store: Store) -> None:
    bare_store.upgrade()
    set_revision(bare_store, "9999")
    for ask in (bare_store.check_schema, bare_store.upgrade):
        with pytest.raises(DigestError, match=r"was made by a newer digest \(revision 9999\); upgrade digest"):
            ask()
    with bare_store.read() as tx:
        assert tx._connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"


def test_an_empty_database_is_refused_in_words(bare_store: Store) -> None:
    with pytest.raises(DigestError, match="is empty; run `digest init` or `digest db upgrade`") as caught:
        bare_store.check_schema()
    assert str(caught.value).startswith(f"The database {bare_store.name} ")


def test_an_upgrade_that_was_undone_leaves_an_empty_database(bare_store: Store) -> None:
    bare_store.upgrade()
    with bare_store.write() as tx:
        tx._connection.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(DigestError, match="is empty"):
        bare_store.check_schema()


UPGRADER = "import sys; from digest.store import open_store; print(open_store(sys.argv[1]).upgrade()[1])"


def test_processes_that_upgrade_at_once_all_succeed(bare_store: Store, bare_database_url: str) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", UPGRADER, bare_database_url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    said = [process.communicate() for process in started]
    assert said == [(f"{REVISIONS[-1]}\n", "")] * 4
    bare_store.check_schema()


def test_an_upgrade_waits_for_the_one_under_way(engine: Engine, bare_database_url: str) -> None:
    hasty = open_store(bare_database_url, busy_seconds=0.2)
    with migrating(engine), pytest.raises(TryLater, match="is locked by another process"):
        hasty.upgrade()
    assert hasty.upgrade() == (None, REVISIONS[-1])
    hasty.close()


def test_a_table_that_is_made_anew_loses_nothing_that_refers_to_it(bare_store: Store) -> None:
    """As a later migration will: SQLite drops the old table, which must not delete every row below it."""
    bare_store.upgrade()
    with bare_store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 3)
        rows.a_campaign(tx, weekly.id)
    with migrating(bare_store._engine) as connection:
        operations = Operations(MigrationContext.configure(connection))
        for table in ("lists", "subscribers"):
            with operations.batch_alter_table(table, recreate="auto") as batch:
                batch.alter_column("name", nullable=True)
    with bare_store.read() as tx:
        assert tx.lists.all() == [weekly]
        assert len(list(tx.subscribers.readers())) == 3
        assert tx.campaigns.account(1).balanced
    with pytest.raises(DigestError), bare_store.write() as tx:
        tx.feeds.add(replace(rows.a_feed(tx, weekly.id), list_id=99))  # foreign keys are in force again


def break_a_reference(connection: Connection) -> None:
    connection.execute(text("UPDATE subscriptions SET list_id = 99"))


def test_a_migration_that_breaks_a_reference_is_undone(bare_store: Store) -> None:
    bare_store.upgrade()
    with bare_store.write() as tx:
        rows.readers(tx, rows.a_list(tx).id, 1)
    with (
        pytest.raises(Exception, match=r"would refer to a row of lists|foreign key"),
        migrating(bare_store._engine) as connection,
    ):
        break_a_reference(connection)
    with bare_store.read() as tx:
        assert len(list(tx.subscribers.readers())) == 1
