"""Queries about messages: what is owed, and what became of the rest. Their moves are in `outbox`."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select, update

from digest.model.address import Address
from digest.model.issue import CampaignState
from digest.model.message import OPEN, MessageState, OwnMail
from digest.store.dialect import insert_new
from digest.store.tables import HAS_KEY, IS_DUE, IS_HELD, campaigns, editions, messages

ERASED = "erased@erased.invalid"  # in place of an erased reader's address
#: What a row keeps of an erased reader.
NOBODYS: dict[str, Any] = {"address": ERASED, "name": "", "slots": "", "reply_text": "", "subscriber_id": None}


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A mail of its own: a confirmation, a welcome, a test. `key` says what it answers, so that it is made once."""

    key: str
    purpose: str
    list_id: int
    edition_id: int
    address: Address
    address_hash: str
    name: str = ""
    subscriber_id: int | None = None
    slots: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One line of a campaign's report."""

    address: str
    state: MessageState
    attempts: int
    reply: str
    relay: str  # that was asked last; "" when none was
    subscriber_id: int | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A letter in the outbox."""

    id: int
    state: MessageState
    attempts: int
    made_at: datetime
    settled_at: datetime | None
    reply: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail to one person, for the export of what we know of them."""

    mail: str
    subject: str
    list_id: int
    address: str
    state: MessageState
    made_at: datetime
    settled_at: datetime | None
    reply: str


class Messages:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewMessage, now: datetime, *, due_at: datetime | None = None) -> bool:
        """False when a message with this key was made before: then nothing is added. It goes out from `due_at` on, or now."""
        done = self._connection.execute(
            insert_new(self._connection, messages)
            .values(
                key=new.key,
                purpose=new.purpose,
                list_id=new.list_id,
                edition_id=new.edition_id,
                subscriber_id=new.subscriber_id,
                address=str(new.address),
                address_hash=new.address_hash,
                name=new.name,
                slots=json.dumps(new.slots) if new.slots else "",
                state=MessageState.QUEUED,
                attempts=0,
                due_at=due_at or now,
                created_at=due_at or now,  # also the mail's Date
            )
            .on_conflict_do_nothing(index_elements=["key"], index_where=HAS_KEY)
        )
        return done.rowcount == 1

    def reschedule(self, key: str, due_at: datetime) -> None:
        """A mail of its own that nobody has taken in hand is due then."""
        waiting = HAS_KEY, messages.c.key == key, messages.c.state == MessageState.QUEUED
        self._connection.execute(update(messages).where(*waiting).values(due_at=due_at, created_at=due_at))

    def is_made(self, key: str) -> bool:
        """Whether a message with this key was made before."""
        query = select(messages.c.id).where(HAS_KEY, messages.c.key == key)
        return self._connection.execute(query).first() is not None

    def posted_as(self, key: str) -> Posted | None:
        row = self._connection.execute(select(messages).where(HAS_KEY, messages.c.key == key)).first()
        return None if row is None else _to_posted(row)

    def posted(self, message_id: int, key: str) -> Posted | None:
        """A mail of its own whose key begins like this."""
        row = self._connection.execute(select(messages).where(messages.c.id == message_id)).first()
        return _to_posted(row) if row is not None and (row.key or "").startswith(key) else None

    def owed(self) -> int:
        """Messages without an end, of running campaigns and on their own."""
        open_ones = select(func.count()).select_from(messages).where(messages.c.state.in_(OPEN))
        alone = open_ones.where(messages.c.campaign_id.is_(None))
        sent = open_ones.where(messages.c.campaign_id.in_(_running()))
        query = select(alone.scalar_subquery() + sent.scalar_subquery())
        return int(self._connection.execute(query).scalar_one())

    def next_due(self) -> datetime | None:
        """When the first message is due that nobody holds: in the past, if it is due already.

        While canaries are out the others wait for them; when all of those have an end, the others are due.
        """
        first = select(func.min(messages.c.due_at)).where(IS_DUE)
        alone = first.where(messages.c.campaign_id.is_(None))
        of_campaign = first.where(messages.c.campaign_id == campaigns.c.id).correlate(campaigns).scalar_subquery()
        going_first = and_(
            messages.c.id.between(campaigns.c.canary_from, campaigns.c.canary_until),
            messages.c.campaign_id + 0 == campaigns.c.id,  # by number, as in Campaigns.canaries
        )
        canary = first.where(going_first).correlate(campaigns).scalar_subquery()
        sent = select(func.coalesce(canary, of_campaign, type_=messages.c.due_at.type)).where(
            campaigns.c.state == CampaignState.RUNNING
        )
        found = [row[0] for query in (alone, sent) for row in self._connection.execute(query)]
        return min((due for due in found if due is not None), default=None)

    def in_hand(self) -> bool:
        """Whether any message is claimed or armed: by a sender at work, or by one that died."""
        held = select(messages.c.id).where(IS_HELD).limit(1)
        return self._connection.execute(held).first() is not None

    def recipients(self, campaign_id: int) -> list[Recipient]:
        return list(self.each_recipient(campaign_id))

    def each_recipient(self, campaign_id: int, *, but: Collection[MessageState] = ()) -> Iterator[Recipient]:
        """In order, without those in some states, and never all of them in memory."""
        said = messages.c.reply_code, messages.c.reply_status, messages.c.reply_text
        query = (
            select(messages.c.address, messages.c.state, messages.c.attempts, messages.c.relay, *said)
            .where(messages.c.campaign_id == campaign_id, messages.c.state.not_in(but))
            .order_by(messages.c.id)
        )
        streamed = self._connection.execute(query, execution_options={"stream_results": True, "yield_per": 1000})
        for row in streamed:
            yield Recipient(row.address, MessageState(row.state), row.attempts, _said(row), row.relay)

    def page_of(self, campaign_id: int, states: Collection[MessageState], *, after: int, limit: int) -> list[Recipient]:
        """By the numbers of their readers, from `after` on; without who was erased since."""
        said = messages.c.reply_code, messages.c.reply_status, messages.c.reply_text
        who = messages.c.subscriber_id, messages.c.address
        query = (
            select(*who, messages.c.state, messages.c.attempts, messages.c.relay, *said)
            .where(messages.c.campaign_id == campaign_id, messages.c.subscriber_id > after)
            .order_by(messages.c.subscriber_id)
            .limit(limit)
        )
        if states:
            query = query.where(messages.c.state.in_(states))
        return [
            Recipient(row.address, MessageState(row.state), row.attempts, _said(row), row.relay, row.subscriber_id)
            for row in self._connection.execute(query)
        ]

    def forget_letters(self, settled_before: datetime) -> None:
        """What stood in letters that came to an end before then; that they were sent stays."""
        empty_letters(self._connection, and_(HAS_KEY, messages.c.settled_at < settled_before))

    def of_subscriber(self, subscriber_id: int) -> list[Sent]:
        rows = [row for theirs in for_reader(subscriber_id) for row in self._connection.execute(_SENT.where(theirs))]
        return [
            Sent(
                row.purpose,
                row.subject,
                row.list_id,
                row.address,
                MessageState(row.state),
                row.created_at,
                row.settled_at,
                _said(row),
            )
            for row in sorted(rows, key=attrgetter("id"))
        ]


