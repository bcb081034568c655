"""A mail failed for good, at once in the conversation with the next hop or later on its way: the fact, and whether its address is given up."""

from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any

from digest.model.event import EventKind
from digest.model.message import Reply
from digest.model.returned import (
    COUNTED_FOR,
    SILENT_FOR,
    Returned,
    ReturnKind,
    is_hard,
    is_hard_refusal,
    judge,
    judge_refusal,
)
from digest.model.subscriber import SuppressionReason
from digest.store import Transaction
from digest.store.events import Event
from digest.store.outbox import Whose

_TELLS = {ReturnKind.FAILED: EventKind.BOUNCED, ReturnKind.COMPLAINT: EventKind.COMPLAINED}


def failed(tx: Transaction, message_id: int, whose: Whose, reply: Reply, now: datetime) -> None:
    """For a reason that is not the reader's."""
    tx.events.add(EventKind.FAILED, now, **_about(message_id, whose), **_said(reply))


def refused(tx: Transaction, message_id: int, whose: Whose, reply: Reply, now: datetime) -> SuppressionReason | None:
    """By the next hop, as one to this reader. What it says was not proved by anybody, so once is never enough."""
    days = _days_before(tx, whose, now)
    tx.events.add(EventKind.BOUNCED, now, **_about(message_id, whose), **_said(reply))
    return _give_up(tx, whose, judge_refusal(reply, len(days)), now)


def came_back(
    tx: Transaction, message_id: int, whose: Whose, returned: Returned, now: datetime
) -> SuppressionReason | None:
    """With a proof that it did."""
    days = _days_before(tx, whose, now)
    tx.events.add(_TELLS[returned.kind], now, **_about(message_id, whose), status=returned.status, later=True)
    return _give_up(tx, whose, judge(returned, len(days)), now)


def _about(message_id: int, whose: Whose) -> dict[str, int | None]:
    return {"subscriber_id": whose.subscriber_id, "list_id": whose.list_id, "message_id": message_id}


def _said(reply: Reply) -> dict[str, Any]:
    """Without its text, which may hold the address: events outlive an erasure."""
    return {"code": reply.code, "status": reply.status, "verb": reply.verb}


def _give_up(
    tx: Transaction, whose: Whose, reason: SuppressionReason | None, now: datetime
) -> SuppressionReason | None:
    """None when it was given up before, or nobody has it."""
    if reason is None or whose.subscriber_id is None or tx.suppressions.reason(whose.address_hash) is not None:
        return None
    tx.suppressions.add(whose.address_hash, reason, now)
    tx.events.add(EventKind.SUPPRESSED, now, subscriber_id=whose.subscriber_id, reason=reason)
    return reason


def _days_before(tx: Transaction, whose: Whose, now: datetime) -> AbstractSet[date]:
    """Days of UTC, but for this one, on which mails to the reader failed for good, since one arrived for all we know."""
    if whose.subscriber_id is None:
        return frozenset()
    told = tx.events.told_of(EventKind.BOUNCED, whose.subscriber_id, since=now - COUNTED_FOR)
    hard = [each.at for each in told if _was_hard(each)]
    if not hard:
        return frozenset()
    arrived = tx.returns.arrived_at(whose.subscriber_id, whose.list_id, now - SILENT_FOR)
    return {at.date() for at in hard if arrived is None or at > arrived} - {now.date()}


def _was_hard(told: Event) -> bool:
    status = told.detail.get("status", "")
    if told.detail.get("later"):
        return is_hard(status)
    return is_hard_refusal(Reply(told.detail.get("code", 0), status, verb=told.detail.get("verb", "")))
