from concurrent.futures import ThreadPoolExecutor

import pytest

from digest.audience.confirm import LinkState, confirm
from digest.audience.sign_up import SignedUp
from digest.audience.unsubscribe import unsubscribe
from digest.model.address import Address
from digest.model.errors import BadInput, NotFound
from digest.model.message import MessageState
from digest.model.subscriber import CONFIRMATION_PAUSE, SubscriptionState, SuppressionReason
from tests.audience.conftest import Desk


def suppress(desk: Desk, address: str, reason: SuppressionReason) -> None:
    with desk.store.write() as tx:
        tx.suppressions.add(desk.keys.address_hash(Address.parse(address)), reason, desk.now)


def press(desk: Desk, token: str) -> LinkState:
    return confirm(desk.store, desk.notices, token, now=desk.now).state


def test_a_sign_up_is_pending_and_asked_by_one_mail_for_all_lists(desk: Desk) -> None:
    assert desk.sign_up("ann@example.org", "weekly", "evening", name="Ann") is SignedUp.ASKED
    (mail,) = desk.outbox()
    assert (mail["purpose"], mail["address"], mail["name"]) == ("confirm-subscription", "ann@example.org", "Ann")
    assert {desk.state("ann@example.org", name) for name in ("weekly", "evening")} == {SubscriptionState.PENDING}
    with desk.store.read() as tx:
        kept = tx.subscribers.subscription(desk.number("ann@example.org"), desk.weekly.id)
        edition = tx.editions.get(int(str(mail["edition_id"])))
        events = tx.events.of_subscriber(desk.number("ann@example.org"))
    assert kept is not None
    assert kept.consent == desk.consent()
    assert "The Weekly Example" in edition.text
    assert "The Evening Example" in edition.text
    assert [event.kind for event in events] == ["signed_up", "signed_up"]


def test_the_token_is_stored_nowhere(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    (token,) = desk.tokens()
    with desk.store.read() as tx:
        for table in ("confirmations", "messages", "events", "subscribers"):
            rows = tx._connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert rows
            assert token not in str(rows)


def test_two_hundred_at_once_give_one_mail(desk: Desk) -> None:
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(desk.sign_up, ["ann@example.org"] * 200))
    assert outcomes.count(SignedUp.ASKED) == 1
    assert outcomes.count(SignedUp.WAITING) == 199
    assert len(desk.outbox()) == 1


def test_at_once_for_two_lists_an_address_that_we_know_gets_one_mail_now_and_one_after_the_pause(desk: Desk) -> None:
    desk.sign_up("ann@example.org", "weekly", "evening")
    desk.later(minutes=20)
    lists = ["weekly", "evening"] * 10
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda name: desk.sign_up("ann@example.org", name), lists))
    assert outcomes.count(SignedUp.ASKED) == 2
    with desk.store.write() as tx:
        assert len(tx.outbox.claim("me", 10, desk.now)) == 2  # the first one, and one of these
        assert len(tx.outbox.claim("me", 10, desk.now + CONFIRMATION_PAUSE)) == 1


def test_the_pause_ends_and_the_day_has_a_limit(desk: Desk) -> None:
    outcomes = []
    for _ in range(5):
        outcomes.append(desk.sign_up("ann@example.org"))
        desk.later(minutes=20)
    assert outcomes == [SignedUp.ASKED] * 3 + [SignedUp.WAITING] * 2
    desk.later(days=1)
    assert desk.sign_up("ann@example.org") is SignedUp.ASKED


def test_a_second_list_within_the_pause_is_asked_for_after_it(desk: Desk) -> None:
    desk.sign_up("ann@example.org", "weekly")
    desk.later(minutes=1)
    assert desk.sign_up("ann@example.org", "evening") is SignedUp.ASKED
    with desk.store.write() as tx:
        now = tx.outbox.claim("me", 10, desk.now)
        later = tx.outbox.claim("me", 10, desk.now + CONFIRMATION_PAUSE)
    assert [message.list_id for message in now] == [desk.weekly.id]
    assert [message.list_id for message in later] == [desk.evening.id]
    desk.later(hours=1)
    assert [press(desk, token) for token in desk.tokens()] == [LinkState.CONFIRMED] * 2


