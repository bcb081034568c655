"""The right to send: taken before anything is claimed, given back by the kernel or the server when its owner dies.

On SQLite one process has it, by a lock on a file beside the database's: whoever else wants to send waits. A stopped owner
(SIGSTOP) keeps it, so nobody sends its messages meanwhile. On PostgreSQL any number of senders have one each, by an advisory
lock in their session's name; who is gone is told by their locks, and by leases that have run out (docs/adr/0001, 0007).
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from digest.model.errors import DigestError, SenderBusy, TryLater
from digest.store.connect import file_of, shown
from digest.store.refusals import in_words
from digest.store.transaction import Transaction

_MINE = 0x6469_6765  # "dige": the first half of an advisory lock's key; the second stands for the sender


class SenderLock(Protocol):
    """A context manager: taken on entering, or SenderBusy at once when another process has the only one."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None: ...

    def held(self) -> bool:
        """Whether it is still ours. Once lost it stays lost."""

    def write(self) -> AbstractContextManager[Transaction]:
        """A transaction that can only be committed while the right is ours. Raises TryLater when it was lost. For one thread."""

    def dead(self, tx: Transaction, now: datetime) -> list[str]:
        """Which owners of claims will never come back to them."""


class FileLock:
    """`flock` on a file beside the SQLite file.

    Not on the SQLite file itself: closing it would drop SQLite's own locks (sqlite.org/howtocorrupt.html §2.2).
    """

    def __init__(
        self, engine: Engine, owner: str, write: Callable[[Connection], AbstractContextManager[Transaction]]
    ) -> None:
        self._engine = engine
        self._owner = owner
        self._write = write
        self._path = Path()
        self._fd: int | None = None
        self._file: os.stat_result | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        with in_words(shown(self._engine.url)), self._engine.connect() as connection:
            self._path = Path(f"{file_of(connection)}.sender.lock")
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DigestError(
                f"The lock file {self._path} cannot be opened ({error.strerror}); give this user the right to write it."
            ) from None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            raise SenderBusy(
                "Another digest process is sending from this database; it will send what is due."
            ) from None
        self._fd, self._file = fd, os.fstat(fd)
        self._connection = self._engine.connect().execution_options(digest_write=True, preserve_rowcount=True)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def held(self) -> bool:
        """False, too, when the file was removed: then another process can lock a new one of that name."""
        if self._fd is None or self._file is None:
            return False
        try:
            return os.path.samestat(os.stat(self._path), self._file)  # noqa: PTH116  in each transaction of a sender
        except FileNotFoundError:
            return False

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        if self._connection is None:
            raise _lost()
        with self._write(self._connection) as tx:
            yield tx
            if not self.held():
                raise _lost()

    def dead(self, tx: Transaction, now: datetime) -> list[str]:  # noqa: ARG002  nobody else can be alive
        return [owner for owner in tx.outbox.owners() if owner != self._owner]


class AdvisoryLock:
    """A session's advisory lock on PostgreSQL. Its transactions run in that session: when it ends, none of them can commit."""

    def __init__(self, engine: Engine, owner: str, begin: Callable[[Connection], Transaction]) -> None:
        self._engine = engine
        self._owner = owner
        self._begin = begin
        self._name = shown(engine.url)
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        with in_words(self._name):
            connection = self._engine.connect().execution_options(digest_write=True, preserve_rowcount=True)
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_lock(:mine, :key)"), _key(self._owner))
        self._connection = connection
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        if self._connection is not None:
            # In so many words: the server takes its time to notice that a session has ended.
            with suppress(SQLAlchemyError), self._connection.begin():
                self._connection.execute(text("SELECT pg_advisory_unlock(:mine, :key)"), _key(self._owner))
        self._let_go()

    def held(self) -> bool:
        if self._connection is None:
            return False
        try:
            with self._connection.begin():
                self._connection.execute(text("SELECT 1"))
        except DBAPIError:
            self._let_go()  # the session is gone, and the lock with it; never ask a new session in its place
        return self._connection is not None

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        if self._connection is None:
            raise _lost()
        try:
            with in_words(self._name), self._connection.begin():
                yield self._begin(self._connection)
        except TryLater:
            if self._connection.invalidated:
                self._let_go()
            raise

    def dead(self, tx: Transaction, now: datetime) -> list[str]:
        """Those whose lock is free, and those who have not renewed their lease: a stopped one finds its rows taken."""
        others = {owner: until for owner, until in tx.outbox.owners().items() if owner != self._owner}
        return [owner for owner, until in others.items() if until < now or self._is_free(owner)]

    def _is_free(self, owner: str) -> bool:
        assert self._connection is not None
        free = text("SELECT pg_try_advisory_xact_lock(:mine, :key)")
        return bool(self._connection.execute(free, _key(owner)).scalar())

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.invalidate()  # ends the session, and the lock with it
            connection.close()


def _key(owner: str) -> dict[str, int]:
    """Two senders of one key would only take each other for alive: their leases tell better, later."""
    digest = hashlib.blake2b(owner.encode(), digest_size=4).digest()
    return {"mine": _MINE, "key": int.from_bytes(digest, signed=True)}


def _lost() -> TryLater:
    return TryLater(
        "This process lost the right to send from this database, so it stopped; `digest deliver` takes up the rest, "
        "if no other process does."
    )
