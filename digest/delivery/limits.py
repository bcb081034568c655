"""Limits that others set: so many messages a second, an hour, a day; counted by windows, here and by several processes together.

    Limit          as it is set
    Window         counted in memory
    SharedWindow   kept with other processes, and over a restart: Look and Seen are its way to the database and back

Pure rules, for one thread. `now` is Unix time in seconds: best the time at the start, carried on by a monotonic clock. When it is
set back, a Window counts what went later as if it had gone now.
"""

import math
import re
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from digest.model.errors import BadSetting

SLOTS = 60  # sub-intervals of a window, or more: the pace that it allows is 60/61 of the limit
SHORT = 60  # seconds: what is limited for longer is kept in the database
LOOK_EVERY = 1.0  # seconds from look to look
GOOD_FOR = 3.0  # seconds after a look in which one may send what it set aside
AT_FIRST = 100  # messages that a look sets aside at most, if few were sent before it;
GROWTH = 4  # else so many times what was sent before it: what a killed process leaves unused is little

_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_LIMIT = re.compile(
    r"(?P<count>[0-9]{1,9})(?:\s*/\s*|\s+per\s+)(?:(?P<times>[0-9]{1,7})\s+)?(?P<unit>second|minute|hour|day)s?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` in any `seconds`."""

    count: int
    seconds: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise BadSetting(f"The limit {self} would let nothing go; make it 1 or more, or leave it out.")
        if not 1 <= self.seconds <= 31 * 86_400:
            raise BadSetting(f"The limit {self} cannot be kept; it must be for 1 second to 31 days.")

    @property
    def width(self) -> float:
        """Seconds of a sub-interval: for a minute and more, whole ones that divide it. Rounded up, lest a part be uncounted."""
        if self.seconds >= SLOTS:
            return next(width for width in range(self.seconds // SLOTS, 0, -1) if self.seconds % width == 0)
        width = self.seconds / SLOTS
        return width if Fraction(width) * SLOTS >= self.seconds else math.nextafter(width, math.inf)

    @property
    def span(self) -> int:
        """How many sub-intervals before the present one count with it."""
        return math.ceil(self.seconds / self.width)

    def __str__(self) -> str:
        """As `parse_limit` reads it: `10/second`, `100/5 minutes`."""
        unit, length = next(each for each in _UNITS.items() if self.seconds % each[1] == 0)
        times = self.seconds // length
        return f"{self.count}/{unit}" if times == 1 else f"{self.count}/{times} {unit}s"


def parse_limit(text: str) -> Limit:
    """From words like `10/second`, `600 per minute`, `1000/hour`, `5000/day`, `100/5 minutes`. Raises BadSetting."""
    match = _LIMIT.fullmatch(text.strip())
    if match is None:
        raise BadSetting(f"{text[:40]!r} is not a limit; it looks like 10/second, 600/minute, 1000/hour or 5000/day.")
    return Limit(int(match["count"]), int(match["times"] or 1) * _UNITS[match["unit"].lower()])


class Window:
    """One limit of one scope: never more than its count in any interval of its seconds, wherever that begins.

    What went is counted by sub-intervals; of the oldest only a part is still in the interval, and it counts whole. No token
    bucket: relays count windows, and a bucket that holds N and gains N lets 2N pass in its first. It costs a sixtieth of the
    pace. A whole count may go at once; a further limit for a shorter time spreads it.

    Several processes divide a limit (`allow`), with one each at least: together they keep to the larger of its count and their
    number. While their number changes, each newcomer's share may come on top.
    """

    __slots__ = ("_begins", "_counts", "_ends", "_most", "_present", "_span", "_total", "_width", "limit")

    def __init__(self, limit: Limit, processes: int = 1) -> None:
        self.limit = limit
        self._width, self._span = limit.width, limit.span
        self.allow(limit.count, processes)
        self._present: list[float] = [0, 0]  # number and count of a sub-interval; numbered from the epoch
        self._begins = self._ends = 0.0
        self._counts = deque([self._present])  # the oldest first, the present one last
        self._total = 0.0

    def may(self, now: float) -> bool:
        if not self._begins <= now < self._ends:
            self._move(now)
        return self._total < self._most

    def take(self, now: float) -> None:
        """One more went. It counts whether it was allowed or not."""
        if not self._begins <= now < self._ends:
            self._move(now)
        self._present[1] += 1
        self._total += 1

    def next_at(self, now: float) -> float:
        """The earliest time at which one more may go, if none goes before: late by one sub-interval at most."""
        if self.may(now):
            return now
        stays, counts = self._total, iter(self._counts)
        while stays >= self._most:
            slot, count = next(counts)
            stays -= count
        return self._start(slot + self._span + 1)

    def allow(self, count: int, processes: int) -> None:
        """From now on `count` instead of the limit's, divided by so many processes."""
        self._most = max(1, count // processes)

    def idle(self, now: float) -> bool:
        return self.may(now) and self._total == 0

    def _move(self, now: float) -> None:
        """To the sub-interval of now. What is counted in later ones, before the clock was set back, counts there."""
        slot = now // self._width
        self._present = [slot, 0]
        while self._counts and self._counts[-1][0] >= slot:
            self._present[1] += self._counts.pop()[1]
        while self._counts and self._counts[0][0] < slot - self._span:
            self._total -= self._counts.popleft()[1]
        self._counts.append(self._present)
        self._begins, self._ends = self._start(slot), self._start(slot + 1)

    def _start(self, slot: float) -> float:
        start = slot * self._width
        while start // self._width < slot:  # the product was rounded down
            start = math.nextafter(start, math.inf)
        return start


class SharedWindow:
    """One limit of one scope, which several processes keep together and over restarts, by looking at a table about once a second.

    In one transaction, with all others shut out, a process tells what it took, reads what all took, and sets aside for itself
    (what is left) / processes, as if it had taken that. So many it may take until it looks again, within three seconds. What
    it did not take it gives back with its next look. Between `look` and `saw` nothing may go.

    How strict it is: each message is written down before it may go, in the last sub-interval in which it may. So there are never
    more than the limit's count in any interval, however many processes there are or believe to be, and whoever is killed.
    Clocks that differ blur the interval by as much. A process that ends gives back what it set aside; what a killed one had set aside (AT_FIRST, GROWTH) is lost for one
    window. If others were not shut out, two looks could give away the same, up to all that was left.
    """

    __slots__ = ("_aside", "_aside_at", "_count", "_left", "_looked", "_taken", "_width", "limit")

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._width = int(limit.width)
        self._count = limit.count
        self._left = 0
        self._looked = -math.inf
        self._aside = self._aside_at = 0  # what the last look set aside, and in which sub-interval
        self._taken: Counter[int] = Counter()  # and not told yet: by the start of the sub-interval

    def may(self, now: float) -> bool:
        return self._left > 0 and 0 <= now - self._looked < GOOD_FOR

    def take(self, now: float) -> None:
        """One more went. It counts whether it was allowed or not."""
        self._left -= 1
        self._taken[int(now // self._width) * self._width] += 1

    def next_at(self, now: float) -> float:
        """When another look may have found room. Ask again after each `saw`."""
        return now if self.may(now) else now + LOOK_EVERY

    def allow(self, count: int, _processes: int) -> None:
        """From now on `count` instead of the limit's. How many processes there are, each look asks."""
        self._count = count

    def look(self, scope: str, now: float) -> "Look":
        self._left = 0
        oldest = (int(now // self._width) - self.limit.span) * self._width
        until = int((now + GOOD_FOR) // self._width) * self._width
        taken = dict(self._taken)
        return Look(scope, self.limit, self._count, now, oldest, until, taken, self._aside, self._aside_at)

    def saw(self, seen: "Seen") -> None:
        """The look was committed. One that was not is never told of: the next makes up for it."""
        look = seen.look
        self._taken -= Counter(look.taken)
        self._aside, self._aside_at = seen.aside, look.until
        self._left = seen.aside - self._taken.total()
        self._looked = look.now


@dataclass(frozen=True, slots=True)
class Look:
    """What a window has to tell and to ask, on its way to the database: a value, so that another thread may take it there."""

    scope: str
    limit: Limit
    count: int  # the limit's, or today's
    now: float
    oldest: int  # rows that started before count no more, and can be deleted
    until: int  # the start of the last sub-interval in which what is set aside now may go
    taken: Mapping[int, int]  # since the last look, by the start of the sub-interval
    aside: int  # what the last look had set aside
    aside_at: int

    def settle(self, rows: Mapping[int, int], processes: int) -> "Seen":
        """Decide, inside the transaction. `rows` are this scope's and limit's there: the start of a sub-interval → used."""
        changes = Counter(self.taken)
        changes[self.aside_at] -= self.aside
        used = Counter(rows)
        used.update(changes)
        end = self.now + self.limit.seconds  # what begins later was written by a clock that was wrong
        left = self.count - sum(count for start, count in used.items() if self.oldest <= start < end)
        aside = self._share(left, processes)
        changes[self.until] += aside
        return Seen(self, {start: change for start, change in changes.items() if change}, aside)

    def _share(self, left: int, processes: int) -> int:
        """What was set aside in vain is left to the others for once: else the last message of a limit could wait for ever."""
        if processes > 1 and self.aside and not self.taken:
            return 0
        return max(0, min(math.ceil(left / processes), max(AT_FIRST, GROWTH * sum(self.taken.values()))))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look came to. Add `changes` (start → more, or fewer) to the rows, commit, then give it to `Pace.saw`."""

    look: Look
    changes: Mapping[int, int]
    aside: int
