"""The moves of the outbox: claim, arm, settle, put back, recover. Every one is an UPDATE … WHERE state IN (what may come before).

What is done to each message is done to many at once, in statements that are put into words once and sent as one: a sender
spends its time here.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    FromClause,
    Integer,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from digest.model.address import Address
from digest.model.errors import BadInput
from digest.model.issue import CampaignState, OnCrash
from digest.model.message import LEASE, MESSAGE_MOVES, MessageState, Outgoing, OwnMail, Reply, Settlement
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.store.batches import IN_POSTGRESQL, IN_SQLITE, Prepared, instant
from digest.store.columns import storable
from digest.store.dialect import skip_locked
from digest.store.driver import run_all
from digest.store.messages import ERASED
from digest.store.tables import IS_DUE, IS_HELD, campaigns, messages, subscribers, subscriptions, suppressions

_IN_HAND = (MessageState.CLAIMED, MessageState.ARMED)
_FREE: dict[str, Any] = {"lease_owner": "", "lease_until": None}


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a sender found after another died: claimed rows put back, armed ones resent or held."""

    claimed: int = 0
    armed: int = 0
    campaigns: frozenset[int] = field(default=frozenset(), compare=False)  # whose messages they were

    def __add__(self, other: "Recovered") -> "Recovered":
        return Recovered(self.claimed + other.claimed, self.armed + other.armed, self.campaigns | other.campaigns)

    def __bool__(self) -> bool:
        return bool(self.claimed or self.armed)


@dataclass(frozen=True, slots=True)
class Armed:
    """Which of the messages asked for may have their dot, and which must never: their readers have left."""

    armed: frozenset[int]
    suppressed: frozenset[int]


class Whose(NamedTuple):
    """To whom a message is. `subscriber_id` is None of who was erased, and of mails to nobody's address."""

    subscriber_id: int | None
    list_id: int
    address_hash: str


class Outbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._words = _statements(connection.dialect)

    def claim(self, owner: str, limit: int, now: datetime) -> list[Outgoing]:
        """Take up to `limit` due messages for LEASE: mails of their own first, then the running campaigns in turn."""
        claimed = self.claim_from(None, owner, limit, now)
        for running in self._words.running.rows(self._connection, {}):
            if len(claimed) >= limit:
                break
            claimed += self._claim_of(running, owner, limit - len(claimed), now)
        return claimed

    def claim_from(self, campaign_id: int | None, owner: str, limit: int, now: datetime) -> list[Outgoing]:
        """The same of one campaign, or of the mails of their own. While a campaign's canaries are out, of these only."""
        if campaign_id is None:
            rows = self._words.due_alone.rows(self._connection, {"most": limit, "moment": now})
            return self._take(rows, owner, now, None)
        found = self._words.one.rows(self._connection, {"one": campaign_id})
        return self._claim_of(found[0], owner, limit, now) if found else []

    def _claim_of(self, campaign: Sequence[Any], owner: str, limit: int, now: datetime) -> list[Outgoing]:
        """`campaign` is of _CLAIMED_FROM."""
        number, deadline_at, first, last = campaign
        values: dict[str, Any] = {"one": number, "most": limit, "moment": now}
        if last is None:
            rows = self._words.due.rows(self._connection, values)
        else:
            rows = self._words.due_canaries.rows(self._connection, values | {"first": first, "last": last})
        return self._take(rows, owner, now, instant(deadline_at))

    def _take(
        self, rows: Sequence[Sequence[Any]], owner: str, now: datetime, deadline_at: datetime | None
    ) -> list[Outgoing]:
        if rows:
            values = self._named([row[0] for row in rows]) | {"owner": owner, "until": now + LEASE}
            self._words.claim.count(self._connection, values)
        return [taken for row in rows if (taken := self._readable(row, owner, now, deadline_at)) is not None]

    def _readable(self, row: Sequence[Any], owner: str, now: datetime, deadline_at: datetime | None) -> Outgoing | None:
        """None, and FAILED, for a row just claimed whose address is none: it must not stop the others."""
        try:
            return _to_outgoing(row, deadline_at)
        except BadInput as error:
            self.settle(Settlement(row[0], MessageState.FAILED, Reply(0, text=str(error))), now, owner)
            return None

    def arm(self, message_id: int, owner: str, now: datetime) -> bool:
        return message_id in self.arm_each([message_id], owner, now).armed

    def arm_each(self, message_ids: Sequence[int], owner: str, now: datetime) -> Armed:
        return self.settle_and_arm((), message_ids, owner, now)

    def settle_and_arm(
        self, settled: Sequence[Settlement], message_ids: Sequence[int], owner: str, now: datetime
    ) -> Armed:
        """`settle_each`, and the last look before the dot of others, of which the database is asked at once.

        What is not armed gets none: its reader has left, its campaign is paused, or it is not ours. A row that is ours but must
        not be sent becomes SUPPRESSED here; one of a paused campaign stays CLAIMED until it is put back.
        """
        steps = [self._words.settle_own.with_values(values) for values in self._alike(settled, now, owner)]
        values = self._named(message_ids) | {"owner": owner, "moment": now, "until": now + LEASE}
        *_, found = run_all(self._connection, [*steps, self._words.arm.with_values(values)])
        armed = frozenset(row[0] for row in found.fetchall())
        if len(armed) == len(message_ids):
            return Armed(armed, frozenset())
        rest = self._named([number for number in message_ids if number not in armed]) | {"owner": owner, "moment": now}
        return Armed(armed, frozenset(row[0] for row in self._words.let_go.rows(self._connection, rest)))

    def settle(self, settled: Settlement, now: datetime, owner: str | None = None) -> bool:
        return self.settle_each([settled], now, owner) == 1

    def settle_each(self, settled: Sequence[Settlement], now: datetime, owner: str | None = None) -> int:
        """Write down what became of attempts; returns of how many.

        Not of rows that have moved on without us, nor moves that are none; with an owner, only of what is still its own. What
        the next hop said of a reader who was erased meanwhile is not kept: it may hold their address.
        """
        words = self._words.settle if owner is None else self._words.settle_own
        return sum(words.count(self._connection, values) for values in self._alike(settled, now, owner))

    def _alike(self, settled: Sequence[Settlement], now: datetime, owner: str | None) -> list[dict[str, Any]]:
        """What to settle with: once for all that differ only in what was said."""
        alike: dict[tuple[Any, ...], dict[int, str]] = {}
        for number, state, reply, due_at, relay in settled:
            kind = (state, reply.code, reply.status, due_at, relay)
            alike.setdefault(kind, {})[number] = storable(reply.text)
        mine = {"moment": now} if owner is None else {"moment": now, "owner": owner}
        return [_settled_as(kind) | mine | self._words.batches.texted(said) for kind, said in alike.items()]

    def put_back(self, owner: str, message_ids: Sequence[int] | None = None) -> int:
        """What a sender claimed and will not come to is queued again, as if it had not been touched.

        Messages that are named may be armed, too: their caller knows that no dot was sent.
        """
        if message_ids is None:
            return self._words.put_back_claimed.count(self._connection, {"owner": owner})
        return self._words.put_back.count(self._connection, self._named(message_ids) | {"owner": owner})

    def hold_restored(self, why: str, now: datetime) -> int:
        """After a restore: what was in hand then is in nobody's, and mails of their own are not sent any more; returns of how many.

        What was armed is uncertain. A campaign's others wait as before: it is paused.
        """
        ended = {"settled_at": now, "reply_text": why, **_FREE}
        armed = update(messages).where(IS_HELD, messages.c.state == MessageState.ARMED)
        self._connection.execute(armed.values(state=MessageState.UNCERTAIN, **ended))
        claimed = update(messages).where(IS_HELD, messages.c.state == MessageState.CLAIMED)
        back = {"state": MessageState.QUEUED, "attempts": messages.c.attempts - 1, **_FREE}
        self._connection.execute(claimed.values(**back))
        alone = update(messages).where(IS_DUE, messages.c.campaign_id.is_(None))
        return self._connection.execute(alone.values(state=MessageState.FAILED, **ended)).rowcount

    def postpone(self, owner: str, until: Mapping[int, datetime]) -> None:
        """Queue again what was claimed and cannot go for a while."""
        mine = and_(IS_HELD, messages.c.id == bindparam("message"), messages.c.lease_owner == owner)
        later = {"state": MessageState.QUEUED, "due_at": bindparam("then"), "attempts": messages.c.attempts - 1}
        self._connection.execute(
            update(messages).where(mine).values(**later, **_FREE),
            [{"message": number, "then": due_at} for number, due_at in until.items()],
        )

    def waiting_until(self, now: datetime) -> datetime | None:
        """When the first message of a running campaign is due that was never tried: some wait for their turn.

        Not of those that wait for their reader's hour: they are dated by it, and no sender waits for them.
        """
        queued = and_(IS_DUE, messages.c.state == MessageState.QUEUED, messages.c.created_at <= now)
        runs = campaigns.c.state == CampaignState.RUNNING
        first = select(func.min(messages.c.due_at)).where(
            queued, messages.c.campaign_id == campaigns.c.id, campaigns.c.canary_until.is_(None)
        )
        times = self._connection.execute(select(first.scalar_subquery()).where(runs)).scalars()
        return min((due_at for due_at in times if due_at is not None), default=None)

    def renew(self, owner: str, now: datetime) -> int:
        """Hold on for another LEASE to what is in hand."""
        mine = update(messages).where(IS_HELD, messages.c.lease_owner == owner)
        return self._connection.execute(mine.values(lease_until=now + LEASE)).rowcount

    def owners(self) -> dict[str, datetime]:
        """Who has claims, and until when the last of them runs."""
        query = (
            select(messages.c.lease_owner, func.max(messages.c.lease_until, type_=messages.c.lease_until.type))
            .where(IS_HELD)
            .group_by(messages.c.lease_owner)
        )
        return {row.lease_owner: row[1] for row in self._connection.execute(query)}

    def recover(self, policy: OnCrash, now: datetime, owners: Collection[str] | None = None) -> Recovered:
        """Take over from senders that died: the owners named, or all. Only who knows that they are dead may call it.

        Rows that one of them has locked are let be: it was stopped in mid-transaction, and may hold them for hours.
        """
        dead = [IS_HELD] if owners is None else [IS_HELD, messages.c.lease_owner.in_(owners)]
        whose = select(messages.c.campaign_id).where(*dead, messages.c.campaign_id.is_not(None)).distinct()
        campaign_ids = frozenset(self._connection.execute(whose).scalars())
        claimed = self._take_from(dead, MessageState.CLAIMED, {"state": MessageState.QUEUED})
        fate: dict[str, Any] = {"state": MessageState.QUEUED}
        if policy is OnCrash.HOLD:
            fate = {
                "state": MessageState.UNCERTAIN,
                "settled_at": now,
                "reply_text": "The sender died before the answer came.",
            }
        return Recovered(claimed, self._take_from(dead, MessageState.ARMED, fate), campaign_ids)

    def _take_from(self, dead: Sequence[Any], state: MessageState, fate: dict[str, Any]) -> int:
        left = skip_locked(self._connection.dialect, select(messages.c.id).where(*dead, messages.c.state == state))
        moved = update(messages).where(messages.c.id.in_(left), messages.c.state == state)
        return self._connection.execute(moved.values(**fate, **_FREE)).rowcount

    def by_number(self, message_id: int) -> Outgoing | None:
        row = self._connection.execute(select(*_TAKEN).where(messages.c.id == message_id)).first()
        return None if row is None else _to_outgoing(row)

    def of_reader(self, campaign_id: int, subscriber_id: int) -> Outgoing | None:
        whose = messages.c.campaign_id == campaign_id, messages.c.subscriber_id == subscriber_id
        row = self._connection.execute(select(*_TAKEN).where(*whose)).first()
        return None if row is None else _to_outgoing(row)

    def whose(self, numbers: Sequence[int]) -> dict[int, Whose]:
        """Of each of these messages. Who is being erased just now is nobody: to wait for that could be for ever."""
        told = select(messages.c.id, messages.c.list_id, messages.c.address_hash).where(messages.c.id.in_(numbers))
        readers = (
            select(messages.c.id, subscribers.c.id)
            .join(subscribers, subscribers.c.id == messages.c.subscriber_id)
            .where(messages.c.id.in_(numbers))
            .with_for_update(read=True, key_share=True, skip_locked=True, of=subscribers)
        )
        theirs = {row[0]: row[1] for row in self._connection.execute(readers)}
        return {number: Whose(theirs.get(number), *rest) for number, *rest in self._connection.execute(told)}

    def _named(self, numbers: Sequence[int]) -> dict[str, Any]:
        return self._words.batches.numbers(numbers)


