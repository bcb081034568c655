"""Queries about confirmation links: hashed, used once, expiring."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from digest.store.tables import confirmations


@dataclass(frozen=True, slots=True)
class Confirmation:
    id: int
    subscriber_id: int
    list_ids: tuple[int, ...]
    created_at: datetime  # when its mail is due: later than its row when the address had another one just before
    expires_at: datetime
    used_at: datetime | None


class Confirmations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, subscriber_id: int, list_ids: list[int], token_hash: str, now: datetime, expires_at: datetime) -> int:
        key = self._connection.execute(
            insert(confirmations).values(
                subscriber_id=subscriber_id,
                list_ids=list_ids,
                token_hash=token_hash,
                created_at=now,
                expires_at=expires_at,
            )
        ).inserted_primary_key
        assert key is not None
        return int(key[0])

    def by_hash(self, token_hash: str) -> Confirmation | None:
        row = self._connection.execute(select(confirmations).where(confirmations.c.token_hash == token_hash)).first()
        return None if row is None else _to_confirmation(row)

    def of_subscriber(self, subscriber_id: int) -> list[Confirmation]:
        query = select(confirmations).where(confirmations.c.subscriber_id == subscriber_id).order_by(confirmations.c.id)
        return [_to_confirmation(row) for row in self._connection.execute(query)]

    def use(self, confirmation_id: int, now: datetime) -> bool:
        """True for the one who used it first."""
        done = self._connection.execute(
            update(confirmations)
            .where(confirmations.c.id == confirmation_id, confirmations.c.used_at.is_(None))
            .values(used_at=now)
        )
        return done.rowcount == 1

    def waiting(self, subscriber_id: int, now: datetime) -> list[str]:
        """The hashes of the tokens of those that wait for their time."""
        theirs = confirmations.c.subscriber_id == subscriber_id, confirmations.c.created_at > now
        return list(self._connection.execute(select(confirmations.c.token_hash).where(*theirs)).scalars())

    def reschedule(self, token_hash: str, created_at: datetime, expires_at: datetime) -> None:
        this = confirmations.c.token_hash == token_hash
        values = {"created_at": created_at, "expires_at": expires_at}
        self._connection.execute(update(confirmations).where(this).values(**values))

    def forget(self, expired_before: datetime) -> int:
        return self._connection.execute(
            delete(confirmations).where(confirmations.c.expires_at < expired_before)
        ).rowcount


def _to_confirmation(row: Row[Any]) -> Confirmation:
    return Confirmation(row.id, row.subscriber_id, tuple(row.list_ids), row.created_at, row.expires_at, row.used_at)
