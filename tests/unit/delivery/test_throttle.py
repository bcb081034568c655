"""Brakes, ramp-ups, and all of the pace together."""

from collections import Counter
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery import throttle
from digest.delivery.limits import Limit
from digest.delivery.throttle import Brake, Pace, PaceRules, RampUp, slows
from digest.model.errors import BadSetting
from digest.model.message import Reply

NOON = 1_790_000_000.0  # not the start of a minute
HOUR, DAY = 3600, 86_400
LIMITS = st.builds(Limit, st.integers(1, 12), st.sampled_from([1, 2, 3, 7, 10, 59, 60, 61, 90, 3600, 86_400]))


# brakes


@pytest.mark.parametrize(
    ("accepted", "gap"),
    [
        ([], 1),  # unknown
        ([20, 15], 1),  # too long ago
        ([n / 1000 for n in range(1000)], 0.05),
        ([n / 10 for n in range(50)], 0.2),
        ([n / 2 for n in range(20)], 1),
        ([n / 2 for n in range(100)], 1),
        ([1], 2),
        ([9, 8, 7, 6], 4.5),
    ],
)
def test_the_first_gap_is_twice_the_recent_mean(accepted: list[float], gap: float) -> None:
    brake = Brake()
    for ago in sorted(accepted, reverse=True):
        brake.accepted(NOON - ago)
    brake.slow_down(NOON)
    assert brake.gap == pytest.approx(gap, rel=0.06)
    assert brake.gap >= 0.05
    assert brake.next_at(NOON) == NOON + brake.gap
    assert brake.may(brake.next_at(NOON))


def test_each_slow_down_doubles_it_up_to_a_minute() -> None:
    brake, gaps = Brake(), []
    for second in range(9):
        for late in (0, 0.01, 0.99):  # many connections hear of it at once: that is one
            brake.slow_down(NOON + second + late)
        gaps.append(brake.gap)
    assert gaps == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_each_acceptance_of_what_went_since_shrinks_it_by_a_fifth_until_it_is_gone() -> None:
    brake, now = Brake(), NOON
    for _ in range(50):
        brake.accepted(NOON)
        brake.took(NOON)
    brake.slow_down(NOON)
    for _ in range(50):  # they were under way
        brake.accepted(NOON)
    gaps = [brake.gap]
    while brake.gap:
        now = brake.next_at(now)
        brake.took(now)
        brake.accepted(now)
        gaps.append(brake.gap)
    assert gaps == pytest.approx([0.05, 0.04, 0.032, 0.0256, 0.02048, 0])


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 5))
def test_several_acceptances_are_one_after_the_other(sent: int, accepted: int, slow_downs: int) -> None:
    at_once, one_by_one = Brake(), Brake()
    for brake in (at_once, one_by_one):
        for number in range(slow_downs):
            brake.slow_down(NOON + 2 * number)
        for _ in range(sent):
            brake.took(NOON + 20)
    at_once.accepted(NOON + 21, accepted)
    for _ in range(accepted):
        one_by_one.accepted(NOON + 21)
    assert at_once.gap == one_by_one.gap
    assert at_once.next_at(NOON + 21) == one_by_one.next_at(NOON + 21)


def test_it_is_calm_without_limits_until_somebody_asks_to_go_slower() -> None:
    pace, forgiven = Pace(PaceRules()), NOON + throttle.FORGIVEN + 1
    calm = [pace.calm]
    pace.slowed(Reply(421, "4.7.0", "slow down", "MAIL"), "main", "", NOON)
    calm.append(pace.calm)
    pace.looks(NOON + 1)
    calm.append(pace.calm)
    assert pace.may("main", "b.example", "", forgiven) is None
    pace.looks(forgiven)
    assert [*calm, pace.calm] == [True, False, False, True]


def test_it_is_never_calm_with_a_limit() -> None:
    for rules in (
        PaceRules(relay_limits={"main": (Limit(9, 1),)}),
        PaceRules(domain_limits={"b.example": (Limit(9, 1),)}),
        PaceRules(every_domain=(Limit(9, 1),)),
        PaceRules(ramp_ups={"a.example": RampUp(date(2026, 3, 2), 10, 2, 100)}),
    ):
        pace = Pace(rules)
        pace.looks(NOON)
        assert not pace.calm


