"""How relays share the messages, and what trouble with one does to that."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.relays import LONGEST_REST, Ceiling, RelayHealth, RelayState, share_out
from digest.model.errors import BadSetting

NOON = 1_790_000_000.0


def relay(name: str, weight: float = 1, *, handed: int = 0) -> RelayState:
    return RelayState(name, Ceiling(4), weight, handed=handed)


def next_of(relays: Iterable[RelayState]) -> RelayState:
    """As the loop goes about it, among those with an idle connection."""
    return min(relays, key=lambda each: each.load)


# health


def test_rests_double_up_to_five_minutes() -> None:
    health = RelayHealth()
    now, rests = NOON, []
    for _ in range(12):
        assert health.healthy(now)
        health.failed(now, "it hung up")
        rests.append(health.rests_until - now)
        now = health.rests_until
    assert rests == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert health.why == "it hung up"


def test_what_fails_during_a_rest_is_the_same_failure() -> None:
    health = RelayHealth()
    for late in (0, 0.1, 0.9):
        health.failed(NOON + late, "unreachable")
    assert (health.failures, health.rests_until) == (1, NOON + 1)
    assert not health.healthy(NOON + 0.99)
    assert health.healthy(NOON + 1)


def test_a_success_forgets_all_failures() -> None:
    health = RelayHealth()
    health.failed(NOON, "unreachable")
    health.failed(NOON + 1, "unreachable")
    health.succeeded()
    assert health == RelayHealth()
    health.failed(NOON + 2, "unreachable")
    assert health.rests_until == NOON + 3


def test_one_that_will_not_have_us_is_not_asked_again() -> None:
    health = RelayHealth()
    health.shut("it refused the password")
    health.succeeded()  # of a connection that was open before
    health.failed(NOON, "unreachable")
    assert health.is_shut
    assert not health.healthy(NOON + 10**9)
    assert health.why == "it refused the password"


@given(st.lists(st.tuples(st.floats(0, 400), st.booleans()), max_size=60))
def test_a_rest_is_never_longer_than_five_minutes(steps: list[tuple[float, bool]]) -> None:
    health, now = RelayHealth(), NOON
    for wait, fails in steps:
        now += wait
        if fails:
            health.failed(now, "unreachable")
            assert not health.healthy(now)
        elif health.healthy(now):
            health.succeeded()
        assert health.healthy(now + LONGEST_REST)


# connections


def test_half_the_connections_after_a_421_and_one_more_each_quiet_minute() -> None:
    ceiling = Ceiling(20)
    assert ceiling.allowed(NOON) == 20
    ceiling.turned_away(NOON)
    assert [ceiling.allowed(NOON + after) for after in (0, 59, 60, 180, 600, 10**6)] == [10, 10, 11, 13, 20, 20]


def test_trouble_again_halves_what_is_left_and_never_to_none() -> None:
    ceiling = Ceiling(9)
    left = []
    for number in range(6):
        ceiling.turned_away(NOON + 2 * number)
        left.append(ceiling.allowed(NOON + 2 * number))
    assert left == [4, 2, 1, 1, 1, 1]
    ceiling.turned_away(NOON + 10 + 120)
    assert ceiling.allowed(NOON + 10 + 120) == 1  # it was 3 by then
    assert ceiling.allowed(NOON + 10 + 120 + 59) == 1


def test_several_connections_that_hear_of_it_at_once_are_one() -> None:
    ceiling = Ceiling(16)
    for late in (0, 0.01, 0.5, 0.99):
        ceiling.turned_away(NOON + late)
    assert ceiling.allowed(NOON + 1) == 8


@given(st.integers(1, 50), st.lists(st.tuples(st.floats(-5, 400), st.booleans()), max_size=60))
def test_a_ceiling_is_between_one_and_all(most: int, steps: list[tuple[float, bool]]) -> None:
    ceiling, now = Ceiling(most), NOON
    for wait, trouble in steps:
        now += wait
        before = ceiling.allowed(now)
        if trouble:
            ceiling.turned_away(now)
            assert ceiling.allowed(now) <= before
        assert 1 <= ceiling.allowed(now) <= most


# shares


def test_the_one_with_the_least_for_its_weight() -> None:
    one, two = relay("one", 1, handed=10), relay("two", 3, handed=29)
    assert next_of([one, two]) is two
    two.handed = 31
    assert next_of([one, two]) is one


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=6))
def test_with_room_everywhere_each_gets_its_weight(weights: list[float]) -> None:
    relays = [relay(f"relay-{number}", weight) for number, weight in enumerate(weights)]
    for _ in range(500):
        chosen = next_of(relays)
        chosen.handed += 1
    for each in relays:
        assert abs(each.handed - 500 * each.weight / sum(weights)) <= len(relays)


def test_one_that_comes_back_makes_up_for_nothing() -> None:
    one, two, third = relay("one", 1, handed=5000), relay("two", 2, handed=100), relay("three", handed=6000)
    two.returns([one, two, third])
    assert two.load == one.load
    one.returns([one, two, third])
    assert one.missed == 0
    third.returns([third])
    assert third.missed == 0
    for _ in range(300):
        chosen = next_of([one, two])
        chosen.handed += 1
    assert (one.handed, two.handed) == (5100, 300)


# connections among relays


@pytest.mark.parametrize(
    ("connections", "weights", "shares"),
    [
        (4, {"a": 1}, {"a": 4}),
        (4, {"a": 1, "b": 1}, {"a": 2, "b": 2}),
        (5, {"b": 1, "a": 1}, {"b": 2, "a": 3}),  # by name
        (10, {"a": 7, "b": 2, "c": 1}, {"a": 7, "b": 2, "c": 1}),
        (10, {"a": 1, "b": 1, "c": 1}, {"a": 4, "b": 3, "c": 3}),
        (10, {"a": 98, "b": 1, "c": 1}, {"a": 8, "b": 1, "c": 1}),
        (4, {"a": 10, "b": 3, "c": 1}, {"a": 2, "b": 1, "c": 1}),  # what c takes makes b small
        (4, {"a": 6, "b": 7, "c": 27}, {"a": 1, "b": 1, "c": 2}),
        (2, {"a": 5, "b": 1, "c": 1}, {"a": 1, "b": 1, "c": 1}),
        (0, {"a": 1}, {"a": 1}),
        (7, {}, {}),
        (8, {"a": 1e308, "b": 1e308}, {"a": 4, "b": 4}),
        (8, {"a": 1e-320, "b": 1e308}, {"a": 1, "b": 7}),
    ],
)
def test_how_many_connections_each_relay_gets(
    connections: int, weights: dict[str, float], shares: dict[str, int]
) -> None:
    assert share_out(connections, weights) == shares


@given(st.integers(0, 200), st.dictionaries(st.text("abc", min_size=1), st.floats(1e-6, 1e6), min_size=1, max_size=8))
def test_all_connections_are_shared_out_and_nobody_has_none(connections: int, weights: dict[str, float]) -> None:
    shares = share_out(connections, weights)
    assert list(shares) == list(weights)
    assert sum(shares.values()) == max(connections, len(weights))
    assert min(shares.values()) >= 1
    for name, share in shares.items():
        assert share == 1 or share <= connections * weights[name] / sum(weights.values()) + 1
        assert all(share >= shares[other] for other in weights if weights[other] < weights[name])


@pytest.mark.parametrize("weight", [0, -1, float("inf"), float("nan")])
def test_a_weight_is_above_nothing(weight: float) -> None:
    with pytest.raises(BadSetting, match=r"^The relay 'backup' has the weight .*; make it a number above 0\.$"):
        share_out(4, {"main": 1, "backup": weight})
