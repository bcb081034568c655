"""Queries about acts on many readers at once. Each works on up to a few hundred, in the caller's transaction.

Who they were before is kept beside the act, so that undoing it puts back what stood there and nothing else; a reader who acts
themselves is taken out of it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from digest.model.bulk import Bulk, BulkKind
from digest.model.errors import NotFound
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.store.dialect import TOO_LARGE, insert_new
from digest.store.segment_tables import bulk_readers, bulks
from digest.store.tables import subscribers, subscriptions, suppressions

_ON_IT = (SubscriptionState.PENDING, SubscriptionState.CONFIRMED)


class Bulks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, kind: BulkKind, list_id: int | None, at: datetime) -> int:
        key = self._connection.execute(insert(bulks).values(kind=kind, list_id=list_id, at=at)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def get(self, bulk_id: int) -> Bulk:
        query = select(bulks).where(bulks.c.id == bulk_id)
        row = self._connection.execute(query).first() if 0 < bulk_id < TOO_LARGE else None
        if row is None:
            raise NotFound("There is no such act on many readers.")
        return _to_bulk(row)

    def newest(self, limit: int) -> list[Bulk]:
        return [
            _to_bulk(row) for row in self._connection.execute(select(bulks).order_by(bulks.c.id.desc()).limit(limit))
        ]

    def count(self, bulk_id: int, changed: int) -> None:
        more = update(bulks).where(bulks.c.id == bulk_id).values(readers=bulks.c.readers + changed)
        self._connection.execute(more)

    def unsubscribe(self, bulk: Bulk, numbers: Sequence[int]) -> list[int]:
        """Those who were on the list; what they were is kept."""
        whose = subscriptions.c.list_id == bulk.list_id, subscriptions.c.subscriber_id.in_(numbers)
        kept = select(subscriptions.c.subscriber_id, subscriptions.c.state).where(
            *whose, subscriptions.c.state.in_(_ON_IT)
        )
        was = {row.subscriber_id: row.state for row in self._connection.execute(kept.with_for_update())}
        left = update(subscriptions).where(*whose, subscriptions.c.subscriber_id.in_(list(was)))
        gone = {"state": SubscriptionState.UNSUBSCRIBED, "unsubscribed_at": bulk.at, "import_id": 0}
        self._connection.execute(left.values(**gone))
        self._keep(bulk.id, was)
        return list(was)

    def put_back(self, bulk: Bulk, limit: int) -> list[int]:
        """On the list again, as they were, so many of those who have not acted since; who is left over is not in the act any more."""
        numbers = self._taken(bulk.id, limit)
        back: list[int] = []
        for state in _ON_IT:
            values: dict[str, Any] = {"state": state}
            if state is SubscriptionState.CONFIRMED:
                values["unsubscribed_at"] = None
            theirs = [number for number, was in numbers.items() if was == state]
            still = (
                subscriptions.c.list_id == bulk.list_id,
                subscriptions.c.subscriber_id.in_(theirs),
                subscriptions.c.state == SubscriptionState.UNSUBSCRIBED,
                subscriptions.c.unsubscribed_at == bulk.at,
            )
            changed = update(subscriptions).where(*still).values(**values).returning(subscriptions.c.subscriber_id)
            back += self._connection.execute(changed).scalars()
        self._forget(bulk.id, list(numbers))
        return back

    def suppress(self, bulk: Bulk, numbers: Sequence[int]) -> list[int]:
        """Those who were not; an erasure does not count."""
        query = select(subscribers.c.id, subscribers.c.address_hash).where(subscribers.c.id.in_(numbers))
        hashes = {row.address_hash: row.id for row in self._connection.execute(query)}
        new = insert_new(self._connection, suppressions).on_conflict_do_nothing(index_elements=["address_hash"])
        rows = [{"address_hash": each, "reason": SuppressionReason.OPERATOR, "created_at": bulk.at} for each in hashes]
        if not rows:
            return []
        ours = self._ours(bulk, list(hashes))
        self._connection.execute(new, rows)
        suppressed = [hashes[each] for each in self._ours(bulk, list(hashes)) - ours]
        self._keep(bulk.id, dict.fromkeys(suppressed, ""))
        return suppressed

    def lift(self, bulk: Bulk, limit: int) -> list[int]:
        """So many of those whom this act suppressed."""
        numbers = list(self._taken(bulk.id, limit))
        query = select(subscribers.c.id, subscribers.c.address_hash).where(subscribers.c.id.in_(numbers))
        hashes = {row.address_hash: row.id for row in self._connection.execute(query)}
        ours = self._ours(bulk, list(hashes))
        self._connection.execute(delete(suppressions).where(suppressions.c.address_hash.in_(ours)))
        self._forget(bulk.id, numbers)
        return [hashes[each] for each in ours]

    def undo(self, bulk_id: int) -> bool:
        """True for the one who undoes it first."""
        first = bulks.c.id == bulk_id, ~bulks.c.is_undone
        return self._connection.execute(update(bulks).where(*first).values(is_undone=True)).rowcount == 1

    def is_left(self, bulk_id: int) -> bool:
        """Whether anybody is still in it."""
        query = select(bulk_readers.c.bulk_id).where(bulk_readers.c.bulk_id == bulk_id).limit(1)
        return self._connection.execute(query).first() is not None

    def let_go(self, subscriber_id: int) -> None:
        """A reader has acted themselves: no undoing changes what they said."""
        self._connection.execute(delete(bulk_readers).where(bulk_readers.c.subscriber_id == subscriber_id))

    def _ours(self, bulk: Bulk, hashes: Sequence[str]) -> set[str]:
        """Which of these stand as this act put them there."""
        query = select(suppressions.c.address_hash).where(
            suppressions.c.address_hash.in_(hashes),
            suppressions.c.reason == SuppressionReason.OPERATOR,
            suppressions.c.created_at == bulk.at,
        )
        return set(self._connection.execute(query).scalars())

    def _keep(self, bulk_id: int, was: dict[int, str]) -> None:
        rows = [{"bulk_id": bulk_id, "subscriber_id": number, "was": state} for number, state in was.items()]
        if rows:
            self._connection.execute(insert(bulk_readers), rows)

    def _taken(self, bulk_id: int, limit: int) -> dict[int, str]:
        query = select(bulk_readers).where(bulk_readers.c.bulk_id == bulk_id).order_by(bulk_readers.c.subscriber_id)
        return {row.subscriber_id: row.was for row in self._connection.execute(query.limit(limit))}

    def _forget(self, bulk_id: int, numbers: Sequence[int]) -> None:
        done = bulk_readers.c.bulk_id == bulk_id, bulk_readers.c.subscriber_id.in_(numbers)
        self._connection.execute(delete(bulk_readers).where(*done))


def _to_bulk(row: Row[Any]) -> Bulk:
    return Bulk(row.id, BulkKind(row.kind), row.list_id, row.readers, row.is_undone, row.at)
