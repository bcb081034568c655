"""Refreshing feeds of fifty entries over HTTP, cold, with one new entry each, and unchanged, beside feedparser alone."""

import http.client
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import feedparser

from bench.measure import Step, Subject
from bench.newsstand import ENTRIES, Newsstand, etag, feed_bytes
from bench.world import Database, a_database, a_feed, clock
from digest.model.feed import FetchLimits
from digest.pipeline.refresh import AT_ONCE, refresh

PARSED = 20  # feeds that feedparser parses alone in one run
LIMITS = FetchLimits(allow_private=frozenset({"127.0.0.0/8"}))


@contextmanager
def _open(size: int, place: Path) -> Iterator[Sequence[Subject]]:
    count = size // ENTRIES
    bodies = [feed_bytes(number, 1) for number in range(min(count, PARSED))]
    with Newsstand() as stand:
        database = a_database(place)
        with database.store.write() as tx:
            for number in range(count):
                tx.feeds.add(a_feed(database.mailing_list.id, number, stand.url(number)))
        empty = database.keep("empty.db")
        read = place / "read.db"

        def at(edition: int, kept: Path) -> None:
            stand.turn(edition)
            if kept == read and not read.exists():
                database.keep(read.name)  # "all new" has just run: in the first round, it comes first
            database.fresh(kept)

        yield (
            Subject("refresh: all new", lambda: _refresh(database)[0], lambda: at(1, empty)),
            Subject("refresh: one new in each feed", lambda: _refresh(database)[0] * ENTRIES, lambda: at(2, read)),
            Subject("refresh: all unchanged (304)", lambda: _refresh(database)[1] * ENTRIES, lambda: at(1, read)),
            Subject(
                "feedparser.parse of the same bytes",
                lambda: sum(_parse(body) for body in bodies),
                units=None if len(bodies) == count else len(bodies) * ENTRIES,
            ),
            Subject(
                "http.client: the same conditional GETs", lambda: _ask(stand, count) * ENTRIES, lambda: stand.turn(1)
            ),
        )
        database.close()


def _refresh(database: Database) -> tuple[int, int]:
    """How many articles are new, and how many feeds unchanged."""
    reports = list(refresh(database.store, LIMITS, now=clock))
    return sum(report.new for report in reports), sum(report.unchanged for report in reports)


def _parse(body: bytes) -> int:
    return len(feedparser.parse(body).entries)


def _ask(stand: Newsstand, count: int) -> int:
    """How many said 304, asked as many at once as refresh does."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(lambda number: _unchanged(stand.port, number), range(count)))


def _unchanged(port: int, number: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/{number}.xml", headers={"If-None-Match": etag(number, 1)})
    status = connection.getresponse().status
    connection.close()
    return status == http.HTTPStatus.NOT_MODIFIED


STEP = Step("refresh", "articles", (100, 1_000, 10_000), (50, 200), _open)
