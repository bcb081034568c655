"""A relay that is 50 ms away: against one round trip for each mail of a connection, which is the least that SMTP allows.

The distance is a process that passes bytes on after 25 ms in each direction; it limits nothing else. A real line of that
length also starts slowly and loses packets.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.distance import Distance
from bench.errand import send
from bench.outbox import Outbox
from bench.postfix import SmtpSink, postfix
from bench.race import Entrant, Race, Row, Scale, Turn

CONNECTIONS, ROUND_TRIP = 20, 0.05
OURS = "digest, 50 ms away, 20 connections"
_COUNTS = {Scale.WHOLE: 12_000, Scale.QUICK: 1_000, Scale.TINY: 40}


def _rows(_scale: Scale) -> Sequence[Row]:
    return (Row("50 ms away, against 20 / 0.05 s", OURS, CONNECTIONS / ROUND_TRIP, 0.85),)


@contextmanager
def _open(scale: Scale, place: Path) -> Iterator[Sequence[Entrant]]:
    outbox = Outbox(place, _COUNTS[scale])
    with SmtpSink(postfix()) as sink, Distance(sink.port, ROUND_TRIP / 2 * 1000) as distance:

        def ours(*, profile: bool = False) -> Turn:
            job = {"database": outbox.url, "port": distance.port, "connections": CONNECTIONS, "profile": profile}
            return sink.beside(lambda: send("deliver", **job))

        yield (Entrant(OURS, _COUNTS[scale], ours, outbox.refill, lambda: ours(profile=True)),)


RACE = Race("far", _rows, _open, {Scale.WHOLE: 3, Scale.QUICK: 1, Scale.TINY: 1})
