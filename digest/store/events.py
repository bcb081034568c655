"""Append-only facts, written in the same transaction as what they tell of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from digest.model.event import EventKind
from digest.store.tables import events


@dataclass(frozen=True, slots=True)
class Event:
    kind: EventKind
    at: datetime
    list_id: int | None
    message_id: int | None
    detail: Mapping[str, Any]


class Events:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        kind: EventKind,
        at: datetime,
        *,
        subscriber_id: int | None = None,
        list_id: int | None = None,
        message_id: int | None = None,
        **detail: Any,
    ) -> None:
        """`detail` holds numbers and words, never an address: events outlive an erasure."""
        self._connection.execute(
            insert(events).values(
                kind=kind, at=at, subscriber_id=subscriber_id, list_id=list_id, message_id=message_id, detail=detail
            )
        )

    def told_of(self, kind: EventKind, subscriber_id: int, *, since: datetime) -> list[Event]:
        """Of one subscriber, in order."""
        whose = events.c.subscriber_id == subscriber_id, events.c.kind == kind, events.c.at >= since
        return self._read(select(events).where(*whose).order_by(events.c.id))

    def add_each(
        self, kind: EventKind, at: datetime, *, subscriber_ids: Sequence[int], list_id: int, **detail: Any
    ) -> None:
        """The same fact about each of several subscribers."""
        rows = [
            {"kind": kind, "at": at, "subscriber_id": number, "list_id": list_id, "detail": detail}
            for number in subscriber_ids
        ]
        if rows:
            self._connection.execute(insert(events), rows)

    def newest(self) -> int:
        """The number of the newest; 0 when nothing has happened yet. One that is committed late may have a lower one."""
        return int(self._connection.execute(select(func.max(events.c.id))).scalar() or 0)

    def whose_after(self, number: int, kinds: Collection[EventKind], most: int) -> frozenset[int] | None:
        """Whom the events after that one are about; None when some are of other kinds or about nobody, or there are more."""
        query = select(events.c.kind, events.c.subscriber_id).where(events.c.id > number).limit(most + 1)
        found = self._connection.execute(query).all()
        if len(found) > most or any(kind not in kinds or reader is None for kind, reader in found):
            return None
        return frozenset(reader for _, reader in found)

    def of_subscriber(self, subscriber_id: int) -> list[Event]:
        return self._read(select(events).where(events.c.subscriber_id == subscriber_id).order_by(events.c.id))

    def _read(self, query: Select[Any]) -> list[Event]:
        return [
            Event(EventKind(row.kind), row.at, row.list_id, row.message_id, row.detail)
            for row in self._connection.execute(query)
        ]
