"""An issue to sixty readers, published and not yet sent, on either database: set up once, put back in milliseconds.

`reset` undoes all that senders did. On SQLite a file is copied; on PostgreSQL every table is filled again from a copy of it
that lies in a schema of its own.
"""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import sleep

import psycopg
from psycopg import sql

from digest.model.issue import CampaignState, IssueState
from digest.model.message import Account, MessageState
from digest.store import Store, open_store
from tests.conftest import migrate
from tests.doubles.postgresql import PostgresqlServer
from tests.pipeline.world import make_world

READERS = 60
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"


@dataclass(frozen=True)
class State:
    """What the database says after all was sent."""

    account: Account
    uncertain: frozenset[str]  # addresses
    finished: bool  # the campaign is done, and the issue sent
    sound: bool  # by the database's own check


class Stage:
    """The database of one scenario. `name` is that of its kind."""

    name = ""

    def __init__(self, url: str, readers: int) -> None:
        self.url = url
        self.audience = frozenset(f"reader{number}@example.org" for number in range(readers))

    def reset(self) -> None:
        """As it was when the issue had just been published. Nobody may be connected."""
        raise AssertionError

    def states(self) -> dict[str, str]:
        """Of each reader's message, read beside whoever writes."""
        raise AssertionError

    def sound(self) -> bool:
        return True

    def look(self) -> State:
        with closing(self._store) as store, store.read() as tx:  # closed, it opens again by itself
            (issue,) = tx.issues.all()
            campaign = tx.campaigns.of_issue(issue.id)
            assert campaign is not None
            rows = tx.messages.recipients(campaign.id)
            uncertain = frozenset(one.address for one in rows if one.state is MessageState.UNCERTAIN)
            over = campaign.state is CampaignState.DONE and issue.state is IssueState.SENT
            return State(tx.campaigns.account(campaign.id), uncertain, over, self.sound())

    def owed(self) -> int:
        """How many messages have no end yet."""
        ends = {MessageState.ACCEPTED, MessageState.UNCERTAIN}
        return sum(count for state, count in Counter(self.states().values()).items() if state not in ends)

    @cached_property
    def _store(self) -> Store:
        return open_store(self.url)


class SqliteStage(Stage):
    name = "SQLite"

    def __init__(self, place: Path, readers: int = READERS) -> None:
        """In a folder of its own, which may be a small disk."""
        self.file = place / "subscribers.db"
        super().__init__(f"sqlite:///{self.file}", readers)
        self._kept = place / "published.db"
        migrate(self.url)
        _publish(self.url, readers)
        shutil.move(self.file, self._kept)
        self.reset()

    def reset(self) -> None:
        for path in self.file.parent.glob(f"{self.file.name}*"):
            path.unlink()
        shutil.copy(self._kept, self.file)

    def states(self) -> dict[str, str]:
        with closing(sqlite3.connect(self.file, timeout=10)) as beside:
            return dict(beside.execute("SELECT address, state FROM messages").fetchall())

    def sound(self) -> bool:
        with closing(sqlite3.connect(self.file, timeout=10)) as beside:
            return beside.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


class PostgresqlStage(Stage):
    name = "PostgreSQL"

    def __init__(self, server: PostgresqlServer, readers: int = READERS) -> None:
        self.server = server
        self._database = server.create()
        super().__init__(server.url(self._database), readers)
        migrate(self.url)
        _publish(self.url, readers)
        with self.connected() as beside:
            beside.execute("CREATE SCHEMA kept")
            self._tables = [name for (name,) in beside.execute(_TABLES).fetchall()]
            for name in self._tables:
                beside.execute(_said("CREATE TABLE kept.{0} AS TABLE public.{0}", name))

    def reset(self) -> None:
        with self.connected() as beside:
            beside.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            with beside.transaction():
                beside.execute("SET LOCAL session_replication_role = replica")  # in any order, whatever refers to what
                for name in self._tables:
                    beside.execute(_said("DELETE FROM public.{0}", name))
                    beside.execute(_said("INSERT INTO public.{0} SELECT * FROM kept.{0}", name))

    def states(self) -> dict[str, str]:
        """Also while the server is being restarted."""
        for _ in range(100):
            with suppress(psycopg.OperationalError), self.connected() as beside:
                return dict(beside.execute("SELECT address, state FROM messages").fetchall())
            sleep(0.1)
        raise RuntimeError("The PostgreSQL server does not come back.")

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url, autocommit=True) as beside:
            yield beside


def _said(statement: str, name: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier(name))


def _publish(url: str, readers: int) -> None:
    world = make_world(url)
    world.subscribe(readers)
    world.add_articles(2)
    world.publish()
    world.app.close()
