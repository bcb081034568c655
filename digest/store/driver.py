"""Straight to the database's driver: SQLAlchemy needs longer to hand over a statement than SQLite to run it, and a sender runs many."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def run(connection: Connection, sql: str, values: Any = ()) -> Any:
    """The driver's cursor, in the connection's transaction, which begins here if it has not. Raises what SQLAlchemy would."""
    (cursor,) = run_all(connection, [(sql, values)])
    return cursor


def run_all(connection: Connection, statements: Sequence[tuple[str, Any]]) -> list[Any]:
    """The same of several, none of which needs what another one finds: PostgreSQL is asked once for all."""
    if not connection.in_transaction():
        connection.begin()
    raw: Any = connection.connection.dbapi_connection
    at_once = len(statements) > 1 and connection.dialect.name == "postgresql"
    together = raw.pipeline() if at_once else nullcontext()
    with in_its_terms(connection, statements[-1][0]), together:
        return [raw.execute(sql, values) for sql, values in statements]


@contextmanager
def in_its_terms(connection: Connection, sql: str) -> Iterator[None]:
    """What the driver raises becomes what SQLAlchemy would, without the values: they may be addresses."""
    error_type: type[Exception] = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except error_type as error:
        gone = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
        raised = DBAPIError.instance(
            sql, None, error, error_type, connection_invalidated=gone, dialect=connection.dialect
        )
        if gone:
            connection.invalidate(error)
        raise raised from error
