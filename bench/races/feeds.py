"""Reading many feeds over HTTP, cold and when nothing has changed: against the `reader` library, with as many workers.

Both keep what they read in an SQLite file. reader parses with its own copy of feedparser, in threads of one process, and
trusts what it reads; we parse in confined processes, sanitise, judge each entry, and a commit is on disk. Each feed has fifty
entries and about 130 kB, and each has a connection of its own, as feeds of different sites have.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import reader

from bench.errand import send
from bench.newsstand import Newsstand
from bench.race import Entrant, Race, Row, Scale, Turn
from bench.world import a_database, a_feed
from digest.pipeline.refresh import AT_ONCE

COLD, COLD_READER = "digest, all new", "reader, all new"
SAME, SAME_READER = "digest, all unchanged", "reader, all unchanged"
_FEEDS = {Scale.WHOLE: 500, Scale.QUICK: 40, Scale.TINY: 3}
_TARGET = 5.0


def _rows(scale: Scale) -> Sequence[Row]:
    count = _FEEDS[scale]
    return (
        Row(f"{count} feeds, all new, against reader", COLD, COLD_READER, _TARGET),
        Row(f"{count} feeds, all unchanged, against reader", SAME, SAME_READER, _TARGET),
    )


@contextmanager
def _open(scale: Scale, place: Path) -> Iterator[Sequence[Entrant]]:
    count = _FEEDS[scale]
    with Newsstand() as stand:
        urls = [stand.url(number) for number in range(count)]
        shelf = _Shelf(place, urls)
        yield (
            Entrant(COLD, count, lambda: shelf.read("digest"), shelf.empty, lambda: shelf.read("digest", profile=True)),
            Entrant(COLD_READER, count, lambda: shelf.read("reader"), shelf.empty),
            Entrant(
                SAME,
                count,
                lambda: shelf.read("digest", same=True),
                shelf.full,
                lambda: shelf.read("digest", same=True, profile=True),
            ),
            Entrant(SAME_READER, count, lambda: shelf.read("reader", same=True), shelf.full),
        )


class _Shelf:
    """A database of each kind: empty but for its feeds, and full once both were read."""

    def __init__(self, place: Path, urls: Sequence[str]) -> None:
        self._place = place
        (place / "digest").mkdir()
        database = a_database(place / "digest")
        with database.store.write() as tx:
            for number, url in enumerate(urls):
                tx.feeds.add(a_feed(database.mailing_list.id, number, url))
        database.keep("digest.empty")
        shutil.move(place / "digest" / "digest.empty", place / "digest.empty")
        with reader.make_reader(str(place / "reader.empty")) as library:
            for url in urls:
                library.add_feed(url)

    def empty(self) -> None:
        self._fetch("empty")

    def full(self) -> None:
        for kind in ("digest", "reader"):
            if not (self._place / f"{kind}.full").exists():
                self.empty()
                self.read(kind)
                settle(self._place / f"{kind}.db")
                shutil.copy(self._place / f"{kind}.db", self._place / f"{kind}.full")
        self._fetch("full")

    def read(self, library: str, *, same: bool = False, profile: bool = False) -> Turn:
        path = str(self._place / f"{library}.db")
        return send("read", library=library, path=path, workers=AT_ONCE, same=same, profile=profile)

    def _fetch(self, state: str) -> None:
        for kind in ("digest", "reader"):
            for beside in ("-wal", "-shm"):
                (self._place / f"{kind}.db{beside}").unlink(missing_ok=True)
            shutil.copy(self._place / f"{kind}.{state}", self._place / f"{kind}.db")


def settle(path: Path) -> None:
    """An errand's process is killed when its work is done: what it wrote may stand in the log beside the file, or in both by half."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


RACE = Race("feeds", _rows, _open, {Scale.WHOLE: 3, Scale.QUICK: 1, Scale.TINY: 1})
