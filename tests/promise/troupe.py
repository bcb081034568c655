"""What a process of the pool does: sets up its theatre once, then plays cells of the programme."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.doubles.postgresql import PostgresqlServer
from tests.promise.nursery import Nursery
from tests.promise.programme import Extent, Theatre, cells
from tests.promise.verdict import Tally

_theatres: list[Theatre] = []  # of this process: one
_open = ExitStack()


def set_up(place: Path, postgresql: Path) -> None:
    own = place / str(os.getpid())
    own.mkdir()
    _theatres.append(Theatre(own, PostgresqlServer(postgresql), _open.enter_context(Nursery())))


def play(number: int, only: Sequence[str], extent: Extent) -> Tally:
    return _theatres[0].play(list(cells(extent, only))[number], extent)