def _settled_as(kind: tuple[Any, ...]) -> dict[str, Any]:
    state, code, status, due_at, relay = kind
    before: dict[str, str] = {
        old: old if state in MESSAGE_MOVES[old] and state not in _IN_HAND else "" for old in _IN_HAND
    }
    return {"became": state, "code": code, "status": storable(status), "due": due_at, "by": relay, **before}


def _to_outgoing(row: Sequence[Any], deadline_at: datetime | None = None) -> Outgoing:
    """From _TAKEN. Raises BadInput when its address is none."""
    number, campaign_id, edition_id, subscriber_id, list_id, address, name, attempts, created_at, slots = row
    return Outgoing(
        number,
        campaign_id,
        edition_id,
        subscriber_id,
        list_id,
        Address.parse(address),
        name,
        attempts,
        instant(created_at),
        json.loads(slots) if slots else {},
        deadline_at,
    )


_CLAIMED_FROM = [campaigns.c[name] for name in ["id", "deadline_at", "canary_from", "canary_until"]]

_TAKEN = [
    messages.c[name]
    for name in [
        "id",
        "campaign_id",
        "edition_id",
        "subscriber_id",
        "list_id",
        "address",
        "name",
        "attempts",
        "created_at",
        "slots",
    ]
]


def _campaign_runs() -> ColumnElement[bool]:
    runs = exists().where(campaigns.c.id == messages.c.campaign_id, campaigns.c.state == CampaignState.RUNNING)
    return or_(messages.c.campaign_id.is_(None), runs)


