"""Straight to SQLite's driver: SQLAlchemy needs longer to hand over a statement than SQLite to run it, and some are run often."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def run(connection: Connection, sql: str, values: Sequence[Any]) -> Any:
    """The driver's cursor, in the connection's transaction, which begins here if it has not. Raises what SQLAlchemy would."""
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
