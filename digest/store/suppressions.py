"""Queries about addresses that are not to be mailed. Only keyed hashes, so that they outlive an erasure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from sqlalchemy import ColumnElement, Connection, and_, case, delete, exists, func, or_, select

from digest.model.subscriber import SuppressionReason
from digest.store.dialect import insert_new
from digest.store.tables import subscribers, subscriptions, suppressions


@dataclass(frozen=True, slots=True)
class Suppression:
    """`address` is known only while somebody of that address is a subscriber."""

    address_hash: str
    reason: SuppressionReason
    at: datetime
    subscriber_id: int | None = None
    address: str = ""


class Suppressions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, address_hash: str, reason: SuppressionReason, now: datetime) -> None:
        """Safe twice: the first reason stays, but for an erasure, which a reader can undo by coming back.

        What an import said, and is said here again, is no more of that import: undoing it leaves it as it is.
        """
        erased = suppressions.c.reason == SuppressionReason.ERASED
        self._connection.execute(
            insert_new(self._connection, suppressions)
            .values(address_hash=address_hash, reason=reason, created_at=now)
            .on_conflict_do_update(
                index_elements=["address_hash"],
                set_={"reason": case((erased, reason.value), else_=suppressions.c.reason), "import_id": 0},
                where=or_(erased, suppressions.c.import_id != 0),
            )
        )

    def of_nobody(self) -> Iterator[Suppression]:
        """Streamed, in the order of hashes: those of addresses that no subscription stands for: of who was erased, or never came."""
        somebody = exists().where(
            subscribers.c.address_hash == suppressions.c.address_hash, subscriptions.c.subscriber_id == subscribers.c.id
        )
        query = select(suppressions).where(~somebody).order_by(suppressions.c.address_hash)
        for row in self._connection.execute(query, execution_options={"stream_results": True, "yield_per": 1000}):
            yield Suppression(row.address_hash, SuppressionReason(row.reason), row.created_at)

    def reason(self, address_hash: str) -> SuppressionReason | None:
        query = select(suppressions.c.reason).where(suppressions.c.address_hash == address_hash)
        found = self._connection.execute(query).scalar()
        return None if found is None else SuppressionReason(found)

    def stands(self, address_hash: str) -> bool:
        """Whether it is not to be mailed, whoever asks. An erasure does not count: its reader can come back."""
        return self.reason(address_hash) not in {None, SuppressionReason.ERASED}

    def reasons(self, address_hashes: Sequence[str]) -> dict[str, SuppressionReason]:
        """Of those among up to a few hundred that are suppressed."""
        query = select(suppressions).where(suppressions.c.address_hash.in_(address_hashes))
        return {row.address_hash: SuppressionReason(row.reason) for row in self._connection.execute(query)}

    def any_of(self, subscriber_ids: Collection[int]) -> bool:
        """Whether one of some hundred subscribers is suppressed."""
        theirs = subscribers.c.address_hash == suppressions.c.address_hash
        query = select(exists().where(theirs, subscribers.c.id.in_(subscriber_ids)))
        return bool(subscriber_ids) and bool(self._connection.execute(query).scalar())

    def lift(self, address_hash: str, reason: SuppressionReason) -> None:
        """Only if it stands for that reason: a reader who comes back undoes an erasure, never a complaint."""
        self._connection.execute(
            delete(suppressions).where(suppressions.c.address_hash == address_hash, suppressions.c.reason == reason)
        )

    def count(self) -> int:
        return int(self._connection.execute(select(func.count()).select_from(suppressions)).scalar_one())

    def counts(self) -> dict[SuppressionReason, int]:
        query = select(suppressions.c.reason, func.count()).group_by(suppressions.c.reason)
        return {SuppressionReason(reason): count for reason, count in self._connection.execute(query)}

    def get(self, address_hash: str) -> Suppression | None:
        found = self._newest(suppressions.c.address_hash == address_hash, 1)
        return found[0] if found else None

    def page(
        self, reason: SuppressionReason | None, *, before: tuple[datetime, str] | None, limit: int
    ) -> list[Suppression]:
        """The newest first, those older than one of a moment and hash. Each reason for itself, as the index has them."""
        wanted = [reason] if reason else list(SuppressionReason)
        older = _older(*before) if before else suppressions.c.address_hash.is_not(None)
        found = [each for which in wanted for each in self._newest(and_(suppressions.c.reason == which, older), limit)]
        return sorted(found, key=attrgetter("at", "address_hash"), reverse=True)[:limit]

    def _newest(self, which: ColumnElement[bool], limit: int) -> list[Suppression]:
        newest = (
            select(suppressions)
            .where(which)
            .order_by(suppressions.c.created_at.desc(), suppressions.c.address_hash.desc())
            .limit(limit)
            .subquery()
        )
        query = select(newest, subscribers.c.id, subscribers.c.address).outerjoin(
            subscribers, subscribers.c.address_hash == newest.c.address_hash
        )
        return [
            Suppression(row.address_hash, SuppressionReason(row.reason), row.created_at, row.id, row.address or "")
            for row in self._connection.execute(query)
        ]


def _older(at: datetime, address_hash: str) -> ColumnElement[bool]:
    same = and_(suppressions.c.created_at == at, suppressions.c.address_hash < address_hash)
    return or_(suppressions.c.created_at < at, same)
