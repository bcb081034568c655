"""No interval holds more than its limit, counted by one process or by several together."""

import copy
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery import limits
from digest.delivery.limits import Limit, SharedWindow, Window, parse_limit
from digest.model.errors import BadSetting

NOON = 1_790_000_000.0  # not the start of a minute
HOUR, DAY = 3600, 86_400
LIMITS = st.builds(Limit, st.integers(1, 12), st.sampled_from([1, 2, 3, 7, 10, 59, 60, 61, 90, 3600, 86_400]))


# limits in words


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("10/second", Limit(10, 1), "10/second"),
        ("600/minute", Limit(600, 60), "600/minute"),
        ("1000/hour", Limit(1000, 3600), "1000/hour"),
        ("5000/day", Limit(5000, 86_400), "5000/day"),
        (" 10 per second ", Limit(10, 1), "10/second"),
        ("10 / Seconds", Limit(10, 1), "10/second"),
        ("100 per 5 minutes", Limit(100, 300), "100/5 minutes"),
        ("60/60 seconds", Limit(60, 60), "60/minute"),
        ("7/90 seconds", Limit(7, 90), "7/90 seconds"),
        ("9/31 days", Limit(9, 31 * 86_400), "9/31 days"),
    ],
)
def test_a_limit_in_words(text: str, limit: Limit, shown: str) -> None:
    assert parse_limit(text) == limit
    assert str(limit) == shown


@given(st.builds(Limit, st.integers(1, 999_999_999), st.integers(1, 31 * 86_400)))
def test_a_limit_reads_as_it_is_shown(limit: Limit) -> None:
    assert parse_limit(str(limit)) == limit
    assert limit.seconds <= Fraction(limit.width) * limit.span < limit.seconds * Fraction(1.000001)
    assert limit.span >= limits.SLOTS


NO_LIMITS = ["", "10", "ten/second", "10/s", "10/week", "-1/second", "1.5/second", "10per second", "10/second/day"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *((text, f"{text!r} is not a limit; it looks like 10/second, 600/minute, 1000/hour or ") for text in NO_LIMITS),
        ("0/hour", "The limit 0/hour would let nothing go; make it 1 or more, or leave it out."),
        ("1/0 hours", "The limit 1/0 days cannot be kept; it must be for 1 second to 31 days."),
        ("1/32 days", "The limit 1/32 days cannot be kept; it must be for 1 second to 31 days."),
    ],
)
def test_what_is_no_limit_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(BadSetting) as error:
        parse_limit(text)
    assert str(error.value).startswith(said)


# one window


def keeps(limit: Limit, times: Iterable[float]) -> bool:
    """Whether no interval of the limit's seconds, both ends included, holds more than its count."""
    exact = sorted(Fraction(at) for at in times)
    return all(later - at > limit.seconds for at, later in zip(exact, exact[limit.count :], strict=False))


#: How far to the next try, in parts of the window; None for the time that the window names.
STEPS = st.lists(
    st.none() | st.floats(0, 1.5) | st.floats(0, 0.05) | st.sampled_from([0, 1, 1 / limits.SLOTS, 1 / 3]), max_size=80
)


@given(LIMITS, st.sampled_from([0.0, 0.1, NOON]), STEPS)
def test_no_interval_holds_more_than_the_count(limit: Limit, now: float, steps: list[float | None]) -> None:
    window = Window(limit)
    went: list[float] = []
    for step in steps:
        now = window.next_at(now) if step is None else now + step * limit.seconds
        assert window.may(now) or step is not None
        if window.may(now):
            window.take(now)
            went.append(now)
        else:
            need = went[-limit.count] + limit.seconds  # until then, the last `count` are in one interval
            assert now < window.next_at(now) <= need + limit.width + 1e-6
            assert not copy.deepcopy(window).may(max(now, window.next_at(now) - limit.width / 9))
    assert keeps(limit, went)


@pytest.mark.parametrize("limit", [Limit(10, 1), Limit(600, 60), Limit(7, 3), Limit(1000, 3600), Limit(1, 1)])
def test_it_costs_a_sixtieth_of_the_pace(limit: Limit) -> None:
    window, now, end = Window(limit), NOON, NOON + 20 * limit.seconds
    count = 0
    while (now := window.next_at(now)) < end:
        window.take(now)
        count += 1
    assert 20 * limit.count * limits.SLOTS / (limits.SLOTS + 1) <= count <= 20 * limit.count


def test_what_goes_unasked_counts() -> None:
    window = Window(Limit(2, 60))
    for after in (0, 0.5, 5, 5):
        window.take(NOON + after)
    assert window.next_at(NOON + 5) == NOON + 66
    assert [window.may(NOON + after) for after in (61, 65.9, 66)] == [False, False, True]


@given(LIMITS, st.lists(st.floats(0, 0.3), min_size=1, max_size=40), st.floats(0, 400_000))
def test_a_clock_that_is_set_back_lets_nothing_more_go(limit: Limit, steps: list[float], back: float) -> None:
    window, now, went = Window(limit), NOON, []
    for number, step in enumerate(steps * 2):
        now += step * limit.seconds
        shown = now - back if number >= len(steps) else now
        if window.may(shown):
            window.take(shown)
            went.append(now)
        assert window.next_at(shown) - shown <= limit.seconds + 2 * limit.width
    assert keeps(limit, went)


# a window that several processes share