def test_a_confirmed_reader_who_signs_up_again_gets_no_mail(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    press(desk, desk.tokens()[0])
    before = len(desk.outbox())
    desk.later(days=3)
    assert desk.sign_up("ANN@example.org") is SignedUp.ALREADY
    assert desk.state("ann@example.org") is SubscriptionState.CONFIRMED
    assert len(desk.outbox()) == before


def test_who_has_left_comes_back_by_confirming_again(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    press(desk, desk.tokens()[0])
    desk.later(days=3)
    unsubscribe(desk.store, desk.number("ann@example.org"), desk.weekly.id, now=desk.now, by="page")
    desk.later(days=3)
    assert desk.sign_up("ann@example.org") is SignedUp.ASKED
    assert desk.state("ann@example.org") is SubscriptionState.PENDING
    assert press(desk, desk.tokens()[1]) is LinkState.CONFIRMED
    assert desk.state("ann@example.org") is SubscriptionState.CONFIRMED


@pytest.mark.parametrize("reason", [SuppressionReason.BOUNCED, SuppressionReason.COMPLAINT, SuppressionReason.OPERATOR])
def test_a_suppressed_address_is_neither_mailed_nor_kept(desk: Desk, reason: SuppressionReason) -> None:
    suppress(desk, "ann@example.org", reason)
    assert desk.sign_up("ann@example.org") is SignedUp.SUPPRESSED
    assert desk.outbox() == []
    assert desk.state("ann@example.org") is None


def test_an_erased_reader_comes_back_by_confirming(desk: Desk) -> None:
    suppress(desk, "ann@example.org", SuppressionReason.ERASED)
    assert desk.sign_up("ann@example.org") is SignedUp.ASKED
    with desk.store.write() as tx:  # the mail is not stopped by the erasure
        (message,) = tx.outbox.claim("me", 10, desk.now)
        assert tx.outbox.arm(message.id, "me", desk.now)
        assert tx.suppressions.count() == 1
    assert press(desk, desk.tokens()[0]) is LinkState.CONFIRMED
    with desk.store.read() as tx:
        assert tx.suppressions.count() == 0


def test_the_consent_kept_is_that_of_the_last_sign_up(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    desk.later(hours=1)
    desk.sign_up("ann@example.org")
    with desk.store.read() as tx:
        kept = tx.subscribers.subscription(desk.number("ann@example.org"), desk.weekly.id)
    assert kept is not None
    assert kept.consent.at == desk.now


@pytest.mark.parametrize("name", ["Ann\r\nBcc: eve@example.org", "Buy at https://spam.example/"])
def test_an_odd_name_is_dropped_and_the_sign_up_stands(desk: Desk, name: str) -> None:
    assert desk.sign_up("ann@example.org", name=name) is SignedUp.ASKED
    assert desk.outbox()[0]["name"] == ""


def test_what_is_no_address_or_no_list_is_refused_and_nothing_kept(desk: Desk) -> None:
    with pytest.raises(BadInput):
        desk.sign_up("ann")
    with pytest.raises(NotFound, match="no list named 'nope'"):
        desk.sign_up("ann@example.org", "nope")
    assert (desk.count("subscribers"), desk.count("events")) == (0, 0)


def test_the_same_mail_is_kept_once(desk: Desk) -> None:
    for number in range(5):
        desk.sign_up(f"reader{number}@example.org")
    assert desk.count("editions") == 1
    assert [row["state"] for row in desk.outbox()] == [MessageState.QUEUED] * 5


def test_every_answer_costs_one_event_a_list(desk: Desk) -> None:
    suppress(desk, "eve@example.org", SuppressionReason.COMPLAINT)
    desk.sign_up("ann@example.org")
    desk.sign_up("ann@example.org")
    desk.sign_up("eve@example.org")
    assert desk.count("events") == 3
