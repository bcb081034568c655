"""Queries about operators, and what they prove themselves with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from digest.model.address import Address
from digest.model.errors import NotFound
from digest.model.operator import Operator, Role
from digest.store.operator_tables import operators


@dataclass(frozen=True, slots=True)
class Proofs:
    """What a login is held against."""

    password_hash: str
    totp_secret: str  # sealed
    totp_used: int
    recovery_hashes: tuple[str, ...]


class Operators:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, address: Address, name: str, role: Role, now: datetime) -> Operator:
        """The caller has seen that there is none with this address."""
        values = {"address": str(address), "address_key": address.key, "name": name, "role": role}
        new = insert(operators).values(**values, recovery_hashes=[], created_at=now).returning(operators)
        return _to_operator(self._connection.execute(new).one())

    def all(self) -> list[Operator]:
        return [_to_operator(row) for row in self._connection.execute(select(operators).order_by(operators.c.id))]

    def get(self, operator_id: int) -> Operator:
        row = self._connection.execute(select(operators).where(operators.c.id == operator_id)).first()
        if row is None:
            raise NotFound(f"There is no operator {operator_id}; `digest operator list` shows those there are.")
        return _to_operator(row)

    def find(self, address: Address) -> Operator | None:
        row = self._connection.execute(select(operators).where(operators.c.address_key == address.key)).first()
        return None if row is None else _to_operator(row)

    def proofs(self, operator_id: int) -> Proofs:
        """Until this transaction ends nobody else changes them."""
        query = select(operators).where(operators.c.id == operator_id).with_for_update()
        row = self._connection.execute(query).one()
        return Proofs(row.password_hash, row.totp_secret, row.totp_used, tuple(row.recovery_hashes))

    def count_owners(self) -> int:
        """Those who can log in."""
        can = operators.c.role == Role.OWNER, operators.c.disabled_at.is_(None), operators.c.password_hash != ""
        return int(self._connection.execute(select(func.count()).where(*can)).scalar_one())

    def change(self, operator_id: int, *, name: str, role: Role, disabled_at: datetime | None) -> Operator:
        self._set(operator_id, name=name, role=role, disabled_at=disabled_at)
        return self.get(operator_id)

    def set_password(self, operator_id: int, password_hash: str) -> None:
        self._set(operator_id, password_hash=password_hash)

    def set_second_factor(self, operator_id: int, totp_secret: str, recovery_hashes: Sequence[str]) -> None:
        """An empty secret and no hashes switch it off."""
        self._set(operator_id, totp_secret=totp_secret, totp_used=0, recovery_hashes=list(recovery_hashes))

    def use_step(self, operator_id: int, step: int) -> bool:
        """A code of that time step was handed in. False when that one, or a later one, was used before (RFC 6238 §5.2)."""
        unused = operators.c.id == operator_id, operators.c.totp_used < step
        return self._connection.execute(update(operators).where(*unused).values(totp_used=step)).rowcount == 1

    def keep_recovery(self, operator_id: int, recovery_hashes: Sequence[str]) -> None:
        self._set(operator_id, recovery_hashes=list(recovery_hashes))

    def saw(self, operator_id: int, now: datetime) -> None:
        self._set(operator_id, seen_at=now)

    def _set(self, operator_id: int, **values: Any) -> None:
        self._connection.execute(update(operators).where(operators.c.id == operator_id).values(**values))


def _to_operator(row: Row[Any]) -> Operator:
    return Operator(
        id=row.id,
        address=Address.parse(row.address),
        name=row.name,
        role=Role(row.role),
        created_at=row.created_at,
        has_password=bool(row.password_hash),
        has_second_factor=bool(row.totp_secret),
        disabled_at=row.disabled_at,
        seen_at=row.seen_at,
    )
