"""Queries about webhooks and the calls that are owed to them.

A fact may be committed after a newer one: so those of the last while are looked at again and again, and a call is unique by
(webhook, event).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from digest.model.errors import NotFound
from digest.model.event import EventKind
from digest.model.webhook import LEASE, TOPICS, Call, CallState, Topic, Verdict, Webhook
from digest.store.dialect import insert_new, skip_locked
from digest.store.tables import events, lists, subscribers
from digest.store.webhook_tables import IS_OWED, calls, webhooks

LATE = timedelta(minutes=15)  # no transaction that tells of a fact takes longer
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Fact:
    """An event, with what a call says about it. A person who was erased since then is None."""

    id: int
    kind: EventKind
    at: datetime
    list_name: str
    subscriber_id: int | None
    address: str | None
    detail: dict[str, Any]


class Webhooks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Webhook) -> Webhook:
        """`new.id` is ignored. It is told what happens from now on."""
        values = {"url": new.url, "label": new.label, "topics": sorted(new.topics), "looked_at": new.created_at}
        row = insert(webhooks).values(**values, sealed_secret=new.sealed_secret, created_at=new.created_at)
        key = self._connection.execute(row).inserted_primary_key
        assert key is not None
        return replace(new, id=int(key[0]))

    def all(self) -> list[Webhook]:
        return [_to_webhook(row) for row in self._connection.execute(select(webhooks).order_by(webhooks.c.id))]

    def get(self, webhook_id: int) -> Webhook:
        row = self._connection.execute(select(webhooks).where(webhooks.c.id == webhook_id)).first()
        if row is None:
            raise NotFound(f"There is no webhook {webhook_id}; `digest webhook list` shows those there are.")
        return _to_webhook(row)

    def lock(self, webhook_id: int) -> Webhook:
        """Until this transaction ends nobody else changes it, or settles its calls."""
        self._connection.execute(select(webhooks.c.id).where(webhooks.c.id == webhook_id).with_for_update())
        return self.get(webhook_id)

    def change(self, changed: Webhook) -> None:
        values = {"label": changed.label, "topics": sorted(changed.topics), "disabled_at": changed.disabled_at}
        secrets = {"sealed_secret": changed.sealed_secret, "old_secret": changed.old_secret, "reason": changed.reason}
        self._connection.execute(update(webhooks).where(webhooks.c.id == changed.id).values(**values, **secrets))

    def remove(self, webhook_id: int) -> None:
        """With the calls that it is owed."""
        self._connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))

    def unowed(self, webhook: Webhook, now: datetime) -> tuple[list[Any], bool]:
        """Facts that no call was noted for, and whether it is time to remember how far we looked. Changes nothing."""
        kinds = [kind for kind, topic in TOPICS.items() if topic in webhook.topics]
        looked_at = self._looked_at(webhook)
        since = max(looked_at - LATE, webhook.created_at)
        known = exists().where(calls.c.webhook_id == webhook.id, calls.c.event_id == events.c.id)
        new = (events.c.kind.in_(kinds), events.c.at >= since, ~known)
        query = select(events.c.id, events.c.kind, events.c.detail).where(*new).order_by(events.c.id).limit(AT_ONCE)
        found = [row for row in self._connection.execute(query) if not _is_ours(EventKind(row.kind), row.detail)]
        return found, now - looked_at > LATE and len(found) < AT_ONCE

    def owe(self, webhook: Webhook, now: datetime) -> int:
        """Note the calls for what has happened; returns how many. Facts before the webhook are none of its."""
        found, late = self.unowed(webhook, now)
        fixed = {"webhook_id": webhook.id, "due_at": now, "state": CallState.QUEUED, "created_at": now}
        rows = [fixed | {"event_id": row.id, "topic": TOPICS[EventKind(row.kind)]} for row in found]
        if rows:
            adding = insert_new(self._connection, calls).on_conflict_do_nothing(
                index_elements=["webhook_id", "event_id"]
            )
            self._connection.execute(adding, rows)
        if late:
            self._connection.execute(update(webhooks).where(webhooks.c.id == webhook.id).values(looked_at=now))
        return len(rows)

    def _looked_at(self, webhook: Webhook) -> datetime:
        found: datetime = self._connection.execute(
            select(webhooks.c.looked_at).where(webhooks.c.id == webhook.id)
        ).scalar_one()
        return found

    def claim(self, now: datetime, limit: int) -> list[Call]:
        """Those that are due, for the time of one call: who dies with them gives them back by that."""
        due = IS_OWED, calls.c.due_at <= now
        query = select(calls.c.id).where(*due).order_by(calls.c.due_at, calls.c.id).limit(limit)
        numbers = list(self._connection.execute(skip_locked(self._connection.dialect, query)).scalars())
        if not numbers:
            return []
        taken = update(calls).where(calls.c.id.in_(numbers), IS_OWED)
        self._connection.execute(taken.values(due_at=now + LEASE, attempts=calls.c.attempts + 1))
        kept = select(calls).where(calls.c.id.in_(numbers)).order_by(calls.c.id)
        return [_to_call(row) for row in self._connection.execute(kept)]

    def settle(self, call_id: int, verdict: Verdict, said: str, now: datetime) -> None:
        settled = None if verdict.state is CallState.QUEUED else now
        values = {"state": verdict.state, "due_at": verdict.due_at, "said": said, "settled_at": settled}
        self._connection.execute(update(calls).where(calls.c.id == call_id, IS_OWED).values(**values))

    def give_up(self, webhook_id: int, why: str, now: datetime) -> int:
        """All that is still owed to it."""
        values = {"state": CallState.FAILED, "said": why, "settled_at": now}
        owed = update(calls).where(calls.c.webhook_id == webhook_id, IS_OWED)
        return self._connection.execute(owed.values(**values)).rowcount

    def again(self, call_id: int, now: datetime) -> bool:
        """Owe a call that has failed once more. False when it has not."""
        failed = calls.c.id == call_id, calls.c.state == CallState.FAILED
        values = {"state": CallState.QUEUED, "attempts": 0, "due_at": now, "settled_at": None}
        return self._connection.execute(update(calls).where(*failed).values(**values)).rowcount == 1

    def newest(self, webhook_id: int, limit: int = 50) -> list[Call]:
        query = select(calls).where(calls.c.webhook_id == webhook_id).order_by(calls.c.id.desc()).limit(limit)
        return [_to_call(row) for row in self._connection.execute(query)]

    def facts(self, event_ids: Sequence[int]) -> dict[int, Fact]:
        query = (
            select(events, lists.c.name.label("list_name"), subscribers.c.address)
            .outerjoin(lists, lists.c.id == events.c.list_id)
            .outerjoin(subscribers, subscribers.c.id == events.c.subscriber_id)
            .where(events.c.id.in_(event_ids))
        )
        return {row.id: _to_fact(row) for row in self._connection.execute(query)}

    def prune(self, settled_before: datetime) -> int:
        old = calls.c.settled_at < settled_before
        return self._connection.execute(delete(calls).where(old)).rowcount


def _is_ours(kind: EventKind, detail: dict[str, Any]) -> bool:
    """An operator who pauses a campaign knows of it."""
    return kind is EventKind.PAUSED and detail.get("by") == "operator"


def _to_webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        label=row.label,
        topics=frozenset(Topic(each) for each in row.topics),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        reason=row.reason,
        sealed_secret=row.sealed_secret,
        old_secret=row.old_secret,
    )


def _to_call(row: Row[Any]) -> Call:
    return Call(
        id=row.id,
        webhook_id=row.webhook_id,
        topic=Topic(row.topic),
        event_id=row.event_id,
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        state=CallState(row.state),
        said=row.said,
    )


def _to_fact(row: Row[Any]) -> Fact:
    return Fact(row.id, EventKind(row.kind), row.at, row.list_name or "", row.subscriber_id, row.address, row.detail)
