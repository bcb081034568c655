"""Exactly one slot for every scheduled day, in every zone; and what becomes of a slot that passed."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.issues.cadence import (
    SlotAction,
    SlotDecision,
    missed,
    next_slot,
    next_slots,
    period_of,
    read_moment,
    slots_between,
)
from digest.model.errors import BadInput
from digest.model.mailing_list import CatchUp, Schedule

DAILY = frozenset(range(7))
MONDAY = frozenset({0})


def schedule(zone: str, at: str, weekdays: frozenset[int] = DAILY) -> Schedule:
    return Schedule(weekdays=weekdays, at=time.fromisoformat(at), zone=zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(plan: Schedule, slot: datetime | None) -> str:
    assert slot is not None
    return f"{slot.astimezone(ZoneInfo(plan.zone)):%Y-%m-%d %H:%M}"


ZONES = [
    "UTC",
    "Europe/Vienna",
    "Europe/Dublin",  # negative summer time
    "America/New_York",
    "America/Santiago",  # midnight gaps
    "America/Sao_Paulo",  # midnight gaps until 2018
    "Asia/Beirut",  # midnight gaps
    "Asia/Kathmandu",  # +05:45
    "Africa/Casablanca",  # four shifts a year
    "Australia/Lord_Howe",  # half an hour
    "America/Nuuk",  # shifts in the evening
    "Antarctica/Troll",  # two hours
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", ["00:00", "00:30", "01:30", "02:15", "03:00", "08:00", "22:30", "23:45"])
def test_every_day_around_the_changes_of_thirty_years_has_one_slot(zone: str, at: str) -> None:
    for days in around_changes(zone):
        check_each_has_one_slot(schedule(zone, at), days)


@pytest.mark.parametrize("zone", ZONES)
def test_every_day_of_a_year_has_one_slot(zone: str) -> None:
    check_each_has_one_slot(schedule(zone, "08:00"), some_days(date(2026, 1, 1), 365))


def check_each_has_one_slot(plan: Schedule, days: list[date]) -> None:
    before, last = expected(plan, days[0]) - timedelta(seconds=1), expected(plan, days[-1])
    slots = slots_between(plan, before, last)
    assert list(slots) == [expected(plan, day) for day in days]
    assert [period_of(plan, slot) for slot in slots] == days
    assert all(slot < later for slot, later in pairwise(slots))


def some_days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


@cache
def around_changes(zone: str) -> list[list[date]]:
    """Wherever in thirty years a zone has another offset than the day before: a week and more, on either side."""
    days = some_days(date(2005, 1, 1), 30 * 365 + 8)
    offsets = [datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset() for day in days]
    changes = [day for day, (one, other) in zip(days[1:], pairwise(offsets), strict=True) if one != other]
    return [some_days(change - timedelta(days=9), 18) for change in changes] or [days[:18]]


def expected(plan: Schedule, day: date) -> datetime:
    """By trial, without PEP 495: the first instant that shows this wall clock, else as much later as the gap is long."""
    zone = ZoneInfo(plan.zone)
    wall = datetime.combine(day, plan.at, UTC)
    offsets = [(wall + timedelta(days=n)).astimezone(zone).utcoffset() or timedelta() for n in (-1, 1)]
    instants = [wall - offset for offset in offsets]
    showing = [moment for moment in instants if moment.astimezone(zone).replace(tzinfo=UTC) == wall]
    return min(showing, default=wall - offsets[0])


@pytest.mark.parametrize(
    ("zone", "at", "day", "expected"),
    [
        ("Europe/Vienna", "02:30", "2026-03-29", "2026-03-29 03:30"),
        ("America/New_York", "02:00", "2026-03-08", "2026-03-08 03:00"),
        ("America/Santiago", "00:00", "2026-09-06", "2026-09-06 01:00"),
        ("America/Santiago", "00:30", "2026-09-06", "2026-09-06 01:30"),
        ("America/Sao_Paulo", "00:00", "2018-11-04", "2018-11-04 01:00"),
        ("Asia/Beirut", "00:00", "2026-03-29", "2026-03-29 01:00"),
        ("Australia/Lord_Howe", "02:15", "2026-10-04", "2026-10-04 02:45"),
        ("America/Nuuk", "23:45", "2024-03-30", "2024-03-31 00:45"),
        ("Pacific/Apia", "08:00", "2011-12-30", "2011-12-31 08:00"),
        ("Pacific/Kwajalein", "08:00", "1993-08-21", "1993-08-22 08:00"),
    ],
)
def test_a_time_that_a_day_lacks_shifts_by_the_gap(zone: str, at: str, day: str, expected: str) -> None:
    weekday = frozenset({date.fromisoformat(day).weekday()})
    plan = schedule(zone, at, weekday)
    slot = next_slot(plan, utc(day) - timedelta(days=2))
    assert local(plan, slot) == expected


@pytest.mark.parametrize(
    ("zone", "at", "first_pass"),
    [
        ("Europe/Vienna", "02:30", "2026-10-25T00:30"),
        ("America/New_York", "01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "01:45", "2026-04-04T14:45"),
        ("America/Santiago", "23:30", "2026-04-05T02:30"),
    ],
)
def test_a_time_that_a_day_has_twice_is_its_first_pass(zone: str, at: str, first_pass: str) -> None:
    plan = schedule(zone, at)
    slot = next_slot(plan, utc(first_pass) - timedelta(hours=1))
    assert slot == utc(first_pass)
    following = next_slot(plan, slot)
    assert following is not None
    assert following - slot > timedelta(hours=24)


def test_a_skipped_day_and_the_next_are_one_slot_with_the_next_day_s_period() -> None:
    plan = schedule("Pacific/Apia", "08:00")
    slots = slots_between(plan, utc("2011-12-29T00:00"), utc("2012-01-01T12:00"))
    assert [local(plan, slot) for slot in slots] == ["2011-12-29 08:00", "2011-12-31 08:00", "2012-01-01 08:00"]
    assert [period_of(plan, slot).day for slot in slots] == [29, 31, 1]


def test_a_weekly_slot_on_a_skipped_day_is_not_lost() -> None:
    plan = schedule("Pacific/Apia", "08:00", frozenset({4}))
    slots = slots_between(plan, utc("2011-12-24T00:00"), utc("2012-01-07T00:00"))
    assert [local(plan, slot) for slot in slots] == ["2011-12-31 08:00", "2012-01-06 08:00"]
    assert period_of(plan, slots[0]) == date(2011, 12, 30)


def test_a_slot_pushed_past_midnight_keeps_its_own_day() -> None:
    plan = schedule("America/Nuuk", "23:45")  # 2024-03-30 had no last hour
    slots = slots_between(plan, utc("2024-03-30T00:00"), utc("2024-04-01T12:00"))
    assert [local(plan, slot)[8:] for slot in slots] == ["29 23:45", "31 00:45", "31 23:45"]
    assert [period_of(plan, slot).day for slot in slots] == [29, 30, 31]
    assert next_slot(plan, slots[1] - timedelta(minutes=1)) == slots[1]  # asked after midnight, it is still to come


def test_a_slot_belongs_to_its_scheduled_day_and_another_moment_to_its_date() -> None:
    plan = schedule("Europe/Vienna", "08:00", MONDAY)
    assert period_of(plan, utc("2026-11-23T07:00")) == date(2026, 11, 23)
    assert period_of(plan, utc("2026-11-24T23:30")) == date(2026, 11, 25)


def test_only_the_scheduled_weekdays_have_slots() -> None:
    plan = schedule("Europe/Vienna", "08:00", frozenset({0, 3}))
    slots = slots_between(plan, utc("2026-11-01T00:00"), utc("2026-11-30T00:00"))
    assert [period_of(plan, slot).day for slot in slots] == [2, 5, 9, 12, 16, 19, 23, 26]


def test_the_next_slot_is_later_and_the_end_is_inside() -> None:
    plan = schedule("UTC", "08:00")
    slot = utc("2026-11-23T08:00")
    assert next_slot(plan, slot) == slot + timedelta(days=1)
    assert next_slot(plan, slot - timedelta(microseconds=1)) == slot
    assert slots_between(plan, slot - timedelta(days=1), slot) == (slot,)
    assert slots_between(plan, slot, slot) == ()


def test_no_weekday_is_never() -> None:
    assert next_slot(schedule("UTC", "08:00", frozenset()), utc("2026-11-23")) is None
    assert slots_between(schedule("UTC", "08:00", frozenset({9})), utc("2026-01-01"), utc("2026-12-31")) == ()


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "Europe", "../etc/passwd", "/etc/localtime", "a\0b"])
def test_an_unknown_zone_is_named(zone: str) -> None:
    with pytest.raises(BadInput, match="is no time zone we know"):
        next_slot(schedule(zone, "08:00"), utc("2026-11-23"))


@given(
    st.sampled_from([*ZONES, "Pacific/Apia", "Pacific/Kwajalein", "Pacific/Kiritimati", "Asia/Manila"]),
    st.times(),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis wants naive bounds
    st.timedeltas(timedelta(0), timedelta(days=30)),
)
def test_slots_only_go_forward(
    zone: str, at: time, weekdays: frozenset[int], moment: datetime, step: timedelta
) -> None:
    plan = Schedule(weekdays, at, zone)
    slot, later = next_slot(plan, moment), next_slot(plan, moment + step)
    assert slot is not None
    assert later is not None
    assert moment < slot <= later
    assert slot - moment <= timedelta(days=9)
    assert slot.tzinfo is UTC
    assert period_of(plan, slot).weekday() in weekdays


WEEKLY = schedule("Europe/Vienna", "08:00", MONDAY)
DUE = utc("2026-11-23T07:00")


def decided(late: timedelta, catch_up: CatchUp = CatchUp.SEND, due: datetime = DUE) -> SlotDecision:
    plan = Schedule(MONDAY, WEEKLY.at, WEEKLY.zone, catch_up, late_hours=24)
    decision = missed(plan, due, DUE + late)
    assert decision is not None
    return decision


def test_a_slot_that_has_not_come_is_no_decision() -> None:
    assert missed(WEEKLY, DUE, DUE - timedelta(seconds=1)) is None


@pytest.mark.parametrize("catch_up", CatchUp)
@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=30), timedelta(minutes=15)])
def test_on_time_is_sent_without_a_word(catch_up: CatchUp, late: timedelta) -> None:
    assert decided(late, catch_up) == SlotDecision(DUE, date(2026, 11, 23), SlotAction.SEND, "")


def test_a_missed_slot_is_sent_late_where_the_list_catches_up() -> None:
    decision = decided(timedelta(hours=24))
    assert decision.action is SlotAction.SEND
    assert decision.reason == "The slot of 2026-11-23 08:00 was missed by 24 hours; it is sent now."


def test_a_missed_slot_is_held_where_it_does_not() -> None:
    decision = decided(timedelta(minutes=16), CatchUp.HOLD)
    assert decision.action is SlotAction.HOLD
    assert decision.reason == (
        "The slot of 2026-11-23 08:00 was missed by 16 minutes, and this list does not catch up by itself; it is held."
    )


@pytest.mark.parametrize("catch_up", CatchUp)
def test_beyond_the_limit_it_is_held_whatever_the_list_says(catch_up: CatchUp) -> None:
    decision = decided(timedelta(hours=24, seconds=1), catch_up)
    assert decision.action is SlotAction.HOLD
    assert "more than the 24 hours that this list allows; it is held." in decision.reason


def test_of_several_missed_slots_only_the_latest_counts_and_the_others_are_named() -> None:
    decision = decided(timedelta(minutes=1), due=DUE - timedelta(days=7))
    assert (decision.slot, decision.action, decision.passed_over) == (DUE, SlotAction.SEND, (DUE - timedelta(days=7),))
    assert decision.reason == "The earlier slot of 2026-11-16 08:00 passed too and gets no issue of its own."
    many = decided(timedelta(hours=1), due=DUE - timedelta(days=21))
    assert "3 earlier slots, from 2026-11-02 08:00 to 2026-11-16 08:00, passed too" in many.reason


def test_a_due_time_of_an_older_schedule_still_comes() -> None:
    odd = DUE + timedelta(hours=2)
    assert missed(WEEKLY, odd, odd) == SlotDecision(odd, date(2026, 11, 23), SlotAction.SEND, "")


def test_the_next_slots_follow_each_other_through_a_change_of_clocks() -> None:
    schedule = Schedule(frozenset({6}), time(8, 0), "Europe/Vienna")
    found = next_slots(schedule, datetime(2026, 10, 18, 7, 0, tzinfo=UTC), 3)
    assert [f"{slot:%d %H}" for slot in found] == ["25 07", "01 07", "08 07"]
    assert next_slots(Schedule(frozenset(), time(8, 0), "UTC"), found[0], 5) == ()


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-11-30 14:00", "Europe/Vienna", "2026-11-30 13:00"),
        ("2026-11-30T14:00", "UTC", "2026-11-30 14:00"),
        (" 2026-11-30T14:00:00+02:00 ", "Europe/Vienna", "2026-11-30 12:00"),
        ("2026-03-29 02:30", "Europe/Vienna", "2026-03-29 01:30"),  # a time that the day lacks
        ("2026-10-25 02:30", "Europe/Vienna", "2026-10-25 00:30"),  # one that it has twice
    ],
)
def test_a_moment_is_read_on_the_clock_of_a_zone(text: str, zone: str, moment: str) -> None:
    assert read_moment(text, zone) == utc(moment)


@given(st.text(max_size=40))
def test_what_is_no_moment_is_said_in_a_sentence(text: str) -> None:
    try:
        assert read_moment(text, "Europe/Vienna").tzinfo is UTC
    except BadInput as error:
        assert str(error).endswith("write one as 2026-11-30 14:00.")  # noqa: PT017  some texts are moments
