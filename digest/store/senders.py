"""Queries about sender processes: what each is doing, told about once a second, and how much of shared limits was used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, text

from digest.store.dialect import insert_new
from digest.store.tables import pace, senders

ALIVE = timedelta(seconds=5)  # whoever was seen no longer ago than this
FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SenderSeen:
    """What a sender said of itself when it was seen last."""

    name: str
    state: Mapping[str, Any]
    started_at: datetime
    seen_at: datetime


class Senders:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tell(self, name: str, state: Mapping[str, Any], started_at: datetime, now: datetime) -> None:
        new = insert_new(self._connection, senders).values(
            name=name, state=dict(state), started_at=started_at, seen_at=now
        )
        said = {"state": new.excluded.state, "seen_at": new.excluded.seen_at}
        self._connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=said))

    def leave(self, name: str, now: datetime) -> None:
        """It ends. Those who died without a word are forgotten, too, after a day."""
        gone = (senders.c.name == name) | (senders.c.seen_at < now - FORGOTTEN)
        self._connection.execute(delete(senders).where(gone))

    def alive(self, now: datetime) -> list[SenderSeen]:
        query = select(senders).where(senders.c.seen_at >= now - ALIVE).order_by(senders.c.started_at)
        return [SenderSeen(row.name, row.state, row.started_at, row.seen_at) for row in self._connection.execute(query)]

    # Limits that all senders keep together.

    def used(self, scope: str, seconds: int) -> dict[int, int]:
        """Of one limit, by the start of each piece of its window. Until this transaction ends nobody else can ask."""
        if self._connection.dialect.name == "postgresql":
            lock = text("SELECT pg_advisory_xact_lock(hashtext(:scope), :seconds)")
            self._connection.execute(lock, {"scope": f"pace {scope}", "seconds": seconds})
        query = select(pace.c.started, pace.c.used).where(pace.c.scope == scope, pace.c.seconds == seconds)
        return {row.started: row.used for row in self._connection.execute(query)}

    def use(self, scope: str, seconds: int, changes: Mapping[int, int], oldest: int) -> None:
        """Add to what was used; pieces that began before `oldest` count no more."""
        for started, change in changes.items():
            new = insert_new(self._connection, pace).values(scope=scope, seconds=seconds, started=started, used=change)
            added = {"used": func.coalesce(pace.c.used, 0) + new.excluded.used}
            index = ["scope", "seconds", "started"]
            self._connection.execute(new.on_conflict_do_update(index_elements=index, set_=added))
        limit = (pace.c.scope == scope) & (pace.c.seconds == seconds)
        self._connection.execute(delete(pace).where(limit, pace.c.started < oldest))
