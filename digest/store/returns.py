"""Queries about what came back of messages that the next hop had taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, select

from digest.model.message import MessageState
from digest.model.returned import Returned, ReturnKind
from digest.store.dialect import insert_new
from digest.store.return_tables import returns
from digest.store.tables import campaigns, issues, messages

RECENT = 30  # campaigns of a list, among which a reader's newest message is looked for
_GONE_OUT = (
    MessageState.ACCEPTED,
    MessageState.UNCERTAIN,
    MessageState.ARMED,
)  # its sender may have died with the answer


@dataclass(frozen=True, slots=True)
class Original:
    """The message that something came back of. `subscriber_id` is None of who was erased, and of mails to nobody's address."""

    id: int
    subscriber_id: int | None
    list_id: int
    campaign_id: int | None
    address_hash: str
    went_out_at: datetime


class Returns:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def original(self, message_id: int) -> Original | None:
        """None when there is no such message, or it has not gone out."""
        whose = messages.c.id == message_id, messages.c.state.in_(_GONE_OUT)
        row = self._connection.execute(select(messages).where(*whose)).first()
        return None if row is None else _to_original(row)

    def newest_to(self, subscriber_id: int, list_id: int) -> Original | None:
        """Of the list's issues."""
        theirs = _recent(subscriber_id, list_id), messages.c.state.in_(_GONE_OUT)
        row = self._connection.execute(select(messages).where(*theirs).order_by(messages.c.id.desc()).limit(1)).first()
        return None if row is None else _to_original(row)

    def arrived_at(self, subscriber_id: int, list_id: int, before: datetime) -> datetime | None:
        """When the newest issue of the list was taken for a reader, before that time, that has not come back."""
        failed = exists().where(returns.c.message_id == messages.c.id, returns.c.kind == ReturnKind.FAILED)
        arrived = messages.c.state == MessageState.ACCEPTED, messages.c.settled_at <= before, ~failed
        query = select(func.max(messages.c.settled_at)).where(_recent(subscriber_id, list_id), *arrived)
        return self._connection.execute(query).scalar()

    def add(self, original: Original, returned: Returned, now: datetime) -> bool:
        """False when that was told before."""
        about = {"message_id": original.id, "campaign_id": original.campaign_id, "kind": returned.kind}
        new = insert_new(self._connection, returns).values(**about, status=returned.status, said=returned.said, at=now)
        done = self._connection.execute(new.on_conflict_do_nothing(index_elements=["message_id", "kind"]))
        return done.rowcount == 1

    def of_campaign(self, campaign_id: int) -> Mapping[ReturnKind, int]:
        """How many of its messages, by what came back of them."""
        counted = select(returns.c.kind, func.count()).where(returns.c.campaign_id == campaign_id)
        query = counted.group_by(returns.c.kind)
        return {ReturnKind(kind): count for kind, count in self._connection.execute(query)}


def _recent(subscriber_id: int, list_id: int) -> ColumnElement[bool]:
    """A reader's messages in the newest campaigns of a list: they are found by both (see `messages`)."""
    ours = (
        select(campaigns.c.id)
        .join(issues, issues.c.id == campaigns.c.issue_id)
        .where(issues.c.list_id == list_id)
        .order_by(campaigns.c.id.desc())
        .limit(RECENT)
    )
    return and_(messages.c.campaign_id.in_(ours), messages.c.subscriber_id == subscriber_id)


def _to_original(row: Row[Any]) -> Original:
    whose = row.id, row.subscriber_id, row.list_id, row.campaign_id, row.address_hash
    return Original(*whose, went_out_at=row.settled_at or row.armed_at or row.created_at)
