"""Straight to the database's driver: SQLAlchemy needs longer to hand over a statement than SQLite to run it, and some run often."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def run(connection: Connection, sql: str, values: Any = ()) -> Any:
    """The driver's cursor, in the connection's transaction, which begins here if it has not. Raises what SQLAlchemy would."""
    (cursor,) = run_all(connection, [(sql, values)])
    return cursor


def run_all(connection: Connection, statements: Sequence[tuple[str, Any]]) -> list[Any]:
    """The same of several, none of which needs what another one finds: PostgreSQL is asked once for all."""
    raw = _begun(connection)
    at_once = len(statements) > 1 and connection.dialect.name == "postgresql"
    together = raw.pipeline() if at_once else nullcontext()
    with in_its_terms(connection, statements[-1][0]), together:
        return [raw.execute(sql, values) for sql, values in statements]


def run_each(connection: Connection, sql: str, rows: Sequence[Any]) -> None:
    """One statement, once for each row."""
    raw = _begun(connection)
    with in_its_terms(connection, sql):
        raw.cursor().executemany(sql, rows)


def copy_in(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Many rows into a table, as fast as the driver can. Times and days are as `at_home` makes them; texts are storable."""
    raw = _begun(connection)
    names = ", ".join(columns)
    with in_its_terms(connection, f"into {table}"):
        if connection.dialect.name == "sqlite":
            places = ", ".join("?" * len(columns))
            insertion = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608  the names are our own
            raw.executemany(insertion, rows)
            return
        with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


@contextmanager
def in_its_terms(connection: Connection, sql: str) -> Iterator[None]:
    """What the driver raises becomes what SQLAlchemy would, without the values: they may be addresses."""
    error_type: type[Exception] = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except error_type as error:
        gone = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]  # no cursor is needed to tell
        raised = DBAPIError.instance(
            sql, None, error, error_type, connection_invalidated=gone, dialect=connection.dialect
        )
        if gone:
            connection.invalidate(error)
        raise raised from error


def _begun(connection: Connection) -> Any:
    """The driver's connection, in a transaction."""
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.dbapi_connection


def at_home(connection: Connection) -> Callable[[date | None], Any]:
    """How a time or day is handed to the driver: as it is, or on SQLite as the column types write it."""
    return _written if connection.dialect.name == "sqlite" else _as_it_is


def _as_it_is(value: date | None) -> date | None:
    return value


def _written(value: date | None) -> str | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:-6]  # without +00:00
