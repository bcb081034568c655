"""Segments as they are kept, and as bound expressions: no word of an operator's ever becomes SQL (security S15).

An expression is about a row of `subscribers` and one of `subscriptions` beside it; or, where there is none beside it, about
whether the subscriber has such a subscription.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Text,
    and_,
    any_,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    true,
)

from digest.model.choices import Choices, choices_from_json
from digest.model.errors import BadInput, NotFound
from digest.model.event import EventKind
from digest.model.message import OPEN, MessageState
from digest.model.segment import MOMENTS, Aim, Compare, Condition, Field, Match, Segment, read_filter
from digest.model.subscriber import SubscriptionState
from digest.store.dialect import TOO_LARGE
from digest.store.segment_tables import segments
from digest.store.tables import campaigns, choices, events, lists, messages, subscribers, subscriptions, suppressions

#: What a reader does themselves.
_ACTS = (
    EventKind.SIGNED_UP,
    EventKind.CONFIRMED,
    EventKind.CHOSE,
    EventKind.SAID_WHY,
    EventKind.ASKED_FOR_LINK,
)
_REACHED = (MessageState.ACCEPTED, MessageState.UNCERTAIN, *sorted(OPEN))
_OF_SUBSCRIPTION = frozenset(
    {Field.SOURCE, Field.TOPIC, Field.RHYTHM, Field.FORM, Field.STATE, Field.JOINED, Field.REACHED}
)


class Segments:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Segment]:
        return [_to_segment(row) for row in self._connection.execute(select(segments).order_by(segments.c.name))]

    def get(self, segment_id: int) -> Segment:
        known = 0 < segment_id < TOO_LARGE
        query = select(segments).where(segments.c.id == segment_id)
        row = self._connection.execute(query).first() if known else None
        if row is None:
            raise NotFound(f"There is no segment {segment_id}; `digest segment list` shows those there are.")
        return _to_segment(row)

    def by_name(self, name: str) -> Segment:
        row = self._connection.execute(select(segments).where(segments.c.name == name)).first()
        if row is None:
            raise NotFound(f"There is no segment named {name[:60]!r}; `digest segment list` shows those there are.")
        return _to_segment(row)

    def add(self, new: Segment, now: datetime) -> Segment:
        """`new.id` is ignored. Raises BadInput when the name is taken."""
        if self._connection.execute(select(segments.c.id).where(segments.c.name == new.name)).first():
            raise BadInput(f"There is a segment named {new.name!r} already; choose another name.")
        said = [[each.field, each.compare, each.value] for each in new.conditions]
        self._connection.execute(
            insert(segments).values(name=new.name, match=new.match, conditions=said, created_at=now)
        )
        return self.by_name(new.name)

    def remove(self, segment_id: int) -> None:
        self._connection.execute(delete(segments).where(segments.c.id == segment_id))

    def counts(self, segment: Segment, now: datetime) -> dict[int, int]:
        """The confirmed readers who are in it, by list; of lists that have any."""
        query = (
            select(subscriptions.c.list_id, func.count())
            .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
            .where(subscriptions.c.state == SubscriptionState.CONFIRMED, self.where(segment, now))
            .group_by(subscriptions.c.list_id)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def check(self, segment: Segment) -> None:
        """Raises NotFound when it names a list that there is not."""
        for condition in segment.conditions:
            if condition.field is Field.LIST:
                self._list(condition.value)

    def where(self, segment: Segment, now: datetime, *, beside: bool = True) -> ColumnElement[bool]:
        """Who is in it. `beside`: a row of `subscriptions` is joined."""
        if not segment.conditions:
            return true()
        parts = [self._holds(each, now, beside=beside) for each in segment.conditions]
        return and_(*parts) if segment.match is Match.ALL else or_(*parts)

    def aimed(self, aim: Aim) -> ColumnElement[bool] | None:
        """Whom of a list's readers it is for; None for all of them."""
        parts = [self.where(aim.only, aim.at)] if aim.only else []
        parts += [not_(self.where(aim.but, aim.at))] if aim.but else []
        return and_(*parts) if parts else None

    def _holds(self, condition: Condition, now: datetime, *, beside: bool) -> ColumnElement[bool]:
        asked = self._asked(condition, now)
        if condition.compare in {Compare.IS_NOT, Compare.NOT_SINCE}:
            asked = not_(asked)
        if condition.field in _OF_SUBSCRIPTION and not beside:
            return exists().where(subscriptions.c.subscriber_id == subscribers.c.id, asked)
        return asked

    def _asked(self, condition: Condition, now: datetime) -> ColumnElement[bool]:
        """Never NULL, so that it can be turned round."""
        if condition.field in MOMENTS:
            return self._since(condition.field, condition.since(now))
        if condition.field in _CHOSEN:
            return self._chose(_CHOSEN[condition.field], condition.value)
        if condition.field is Field.LIST:
            return _is_on(self._list(condition.value))
        return _IS[condition.field](condition.value)

    def _since(self, field: Field, since: datetime) -> ColumnElement[bool]:
        if field is Field.REACHED:
            return self._reached(since)
        if field is Field.JOINED:
            at = subscriptions.c.confirmed_at
            return and_(at.is_not(None), at >= since)
        return _happened(_ACTS if field is Field.ACTED else (EventKind.BOUNCED,), since)

    def _chose(self, fits: Callable[[Choices, str], bool], value: str) -> ColumnElement[bool]:
        kept = self._connection.execute(select(choices))
        fitting = [row.id for row in kept if fits(choices_from_json(row.choices), value)]
        if fits(Choices(), value):
            fitting.append(0)
        return self._among(subscriptions.c.choices_id, fitting)

    def _among(self, column: Column[int], numbers: Sequence[int]) -> ColumnElement[bool]:
        """`column IN numbers`, as one value however many there are."""
        if self._connection.dialect.name == "sqlite":
            each = func.json_each(literal(json.dumps(list(numbers)), Text())).table_valued("value")
            return column.in_(select(each.c.value))
        return column == any_(literal(list(numbers), ARRAY(Integer)))

    def _list(self, name: str) -> int:
        found: int | None = self._connection.execute(select(lists.c.id).where(lists.c.name == name)).scalar()
        if found is None:
            raise NotFound(f"A segment asks for the list {name[:60]!r}, which is not there.")
        return found

    def _reached(self, since: datetime) -> ColumnElement[bool]:
        """By the cursor, and of campaigns that have not moved it yet by their messages."""
        made = select(campaigns.c.id, campaigns.c.cursors_until).where(campaigns.c.created_at >= since)
        found = self._connection.execute(made.order_by(campaigns.c.id)).all()
        if not found:
            return false()
        behind = [row.id for row in found if not row.cursors_until]
        by_message = exists().where(
            messages.c.campaign_id.in_(behind),
            messages.c.subscriber_id == subscriptions.c.subscriber_id,
            messages.c.list_id == subscriptions.c.list_id,
            messages.c.state.in_(_REACHED),
        )
        by_cursor = subscriptions.c.cursor >= found[0].id
        return or_(by_cursor, by_message) if behind else by_cursor


