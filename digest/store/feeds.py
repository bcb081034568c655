"""Queries about feeds and how reading them went."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from digest.model.errors import BadInput, NotFound
from digest.model.feed import Feed, FeedKind, FeedRead, FeedState
from digest.store.tables import feeds

MAX_NOTES = 20
_WELL: dict[str, Any] = {"last_error": "", "failures": 0, "failing_since": None}


class Feeds:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_list(self, list_id: int | None = None, *, active_only: bool = False) -> list[Feed]:
        """The feeds of one list, or of all."""
        query = select(feeds).order_by(feeds.c.list_id, feeds.c.id)
        if list_id is not None:
            query = query.where(feeds.c.list_id == list_id)
        if active_only:
            query = query.where(feeds.c.state == FeedState.ACTIVE)
        return [_to_feed(row) for row in self._connection.execute(query)]

    def counts(self) -> dict[int, int]:
        """How many each list has."""
        query = select(feeds.c.list_id, func.count()).group_by(feeds.c.list_id)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def get(self, feed_id: int) -> Feed:
        row = self._connection.execute(select(feeds).where(feeds.c.id == feed_id)).first()
        if row is None:
            raise NotFound(f"There is no feed {feed_id}; `digest feed list` shows those there are.")
        return _to_feed(row)

    def add(self, new: Feed) -> Feed:
        """`new.id` is ignored. Raises BadInput when the list reads that address already."""
        taken = select(feeds.c.id).where(feeds.c.list_id == new.list_id, feeds.c.location == new.location)
        if self._connection.execute(taken).first():
            raise BadInput(f"The list reads {new.location} already.")
        key = self._connection.execute(
            insert(feeds).values(
                list_id=new.list_id,
                location=new.location,
                kind=new.kind,
                title=new.title,
                topic=new.topic,
                weight=new.weight,
                own=new.own,
                state=FeedState.ACTIVE,
            )
        ).inserted_primary_key
        assert key is not None
        return replace(new, id=key[0])

    def change(self, changed: Feed) -> None:
        """What an operator says of it."""
        self._set(changed.id, weight=changed.weight, own=changed.own)

    def find(self, list_id: int, which: str) -> Feed:
        """By number or address."""
        for feed in self.of_list(list_id):
            if which in {str(feed.id), feed.location}:
                return feed
        raise NotFound(f"The list has no feed {which!r}; `digest feed list` shows those it has.")

    def remove(self, list_id: int, which: str) -> Feed:
        """By number or address. Its articles stay."""
        feed = self.find(list_id, which)
        self._connection.execute(delete(feeds).where(feeds.c.id == feed.id))
        return feed

    def record_read(self, feed: Feed, outcome: FeedRead, now: datetime, notes: Sequence[str] = ()) -> None:
        """A good reading. A feed that has moved for good is read at its new address from now on."""
        notes = [*notes]
        moved: dict[str, Any] = {}
        if outcome.location != feed.location and (other := self._other(feed, outcome.location)):
            notes.append(f"It moved to {outcome.location}, which is feed {other} of this list; remove one of the two.")
        elif outcome.location != feed.location:
            moved = {"location": outcome.location, "moved_from": feed.location, "moved_at": now}
        self._set(
            feed.id,
            title=outcome.title or feed.title,
            etag=outcome.etag,
            last_modified=outcome.last_modified,
            last_tried_at=now,
            last_ok_at=now,
            notes="\n".join(notes[:MAX_NOTES]),
            **_WELL,
            **moved,
        )

    def record_unchanged(self, feed_id: int, now: datetime) -> None:
        self.record_all_unchanged({feed_id: now})

    def record_all_unchanged(self, when: Mapping[int, datetime]) -> None:
        """By number, when each said so."""
        query = (
            update(feeds)
            .where(feeds.c.id == bindparam("feed"))
            .values(last_tried_at=bindparam("now"), last_ok_at=bindparam("now"), **_WELL)
        )
        self._connection.execute(query, [{"feed": feed_id, "now": now} for feed_id, now in when.items()])

    def is_there(self, feed_id: int) -> bool:
        return self._connection.execute(select(feeds.c.id).where(feeds.c.id == feed_id)).first() is not None

    def record_failed(self, feed_id: int, reason: str, now: datetime, **more: Any) -> None:
        failing_since = func.coalesce(feeds.c.failing_since, bindparam("now", now, type_=feeds.c.failing_since.type))
        failed = {"failures": feeds.c.failures + 1, "failing_since": failing_since}
        self._set(feed_id, last_tried_at=now, last_error=reason, **failed, **more)

    def record_gone(self, feed_id: int, reason: str, now: datetime) -> None:
        self.record_failed(feed_id, reason, now, state=FeedState.GONE)

    def _other(self, feed: Feed, location: str) -> int | None:
        query = select(feeds.c.id).where(
            feeds.c.list_id == feed.list_id, feeds.c.location == location, feeds.c.id != feed.id
        )
        found: int | None = self._connection.execute(query).scalar()
        return found

    def _set(self, feed_id: int, **values: Any) -> None:
        self._connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**values))


def _to_feed(row: Row[Any]) -> Feed:
    return Feed(
        id=row.id,
        list_id=row.list_id,
        location=row.location,
        kind=FeedKind(row.kind),
        title=row.title,
        topic=row.topic,
        own=row.own,
        state=FeedState(row.state),
        etag=row.etag,
        last_modified=row.last_modified,
        last_tried_at=row.last_tried_at,
        last_ok_at=row.last_ok_at,
        last_error=row.last_error,
        weight=row.weight,
        moved_from=row.moved_from,
        moved_at=row.moved_at,
        failures=row.failures,
        failing_since=row.failing_since,
        notes=tuple(row.notes.splitlines()),
    )
