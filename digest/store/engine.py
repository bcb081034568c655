"""Opening a database and its transactions; what a database can say goes out in words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine

from digest.model.errors import TryLater
from digest.model.operator import AT_THE_MACHINE, Actor
from digest.store.connect import BUSY_SECONDS, open_engine, shown
from digest.store.owner import AdvisoryLock, FileLock, SenderLock
from digest.store.refusals import LOCKED, in_words
from digest.store.schema import REVISIONS, check_schema, migrating, move_to, revision, upgrade
from digest.store.transaction import Transaction

__all__ = ["Store", "open_engine", "open_store"]


class Store:
    """A database that is open. Used by many threads; each transaction is its caller's alone."""

    def __init__(self, engine: Engine, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._engine = engine
        self._busy_seconds = busy_seconds
        self._writing = Lock()
        self._actor = AT_THE_MACHINE
        self.name = shown(engine.url)

    def acting(self, actor: Actor) -> "Store":
        """The same database, for somebody: what is done through it is on record as theirs."""
        theirs = copy(self)
        theirs._actor = actor  # noqa: SLF001  a Store's own
        return theirs

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A snapshot, as it is at the first query, that sees no later change. What it writes is never committed."""
        with in_words(self.name), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield Transaction(connection, self._actor)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Commits at the end (on disk when it returns), rolls back on an exception."""
        with in_words(self.name), self._turn(), self._engine.connect() as connection:
            # Without preserve_rowcount an INSERT … SELECT on PostgreSQL says -1 (SQLAlchemy 2.1).
            writer = connection.execution_options(digest_write=True, preserve_rowcount=True)
            with writer.begin():
                yield Transaction(writer, self._actor)

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

    @property
    def folder(self) -> Path | None:
        """Where the SQLite file is; None of a server."""
        if self._engine.dialect.name != "sqlite":
            return None
        return Path(self._engine.url.database or ".").absolute().parent

    def look_for_damage(self) -> str:
        """What its own look shows; nothing when it is sound. That it can be written is tried."""
        with self.write() as tx:
            tx.instance.fingerprint()
        if self._engine.dialect.name != "sqlite":
            return ""  # a server looks after itself
        with in_words(self.name), self._engine.connect() as connection:
            said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        return "" if said == "ok" else said

    def revision(self) -> str | None:
        """Of the tables; None when there are none."""
        with in_words(self.name), self._engine.connect() as connection:
            return revision(connection)

    def upgrade(self) -> tuple[str | None, str]:
        """Bring the tables to this program's shape; returns the revisions before and after. Safe twice, and in two processes."""
        with in_words(self.name):
            return upgrade(self._engine)

    @contextmanager
    def refill(self, revision: str) -> Iterator[tuple[Transaction, Callable[[], None]]]:
        """An empty database with the tables of a revision, to be filled; and what brings them up to date. All or nothing.

        Raises WrongState when it is not empty.
        """
        with in_words(self.name), migrating(self._engine) as connection:
            tx = Transaction(connection, self._actor)
            tx.portable.clear(self.name)
            move_to(connection, revision)
            yield tx, lambda: move_to(connection, REVISIONS[-1])

    def close(self) -> None:
        self._engine.dispose()


def open_store(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Store:
    """Open the database at `sqlite:///path` or `postgresql://…`. The tables are not looked at yet.

    A writer waits up to `busy_seconds` for another one, then raises TryLater.
    """
    return Store(open_engine(url, busy_seconds=busy_seconds), busy_seconds=busy_seconds)