def _gets_topic(chosen: Choices, topic: str) -> bool:
    return not chosen.topics or topic.casefold() in map(str.casefold, chosen.topics)


_CHOSEN: dict[Field, Callable[[Choices, str], bool]] = {
    Field.TOPIC: _gets_topic,
    Field.RHYTHM: lambda chosen, value: chosen.rhythm == value,
    Field.FORM: lambda chosen, value: chosen.form == value,
}


def _speaks(language: str) -> ColumnElement[bool]:
    said = func.lower(subscribers.c.language)
    return or_(said == language.lower(), said.startswith(f"{language.lower()}-", autoescape=True))


def _is_suppressed(reason: str) -> ColumnElement[bool]:
    return exists().where(suppressions.c.address_hash == subscribers.c.address_hash, suppressions.c.reason == reason)


_IS: dict[Field, Callable[[str], ColumnElement[bool]]] = {
    Field.LANGUAGE: _speaks,
    Field.DOMAIN: lambda domain: subscribers.c.address_key.endswith(f"@{domain}", autoescape=True),
    Field.SOURCE: lambda source: subscriptions.c.consent_source == source,
    Field.STATE: lambda state: subscriptions.c.state == state,
    Field.SUPPRESSED: _is_suppressed,
}


def _is_on(list_id: int) -> ColumnElement[bool]:
    other = subscriptions.alias()
    return exists().where(
        other.c.subscriber_id == subscribers.c.id,
        other.c.list_id == list_id,
        other.c.state == SubscriptionState.CONFIRMED,
    )


def _happened(kinds: Sequence[EventKind], since: datetime) -> ColumnElement[bool]:
    return exists().where(events.c.subscriber_id == subscribers.c.id, events.c.kind.in_(kinds), events.c.at >= since)


def _to_segment(row: Row[Any]) -> Segment:
    found = read_filter([tuple(each) for each in row.conditions], row.match)
    return Segment(found.conditions, found.match, row.name, row.id)
