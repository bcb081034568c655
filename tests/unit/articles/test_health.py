"""How a feed fares, as a function of what is known of it and of the moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.articles.health import Activity, Checkup, check_up, find_rhythm, in_days
from digest.model.feed import Feed, FeedHealth, FeedKind, FeedState

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FEED = Feed(7, 1, "https://example.org/feed", FeedKind.SYNDICATION, last_ok_at=NOW - HOUR, last_tried_at=NOW - HOUR)


def days_ago(*days: float) -> tuple[datetime, ...]:
    return tuple(NOW - day * DAY for day in days)


def check(feed: Feed = FEED, *newest: float, a_month: int = 0) -> Checkup:
    return check_up(feed, Activity(days_ago(*newest), a_month), NOW)


def failing(times: int, since: timedelta) -> Feed:
    return replace(FEED, failures=times, failing_since=NOW - since, last_error="It did not answer.")


def test_a_feed_that_is_read_and_brings_something_is_well() -> None:
    found = check(FEED, 0, 1, 2, 3, a_month=10)
    assert (found.health, found.said, found.needs_care) == (FeedHealth.WELL, "", False)
    assert (found.articles_a_week, found.newest_at, found.rhythm) == (2.5, NOW, DAY)


@pytest.mark.parametrize(
    ("newest", "rhythm"),
    [
        ((), None),
        ((1,), None),
        ((1, 8), None),
        ((1, 1.01, 1.02, 8), None),  # many on two days say nothing of a rhythm
        ((1, 8, 15), 7 * DAY),
        ((0, 0.1, 0.2, 1, 2), DAY),
        ((0, 1, 2, 30, 31, 32), DAY),  # a holiday is no rhythm
        (tuple(n / 100 for n in range(30)), DAY),  # all in one day: a feed of every day
    ],
)
def test_a_rhythm_is_the_median_gap_between_days_with_articles(
    newest: tuple[float, ...], rhythm: timedelta | None
) -> None:
    assert find_rhythm(days_ago(*newest)) == rhythm


@pytest.mark.parametrize(
    ("newest", "silent"),
    [
        ((3.9, 5, 6, 7), False),
        ((4.1, 5, 6, 7), True),
        ((20, 27, 34), False),
        ((21.1, 28, 35), True),
        ((400,), False),  # it has no rhythm that it could break
    ],
)
def test_silence_is_measured_by_the_rhythm(newest: tuple[float, ...], silent: bool) -> None:
    found = check(FEED, *newest)
    assert (found.health is FeedHealth.SILENT) == silent == found.needs_care


def test_silence_is_said_in_days_and_a_page_is_never_silent() -> None:
    assert check(FEED, 40, 41, 42).said == "Nothing new came for 40 days, longer than it used to take."
    assert check(replace(FEED, kind=FeedKind.PAGE), 40, 41, 42).health is FeedHealth.WELL


@pytest.mark.parametrize(
    ("feed", "health"),
    [
        (failing(1, HOUR), FeedHealth.FAILING),
        (failing(2, 3 * DAY), FeedHealth.FAILING),
        (failing(40, 23 * HOUR), FeedHealth.FAILING),
        (failing(3, DAY), FeedHealth.DEAD),
        (replace(FEED, state=FeedState.GONE), FeedHealth.GONE),
        (replace(FEED, last_ok_at=None), FeedHealth.UNREAD),
        (replace(FEED, moved_at=NOW - 29 * DAY, moved_from="https://old.example/"), FeedHealth.MOVED),
        (replace(FEED, moved_at=NOW - 31 * DAY, moved_from="https://old.example/"), FeedHealth.WELL),
        (replace(FEED, notes=("It is not well-formed.",)), FeedHealth.ODD),
    ],
)
def test_health(feed: Feed, health: FeedHealth) -> None:
    assert check(feed).health is health


def test_what_is_said_names_the_error_the_move_and_the_remark() -> None:
    assert check(failing(4, 2 * DAY)).said == (
        "Reading it failed 4 times since 2026-11-21 08:00 UTC: It did not answer."
    )
    assert check(failing(1, HOUR)).said == "Reading it failed the last time: It did not answer."
    moved = replace(FEED, moved_at=NOW - DAY, moved_from="https://old.example/")
    assert check(moved).said == "It moved here from https://old.example/ on 2026-11-22."
    assert check(replace(FEED, notes=("One.", "Two.", "Three."))).said == "One. (2 more)"


def test_the_worst_comes_first() -> None:
    worst = replace(failing(9, 9 * DAY), state=FeedState.GONE, moved_at=NOW, notes=("Odd.",))
    assert check(worst, 40, 41, 42).health is FeedHealth.GONE
    assert check(replace(worst, state=FeedState.ACTIVE), 40, 41, 42).health is FeedHealth.DEAD
    assert check(replace(FEED, moved_at=NOW, notes=("Odd.",)), 40, 41, 42).health is FeedHealth.SILENT
    assert check(replace(FEED, moved_at=NOW, notes=("Odd.",))).health is FeedHealth.MOVED


def test_days_are_counted_in_words() -> None:
    assert [in_days(span) for span in (HOUR, DAY, 12.4 * DAY)] == ["1 day", "1 day", "12 days"]