def _may_be_mailed() -> ColumnElement[bool]:
    """Not suppressed and, for what only subscribers get, still confirmed.

    The mails that an erasure does not stop are the confirmations that the reader asked for again by themselves.
    """
    suppressed = exists().where(
        suppressions.c.address_hash == messages.c.address_hash,
        or_(
            and_(*(messages.c.purpose != purpose for purpose in ("confirm-subscription", "confirm-address"))),
            suppressions.c.reason != SuppressionReason.ERASED,
        ),
    )
    confirmed = (
        select(subscriptions.c.list_id)
        .where(
            subscriptions.c.subscriber_id == messages.c.subscriber_id,
            subscriptions.c.list_id == messages.c.list_id,
            subscriptions.c.state == SubscriptionState.CONFIRMED,
        )
        .with_for_update(read=True)  # an unsubscribe at this very moment waits, and is answered after the arming
        .exists()
    )
    # No IN here: a list of values is put into words anew at each execution.
    is_ours = or_(*(messages.c.purpose == purpose.value for purpose in OwnMail))
    is_for_anybody = messages.c.address != ERASED  # a row whose reader was erased meanwhile is for nobody
    known = and_(or_(is_ours, messages.c.subscriber_id.is_not(None)), is_for_anybody)
    needs_no_consent = and_(messages.c.purpose != "issue", messages.c.purpose != "welcome")
    return and_(known, ~suppressed, or_(needs_no_consent, confirmed))


