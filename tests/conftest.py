"""Databases for every test that wants one: SQLite files and a real PostgreSQL, migrated once a worker."""

import gc
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.doubles.postgresql import PostgresqlServer, running_postgresql

#: A busy machine is slow, and that is no fault of what is tested.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

BOTH = ("sqlite", "postgresql")
LONG = ("bench", "journeys", "looks", "promise", "stories", "test_wheel.py")


def pytest_configure() -> None:
    """Whoever starts the tests in the background has Ctrl-C switched off, for commands that they start, too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection() -> None:
    """What is collected stays: looking through it again and again for what could go is a seventh of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # and looking through what is new so often is a tenth
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, with each worker: else one is left with it when the others are done."""
    folder = Path(__file__).parent
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))

    def is_long(item: pytest.Item) -> bool:
        return item.path.relative_to(folder).parts[0] in LONG or item.path.stem.endswith("in_chromium")

    long, short = [item for item in items if is_long(item)], [item for item in items if not is_long(item)]
    # xdist gives each worker one stretch of all of them to begin with.
    items[:] = [item for worker in range(workers) for item in (*long[worker::workers], *short[worker::workers])]


@pytest.fixture(scope="session")
def postgresql_server(testrun_uid: str) -> Iterator[PostgresqlServer]:
    """One server for the whole run, started by the first test that needs it."""
    with running_postgresql(testrun_uid) as server:
        yield server


@pytest.fixture(scope="session")
def _statements() -> Iterator[None]:
    from tests.doubles.statements import sharing_statements  # noqa: PLC0415  the pure tests need no SQLAlchemy

    with sharing_statements():
        yield


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: PostgresqlServer, _statements: None) -> str:
    """This worker's database. Use `postgresql_url`, which empties it after each test."""
    name = postgresql_server.create()
    migrate(postgresql_server.url(name))
    return name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory, _statements: None) -> Path:
    """A file with all tables and no rows. Use `sqlite_url`, which copies it for each test."""
    path = tmp_path_factory.mktemp("migrated") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """An SQLite database with all tables and no rows; the test's own."""
    path = tmp_path / "subscribers.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_server: PostgresqlServer, migrated_postgresql: str) -> Iterator[str]:
    """A PostgreSQL database with all tables and no rows; the test's own for as long as it runs."""
    yield postgresql_server.url(migrated_postgresql)
    postgresql_server.empty(migrated_postgresql)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """Each test runs twice: on an SQLite file and on a PostgreSQL database, with all tables and no rows."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=BOTH)
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same, without tables: for the tests of migrations."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


def migrate(url: str) -> None:
    from digest.store.engine import open_engine  # noqa: PLC0415  the same
    from digest.store.schema import upgrade  # noqa: PLC0415  the same
    from tests.doubles.statements import share_statements_of  # noqa: PLC0415  the same

    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    share_statements_of(engine)