@dataclass
class Table:
    """The rows of one scope and limit, and what went, by whomever."""

    limit: Limit
    rows: Counter[int] = field(default_factory=Counter)
    went: list[float] = field(default_factory=list)

    def look(self, window: SharedWindow, now: float, processes: int, *, committed: bool = True) -> None:
        look = window.look("relay:main", now)
        self.rows = Counter({start: used for start, used in self.rows.items() if start >= look.oldest})
        seen = look.settle(dict(self.rows), processes)
        if committed:
            self.rows.update(seen.changes)
            window.saw(seen)

    def send(self, window: SharedWindow, now: float, most: int = 10**6) -> int:
        count = 0
        while count < most and window.may(now):
            window.take(now)
            count += 1
        self.went += [now] * count
        return count


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["look", "look", "look", "send", "send", "fail", "kill"]),
        st.integers(0, 2),  # which process
        st.integers(1, 4),  # how many it believes that there are
        st.floats(0, 0.3) | st.floats(0, 4) | st.sampled_from([0, 1, 3, 61, 3600]),  # seconds later
        st.integers(1, 400),
    ),
    max_size=80,
)


@given(st.builds(Limit, st.integers(1, 300), st.sampled_from([61, 90, 3600])), ACTIONS)
def test_however_processes_share_no_interval_holds_more(
    limit: Limit, actions: list[tuple[str, int, int, float, int]]
) -> None:
    table, now = Table(limit), NOON
    windows = [SharedWindow(limit) for _ in range(3)]
    for action, number, believed, later, most in actions:
        now += later
        window = windows[number]
        if action == "send":
            table.send(window, now, most)
            assert window.may(now) == (window.next_at(now) == now)
        elif action == "kill":
            windows[number] = SharedWindow(limit)
        else:
            table.look(window, now, believed, committed=action == "look")
            assert action == "look" or not window.may(now)
        assert keeps(limit, table.went)


@pytest.mark.parametrize("count", [1, 2, 7, 100, 5000])
@pytest.mark.parametrize("processes", [1, 2, 5])
def test_together_they_use_all_of_it(processes: int, count: int) -> None:
    table = Table(Limit(count, HOUR))
    windows = [SharedWindow(table.limit) for _ in range(processes)]
    for second in range(60):
        for window in windows:
            table.look(window, NOON + second, processes)
            table.send(window, NOON + second)
    assert len(table.went) == count
    assert sum(table.rows.values()) == count


@pytest.mark.parametrize("count", [1, 2, 7, 100, 5000])
def test_one_that_has_nothing_to_send_leaves_it_to_the_other(count: int) -> None:
    table = Table(Limit(count, HOUR))
    busy, quiet = SharedWindow(table.limit), SharedWindow(table.limit)
    for second in range(120):
        table.look(quiet, NOON + second, 2)
        table.look(busy, NOON + second, 2)
        table.send(busy, NOON + second)
    assert len(table.went) == count
    table.look(quiet, NOON + HOUR * 2, 2)
    assert table.send(quiet, NOON + HOUR * 2) > 0


def test_a_killed_process_loses_no_more_than_a_few_seconds_of_sending() -> None:
    table = Table(Limit(100_000, DAY))
    window = SharedWindow(table.limit)
    for second in range(30):
        table.look(window, NOON + second, 2)
        table.send(window, NOON + second, 50)
    left, after = 100_000 - len(table.went), SharedWindow(table.limit)
    for second in range(30, 60):
        table.look(after, NOON + second, 1)
        table.send(after, NOON + second)
    assert left - 4 * 50 <= len(table.went) - (100_000 - left) <= left


def test_nothing_goes_without_a_look_and_none_is_good_for_ever() -> None:
    table = Table(Limit(1000, HOUR))
    window = SharedWindow(table.limit)
    assert not window.may(NOON)
    assert window.next_at(NOON) == NOON + limits.LOOK_EVERY
    table.look(window, NOON, 1)
    assert [window.may(NOON + after) for after in (0, limits.GOOD_FOR - 0.01, limits.GOOD_FOR, -1)] == [
        True,
        True,
        False,
        False,
    ]
    window.look("relay:main", NOON)
    assert not window.may(NOON)


@pytest.mark.parametrize(("start", "left"), [(-122, 4), (-124, 10), (120, 4), (124, 10), (10 * DAY, 10)])
def test_rows_that_are_over_or_of_a_clock_that_was_wrong_are_passed_over(start: int, left: int) -> None:
    table = Table(Limit(10, 122), Counter({int(NOON) + start: 6}))
    window = SharedWindow(table.limit)
    table.look(window, NOON, 1)
    assert table.send(window, NOON) == left


def test_what_was_set_aside_counts_where_it_may_go_last() -> None:
    table = Table(Limit(1, 122))
    for now in (NOON, NOON + 124, NOON + 126):
        window = SharedWindow(table.limit)  # the one before was killed
        table.look(window, now, 1)
        assert table.send(window, now + limits.GOOD_FOR - 0.1) == (now != NOON + 124)


def test_what_goes_in_the_midst_of_a_look_is_told_by_the_next() -> None:
    table = Table(Limit(10, HOUR))
    window = SharedWindow(table.limit)
    seen = window.look("relay:main", NOON).settle(table.rows, 2)
    window.take(NOON)
    window.saw(seen)
    assert table.send(window, NOON) == 10 / 2 - 1
    assert sum(window.look("relay:main", NOON).taken.values()) == 5