def test_a_brake_is_forgiven_in_the_end() -> None:
    brake = Brake()
    for number in range(10):
        brake.slow_down(NOON + number)
    brake.accepted(NOON + throttle.FORGIVEN)
    assert [brake.idle(NOON + throttle.FORGIVEN + after) for after in (0, 9.9, 10)] == [False, False, True]
    assert brake.next_at(NOON + throttle.FORGIVEN + 10) == NOON + throttle.FORGIVEN + 10
    assert brake.gap == 0


@given(st.lists(st.tuples(st.sampled_from(["took", "accepted", "slow_down"]), st.floats(-2, 5)), max_size=60))
def test_a_brake_is_monotone(steps: list[tuple[str, float]]) -> None:
    brake, now = Brake(), NOON
    for call, later in steps:
        now += later
        gap, at = brake.gap, brake.next_at(now)
        getattr(brake, call)(now)
        if call == "slow_down":
            assert brake.gap >= max(gap, 0.02)
            assert brake.next_at(now) >= at
        else:
            assert brake.gap <= gap
        assert brake.gap == 0 or 0.02 <= brake.gap <= throttle.LAST_GAP
        assert brake.may(brake.next_at(now))
        assert brake.next_at(now) <= now + brake.gap


@pytest.mark.parametrize(
    ("reply", "whom"),
    [
        (Reply(421, "4.3.2", "closing"), "relay"),
        (Reply(421, verb="MAIL"), "relay"),
        (Reply(421, "4.7.28", verb="."), "relay"),
        (Reply(421, "4.4.2", "timeout exceeded"), None),
        (Reply(421, "4.4.2", "gone before the final dot", "."), None),
        (Reply(450, "4.7.1", "too many from you", "RCPT"), "domain"),
        (Reply(450, "4.7.1", "Greylisted, try again in 300 seconds", "RCPT"), None),
        (Reply(451, "4.7.500", "busy", "DATA"), "domain"),
        (Reply(452, "4.7.28", verb="."), "domain"),
        (Reply(451, "4.7.0", verb="MAIL"), "relay"),
        (Reply(454, "4.7.0"), "relay"),
        (Reply(450, "4.2.1", verb="RCPT"), None),
        (Reply(451, verb="."), None),
        (Reply(450, verb="RCPT"), None),
        (Reply(550, "5.7.1", verb="."), None),
        (Reply(550, "4.7.1", verb="."), None),
        (Reply(250, "2.0.0", verb="."), None),
        (Reply(0), None),
    ],
)
def test_whom_a_reply_slows_down(reply: Reply, whom: str | None) -> None:
    assert slows(reply) == whom


# ramp-ups

RAMP_UP = RampUp(date(2026, 3, 2), first_day=50, growth=1.5, until=1000)


def test_a_ramp_up_grows_each_day_until_it_is_over() -> None:
    days = [RAMP_UP.start + timedelta(days=number) for number in range(-2, 10)]
    assert [RAMP_UP.limit(day) for day in days] == [50, 50, 50, 75, 112, 168, 253, 379, 569, 854, None, None]
    assert RAMP_UP.limit(date.max) is None
    assert RampUp(date(2026, 3, 2), 10, 2, 20).limit(date(2026, 3, 3)) == 20


@pytest.mark.parametrize(
    ("first", "growth", "until"), [(0, 2, 10), (10, 2, 9), (10, 1, 20), (10, 11, 20), (10, float("nan"), 20)]
)
def test_a_ramp_up_that_cannot_be(first: int, growth: float, until: int) -> None:
    with pytest.raises(
        BadSetting, match=rf"^A ramp-up from {first} a day to {until}, each day .* cannot be; it begins with"
    ):
        RampUp(date(2026, 3, 2), first, growth, until)


# all of it together


def sent(pace: Pace, now: float, relay: str = "main", domain: str = "", sender: str = "news.example.net") -> int:
    """How many of a thousand go at once."""
    for count in range(1000):
        if pace.may(relay, domain, sender, now) is not None:
            return count
        pace.took(relay, domain, sender, now)
    return 1000


def test_without_rules_and_trouble_everything_goes() -> None:
    pace = Pace(PaceRules())
    assert sent(pace, NOON) == 1000
    assert pace.looks(NOON) == []


