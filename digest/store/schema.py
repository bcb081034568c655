"""Which shape the tables have, and bringing them up to date. Alembic is imported only for the latter: it is slow to load."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from sqlalchemy import Connection, Engine, inspect, text

from digest.model.errors import DigestError
from digest.store.connect import shown

#: Every revision, oldest first; the last is the one this program needs (tests/migrations compares with Alembic's own view).
REVISIONS = tuple(f"{number:04}" for number in range(1, 24))

_UPGRADE_KEY = 0x7570_6772_6164_65  # "upgrade"


def check_schema(connection: Connection, name: str) -> None:
    found = revision(connection)
    if found is None:
        raise DigestError(f"The database {name} is empty; run `digest init` or `digest db upgrade`.")
    if found not in REVISIONS:
        raise DigestError(
            f"The database {name} was made by a newer digest (revision {found}); upgrade digest, or use another database."
        )
    if found != REVISIONS[-1]:
        raise DigestError(f"The database {name} is of an older digest (revision {found}); run `digest db upgrade`.")


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Bring the tables to this program's shape; returns the revisions before and after. Safe twice, and in two processes."""
    with migrating(engine) as connection:
        before = revision(connection)
        if before is not None and before not in REVISIONS:
            check_schema(connection, shown(engine.url))
        move_to(connection, REVISIONS[-1])
    return before, REVISIONS[-1]


def move_to(connection: Connection, wanted: str) -> None:
    """From an older revision or none to this one, in the transaction of `migrating`. Raises DigestError for one we do not know."""
    from alembic import command  # noqa: PLC0415  slow to load, and needed here only
    from alembic.config import Config  # noqa: PLC0415  the same

    if wanted not in REVISIONS:
        raise DigestError(f"This was made by a newer digest (revision {wanted}); upgrade digest first.")
    config = Config()
    config.set_main_option("script_location", "digest.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, wanted)


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """One transaction in which tables may be rebuilt, by one process at a time; all of it is committed or nothing.

    SQLite alters a table by making a new one and dropping the old, and with foreign keys in force the drop would delete
    all rows that refer to it (sqlite.org/lang_altertable.html §7): so they are checked at the end instead.
    """
    import_module("alembic.command")  # takes its time, for which others need not wait
    with engine.connect() as connection:
        connection.execution_options(digest_write=True)
        if engine.dialect.name == "sqlite":
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")  # does nothing inside a transaction
        try:
            with connection.begin():
                if engine.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_KEY})
                yield connection
                _check_references(connection)
        finally:
            connection.invalidate()  # the next connection has its foreign keys again


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and (
        broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    ):
        raise DigestError(
            f"The upgrade was undone: a row of {broken[0]} would refer to a row of {broken[2]} that is not there."
        )


def revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
