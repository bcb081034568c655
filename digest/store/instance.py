"""What this database is: made when, and with which secret key."""

from datetime import datetime

from sqlalchemy import Connection, select

from digest.store.dialect import insert_new
from digest.store.tables import instance


class Instance:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def remember(self, fingerprint: str, now: datetime) -> str:
        """Keep the fingerprint of the secret key, if none is kept; returns the one that is kept."""
        self._connection.execute(
            insert_new(self._connection, instance)
            .values(id=1, key_check=fingerprint, created_at=now)
            .on_conflict_do_nothing(index_elements=["id"])
        )
        return str(self._connection.execute(select(instance.c.key_check)).scalar_one())

    def fingerprint(self) -> str | None:
        kept: str | None = self._connection.execute(select(instance.c.key_check)).scalar()
        return kept

    def made_at(self) -> datetime | None:
        """None when nobody has used it yet."""
        made: datetime | None = self._connection.execute(select(instance.c.created_at)).scalar()
        return made
