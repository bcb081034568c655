"""The front door under load while an issue is being sent: sign-ups by the API, and one-click POSTs by RFC 8058.

Pages, sender, sink, database server and whoever knocks are processes of their own on the same cores. Each sign-up comes with a
proof of work to be checked. After each turn the database is asked for all that was answered 2xx: what is missing ends the run.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

from sqlalchemy import text

from bench.child import Child
from bench.errand import beside, send
from bench.outbox import Outbox
from bench.postfix import SmtpSink, postfix
from bench.postgresql import Server, a_server
from bench.race import Entrant, Figure, Race, Row, Scale, Turn
from digest.store import open_store

CONNECTIONS = 32  # of the sender
READERS = 128  # at once, since a sign-up is held for a while before it is answered
_SIZES = {  # readers of the issue, requests of a turn
    Scale.WHOLE: (120_000, 1_500),
    Scale.QUICK: (10_000, 500),
    Scale.TINY: (300, 3),
}
_KINDS = ("sign-up", "one-click")
_DATABASES = ("SQLite", "PostgreSQL")
#: What must be there after so many answers of 2xx.
_KEPT = {
    "sign-up": (
        "SELECT count(*) FROM subscribers AS s JOIN subscriptions AS u ON u.subscriber_id = s.id "
        "JOIN confirmations AS c ON c.subscriber_id = s.id JOIN messages AS m ON m.key = 'confirm:' || c.token_hash "
        "WHERE s.address LIKE 'door%' AND u.state = 'pending'"
    ),
    "one-click": "SELECT count(*) FROM subscriptions WHERE state = 'unsubscribed'",
}
_LEFT = "SELECT count(*) FROM messages WHERE campaign_id IS NOT NULL AND state IN ('queued', 'claimed')"


def _name(kind: str, database: str) -> str:
    return f"{kind} while sending, {database}"


def _pairs(scale: Scale) -> Sequence[tuple[str, str]]:
    """Who knocks, and on which database. To see that it works, each is tried once."""
    return list(zip(_KINDS, _DATABASES, strict=True) if scale is Scale.TINY else product(_KINDS, _DATABASES))


def _rows(scale: Scale) -> Sequence[Row]:
    figures = {"": Figure.RATE, ", half within": Figure.MEDIAN, ", all but a hundredth within": Figure.P99}
    return [
        Row(f"{_name(kind, database)}{words}", _name(kind, database), figure=figure)
        for kind, database in _pairs(scale)
        for words, figure in figures.items()
    ]


@contextmanager
def _open(scale: Scale, place: Path) -> Iterator[Sequence[Entrant]]:
    tools, (readers, count) = postfix(), _SIZES[scale]
    outbox = Outbox(place, readers)
    with a_server() as server, SmtpSink(tools) as sink:
        server.fill(readers)

        def entrant(kind: str, kept: Outbox | Server, database: str) -> Entrant:
            def run() -> Turn:
                turn = _knock(kind, kept.url, sink.port, readers - count if kind == "one-click" else 1, count)
                return replace(turn, count=_check(kind, kept.url, turn, sending=scale is not Scale.TINY))

            return Entrant(_name(kind, database), count, run, kept.refill)

        places: dict[str, Outbox | Server] = dict(zip(_DATABASES, (outbox, server), strict=True))
        yield [entrant(kind, places[database], database) for kind, database in _pairs(scale)]


def _knock(kind: str, url: str, sink: int, first: int, count: int) -> Turn:
    """The readers at the end of the list leave: they are still waiting for their mail."""
    with Child("bench.doorway", url) as door:
        load = {"kind": kind, "port": door.port, "first": first, "count": count, "connections": READERS}
        sender = {"database": url, "port": sink, "connections": CONNECTIONS}
        with beside("deliver", **sender):
            return send("knock", **load)


def _check(kind: str, url: str, turn: Turn, *, sending: bool) -> int:
    """How much of what was answered 2xx is there."""
    kept, left = _counts(url)(_KEPT[kind]), _counts(url)(_LEFT)
    if sending and not left:
        message = f"The issue was sent before the last {kind} was answered: these figures are of a machine at rest."
        raise RuntimeError(message)
    return min(kept, turn.count)


def _counts(url: str) -> Callable[[str], int]:
    def count(query: str) -> int:
        store = open_store(url)
        with store.read() as tx:
            found = int(tx._connection.execute(text(query)).scalar_one())  # noqa: SLF001  a figure that nobody else asks for
        store.close()
        return found

    return count


RACE = Race("door", _rows, _open, {Scale.WHOLE: 2, Scale.QUICK: 1, Scale.TINY: 1})
