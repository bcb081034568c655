"""Queries about what the API has answered to requests that named themselves (Idempotency-Key), so that each is done once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from digest.store.dialect import insert_new
from digest.store.operator_tables import answered

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was there before, and its answer once it is done."""

    request_hash: str
    is_done: bool
    status: int
    body: str  # sealed


class Answers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, key_hash: str, request_hash: str, now: datetime) -> Answered | None:
        """None for the one who is to do it now; else what is there already. Two at once: one of them."""
        self._connection.execute(
            delete(answered).where(answered.c.key_hash == key_hash, answered.c.created_at <= now - KEPT)
        )
        new = insert_new(self._connection, answered).values(
            key_hash=key_hash, request_hash=request_hash, created_at=now
        )
        if self._connection.execute(new.on_conflict_do_nothing(index_elements=["key_hash"])).rowcount == 1:
            return None
        row = self._connection.execute(select(answered).where(answered.c.key_hash == key_hash)).one()
        return Answered(row.request_hash, row.is_done, row.status, row.body)

    def finish(self, key_hash: str, status: int, body: str) -> None:
        done = update(answered).where(answered.c.key_hash == key_hash)
        self._connection.execute(done.values(is_done=True, status=status, body=body))

    def give_up(self, key_hash: str) -> None:
        """Nothing came of it, so the same request may be tried again."""
        self._connection.execute(delete(answered).where(answered.c.key_hash == key_hash, ~answered.c.is_done))

    def forget(self, now: datetime) -> None:
        self._connection.execute(delete(answered).where(answered.c.created_at <= now - KEPT))
