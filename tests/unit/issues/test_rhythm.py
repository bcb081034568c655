"""Which issues are a reader's by their rhythm, and when one is to reach them."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.issues.rhythm import is_due, reaches_at
from digest.model.choices import Choices
from digest.model.mailing_list import Rhythm

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)
WEEKLY = Choices(rhythm=Rhythm.WEEKLY, weekday=4)  # Fridays
MONTHLY = Choices(rhythm=Rhythm.MONTHLY)


def due_days(choices: Choices, periods: list[date]) -> list[date]:
    return [period for before, period in pairwise(periods) if is_due(choices, period, before)]


def test_each_issue_is_of_who_wants_each() -> None:
    assert is_due(Choices(), MONDAY, MONDAY - DAY)


@pytest.mark.parametrize("choices", [WEEKLY, MONTHLY])
def test_the_first_issue_of_a_list_is_everybodys(choices: Choices) -> None:
    assert is_due(choices, MONDAY, None)


def test_a_weekly_reader_of_a_daily_list_gets_their_weekday() -> None:
    assert due_days(WEEKLY, [MONDAY + DAY * n for n in range(15)]) == [date(2026, 11, 27), date(2026, 12, 4)]


def test_when_their_weekday_has_no_issue_the_next_one_is_theirs() -> None:
    mondays_and_wednesdays = [date(2026, 11, 23), date(2026, 11, 25), date(2026, 11, 30), date(2026, 12, 2)]
    assert due_days(WEEKLY, mondays_and_wednesdays) == [date(2026, 11, 30)]


def test_a_monthly_reader_gets_the_first_of_each_month() -> None:
    weekly = [date(2026, 11, 9) + 7 * DAY * n for n in range(10)]
    assert due_days(MONTHLY, weekly) == [date(2026, 12, 7), date(2027, 1, 4)]


@given(st.integers(0, 6), st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_a_weekly_reader_gets_one_issue_for_each_of_their_weekdays_that_passed(weekday: int, gaps: list[int]) -> None:
    """At most one in a week, and no week is passed over that had an issue after their day."""
    periods = [MONDAY]
    for gap in gaps:
        periods.append(periods[-1] + gap * DAY)
    choices = Choices(rhythm=Rhythm.WEEKLY, weekday=weekday)
    for before, period in pairwise(periods):
        days = {before + DAY * n for n in range(1, (period - before).days + 1)}
        assert is_due(choices, period, before) == any(day.weekday() == weekday for day in days)


APPEARS = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # 08:00 in Vienna


@pytest.mark.parametrize(
    ("choices", "at"),
    [
        (Choices(), APPEARS),
        (Choices(hour=8), APPEARS),  # the slot's own hour is now, not in a day
        (Choices(hour=9), APPEARS + timedelta(hours=1)),
        (Choices(hour=7), APPEARS + timedelta(hours=23)),
        (Choices(hour=7, zone="Asia/Tokyo"), datetime(2026, 11, 23, 22, 0, tzinfo=UTC)),
        (Choices(hour=7, zone="America/Los_Angeles"), datetime(2026, 11, 23, 15, 0, tzinfo=UTC)),
    ],
)
def test_an_issue_reaches_its_readers_at_their_hour(choices: Choices, at: datetime) -> None:
    assert reaches_at(choices, "Europe/Vienna", APPEARS) == at


def test_an_hour_that_the_day_lacks_is_moved_by_the_gap() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert reaches_at(Choices(hour=2), "Europe/Vienna", before) == datetime(2026, 3, 29, 1, tzinfo=UTC)  # 03:00 there


@given(
    st.integers(0, 87_600),
    st.integers(0, 23),
    st.sampled_from(["Europe/Vienna", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia", "Asia/Kathmandu"]),
)
def test_whatever_the_zone_it_comes_within_little_more_than_a_day(hours: int, hour: int, zone: str) -> None:
    appears = datetime(2020, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=hours)
    at = reaches_at(Choices(hour=hour, zone=zone), "UTC", appears)
    assert timedelta(0) <= at - appears <= timedelta(hours=26)
