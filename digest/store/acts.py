"""The record of what operators did: written in the transaction of the act itself, and never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from digest.model.operator import Act, ActKind, Actor, Via
from digest.store.operator_tables import acts

AT_MOST = 200  # on a page


class Acts:
    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor

    def note(self, kind: ActKind, now: datetime, subject: str = "", **detail: Any) -> None:
        """`detail` is put into JSON; it never holds an address of a reader."""
        self.note_of(self._actor, kind, now, subject, **detail)

    def note_of(self, actor: Actor, kind: ActKind, now: datetime, subject: str = "", **detail: Any) -> None:
        """Of somebody else than who is acting: who just logs in."""
        who = {"operator_id": actor.operator_id, "actor": actor.name, "via": actor.via}
        self._connection.execute(insert(acts).values(**who, at=now, kind=kind, subject=subject, detail=detail))

    def newest_number(self) -> int:
        """0 when nothing is on record."""
        return int(self._connection.execute(select(func.max(acts.c.id))).scalar() or 0)

    def newest(
        self, *, before: int | None = None, operator_id: int | None = None, subject: str = "", limit: int = 50
    ) -> list[Act]:
        """Newest first, those older than the number `before`; of one operator, or about one thing."""
        query = select(acts).order_by(acts.c.id.desc()).limit(min(limit, AT_MOST))
        if before is not None:
            query = query.where(acts.c.id < before)
        if operator_id is not None:
            query = query.where(acts.c.operator_id == operator_id)
        if subject:
            query = query.where(acts.c.subject == subject)
        return [_to_act(row) for row in self._connection.execute(query)]


def _to_act(row: Row[Any]) -> Act:
    actor = Actor(row.actor, Via(row.via), row.operator_id)
    return Act(row.id, row.at, actor, ActKind(row.kind), row.subject, row.detail)
