"""How long an operator waits for the desk's pages when there are a million readers, on both databases."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.child import Child
from bench.errand import send
from bench.newsroom import DRAFT, GOING, SENT, furnish
from bench.outbox import copy_database
from bench.postgresql import a_server
from bench.race import Entrant, Figure, Race, Row, Scale
from bench.world import a_database

_READERS = {Scale.WHOLE: 1_000_000, Scale.QUICK: 20_000, Scale.TINY: 300}
_TIMES = {Scale.WHOLE: 20, Scale.QUICK: 5, Scale.TINY: 1}
_MOST = 200  # ms
_PAGES = {
    "home, lists and feeds": ("", "/lists", "/lists/weekly", "/feeds", "/issues"),
    "an issue and its previews": (
        f"/issues/{DRAFT}",
        f"/issues/{DRAFT}/preview",
        f"/issues/{DRAFT}/as-reader?reader=reader7@example.org",
    ),
    "its dry run, and before it is sent": (f"/issues/{DRAFT}/dry-run", f"/issues/{DRAFT}/send"),
    "campaigns and reports": (f"/campaigns/{GOING}", f"/campaigns/{SENT}", "/reports", f"/reports/{SENT}"),
    "readers": (
        "/readers",
        "/readers/{middle}",
        "/readers?q=reader12",
        "/readers?list=weekly&state=unsubscribed",
        "/readers?where=language+is+de",
        "/readers?where=joined+since+30+days&list=weekly",
    ),
    "all else": ("/suppressions", "/segments", "/imports", "/operators", "/keys", "/webhooks", "/record", "/account"),
}


def _names(database: str, scale: Scale) -> dict[str, str]:
    return {group: f"desk, {group}: {_READERS[scale]:,} readers, {database}" for group in _PAGES}


def _rows(database: str, scale: Scale) -> Sequence[Row]:
    return [Row(name, name, None, _MOST, Figure.P95) for name in _names(database, scale).values()]


def _entrants(database: str, scale: Scale, port: int, url: str) -> Sequence[Entrant]:
    middle, times = _READERS[scale] // 2, _TIMES[scale]

    def entrant(name: str, group: Sequence[str]) -> Entrant:
        paths = [f"/desk{path.replace('{middle}', str(middle))}" for path in group]
        job = {"port": port, "paths": paths, "times": times, "database": url}
        return Entrant(name, len(paths) * times, lambda: send("look", **job))

    return [entrant(name, _PAGES[group]) for group, name in _names(database, scale).items()]


@contextmanager
def _open(scale: Scale, place: Path) -> Iterator[Sequence[Entrant]]:
    database, path = a_database(place), place / "turn.db"
    furnish(database, _READERS[scale])
    copy_database(database.keep("kept.db"), path)
    database.close()
    url = f"sqlite:///{path}"
    with Child("bench.doorway", url) as door:
        yield _entrants("SQLite", scale, door.port, url)


@contextmanager
def _open_postgresql(scale: Scale, _: Path) -> Iterator[Sequence[Entrant]]:
    with a_server() as server:
        database = server.found()
        furnish(database, _READERS[scale])
        database.close()
        server.settle()
        server.refill()
        with Child("bench.doorway", server.url) as door:
            yield _entrants("PostgreSQL", scale, door.port, server.url)


_ROUNDS = {Scale.WHOLE: 3, Scale.QUICK: 1, Scale.TINY: 1}
RACE = Race("desk", lambda scale: _rows("SQLite", scale), _open, _ROUNDS)
ON_POSTGRESQL = Race("desk-postgresql", lambda scale: _rows("PostgreSQL", scale), _open_postgresql, _ROUNDS)
