"""Queries about who gets what: readers' choices, the groups of those who chose alike, and the outbox rows made from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from digest.model.choices import Choices, Group, choices_from_json, choices_to_json
from digest.model.message import OPEN, MessageState
from digest.model.segment import EVERYBODY, Aim
from digest.model.subscriber import SubscriptionState
from digest.store.dialect import insert_new
from digest.store.segments import Segments
from digest.store.tables import audiences, choices, editions, messages, subscribers, subscriptions, suppressions

_Counted = tuple[int, int, int, int]  # choices, cursor, readers, and who of them pause
Suppressed = Mapping[tuple[int, int], tuple[int, int]]  # choices and cursor → confirmed readers, and who of them pause


@dataclass(frozen=True, slots=True)
class Assigned:
    """A group with its edition, and when it is to have it."""

    group: Group
    edition_id: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Candidates:
    """The confirmed readers of a list on a day."""

    groups: tuple[Group, ...]
    paused: int
    suppressed: int = 0  # who was left out; else they are among the groups
    outside: int = 0  # for whom the issue is not meant

    @property
    def readers(self) -> int:
        return sum(group.readers for group in self.groups)

    def without(self, out: Suppressed) -> "Candidates":
        """Who is suppressed and pauses counts as suppressed."""
        left = [_without(group, *out.get((group.choices_id, group.cursor), (0, 0))) for group in self.groups]
        suppressed, asleep = (sum(counts) for counts in zip((0, 0), *out.values(), strict=True))
        groups = tuple(group for group in left if group.readers > 0)
        return replace(self, groups=groups, paused=self.paused - asleep, suppressed=suppressed)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is to get what of the issue of a day."""

    period: date
    assigned: tuple[Assigned, ...]
    candidates: Candidates
    aim: Aim = EVERYBODY


