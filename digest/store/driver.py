"""Straight to the driver: SQLAlchemy needs longer to hand over a statement than SQLite to run it, and some are run often."""

from collections.abc import Iterable, Sequence
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
    """Many rows into a table, as fast as the driver can. Times are aware; texts are storable."""
    raw: Any = connection.connection.dbapi_connection
    error_type: type[Exception] = connection.dialect.loaded_dbapi.Error
    names = ", ".join(columns)
    try:
        if connection.dialect.name == "sqlite":
            places = ", ".join("?" * len(columns))
            insertion = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608  the names are our own
            raw.executemany(insertion, map(_for_sqlite, rows))
            return
        with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except error_type as error:  # without the values, as above
        raise DBAPIError.instance(f"into {table}", None, error, error_type, dialect=connection.dialect) from error


def _for_sqlite(row: Sequence[Any]) -> list[Any]:
    return [_plain(value) if isinstance(value, date) else value for value in row]


def _plain(value: date) -> str:
    """As the column types write it."""
    if isinstance(value, datetime):
        if value.tzinfo is UTC:  # as nearly all are
            return value.isoformat(" ", "microseconds").removesuffix("+00:00")
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat()
