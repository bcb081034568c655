"""How a feed fares: by how reading it went, and by when its articles were published. Pure.

    gone > dead (fails, and for long) > failing > silent (longer than its rhythm) > moved > odd > well

A feed's rhythm is the median gap between the days on which it brought something, and no less than a day. It is silent when
nothing came for three times that, and for four days at least: Friday to Monday evening is a weekend.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from digest.model.feed import Feed, FeedHealth, FeedKind, FeedState

DEAD_FAILURES = 3
DEAD_AFTER = timedelta(days=1)
SILENT_RHYTHMS = 3
SILENT_AFTER = timedelta(days=4)
MOVED_FOR = timedelta(days=30)  # how long a move is news
WEEKS = 4  # over which articles a week are counted
MANY = 20  # articles on one single day: a feed of every day
CARE = frozenset({FeedHealth.GONE, FeedHealth.DEAD, FeedHealth.SILENT})  # an operator should do something

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Activity:
    """When a feed's articles were published."""

    newest: tuple[datetime, ...] = ()  # the newest ones, newest first
    in_four_weeks: int = 0


@dataclass(frozen=True, slots=True)
class Checkup:
    """What an operator is told of a feed."""

    health: FeedHealth
    said: str  # a sentence; "" when there is nothing to say
    articles_a_week: float
    newest_at: datetime | None
    rhythm: timedelta | None  # None when it brought too little to tell

    @property
    def needs_care(self) -> bool:
        return self.health in CARE


def check_up(feed: Feed, activity: Activity, now: datetime) -> Checkup:
    rhythm = find_rhythm(activity.newest)
    newest = activity.newest[0] if activity.newest else None
    silence = _silence(feed, newest, rhythm, now)
    health, said = _judge(feed, silence, now)
    return Checkup(health, said, round(activity.in_four_weeks / WEEKS, 1), newest, rhythm)


def find_rhythm(dates: Sequence[datetime]) -> timedelta | None:
    """None when there are fewer than three days with articles, unless one day alone had very many."""
    days = sorted({date.date() for date in dates})
    if len(days) < 3:
        return _DAY if len(dates) >= MANY else None
    return max(timedelta(days=median((later - earlier).days for earlier, later in pairwise(days))), _DAY)


def in_days(span: timedelta) -> str:
    """`1 day`, `12 days`."""
    days = max(round(span / _DAY), 1)
    return f"{days} day{'s' if days > 1 else ''}"


def _silence(feed: Feed, newest: datetime | None, rhythm: timedelta | None, now: datetime) -> timedelta | None:
    """For how long nothing came, when that is longer than it should be. One page has no rhythm."""
    if newest is None or rhythm is None or feed.kind is FeedKind.PAGE:
        return None
    silence = now - newest
    return silence if silence > max(SILENT_RHYTHMS * rhythm, SILENT_AFTER) else None


def _judge(feed: Feed, silence: timedelta | None, now: datetime) -> tuple[FeedHealth, str]:
    if feed.state is FeedState.GONE:
        return (
            FeedHealth.GONE,
            "It is gone for good (410 Gone) and is not read any more; remove it or find its successor.",
        )
    if feed.failures:
        return _failing(feed, now)
    if feed.last_ok_at is None:
        return FeedHealth.UNREAD, ""
    if silence is not None:
        return FeedHealth.SILENT, f"Nothing new came for {in_days(silence)}, longer than it used to take."
    if feed.moved_at is not None and now - feed.moved_at <= MOVED_FOR:
        return FeedHealth.MOVED, f"It moved here from {feed.moved_from} on {feed.moved_at:%Y-%m-%d}."
    if feed.notes:
        more = f" ({len(feed.notes) - 1} more)" if len(feed.notes) > 1 else ""
        return FeedHealth.ODD, feed.notes[0] + more
    return FeedHealth.WELL, ""


def _failing(feed: Feed, now: datetime) -> tuple[FeedHealth, str]:
    since = feed.failing_since or now
    dead = feed.failures >= DEAD_FAILURES and now - since >= DEAD_AFTER
    times = f"{feed.failures} times since {since:%Y-%m-%d %H:%M} UTC" if feed.failures > 1 else "the last time"
    return FeedHealth.DEAD if dead else FeedHealth.FAILING, f"Reading it failed {times}: {feed.last_error}"