class Audiences:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def remember(self, chosen: Choices) -> int:
        """The number of these choices; 0 of those that are none."""
        if chosen == Choices():
            return 0
        self._connection.execute(
            insert_new(self._connection, choices)
            .values(key=chosen.key, choices=choices_to_json(chosen))
            .on_conflict_do_nothing(index_elements=["key"])
        )
        return int(self._connection.execute(select(choices.c.id).where(choices.c.key == chosen.key)).scalar_one())

    def choices(self, choices_id: int) -> Choices:
        query = select(choices.c.choices).where(choices.c.id == choices_id)
        kept = self._connection.execute(query).scalar() if choices_id else None
        return choices_from_json(kept) if kept else Choices()

    def all_choices(self) -> Mapping[int, Choices]:
        """By number, without 0."""
        return self._kept()

    def group_of(self, subscriber_id: int, list_id: int) -> tuple[Group, date | None] | None:
        """One confirmed reader as a group of their own, and until when they paused. None for who is no reader."""
        whose = subscriptions.c.subscriber_id == subscriber_id
        query = select(subscriptions).where(whose, *_confirmed(list_id))
        row = self._connection.execute(query).first()
        if row is None:
            return None
        return Group(row.choices_id, row.cursor, 1, self.choices(row.choices_id)), row.paused_until

    def choose(self, subscriber_id: int, list_id: int, chosen: Choices, paused_until: date | None) -> bool:
        """False when there is no such subscription."""
        whose = subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.list_id == list_id
        values = {"choices_id": self.remember(chosen), "paused_until": paused_until, "import_id": 0}
        return self._connection.execute(update(subscriptions).where(*whose).values(**values)).rowcount == 1

    def has_reached(self, campaign_id: int, subscriber_id: int, list_id: int) -> None:
        """A reader has this issue by another way than its campaign."""
        whose = subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.list_id == list_id
        later = subscriptions.c.cursor < campaign_id
        self._connection.execute(update(subscriptions).where(*whose, later).values(cursor=campaign_id))

    def candidates(self, list_id: int, period: date, *, aim: Aim = EVERYBODY, behind: Sequence[int] = ()) -> Candidates:
        """With who is suppressed: filling the outbox leaves them out.

        `behind`: campaigns that may have reached readers whose cursors do not say so; these are counted as if they did.
        """
        aimed = Segments(self._connection).aimed(aim)
        if aimed is None and not behind:
            found = self._rows(_grouped(list_id, period))
        else:
            found = self._rows(_each_looked_at(list_id, period, aimed, _cursor(behind)))
        kept = self._kept()
        groups = [
            Group(choices_id, cursor, readers - paused, kept.get(choices_id, Choices()))
            for choices_id, cursor, readers, paused in found
            if readers > paused
        ]
        outside = 0 if aimed is None else self._confirmed(list_id) - sum(row[2] for row in found)
        return Candidates(tuple(groups), sum(row[3] for row in found), outside=outside)

    def suppressed(self, list_id: int, period: date, *, aim: Aim = EVERYBODY, behind: Sequence[int] = ()) -> Suppressed:
        """Those of `candidates` who are. Begun at the suppressions: they are few."""
        hashes = select(suppressions.c.address_hash)
        whose = select(subscribers.c.id).where(subscribers.c.address_hash.in_(hashes))
        query = _each_looked_at(list_id, period, Segments(self._connection).aimed(aim), _cursor(behind))
        found = self._rows(query.where(subscriptions.c.subscriber_id.in_(whose)))
        return {row[:2]: row[2:] for row in found}

    def _rows(self, query: Select[Any]) -> list[_Counted]:
        return sorted((row[0], row[1], row[2], row[3]) for row in self._connection.execute(query))

    def fill_outbox(self, campaign_id: int, list_id: int, audience: Audience) -> int:
        """A row for each reader of these groups who is neither paused nor suppressed; returns how many.

        A message that waits for its reader's hour is dated by it.
        """
        rows = [_row(campaign_id, each) for each in audience.assigned]
        if not rows:
            return 0
        self._connection.execute(insert(audiences), rows)
        readers = _readers(list_id)
        edition, due_at = audiences.c.edition_id, audiences.c.due_at
        if len(rows) == 1 and len(audience.candidates.groups) == 1:  # as nearly always: two million look-ups less
            edition, due_at = _literals(audience.assigned[0])
        else:
            readers = readers.join(audiences, _of_group(campaign_id))
        if audience.candidates.paused:
            readers = readers.where(_awake(audience.period))
        if (aimed := Segments(self._connection).aimed(audience.aim)) is not None:
            readers = readers.where(aimed)
        columns = _columns(campaign_id, list_id) | {"edition_id": edition, "due_at": due_at, "created_at": due_at}
        filled = insert(messages).from_select(list(columns), readers.with_only_columns(*columns.values()))
        return self._connection.execute(filled).rowcount

    def advance(self, campaign_id: int, list_id: int, first: int, last: int) -> int:
        """Move the cursors of readers whom one of these messages of the campaign reached, or will; returns how many.

        Never back: of two campaigns the later one counts.
        """
        reached = select(messages.c.subscriber_id).where(
            messages.c.id.between(first, last),
            messages.c.campaign_id + 0 == campaign_id,  # by number, as in Campaigns.canaries
            messages.c.state.in_(_REACHED),
        )
        moved = update(subscriptions).where(
            subscriptions.c.list_id == list_id,
            subscriptions.c.cursor < campaign_id,
            subscriptions.c.subscriber_id.in_(reached),
        )
        return self._connection.execute(moved.values(cursor=campaign_id)).rowcount

    def edition_for(self, campaign_id: int, choices_id: int) -> int | None:
        """What readers of these choices got who had missed nothing; None when there were none of them."""
        query = (
            select(audiences.c.edition_id)
            .join(editions, editions.c.id == audiences.c.edition_id)
            .where(audiences.c.campaign_id == campaign_id, audiences.c.choices_id == choices_id, ~editions.c.catches_up)
            .limit(1)
        )
        found: int | None = self._connection.execute(query).scalar()
        return found

    def _confirmed(self, list_id: int) -> int:
        query = select(func.count()).select_from(subscriptions).where(*_confirmed(list_id))
        return int(self._connection.execute(query).scalar_one())

    def _kept(self) -> Mapping[int, Choices]:
        return {row.id: choices_from_json(row.choices) for row in self._connection.execute(select(choices))}


#: They have it, may have it, or will: what waits for its reader's hour is not caught up by the next issue.
_REACHED = (MessageState.ACCEPTED, MessageState.UNCERTAIN, *sorted(OPEN))


def _row(campaign_id: int, assigned: Assigned) -> dict[str, Any]:
    return {
        "campaign_id": campaign_id,
        "choices_id": assigned.group.choices_id,
        "cursor": assigned.group.cursor,
        "edition_id": assigned.edition_id,
        "due_at": assigned.due_at,
    }


def _literals(assigned: Assigned) -> Any:
    return literal(assigned.edition_id), literal(assigned.due_at, messages.c.due_at.type)