def for_reader(subscriber_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """A reader's messages: those of campaigns, and mails of their own. Asked for apart, each finds its rows by an index."""
    return for_readers([subscriber_id])


def for_readers(subscriber_ids: Sequence[int]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    reader = messages.c.subscriber_id.in_(subscriber_ids)
    return and_(messages.c.campaign_id.in_(select(campaigns.c.id)), reader), and_(
        messages.c.campaign_id.is_(None), reader
    )


def _to_posted(row: Any) -> Posted:
    return Posted(row.id, MessageState(row.state), row.attempts, row.created_at, row.settled_at, _said(row))


def empty_letters(connection: Connection, which: ColumnElement[bool]) -> None:
    """What stands in a letter is about one person alone: its edition is theirs, and goes with them."""
    theirs = select(messages.c.edition_id).where(which, messages.c.purpose == OwnMail.LETTER)
    nothing = {"subject": "", "html": "", "web": "", "text": "", "skeleton": b""}
    connection.execute(update(editions).where(editions.c.id.in_(theirs)).values(**nothing))


_SENT = select(messages, editions.c.subject).join(editions, editions.c.id == messages.c.edition_id)


def _running() -> Select[int]:
    return select(campaigns.c.id).where(campaigns.c.state == CampaignState.RUNNING)


def _said(row: Any) -> str:
    parts = (str(row.reply_code) if row.reply_code else "", row.reply_status, row.reply_text)
    return " ".join(part for part in parts if part)