def _given(name: str, like: Column[Any]) -> BindParameter[Any]:
    """A value that comes with the execution, of a column's type. Its name must be no column's."""
    return bindparam(name, type_=like.type)


class _Statements:
    """The statements about many messages, in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.batches = IN_SQLITE if dialect.name == "sqlite" else IN_POSTGRESQL
        self.named = self.batches.among(messages.c.id)
        owner = _given("owner", messages.c.lease_owner)
        mine = and_(self.named, messages.c.state == MessageState.CLAIMED, messages.c.lease_owner == owner)
        until, moment = _given("until", messages.c.lease_until), _given("moment", messages.c.settled_at)
        self._find(dialect)
        claim = update(messages).where(self.named, IS_DUE)
        taken = {"state": MessageState.CLAIMED, "lease_owner": owner, "lease_until": until}
        self.claim = Prepared(claim.values(attempts=messages.c.attempts + 1, **taken), dialect)
        arm = update(messages).where(mine, _may_be_mailed(), _campaign_runs()).returning(messages.c.id)
        self.arm = Prepared(arm.values(state=MessageState.ARMED, armed_at=moment, lease_until=until), dialect)
        let_go = update(messages).where(mine, ~_may_be_mailed()).returning(messages.c.id)
        self.let_go = Prepared(let_go.values(state=MessageState.SUPPRESSED, settled_at=moment, **_FREE), dialect)
        back = update(messages).where(IS_HELD, messages.c.lease_owner == owner)
        back = back.values(state=MessageState.QUEUED, attempts=messages.c.attempts - 1, **_FREE)
        self.put_back = Prepared(back.where(self.named), dialect)
        self.put_back_claimed = Prepared(back.where(messages.c.state == MessageState.CLAIMED), dialect)
        settle = _settle(self.batches.texts(), moment)
        self.settle = Prepared(settle, dialect)
        self.settle_own = Prepared(settle.where(messages.c.lease_owner == owner), dialect)

    def _find(self, dialect: Dialect) -> None:
        """What is due, and of which campaigns."""
        one = _given("one", campaigns.c.id)
        campaign = select(*_CLAIMED_FROM)
        self.one = Prepared(campaign.where(campaigns.c.id == one), dialect)
        running = campaign.where(campaigns.c.state == CampaignState.RUNNING).order_by(campaigns.c.id)
        self.running = Prepared(running, dialect)
        due = select(*_TAKEN).where(IS_DUE, messages.c.due_at <= _given("moment", messages.c.due_at))
        due = skip_locked(dialect, due.limit(bindparam("most", type_=Integer())))
        in_turn = due.order_by(messages.c.due_at, messages.c.id)
        self.due_alone = Prepared(in_turn.where(messages.c.campaign_id.is_(None)), dialect)
        self.due = Prepared(in_turn.where(messages.c.campaign_id == one), dialect)
        canaries = messages.c.id.between(_given("first", messages.c.id), _given("last", messages.c.id))
        # + 0: no index then; by it, SQLite would look through all that are due for these few
        first_ones = due.order_by(messages.c.id).where(canaries, messages.c.campaign_id + 0 == one)
        self.due_canaries = Prepared(first_ones, dialect)


def _settle(said: FromClause, moment: BindParameter[Any]) -> Update:
    """Of rows in the states that are handed over under their own names."""
    legal = or_(*(messages.c.state == _given(old, messages.c.state) for old in _IN_HAND))
    return (
        update(messages)
        .where(messages.c.id == said.c.number, legal)
        .values(
            state=_given("became", messages.c.state),
            reply_code=_given("code", messages.c.reply_code),
            reply_status=_given("status", messages.c.reply_status),
            reply_text=case((messages.c.address == ERASED, ""), else_=said.c.text),
            relay=_given("by", messages.c.relay),
            settled_at=moment,
            due_at=func.coalesce(_given("due", messages.c.due_at), messages.c.due_at),
            **_FREE,
        )
    )


@lru_cache
def _statements(dialect: Dialect) -> _Statements:
    return _Statements(dialect)
