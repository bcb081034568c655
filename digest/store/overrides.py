"""Settings that an owner changed while all of it runs: here they count before the file and the environment."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from digest.store.dialect import insert_new
from digest.store.operator_tables import overrides


class Overrides:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> dict[str, Any]:
        """By their names."""
        return {row.name: row.value for row in self._connection.execute(select(overrides))}

    def put(self, name: str, value: Any, now: datetime) -> None:
        new = insert_new(self._connection, overrides).values(name=name, value=value, changed_at=now)
        change = {"value": new.excluded.value, "changed_at": now}
        self._connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=change))

    def drop(self, name: str) -> bool:
        """False when there was none."""
        return self._connection.execute(delete(overrides).where(overrides.c.name == name)).rowcount == 1