def _confirmed(list_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return subscriptions.c.list_id == list_id, subscriptions.c.state == SubscriptionState.CONFIRMED


def _grouped(list_id: int, period: date) -> Select[Any]:
    """_Counted, without who is suppressed. From group to group through the index, each counted there: no row is read or compared."""
    found = _find_groups(list_id)
    theirs = select(func.count()).where(
        *_confirmed(list_id),
        subscriptions.c.choices_id == found.c.choices_id,
        subscriptions.c.cursor == found.c.cursor,
    )
    counts = (each.correlate(found).scalar_subquery() for each in (theirs, theirs.where(_asleep(period))))
    return select(found, *counts).where(found.c.cursor.is_not(None))


def _find_groups(list_id: int) -> CTE:
    """Of all choices, and of these all cursors: always the least that is more than the last one. NULL ends each."""
    choice, cursor = _least(list_id, subscriptions.c.choices_id), _least(list_id, subscriptions.c.cursor)
    chosen = select(choice.scalar_subquery().label("choices_id")).cte("chosen", recursive=True)
    more = choice.where(subscriptions.c.choices_id > chosen.c.choices_id).correlate(chosen)
    chosen = chosen.union_all(select(more.scalar_subquery()).where(chosen.c.choices_id.is_not(None)))
    of_choice = cursor.where(subscriptions.c.choices_id == chosen.c.choices_id).correlate(chosen)
    first = select(chosen.c.choices_id, of_choice.scalar_subquery().label("cursor"))
    found = first.where(chosen.c.choices_id.is_not(None)).cte("found", recursive=True)
    alike = subscriptions.c.choices_id == found.c.choices_id
    more = cursor.where(alike, subscriptions.c.cursor > found.c.cursor).correlate(found)
    return found.union_all(select(found.c.choices_id, more.scalar_subquery()).where(found.c.cursor.is_not(None)))


def _least(list_id: int, column: ColumnElement[int]) -> Select[Any]:
    return select(func.min(column)).where(*_confirmed(list_id))


def _each_looked_at(
    list_id: int, period: date, aimed: ColumnElement[bool] | None, cursor: ColumnElement[int]
) -> Select[Any]:
    """The same of some readers, or with cursors of their own. Not by an index: with `+ 0` SQLite begins at those who are meant."""
    alike = subscriptions.c.choices_id + 0, cursor + 0
    query = select(*alike, func.count(), func.count().filter(_asleep(period))).select_from(subscriptions)
    query = query.where(*_confirmed(list_id)).group_by(*alike)
    if aimed is None:
        return query
    return query.join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id).where(aimed)


def _cursor(behind: Sequence[int]) -> ColumnElement[int]:
    """Where a reader's cursor will be when it has been moved."""
    if not behind:
        return subscriptions.c.cursor
    moved: list[tuple[ColumnElement[bool], ColumnElement[int]]] = [
        (and_(subscriptions.c.cursor < campaign_id, _reached(campaign_id)), literal_column(str(int(campaign_id))))
        for campaign_id in sorted(behind, reverse=True)
    ]
    return case(*moved, else_=subscriptions.c.cursor)


def _reached(campaign_id: int) -> ColumnElement[bool]:
    return exists().where(
        messages.c.campaign_id == campaign_id,
        messages.c.subscriber_id == subscriptions.c.subscriber_id,
        messages.c.state.in_(_REACHED),
    )


def _without(group: Group, suppressed: int, asleep: int) -> Group:
    return replace(group, readers=group.readers - (suppressed - asleep))


def _asleep(period: date) -> ColumnElement[bool]:
    return subscriptions.c.paused_until > period


def _awake(period: date) -> ColumnElement[bool]:
    return or_(subscriptions.c.paused_until.is_(None), subscriptions.c.paused_until <= period)


def _of_group(campaign_id: int) -> ColumnElement[bool]:
    return and_(
        audiences.c.campaign_id == campaign_id,
        audiences.c.choices_id == subscriptions.c.choices_id + 0,  # by number: readers are to come in their order
        audiences.c.cursor == subscriptions.c.cursor + 0,
    )


def _readers(list_id: int) -> Select[Any]:
    return (
        select(subscribers.c.id)
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .outerjoin(suppressions, suppressions.c.address_hash == subscribers.c.address_hash)
        .where(
            *_confirmed(list_id), suppressions.c.address_hash.is_(None)
        )  # for each reader SQLite would begin NOT EXISTS anew
        .order_by(subscriptions.c.subscriber_id)
        .with_for_update(read=True, key_share=True, of=subscribers)  # who is being erased just now is passed over
    )


def _columns(campaign_id: int, list_id: int) -> dict[str, Any]:
    return {
        "campaign_id": literal(campaign_id),
        "subscriber_id": subscribers.c.id,
        "list_id": literal(list_id),
        "purpose": literal("issue"),
        "address": subscribers.c.address,
        "address_hash": subscribers.c.address_hash,
        "name": subscribers.c.name,
        "state": literal(MessageState.QUEUED.value),
        "attempts": literal(0),
    }
