from concurrent.futures import ThreadPoolExecutor

import pytest

from digest.audience.confirm import Confirming, LinkState, ask_again, confirm, look
from digest.audience.door import TooMany, Visit
from digest.audience.unsubscribe import unsubscribe
from digest.model.address import Address
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.pipeline.prune import prune
from tests.audience.conftest import OFTEN, Desk


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
    desk.later(hours=25)
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


# a new link in the place of an old one


def again(desk: Desk, token: str, visit: Visit = OFTEN) -> LinkState:
    consent = desk.consent("link")
    return ask_again(desk.store, desk.notices, token, consent, visit, now=desk.now, nonce=desk.nonce()).state


def test_an_expired_link_is_traded_for_a_new_one_which_is_mailed(desk: Desk) -> None:
    desk.sign_up("ann@example.org", "weekly", "evening")
    (old,) = desk.tokens()
    desk.later(hours=49)
    assert again(desk, old) is LinkState.EXPIRED
    new = desk.tokens()[1]
    assert [mail["address"] for mail in desk.outbox()] == ["ann@example.org"] * 2
    assert press(desk, new).state is LinkState.CONFIRMED
    assert desk.state("ann@example.org", "evening") is SubscriptionState.CONFIRMED
    assert press(desk, old).state is LinkState.ALREADY


def test_trading_a_link_often_gives_one_mail_a_day_and_three_a_month(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    (old,) = desk.tokens()
    desk.later(hours=49)
    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(lambda _: again(desk, old), range(20))) == {LinkState.EXPIRED}
    assert len(desk.outbox()) == 2
    for _ in range(10):
        desk.later(days=1)
        again(desk, old)
    assert len(desk.outbox()) == 3


def test_a_used_link_brings_a_new_one_to_who_has_left(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    (old,) = desk.tokens()
    press(desk, old)
    unsubscribe(desk.store, desk.number("ann@example.org"), desk.weekly.id, now=desk.now, by="page")
    assert again(desk, old) is LinkState.USED
    assert press(desk, desk.tokens()[1]).state is LinkState.CONFIRMED


def test_only_a_link_that_is_good_for_nothing_is_traded(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    (token,) = desk.tokens()
    desk.later(hours=25)
    assert again(desk, token) is LinkState.READY
    assert again(desk, "nothing of ours") is LinkState.UNKNOWN
    press(desk, token)
    assert again(desk, token) is LinkState.ALREADY
    assert len(desk.outbox("confirm-subscription")) == 1


def test_a_suppressed_address_gets_no_new_link(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    (token,) = desk.tokens()
    with desk.store.write() as tx:
        hashed = desk.keys.address_hash(Address.parse("ann@example.org"))
        tx.suppressions.add(hashed, SuppressionReason.COMPLAINT, desk.now)
    desk.later(hours=49)
    assert again(desk, token) is LinkState.EXPIRED
    assert len(desk.outbox()) == 1


def test_a_network_that_used_up_its_share_gets_no_new_link(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    (token,) = desk.tokens()
    desk.later(hours=49)
    visit = Visit("network")
    for number in range(5):
        desk.sign_up(f"r{number}@example.org", visit=visit)
    with pytest.raises(TooMany):
        again(desk, token, visit)


# who never confirms


def test_who_did_not_confirm_in_a_month_is_forgotten(desk: Desk) -> None:
    desk.sign_up("ann@example.org", "weekly", "evening")
    press(desk, desk.tokens()[0])
    desk.sign_up("late@example.org", "weekly", "evening")
    desk.later(days=1)
    desk.sign_up("half@example.org", "weekly")
    press(desk, desk.tokens()[-1])
    desk.sign_up("half@example.org", "evening")
    desk.later(days=29, hours=1)
    desk.sign_up("new@example.org")
    prune(desk.store, now=desk.now)
    assert desk.state("late@example.org") is None
    assert desk.state("half@example.org", "evening") is SubscriptionState.PENDING
    desk.later(days=1)
    prune(desk.store, now=desk.now)
    assert desk.state("half@example.org", "evening") is None
    assert desk.state("half@example.org") is desk.state("ann@example.org") is SubscriptionState.CONFIRMED
    assert desk.state("new@example.org") is SubscriptionState.PENDING
    assert "late@example.org" not in str(desk.outbox())


def test_who_had_left_before_is_not_forgotten_with_a_sign_up_that_came_to_nothing(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    press(desk, desk.tokens()[0])
    unsubscribe(desk.store, desk.number("ann@example.org"), desk.weekly.id, now=desk.now, by="page")
    desk.sign_up("ann@example.org")  # by a stranger, perhaps
    desk.later(days=31)
    prune(desk.store, now=desk.now)
    assert desk.state("ann@example.org") is SubscriptionState.UNSUBSCRIBED
