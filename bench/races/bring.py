"""Importing readers from a file as Mailchimp writes it, on both databases: how quickly, and in how much memory.

What it is held against is the limit: Python's csv reader and one `executemany` into a table without keys, where nothing is checked,
looked up, hashed or indexed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.errand import send
from bench.outbox import copy_database
from bench.postgresql import a_server
from bench.race import Entrant, Figure, Race, Row, Scale
from bench.world import a_database

_SIZES = {Scale.WHOLE: 1_000_000, Scale.QUICK: 20_000, Scale.TINY: 300}
_PEAK = 150  # MB
_HEADER = (
    "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,"
    "GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
)
_ROW = (
    "reader{n}@example{d}.org,Ann,Reader,2,2020-01-02 03:04:{s:02},203.0.113.{i},2020-01-02 03:05:{s:02},203.0.113.{i},"
    '48.2,16.3,1,2,Europe/Vienna,AT,9,2021-05-06 07:08:09,{n},abc{n},,"""Book fair"""\n'
)


def _names(scale: Scale) -> tuple[str, str, str]:
    rows = f"{_SIZES[scale]:,} rows"
    return f"import {rows}, SQLite", f"csv.reader and executemany of {rows}", f"import {rows}, PostgreSQL"


def _rows(scale: Scale) -> Sequence[Row]:
    ours, bare, _ = _names(scale)
    return (
        Row(f"{ours}, against csv.reader and executemany", ours, bare),
        Row(f"peak memory, {ours}", ours, None, _PEAK, Figure.PEAK),
    )


def _rows_of_postgresql(scale: Scale) -> Sequence[Row]:
    _, bare, ours = _names(scale)
    return (
        Row(f"{ours}, against csv.reader and executemany", ours, bare),
        Row(f"peak memory, {ours}", ours, None, _PEAK, Figure.PEAK),
    )


@contextmanager
def _open(scale: Scale, place: Path) -> Iterator[Sequence[Entrant]]:
    file, size = _written(place, scale), _SIZES[scale]
    empty, turn = _empty(place), place / "turn.db"
    ours, bare, _ = _names(scale)
    yield (
        Entrant(
            ours,
            size,
            lambda: send("bring", file=str(file), database=f"sqlite:///{turn}", bare=False),
            lambda: copy_database(empty, turn),
        ),
        _limit(bare, size, file, place),
    )


@contextmanager
def _open_postgresql(scale: Scale, place: Path) -> Iterator[Sequence[Entrant]]:
    with a_server() as server:
        file, size = _written(place, scale), _SIZES[scale]
        server.found()
        _, bare, ours = _names(scale)
        yield (
            Entrant(
                ours,
                size,
                lambda: server.beside(lambda: send("bring", file=str(file), database=server.url, bare=False)),
                server.refill,
            ),
            _limit(bare, size, file, place),
        )


def _limit(name: str, size: int, file: Path, place: Path) -> Entrant:
    path = place / "bare.db"
    return Entrant(
        name,
        size,
        lambda: send("bring", file=str(file), path=str(path), bare=True),
        lambda: _remove(place),
    )


def _remove(place: Path) -> None:
    for each in place.glob("bare.db*"):
        each.unlink()


def _written(place: Path, scale: Scale) -> Path:
    file = place / "readers.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write(_HEADER)
        out.writelines(_ROW.format(n=n, d=n % 997, i=n % 250, s=n % 60) for n in range(_SIZES[scale]))
    return file


def _empty(place: Path) -> Path:
    database = a_database(place)
    kept = database.keep("empty.db")
    database.close()
    return kept


_ROUNDS = {Scale.WHOLE: 1, Scale.QUICK: 1, Scale.TINY: 1}  # a million rows take minutes
RACE = Race("import", _rows, _open, _ROUNDS)
ON_POSTGRESQL = Race("import-postgresql", _rows_of_postgresql, _open_postgresql, _ROUNDS)
