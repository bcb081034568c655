"""Queries about feeds and how reading them went."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from digest.model.errors import BadInput, NotFound
from digest.model.feed import Feed, FeedKind, FeedRead, FeedState
from digest.store.tables import feeds


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

    def record_read(self, feed: Feed, outcome: FeedRead, now: datetime) -> None:
        """A good reading. A feed that has moved for good is read at its new address from now on."""
        location = feed.location if self._taken(feed, outcome.location) else outcome.location
        self._set(
            feed.id,
            location=location,
            title=outcome.title or feed.title,
            etag=outcome.etag,
            last_modified=outcome.last_modified,
            last_tried_at=now,
            last_ok_at=now,
            last_error="",
        )

    def record_unchanged(self, feed_id: int, now: datetime) -> None:
        self._set(feed_id, last_tried_at=now, last_ok_at=now, last_error="")

    def record_failed(self, feed_id: int, reason: str, now: datetime) -> None:
        self._set(feed_id, last_tried_at=now, last_error=reason)

    def record_gone(self, feed_id: int, reason: str, now: datetime) -> None:
        self._set(feed_id, last_tried_at=now, last_error=reason, state=FeedState.GONE)

    def _taken(self, feed: Feed, location: str) -> bool:
        query = select(feeds.c.id).where(
            feeds.c.list_id == feed.list_id, feeds.c.location == location, feeds.c.id != feed.id
        )
        return self._connection.execute(query).first() is not None

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
    )
