from concurrent.futures import ThreadPoolExecutor

import pytest

from digest.audience.confirm import Confirming, LinkState, confirm, look
from digest.audience.unsubscribe import unsubscribe
from digest.model.address import Address
from digest.model.subscriber import SubscriptionState, SuppressionReason
from tests.audience.conftest import Desk


def press(desk: Desk, token: str) -> Confirming:
    return confirm(desk.store, desk.notices, token, now=desk.now)


def seen(desk: Desk, token: str) -> LinkState:
    return look(desk.store, token, now=desk.now).state


def test_looking_tells_and_changes_nothing(desk: Desk) -> None:
    desk.sign_up("ann@example.org", "weekly", "evening")
    before = (desk.count("events"), desk.outbox())
    found = look(desk.store, desk.tokens()[0], now=desk.now)
    assert found.state is LinkState.READY
    assert found.address == "a…@example.org"
    assert [each.name for each in found.lists] == ["evening", "weekly"]
    assert desk.state("ann@example.org") is SubscriptionState.PENDING
    assert (desk.count("events"), desk.outbox()) == before


def test_pressing_confirms_and_welcomes_once(desk: Desk) -> None:
    desk.sign_up("ann@example.org", "weekly", "evening")
    (token,) = desk.tokens()
    assert press(desk, token).state is LinkState.CONFIRMED
    again = press(desk, token)
    assert (again.state, len(again.lists)) == (LinkState.ALREADY, 2)
    assert seen(desk, token) is LinkState.ALREADY
    assert desk.state("ann@example.org", "evening") is SubscriptionState.CONFIRMED
    assert [row["list_id"] for row in desk.outbox("welcome")] == sorted([desk.weekly.id, desk.evening.id], reverse=True)


def test_pressing_twenty_times_at_once_confirms_once(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    (token,) = desk.tokens()
    with ThreadPoolExecutor(10) as pool:
        states = [each.state for each in pool.map(lambda _: press(desk, token), range(20))]
    assert sorted(states) == [LinkState.ALREADY] * 19 + [LinkState.CONFIRMED]
    assert len(desk.outbox("welcome")) == 1


def test_a_link_of_two_days_ago_has_expired(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    (token,) = desk.tokens()
    desk.later(hours=47, minutes=59)
    assert seen(desk, token) is LinkState.READY
    desk.later(minutes=1)
    assert seen(desk, token) is LinkState.EXPIRED
    assert press(desk, token).state is LinkState.EXPIRED
    assert desk.state("ann@example.org") is SubscriptionState.PENDING


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "../../etc", "é", "A" * 5000])
def test_what_is_no_token_of_ours_is_unknown(desk: Desk, token: str) -> None:
    assert seen(desk, token) is LinkState.UNKNOWN
    assert press(desk, token) == Confirming(LinkState.UNKNOWN)


def test_a_used_link_does_not_bring_back_who_has_left(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    (token,) = desk.tokens()
    press(desk, token)
    unsubscribe(desk.store, desk.number("ann@example.org"), desk.weekly.id, now=desk.now, by="page")
    assert press(desk, token).state is LinkState.USED
    assert desk.state("ann@example.org") is SubscriptionState.UNSUBSCRIBED


def test_an_unused_link_does_not_bring_back_who_has_left(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    (token,) = desk.tokens()
    unsubscribe(desk.store, desk.number("ann@example.org"), desk.weekly.id, now=desk.now, by="page")
    assert press(desk, token).state is LinkState.USED
    assert desk.state("ann@example.org") is SubscriptionState.UNSUBSCRIBED


def test_the_second_of_two_links_says_that_all_is_done(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    desk.later(minutes=20)
    desk.sign_up("ann@example.org")
    first, second = desk.tokens()
    assert press(desk, first).state is LinkState.CONFIRMED
    assert press(desk, second).state is LinkState.ALREADY


def test_a_complaint_since_then_stands(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    (token,) = desk.tokens()
    with desk.store.write() as tx:
        hashed = desk.keys.address_hash(Address.parse("ann@example.org"))
        tx.suppressions.add(hashed, SuppressionReason.COMPLAINT, desk.now)
    assert press(desk, token).state is LinkState.REFUSED
    assert desk.state("ann@example.org") is SubscriptionState.PENDING
