"""Opening a database and its transactions; what a database can say goes out in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Connection, Engine

from digest.model.errors import TryLater
from digest.store.connect import BUSY_SECONDS, open_engine, shown
from digest.store.owner import AdvisoryLock, FileLock, SenderLock
from digest.store.refusals import LOCKED, in_words
from digest.store.schema import check_schema, upgrade
from digest.store.transaction import Transaction

__all__ = ["Store", "open_engine", "open_store"]


class Store:
    """A database that is open. Used by many threads; each transaction is its caller's alone."""

    def __init__(self, engine: Engine, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._engine = engine
        self._busy_seconds = busy_seconds
        self._writing = Lock()
        self.name = shown(engine.url)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A snapshot, as it is at the first query, that sees no later change. What it writes is never committed."""
        with in_words(self.name), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield Transaction(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Commits at the end (on disk when it returns), rolls back on an exception."""
        with in_words(self.name), self._turn(), self._engine.connect() as connection:
            # Without preserve_rowcount an INSERT … SELECT on PostgreSQL says -1 (SQLAlchemy 2.1).
            writer = connection.execution_options(digest_write=True, preserve_rowcount=True)
            with writer.begin():
                yield Transaction(writer)

    @contextmanager
    def _write_in(self, writer: Connection) -> Iterator[Transaction]:
        """The same in a connection that its caller keeps: getting one takes longer than a small transaction."""
        with in_words(self.name), self._turn(), writer.begin():
            yield Transaction(writer)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite has one writer, and who must wait for it sleeps longer and longer between looks: our own threads queue up."""
        if self._engine.dialect.name != "sqlite":
            yield
            return
        if not self._writing.acquire(timeout=self._busy_seconds):
            raise TryLater(LOCKED.format(name=self.name))
        try:
            yield
        finally:
            self._writing.release()

    def sender_lock(self, owner: str) -> SenderLock:
        """The right to send from this database, for whoever claims in this name; given back when its process dies."""
        if self._engine.dialect.name == "postgresql":
            return AdvisoryLock(self._engine, owner, Transaction)
        return FileLock(self._engine, owner, self._write_in)

    def check_schema(self) -> None:
        """Raises DigestError in words when the tables are missing, older or newer than this program."""
        with in_words(self.name), self._engine.connect() as connection:
            check_schema(connection, self.name)

    def upgrade(self) -> tuple[str | None, str]:
        """Bring the tables to this program's shape; returns the revisions before and after. Safe twice, and in two processes."""
        with in_words(self.name):
            return upgrade(self._engine)

    def close(self) -> None:
        self._engine.dispose()


def open_store(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Store:
    """Open the database at `sqlite:///path` or `postgresql://…`. The tables are not looked at yet.

    A writer waits up to `busy_seconds` for another one, then raises TryLater.
    """
    return Store(open_engine(url, busy_seconds=busy_seconds), busy_seconds=busy_seconds)
