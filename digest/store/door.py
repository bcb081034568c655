"""Queries about who knocks: when inboxes were asked, token buckets that several processes share, proofs that were used.

A bucket is kept as the moment at which it is full again (GCRA, ITU-T I.371), so that one statement takes from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, literal, select, update

from digest.store.dialect import insert_new
from digest.store.tables import asked, buckets, spent_proofs


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then one every `seconds`."""

    burst: int
    seconds: float

    @property
    def every(self) -> int:
        return max(1, round(self.seconds * 1000))

    @property
    def slack(self) -> int:
        """How far ahead of now a bucket may be full again that still has room for one more."""
        return (self.burst - 1) * self.every

    def times(self, many: int) -> "Rate":
        return Rate(self.burst * many, self.seconds / many)


class Door:
    """What it remembers holds no address, only keyed hashes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # Inboxes.

    def asked(self, inbox: str) -> tuple[datetime, ...]:
        """When an inbox was asked and did not answer, oldest first. Until this transaction ends nobody else can tell or ask."""
        new = insert_new(self._connection, asked).values(inbox=inbox, times=[], last_at=_EVER)
        locked = new.on_conflict_do_update(index_elements=["inbox"], set_={"inbox": inbox})
        times = self._connection.execute(locked.returning(asked.c.times)).scalar_one()
        return tuple(_at(each) for each in times)

    def remember(self, inbox: str, times: Iterable[datetime]) -> None:
        """Instead of what was remembered; the caller has called `asked`."""
        kept = [_ms(each) for each in times]
        values = {"times": kept, "last_at": _at(kept[-1]) if kept else _EVER}
        self._connection.execute(update(asked).where(asked.c.inbox == inbox).values(**values))

    # Buckets.

    def take(self, key: str, rate: Rate, now: datetime) -> bool:
        """One token. False when there is none: then nothing changes."""
        at = _ms(now)
        return self._fill(key, rate, at, where=_later(at) <= at + rate.slack) is not None

    def reserve(self, key: str, rate: Rate, now: datetime) -> datetime:
        """One token, now or when there will be one."""
        full_at = self._fill(key, rate, _ms(now))
        assert full_at is not None  # nothing keeps it from being filled
        return max(now, _at(full_at - rate.every - rate.slack))

    def wait(self, key: str, rate: Rate, now: datetime) -> timedelta:
        """For how long there will be no token. Takes none."""
        full_at = self._connection.execute(select(buckets.c.full_at).where(buckets.c.key == key)).scalar()
        return max(timedelta(), _at((full_at or 0) - rate.slack) - now)

    def _fill(self, key: str, rate: Rate, at: int, where: ColumnElement[bool] | None = None) -> int | None:
        """When it is full again; None when `where` did not hold."""
        new = insert_new(self._connection, buckets).values(key=key, full_at=at + rate.every)
        taken = new.on_conflict_do_update(
            index_elements=["key"], set_={"full_at": _later(at) + rate.every}, where=where
        )
        found: int | None = self._connection.execute(taken.returning(buckets.c.full_at)).scalar()
        return found

    # Proofs of work.

    def spend(self, key: str, expires_at: datetime) -> bool:
        """False when it was used before."""
        new = insert_new(self._connection, spent_proofs).values(key=key, expires_at=expires_at)
        return bool(self._connection.execute(new.on_conflict_do_nothing(index_elements=["key"])).rowcount == 1)

    def forget(self, now: datetime, asked_before: datetime) -> None:
        """What says nothing any more: full buckets, proofs that have expired, inboxes that were asked long ago."""
        self._connection.execute(delete(buckets).where(buckets.c.full_at <= _ms(now)))
        self._connection.execute(delete(spent_proofs).where(spent_proofs.c.expires_at <= now))
        self._connection.execute(delete(asked).where(asked.c.last_at <= asked_before))


_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def _later(at: int) -> ColumnElement[Any]:
    """Of then and the moment at which the bucket is full."""
    return case((buckets.c.full_at > at, buckets.c.full_at), else_=literal(at, buckets.c.full_at.type))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _at(ms: int) -> datetime:
    return _EVER + timedelta(milliseconds=ms)
