"""A large audience: how quickly it is frozen, and whether a mail costs more, or the process grows, when there are many.

A million mails would take ten minutes and more. So the outbox has all its rows, and a part is sent at its start, in its middle
and at its end, one in each round; the rows between are marked as sent by one statement. The first part holds the canaries, a
hundredth of all, which are claimed by themselves and waited for: half of what is sent in it, so it has a row of its own.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from bench.errand import send
from bench.outbox import Outbox, add_many_readers, copy_database, drafted
from bench.postfix import SmtpSink, postfix
from bench.race import Entrant, Figure, Race, Row, Scale, Turn
from bench.world import KEYS, LINKS, NOW, PERIOD, SALT
from digest.pipeline.assemble import assemble
from digest.pipeline.publish import publish
from digest.pipeline.render import make_render

CONNECTIONS = 32
_SIZES = {  # readers, few readers, mails of a turn among the many
    Scale.WHOLE: (1_000_000, 10_000, 20_000),
    Scale.QUICK: (40_000, 2_000, 2_000),
    Scale.TINY: (600, 60, 60),
}
_ROOM = 2_000  # rows more at the end: a sender claims ahead


def _names(scale: Scale) -> tuple[str, str, str, str]:
    many, few, _ = _SIZES[scale]
    return (
        f"digest, {many:,} readers",
        f"digest, {few:,} readers",
        f"publish to {many:,} readers",
        f"bare INSERT … SELECT of {many:,} rows",
    )


def _rows(scale: Scale) -> Sequence[Row]:
    many, few, publishing, bare = _names(scale)
    readers, few_readers, _ = _SIZES[scale]
    return (
        Row(f"rate at {readers:,} readers, against {few_readers:,}", many, few, 0.95),
        Row("of it, where the canaries are", many, few, at_round=0),
        Row(f"peak memory, delivering at {readers:,} readers", many, None, 100, Figure.PEAK),
        Row(f"peak memory, publishing to {readers:,} readers", publishing, None, 100, Figure.PEAK),
        Row(f"publish {readers:,} rows, against bare INSERT … SELECT", publishing, bare, 3.0, Figure.SECONDS),
    )


@contextmanager
def _open(scale: Scale, place: Path) -> Iterator[Sequence[Entrant]]:
    tools = postfix()
    (many_name, few_name, publish_name, bare_name), (readers, few_readers, part) = _names(scale), _SIZES[scale]
    many, few = _Many(place, readers, part), Outbox(place / "few", few_readers)
    with SmtpSink(tools) as sink:

        def deliver(url: str, most: int) -> Turn:
            job = {"database": url, "port": sink.port, "connections": CONNECTIONS}
            return sink.beside(lambda: send("deliver", most=most, **job))

        yield (
            Entrant(publish_name, readers, lambda: many.freeze(bare=False), many.refill),
            Entrant(bare_name, readers, lambda: many.freeze(bare=True), many.refill),
            Entrant(many_name, part, lambda: deliver(many.url, part), many.go_to_next_part),
            Entrant(few_name, few_readers, lambda: deliver(few.url, few_readers), few.refill),
        )


class _Many:
    """A draft with its readers, of which each turn of publishing gets a copy; and the same published, to be delivered in parts."""

    def __init__(self, place: Path, readers: int, part: int) -> None:
        database = drafted(place)
        database.store.close()
        add_many_readers(database.path, readers)
        issue = assemble(database.store, database.mailing_list, PERIOD, now=NOW, salt=SALT).issue
        self._issue = issue.id
        self._draft = database.keep("drafted.db")
        publish(database.store, issue.id, make_render(LINKS, None), KEYS, now=NOW)
        database.close()
        self._published, self._turn = database.path, place / "turn.db"
        self._parts = cycle([1, readers // 2, max(readers - part - min(_ROOM, readers // 10), 1)])

    @property
    def url(self) -> str:
        return f"sqlite:///{self._published}"

    def refill(self) -> None:
        copy_database(self._draft, self._turn)

    def freeze(self, *, bare: bool) -> Turn:
        return send("freeze", path=str(self._turn), issue=self._issue, bare=bare)

    def go_to_next_part(self) -> None:
        """Mark all messages before it as sent."""
        connection = sqlite3.connect(self._published, isolation_level=None)
        connection.execute(
            "UPDATE messages SET state = 'accepted', attempts = 1, settled_at = due_at, reply_code = 250, relay = 'relay' "
            "WHERE id < ? AND state = 'queued'",
            (next(self._parts),),
        )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


RACE = Race("many", _rows, _open, {Scale.WHOLE: 3, Scale.QUICK: 1, Scale.TINY: 1})
