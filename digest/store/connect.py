"""Connecting to SQLite and PostgreSQL so that what was acknowledged is on disk, and nobody waits for ever."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from digest.model.errors import BadSetting
from digest.store.driver import in_its_terms

BUSY_SECONDS = 30.0  # how long a writer waits for another writer before it says so
CONNECT_SECONDS = 10  # how long an unreachable server is waited for
_EXAMPLES = "use sqlite:///subscribers.db or postgresql://user:password@host/database"
_SECRET = ("password", "sslpassword", "passfile", "sslkey")  # libpq takes these in the query, too


def open_engine(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Raises BadSetting for what is no URL of SQLite or PostgreSQL; connects to nothing yet."""
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, busy_seconds)
    return _postgresql(parsed, busy_seconds)


def shown(url: URL) -> str:
    """For people and logs: without any password, and without the driver that we chose."""
    plain = url.difference_update_query(_SECRET).set(drivername=url.get_backend_name())
    return plain.render_as_string(hide_password=True)


def file_of(connection: Connection) -> Path:
    """The SQLite file, absolute and without symbolic links: however it is named, it is the same file."""
    return Path(connection.exec_driver_sql("PRAGMA database_list").fetchall()[0][2])


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise BadSetting(f"database_url is no database URL; {_EXAMPLES}.") from None
    if parsed.drivername == "sqlite":
        return _file_url(parsed)
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise BadSetting(f"database_url begins with {parsed.drivername!r}, which digest does not know; {_EXAMPLES}.")


def _file_url(url: URL) -> URL:
    if not url.database or url.database == ":memory:":
        raise BadSetting(f"database_url names no file; {_EXAMPLES}.")
    if url.query and "uri" not in url.query:
        raise BadSetting(f"database_url asks for {', '.join(url.query)}, which SQLite does not know; {_EXAMPLES}.")
    return url


def _sqlite(url: URL, busy_seconds: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": busy_seconds, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves
        cursor = raw.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        # A deferred BEGIN that writes later can fail with "locked" at once, however long the busy timeout is.
        begin = "BEGIN IMMEDIATE" if connection.get_execution_options().get("digest_write", False) else "BEGIN"
        raw: Any = connection.connection.dbapi_connection
        with in_its_terms(connection, begin):
            raw.execute(begin)

    return engine


def _postgresql(url: URL, busy_seconds: float) -> Engine:
    engine = create_engine(
        url,
        pool_pre_ping=True,  # the server may have been restarted
        pool_size=10,
        max_overflow=20,
        isolation_level="READ COMMITTED",
        connect_args={} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS},
    )

    @event.listens_for(engine, "connect", insert=True)  # before SQLAlchemy asks anything, whose answers would be bytes
    def _speaks_unicode(raw: Any, _record: Any) -> None:
        encoding = raw.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise BadSetting(
                f"The database {shown(url)} keeps text in {encoding}, where not every name can be written; make one with "
                "CREATE DATABASE digest ENCODING 'UTF8' TEMPLATE template0."
            )

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: Any) -> None:
        """As on SQLite: a writer does not wait for ever, and a commit is on disk even where the server's default is not."""
        raw.execute(f"SET lock_timeout = {int(busy_seconds * 1000)}")
        if raw.execute("SHOW synchronous_commit").fetchone()[0] == "off":
            raw.execute("SET synchronous_commit = on")
        raw.commit()

    return engine
