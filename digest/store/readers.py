"""Looking for readers among a million: by the beginning of an address or name, which an index finds, and by filters, which look
at so many readers at a time and say so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select, union, union_all

from digest.model.segment import Segment
from digest.model.subscriber import Subscriber, Subscription, SubscriptionState, SuppressionReason
from digest.store.segments import Segments
from digest.store.subscribers import to_subscriber, to_subscription
from digest.store.tables import HAS_NAME, subscribers, subscriptions, suppressions

LOOKED_AT = 20_000  # readers for one page: then it says that there may be more further on
STARTS = 500  # readers whose address or name begins like this, of whom filters and pages know


@dataclass(frozen=True, slots=True)
class Search:
    """`start`: how the address or name begins. The filter is about the list's subscription when one is named, else about any."""

    start: str = ""
    list_id: int | None = None
    state: SubscriptionState | None = None
    filters: tuple[Segment, ...] = ()  # all of them must hold

    @property
    def is_plain(self) -> bool:
        """Every reader of the list fits, so that a page need not look far."""
        return not any(each.conditions for each in self.filters) and (self.state is None or self.list_id is not None)


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """A reader with all that they subscribed to."""

    subscriber: Subscriber
    subscriptions: tuple[Subscription, ...]
    suppressed: SuppressionReason | None


@dataclass(frozen=True, slots=True)
class FoundReaders:
    readers: tuple[ReaderLine, ...]  # the newest first
    next: int | None = None  # those with smaller numbers; None when there are no more
    looked_further: bool = False  # `next` only says how far was looked


class Readers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._bytewise = connection.dialect.name == "sqlite"

    def page(self, search: Search, now: datetime, *, before: int | None, limit: int) -> FoundReaders:
        window = self._window(search, before).subquery("looked_at")
        query = select(subscribers.c.id).join(window, window.c.id == subscribers.c.id)
        query = self._with_filter(query, search, now).order_by(subscribers.c.id.desc()).limit(limit + 1)
        found = self._connection.execute(query).scalars().all()
        lines = tuple(self._lines(self._each(found[:limit])))
        if len(found) > limit:
            return FoundReaders(lines, found[limit - 1])
        further = None if search.start or search.is_plain else self._end_of(window)
        return FoundReaders(lines, further, further is not None)

    def count(self, search: Search, now: datetime) -> int:
        """All of them, which may take a second of a million."""
        query = self._with_filter(select(func.count()).select_from(subscribers), search, now, all_of=True)
        return int(self._connection.execute(query).scalar_one())

    def numbers(self, search: Search, now: datetime, *, limit: int) -> list[int]:
        """Of so many of them, the newest first."""
        query = self._with_filter(select(subscribers.c.id), search, now, all_of=True)
        return list(self._connection.execute(query.order_by(subscribers.c.id.desc()).limit(limit)).scalars())

    def line(self, subscriber: Subscriber) -> ReaderLine:
        return next(iter(self._lines([subscriber])))

    def _window(self, search: Search, before: int | None) -> Any:
        """The numbers of whom to look at."""
        if search.start:
            return _starting(search.start, self._bytewise)
        if search.list_id is None:
            return _newest(subscribers.c.id, before)
        states = [search.state] if search.state is not None else list(SubscriptionState)
        of_state = (
            _newest(
                subscriptions.c.subscriber_id,
                before,
                subscriptions.c.list_id == search.list_id,
                subscriptions.c.state == state,
            ).subquery()
            for state in states  # each by itself stands in the index in order
        )
        window = union_all(*(select(each.c.id) for each in of_state)).subquery()
        return select(window.c.id).order_by(window.c.id.desc()).limit(LOOKED_AT)

    def _with_filter(self, query: Any, search: Search, now: datetime, *, all_of: bool = False) -> Any:
        """`all_of`: without a window, so that the start, the list and the state count here."""
        segments = Segments(self._connection)
        beside = search.list_id is not None
        if beside:
            query = query.join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id).where(*_on(search))
        elif search.state is not None:
            query = query.where(_has(subscriptions.c.state == search.state))
        if all_of and search.start:
            query = query.where(subscribers.c.id.in_(_starting(search.start, self._bytewise)))
        return query.where(*(segments.where(each, now, beside=beside) for each in search.filters))

    def _end_of(self, window: Any) -> int | None:
        """The last number that was looked at, when there are more behind it."""
        ends = self._connection.execute(select(func.count(), func.min(window.c.id))).one()
        return ends[1] if ends[0] == LOOKED_AT else None

    def _each(self, numbers: Sequence[int]) -> list[Subscriber]:
        query = select(subscribers).where(subscribers.c.id.in_(numbers)).order_by(subscribers.c.id.desc())
        return [to_subscriber(row) for row in self._connection.execute(query)]

    def _lines(self, found: Sequence[Subscriber]) -> Iterable[ReaderLine]:
        numbers = [each.id for each in found]
        theirs: dict[int, list[Subscription]] = {number: [] for number in numbers}
        kept = select(subscriptions).where(subscriptions.c.subscriber_id.in_(numbers)).order_by(subscriptions.c.list_id)
        for row in self._connection.execute(kept):
            theirs[row.subscriber_id].append(to_subscription(row))
        out = (
            select(subscribers.c.id, suppressions.c.reason)
            .join(suppressions, suppressions.c.address_hash == subscribers.c.address_hash)
            .where(subscribers.c.id.in_(numbers))
        )
        reasons = {row.id: SuppressionReason(row.reason) for row in self._connection.execute(out)}
        for each in found:
            yield ReaderLine(each, tuple(theirs[each.id]), reasons.get(each.id))


def _on(search: Search) -> list[ColumnElement[bool]]:
    found = [subscriptions.c.list_id == search.list_id]
    return found if search.state is None else [*found, subscriptions.c.state == search.state]


def _has(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(1).where(subscriptions.c.subscriber_id == subscribers.c.id, *which).exists()


def _newest(number: Any, before: int | None, *which: ColumnElement[bool]) -> Select[Any]:
    query = select(number.label("id")).where(*which).order_by(number.desc()).limit(LOOKED_AT)
    return query if before is None else query.where(number < before)


def _starting(start: str, bytewise: bool) -> Any:
    """By two indexes, each beginning for itself: of an OR a planner may read the whole table."""
    begins: list[tuple[Any, ...]] = [(_begins(subscribers.c.address_key, start.casefold(), bytewise),)]
    begins += [(HAS_NAME, _begins(subscribers.c.name, each, bytewise)) for each in _cased(start)]
    found = (select(subscribers.c.id.label("id")).where(*each).limit(STARTS).subquery() for each in begins)
    return select(union(*(select(each.c.id) for each in found)).subquery().c.id)


def _cased(start: str) -> list[str]:
    """Names are kept as people write them."""
    return list(dict.fromkeys((start, start.lower(), start.title(), start.upper())))


def _begins(column: Any, start: str, bytewise: bool) -> ColumnElement[bool]:
    """As the index has it: `~>=~` and `~<~` compare bytes on PostgreSQL, SQLite does anyway."""
    end = start[:-1] + chr(_following(ord(start[-1])))
    if bytewise:
        return and_(column >= start, column < end)
    return and_(column.op("~>=~", is_comparison=True)(start), column.op("~<~", is_comparison=True)(end))


def _following(point: int) -> int:
    """The next code point that can stand in a text."""
    return 0xE000 if point + 1 == 0xD800 else min(point + 1, 0x10FFFF)
