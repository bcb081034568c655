"""Durable, personalised, unsigned: one of our processes against Postfix's smtp-source and against Python's SMTP clients."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.errand import send
from bench.outbox import Outbox
from bench.postfix import SmtpSink, postfix, smtp_source
from bench.race import Entrant, Race, Row, Scale, Turn

CONNECTIONS = 32
OURS, SOURCE = "digest, every mail on the ledger", "smtp-source -d, one mail over and over"
SMTPLIB, AIOSMTPLIB = "smtplib in threads, no ledger", "aiosmtplib in tasks, no ledger"
_COUNTS = {  # of mails, so that nobody's turn takes much longer than another's: ours and smtp-source's, smtplib's, aiosmtplib's
    Scale.WHOLE: (15_000, 8_000, 4_000),
    Scale.QUICK: (2_000, 1_000, 500),
    Scale.TINY: (100, 40, 40),
}


def _rows(_scale: Scale) -> Sequence[Row]:
    return (
        Row("unsigned, against smtp-source -d", OURS, SOURCE, 1.0),
        Row("unsigned, against aiosmtplib", OURS, AIOSMTPLIB, 4.0),
        Row("unsigned, against smtplib", OURS, SMTPLIB, 2.5),
    )


@contextmanager
def _open(scale: Scale, place: Path) -> Iterator[Sequence[Entrant]]:
    tools = postfix()
    count, by_smtplib, by_aiosmtplib = _COUNTS[scale]
    outbox = Outbox(place, count)
    with SmtpSink(tools) as sink:

        def ours(*, profile: bool = False) -> Turn:
            job = {"database": outbox.url, "port": sink.port, "connections": CONNECTIONS, "profile": profile}
            return sink.beside(lambda: send("deliver", **job))

        def source() -> Turn:
            shape = {"connections": CONNECTIONS, "count": count, "octets": outbox.octets}
            return sink.beside(lambda: smtp_source(tools, sink.port, **shape))

        def others(library: str, mails: int) -> Turn:
            job = {"database": outbox.url, "port": sink.port, "connections": CONNECTIONS}
            return sink.beside(lambda: send("others", library=library, count=mails, **job))

        yield (
            Entrant(OURS, count, ours, outbox.refill, lambda: ours(profile=True)),
            Entrant(SOURCE, count, source),
            Entrant(AIOSMTPLIB, by_aiosmtplib, lambda: others("aiosmtplib", by_aiosmtplib), outbox.refill),
            Entrant(SMTPLIB, by_smtplib, lambda: others("smtplib", by_smtplib), outbox.refill),
        )


RACE = Race("unsigned", _rows, _open, {Scale.WHOLE: 5, Scale.QUICK: 2, Scale.TINY: 1})
