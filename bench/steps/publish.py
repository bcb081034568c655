"""Publishing to so many readers: freezing the audience into the outbox, beside plainer ways to copy the same rows."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Step, Subject
from bench.world import KEYS, LINKS, NOW, PERIOD, SALT, a_database, add_articles, add_readers
from digest.pipeline.assemble import assemble
from digest.pipeline.publish import publish
from digest.pipeline.render import make_render
from digest.store.audiences import Assigned, Audience
from digest.store.campaigns import Terms

ARTICLES = 20


@contextmanager
def _open(size: int, place: Path) -> Iterator[Sequence[Subject]]:
    database = a_database(place)
    add_articles(database, ARTICLES)
    add_readers(database, size)
    issue = assemble(database.store, database.mailing_list, PERIOD, now=NOW, salt=SALT).issue
    render = make_render(LINKS, None)
    edition = render(issue, database.mailing_list)
    kept = database.keep("drafted.db")

    def ready() -> None:
        database.fresh(kept)

    def freeze() -> int:
        with database.store.write() as tx:
            number = tx.editions.keep(edition, issue.id, NOW).id
            candidates = tx.audiences.candidates(issue.list_id, PERIOD)
            everybody = Audience(PERIOD, tuple(Assigned(each, number, NOW) for each in candidates.groups), candidates)
            return tx.campaigns.freeze(issue.id, issue.list_id, everybody, NOW, Terms(NOW)).audience

    freeze()
    plain = _Plain(database.keep("plain.db"))
    yield (
        Subject("freeze the audience", freeze, ready),
        Subject(
            "publish: render and freeze",
            lambda: publish(database.store, issue.id, render, KEYS, now=NOW).campaign.audience,
            ready,
        ),
        Subject("plain INSERT … SELECT of the same rows, no indexes", plain.copy, plain.empty),
        Subject("plain INSERT for each of the same rows, no indexes", plain.insert, plain.empty),
    )
    plain.close()
    database.close()


class _Plain:
    """The frozen rows, and a bare table of the same columns to copy them into, with our settings for safety."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE copied AS SELECT * FROM messages WHERE 0")
        self._rows: list[tuple[object, ...]] = self._connection.execute("SELECT * FROM messages").fetchall()

    def empty(self) -> None:
        self._connection.execute("DELETE FROM copied")

    def copy(self) -> int:
        return self._connection.execute("INSERT INTO copied SELECT * FROM messages").rowcount

    def insert(self) -> int:
        """Row by row, in one transaction."""
        places = ", ".join("?" * len(self._rows[0]))
        self._connection.execute("BEGIN")
        for row in self._rows:
            self._connection.execute(f"INSERT INTO copied VALUES ({places})", row)
        self._connection.execute("COMMIT")
        return len(self._rows)

    def close(self) -> None:
        self._connection.close()


STEP = Step("publish", "readers", (100, 1_000, 10_000), (100, 1_000), _open)
