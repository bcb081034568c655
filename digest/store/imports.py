"""Queries about imports: the register of them, and taking back what one of them made."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from digest.model.errors import NotFound
from digest.model.imports import IMPORT_MOVES, Import, ImportState, NewImport
from digest.store.dialect import TOO_LARGE
from digest.store.import_tables import import_changes, imports
from digest.store.subscribers import Subscribers
from digest.store.tables import subscribers, subscriptions, suppressions


class Imports:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, new: NewImport, now: datetime) -> Import:
        """A new one; or, when an import of the same bytes onto the same list was begun and never ended, that one."""
        same_list = imports.c.list_id.is_(None) if new.list_id is None else imports.c.list_id == new.list_id
        begun = imports.c.state == ImportState.RUNNING, imports.c.sha256 == new.sha256, same_list
        found = self._connection.execute(select(imports).where(*begun).order_by(imports.c.id.desc())).first()
        if found is not None:
            return _to_import(found)
        values = {"file": new.file, "sha256": new.sha256, "list_id": new.list_id, "by": new.by, "started_at": now}
        made = insert(imports).values(state=ImportState.RUNNING, counts={}, undone={}, **values)
        return self.get(self._connection.execute(made.returning(imports.c.id)).scalar_one())

    def get(self, import_id: int) -> Import:
        """Raises NotFound."""
        which = imports.c.id == import_id
        found = self._connection.execute(select(imports).where(which)).first() if 0 < import_id < TOO_LARGE else None
        if found is None:
            raise NotFound(f"There is no import {import_id}; `digest subscriber imports` lists them.")
        return _to_import(found)

    def all(self, limit: int) -> list[Import]:
        """The newest first."""
        query = select(imports).order_by(imports.c.id.desc()).limit(limit)
        return [_to_import(row) for row in self._connection.execute(query)]

    def tally(self, import_id: int, counts: Mapping[str, int]) -> bool:
        """How far it is. False when it runs no more: somebody is taking it back."""
        running = imports.c.id == import_id, imports.c.state == ImportState.RUNNING
        return self._connection.execute(update(imports).where(*running).values(counts=dict(counts))).rowcount == 1

    def count_undone(self, import_id: int, counts: Mapping[str, int]) -> None:
        self._connection.execute(update(imports).where(imports.c.id == import_id).values(undone=dict(counts)))

    def move(self, import_id: int, state: ImportState, **values: Any) -> bool:
        """A legal move, or False. `values` are columns that change with it."""
        before = [old for old, new in IMPORT_MOVES.items() if state in new]
        which = imports.c.id == import_id, imports.c.state.in_(before)
        return self._connection.execute(update(imports).where(*which).values(state=state, **values)).rowcount == 1

    # Taking back.

    def made(self, import_id: int, after: int, limit: int) -> list[tuple[int, int]]:
        """Subscriptions (subscriber, list) that are as the import made or changed them, of subscribers from a number on."""
        query = (
            select(subscriptions.c.subscriber_id, subscriptions.c.list_id)
            .where(subscriptions.c.subscriber_id > after, subscriptions.c.import_id == import_id)
            .order_by(subscriptions.c.subscriber_id, subscriptions.c.list_id)
            .limit(limit)
        )
        return [(row.subscriber_id, row.list_id) for row in self._connection.execute(query)]

    def restore(self, import_id: int, subscriber_ids: Sequence[int]) -> list[tuple[int, int]]:
        """Those subscriptions of theirs that were there before stand again as they stood; returns (subscriber, list) of each."""
        query = select(import_changes).where(
            import_changes.c.import_id == import_id, import_changes.c.subscriber_id.in_(subscriber_ids)
        )
        return [
            (row.subscriber_id, row.list_id) for row in self._connection.execute(query).all() if self._restore_one(row)
        ]

    def _restore_one(self, row: Row[Any]) -> bool:
        """False when somebody has done something about it since."""
        before = {name: getattr(row, name) for name in _KEPT} | {"import_id": row.earlier_import_id}
        as_made = (
            subscriptions.c.subscriber_id == row.subscriber_id,
            subscriptions.c.list_id == row.list_id,
            subscriptions.c.import_id == row.import_id,
        )
        return self._connection.execute(update(subscriptions).where(*as_made).values(**before)).rowcount == 1

    def remove(self, import_id: int, subscriber_ids: Sequence[int]) -> int:
        """What is left of these as the import made it, with the people who then have no subscription; how many subscriptions."""
        lock = select(subscribers.c.id).where(subscribers.c.id.in_(subscriber_ids)).order_by(subscribers.c.id)
        self._connection.execute(lock.with_for_update()).all()
        theirs = subscriptions.c.subscriber_id.in_(subscriber_ids), subscriptions.c.import_id == import_id
        removed = self._connection.execute(delete(subscriptions).where(*theirs)).rowcount
        others = exists().where(subscriptions.c.subscriber_id == subscribers.c.id)
        alone = select(subscribers.c.id).where(subscribers.c.id.in_(subscriber_ids), ~others)
        Subscribers(self._connection).erase_each(list(self._connection.execute(alone).scalars()))
        return removed

    def lift(self, import_id: int) -> int:
        """The suppressions that the import brought, and that nothing has confirmed since; how many."""
        return self._connection.execute(delete(suppressions).where(suppressions.c.import_id == import_id)).rowcount

    def forget_changes(self, import_id: int) -> None:
        self._connection.execute(delete(import_changes).where(import_changes.c.import_id == import_id))


#: Columns of a subscription that an import may change.
_KEPT = (
    "state",
    "consent_source",
    "consent_text",
    "consent_network",
    "consent_at",
    "confirmed_at",
    "unsubscribed_at",
)


def _to_import(row: Row[Any]) -> Import:
    return Import(
        id=row.id,
        state=ImportState(row.state),
        file=row.file,
        sha256=row.sha256,
        list_id=row.list_id,
        by=row.by,
        started_at=row.started_at,
        finished_at=row.finished_at,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        counts=row.counts,
        undone=row.undone,
    )
