"""Signed with RSA-2048: against what one core can sign when it does nothing else, and against dkimpy in our place."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.errand import send
from bench.outbox import Outbox, a_key
from bench.postfix import SmtpSink, postfix
from bench.race import Entrant, Race, Row, Scale, Turn

CONNECTIONS = 32
OURS, RAW, DKIMPY = "digest, signed", "RSA-2048 signatures alone, one core", "digest, signed by dkimpy"
_COUNTS = {  # ours, signatures alone, dkimpy's
    Scale.WHOLE: (10_000, 8_000, 600),
    Scale.QUICK: (1_000, 1_500, 100),
    Scale.TINY: (60, 60, 10),
}


def _rows(_scale: Scale) -> Sequence[Row]:
    return (
        Row("RSA-2048, against raw signing on one core", OURS, RAW, 0.6),
        Row("RSA-2048, against the same with dkimpy", OURS, DKIMPY, 10.0),
    )


@contextmanager
def _open(scale: Scale, place: Path) -> Iterator[Sequence[Entrant]]:
    tools = postfix()
    count, raw, by_dkimpy = _COUNTS[scale]
    many, few = Outbox(place / "many", count), Outbox(place / "few", by_dkimpy)
    key = str(a_key(place))
    with SmtpSink(tools) as sink:

        def ours(outbox: Outbox, *, dkimpy: bool = False, profile: bool = False) -> Turn:
            job = {"database": outbox.url, "port": sink.port, "connections": CONNECTIONS, "profile": profile}
            return sink.beside(lambda: send("deliver", key=key, dkimpy=dkimpy, **job))

        yield (
            Entrant(OURS, count, lambda: ours(many), many.refill, lambda: ours(many, profile=True)),
            Entrant(RAW, raw, lambda: send("sign", key=key, count=raw)),
            Entrant(DKIMPY, by_dkimpy, lambda: ours(few, dkimpy=True), few.refill),
        )


RACE = Race("signed", _rows, _open, {Scale.WHOLE: 5, Scale.QUICK: 1, Scale.TINY: 1})