def test_each_scope_has_its_own_limits_and_the_latest_time_counts() -> None:
    rules = PaceRules(
        {"main": (Limit(10, 60), Limit(8, 1), Limit(9, 1))},
        {"slow.example": (Limit(1, 10),)},
        (Limit(3, 1), Limit(4, 60)),
    )
    pace = Pace(rules)
    assert sent(pace, NOON, "main", "a.example") == 3
    assert sent(pace, NOON, "main", "b.example") == 3
    assert sent(pace, NOON, "main", "slow.example") == 1
    assert sent(pace, NOON, "main", "c.example") == 1  # the relay's eighth in this second
    assert sent(pace, NOON, "backup", "c.example") == 2
    assert sent(pace, NOON + 2, "main", "a.example") == 1
    assert pace.may("main", "a.example", "", NOON + 2) == NOON + 61
    assert pace.may("backup", "slow.example", "", NOON + 2) == pytest.approx(NOON + 10, abs=0.2)
    assert sent(pace, NOON + 61.1, "main", "a.example") == 3


def test_trouble_slows_its_scope_alone() -> None:
    pace = Pace(PaceRules())
    pace.slowed(Reply(421, "4.7.28"), "main", "", NOON)
    pace.slowed(Reply(450, "4.7.1", verb="RCPT"), "backup", "a.example", NOON)
    pace.slowed(Reply(450, "4.2.1", verb="RCPT"), "backup", "b.example", NOON)
    assert pace.may("main", "b.example", "", NOON) == pace.may("backup", "a.example", "", NOON) == NOON + 1
    assert sent(pace, NOON, "backup", "b.example") == 1000
    assert sent(pace, NOON + 1, "main", "b.example") == 1
    for _ in range(20):
        pace.took("main", "b.example", "", NOON + 1)
        pace.accepted("main", "b.example", NOON + 1)
    assert sent(pace, NOON + 1, "main", "b.example") == 1000
    assert sent(pace, NOON + 1, "backup", "a.example") == 1


@pytest.mark.parametrize("shared", [False, True])
def test_a_new_sending_domain_has_another_limit_each_day(*, shared: bool) -> None:
    pace, rows = Pace(PaceRules(ramp_ups={"news.example.net": RAMP_UP}), shared=shared), Counter[int]()
    start = (RAMP_UP.start - date(1970, 1, 1)).days * DAY
    counts: Counter[int] = Counter()
    for day, second in product(range(9), range(4)):
        now = start + day * (DAY + HOUR) + second
        seen = [look.settle(rows, 1) for look in pace.looks(now)]
        for each in seen:
            rows.update(each.changes)
        pace.saw(seen, 1)
        counts[day] += sent(pace, now)
    assert [counts[day] for day in range(8)] == [50, 75, 112, 168, 253, 379, 569, 854]
    assert counts[8] > RAMP_UP.until
    assert sent(pace, start, "main", "example.org", "old.example.net") == 1000


def test_processes_divide_a_ramp_up_that_is_not_shared() -> None:
    pace = Pace(PaceRules(ramp_ups={"news.example.net": RAMP_UP}))
    assert pace.may("main", "example.org", "news.example.net", 0) is None
    pace.saw([], 2)
    assert sent(pace, 0) == RAMP_UP.first_day / 2


def test_processes_divide_what_they_do_not_share() -> None:
    pace = Pace(PaceRules({"main": (Limit(10, 1),)}, every_domain=(Limit(4, 1),)))
    pace.saw([], 2)
    assert sent(pace, NOON, "main", "a.example") == 2
    assert sent(pace, NOON, "main", "b.example") == 2
    assert sent(pace, NOON, "main", "c.example") == 1
    pace.saw([], 1)
    assert sent(pace, NOON, "main", "a.example") == 2
    pace.saw([], 20)  # fewer than one each is one each
    assert sent(pace, NOON + 2, "main", "a.example") == 1


def test_idle_domains_are_forgotten_and_those_in_use_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "REMEMBERED", 100)
    pace = Pace(PaceRules(domain_limits={"named.example": (Limit(1, 1),)}, every_domain=(Limit(1, 60),)))
    for number in range(5000):
        assert sent(pace, NOON + number, "main", f"{number}.example") == 1
        pace.accepted("main", f"{number}.example", NOON + number)
        assert sent(pace, NOON + number, "main", f"{max(0, number - 50)}.example") == 0
    assert len(pace._domains) <= 201
    assert "named.example" in pace._domains
