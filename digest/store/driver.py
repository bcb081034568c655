"""Straight to the driver: SQLAlchemy needs longer to hand over a statement than SQLite to run it, and some are run often."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def run(connection: Connection, sql: str, values: Sequence[Any]) -> Any:
    """SQLite's cursor, in the connection's transaction, which begins here if it has not. Raises what SQLAlchemy would."""
    return _run(connection, "execute", sql, values)


def run_each(connection: Connection, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """The same, once for each row."""
    _run(connection, "executemany", sql, rows)


def _run(connection: Connection, how: str, sql: str, values: Sequence[Any]) -> Any:
    if not connection.in_transaction():
        connection.begin()
    raw: Any = connection.connection.dbapi_connection
    error_type: type[Exception] = connection.dialect.loaded_dbapi.Error
    try:
        return getattr(raw, how)(sql, values)
    except error_type as error:  # without the values: they may be addresses
        raise DBAPIError.instance(sql, None, error, error_type, dialect=connection.dialect) from error


def copy_in(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Many rows into a table, as fast as the driver can. Times and days are as `at_home` makes them; texts are storable."""
    raw: Any = connection.connection.dbapi_connection
    error_type: type[Exception] = connection.dialect.loaded_dbapi.Error
    names = ", ".join(columns)
    try:
        if connection.dialect.name == "sqlite":
            places = ", ".join("?" * len(columns))
            insertion = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608  the names are our own
            raw.executemany(insertion, rows)
            return
        with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except error_type as error:  # without the values, as above
        raise DBAPIError.instance(f"into {table}", None, error, error_type, dialect=connection.dialect) from error


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
