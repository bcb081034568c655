"""Where SQLite and PostgreSQL differ."""

from typing import Any

from sqlalchemy import Connection, Dialect, Select, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from digest.store.tables import lists

TOO_LARGE = 2**31  # for a row's number: PostgreSQL's integers have 32 bits, and asking for more is an error


def insert_new(at: Connection | Dialect, table: Table) -> Any:
    """An INSERT that can say ON CONFLICT, in this dialect."""
    dialect = at.dialect if isinstance(at, Connection) else at
    if dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def skip_locked(dialect: Dialect, query: Select[Any]) -> Select[Any]:
    """Lock the rows found and pass over those that others hold. SQLite has one writer, who needs neither."""
    if dialect.name == "sqlite":
        return query
    return query.with_for_update(skip_locked=True)


def one_at_a_time(connection: Connection, list_id: int) -> None:
    """Until this transaction ends no other one passes here for this list; a transaction that only reads is let through.

    For what looks first and writes then. SQLite has one writer anyway; PostgreSQL locks the list's row.
    """
    if connection.dialect.name != "sqlite" and connection.get_execution_options().get("digest_write"):
        connection.execute(select(lists.c.id).where(lists.c.id == list_id).with_for_update(key_share=True))
