import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from digest.audience.confirm import LinkState, confirm
from digest.audience.door import Proof, TooMany, UsedProof, Visit
from digest.audience.sign_up import SignedUp
from digest.audience.unsubscribe import unsubscribe
from digest.model.address import Address
from digest.model.choices import ChoiceChange, Choices
from digest.model.errors import BadInput, NotFound
from digest.model.message import MessageState
from digest.model.subscriber import CONFIRMATION_PAUSE, SubscriptionState, SuppressionReason
from tests.audience.conftest import Desk

ANN = "ann@example.org"


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
    desk.later(hours=25)
    lists = ["weekly", "evening"] * 10
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda name: desk.sign_up("ann@example.org", name), lists))
    assert outcomes.count(SignedUp.ASKED) == 2
    with desk.store.write() as tx:
        assert len(tx.outbox.claim("me", 10, desk.now)) == 2  # the first one, and one of these
        assert len(tx.outbox.claim("me", 10, desk.now + CONFIRMATION_PAUSE)) == 1


def test_a_mailbox_is_asked_once_a_day_and_three_times_a_month(desk: Desk) -> None:
    outcomes = []
    for _ in range(6):
        outcomes.append(desk.sign_up("ann@example.org"))
        desk.later(hours=12)
    assert outcomes == [SignedUp.ASKED, SignedUp.WAITING] * 3
    assert desk.sign_up("ann@example.org") is SignedUp.WAITING
    desk.later(days=28)
    assert desk.sign_up("ann@example.org") is SignedUp.ASKED


def test_spellings_of_an_address_share_what_it_may_get(desk: Desk) -> None:
    spellings = ["ann.reader@gmail.com", "annreader@gmail.com", "A.N.N.reader+news@googlemail.com"]
    assert [desk.sign_up(each) for each in spellings] == [SignedUp.ASKED, SignedUp.WAITING, SignedUp.WAITING]
    assert [desk.sign_up(each) for each in ("bob@example.org", "bob+news@example.org")][1] is SignedUp.WAITING
    assert desk.sign_up("b.ob@example.org") is SignedUp.ASKED  # elsewhere a dot makes another person
    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(lambda number: desk.sign_up(f"eve+{number}@gmail.com"), range(30)))
    assert outcomes.count(SignedUp.ASKED) == 1


def test_erasing_and_forgetting_a_reader_let_no_second_mail_out(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    with desk.store.write() as tx:
        tx.subscribers.erase(desk.number("ann@example.org"))
    assert desk.sign_up("ann@example.org") is SignedUp.WAITING


def test_a_second_list_within_the_pause_is_asked_for_after_it(desk: Desk) -> None:
    desk.sign_up("ann@example.org", "weekly")
    desk.later(minutes=1)
    assert desk.sign_up("ann@example.org", "evening") is SignedUp.ASKED
    with desk.store.write() as tx:
        now = tx.outbox.claim("me", 10, desk.now)
        later = tx.outbox.claim("me", 10, desk.now + CONFIRMATION_PAUSE)
    assert [message.list_id for message in now] == [desk.weekly.id]
    assert [message.list_id for message in later] == [desk.evening.id]
    desk.later(days=1)
    assert [press(desk, token) for token in desk.tokens()] == [LinkState.CONFIRMED] * 2


def test_who_has_pressed_the_first_link_gets_the_second_mail_at_once(desk: Desk) -> None:
    desk.sign_up("ann@example.org", "weekly")
    desk.later(minutes=1)
    desk.sign_up("ann@example.org", "evening")
    desk.later(minutes=1)
    first, second = desk.tokens()
    assert press(desk, first) is LinkState.CONFIRMED
    with desk.store.write() as tx:
        due = tx.outbox.claim("me", 10, desk.now)
    assert sum("confirm" in message.slots for message in due) == 2
    desk.later(hours=47)
    assert press(desk, second) is LinkState.CONFIRMED


def test_who_has_pressed_a_link_may_be_asked_again_about_another_list(desk: Desk) -> None:
    desk.sign_up("ann@example.org", "weekly")
    press(desk, desk.tokens()[0])
    assert desk.sign_up("ann@example.org", "evening") is SignedUp.ASKED
    assert len(desk.outbox("confirm-subscription")) == 2


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


# the door


def from_network(number: int, *, proof: bool = True) -> Visit:
    return Visit(f"network {number}", proof=Proof(f"{number} {desk_numbers()}", FAR) if proof else None)


desk_numbers = itertools.count().__next__
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def test_two_thousand_sign_ups_of_one_address_from_a_thousand_networks_give_one_mail(desk: Desk) -> None:
    bob = ("bob@example.org", "weekly")
    times = 2_000
    outcomes = Counter(desk.sign_up(ANN, visit=from_network(number % 1000)) for number in range(times))
    assert outcomes == {SignedUp.ASKED: 1, SignedUp.WAITING: times - 1}
    assert desk.count("events") < 50  # nor does the database fill
    assert len(desk.outbox()) == 1
    assert (
        desk.sign_up(*bob, visit=from_network(4711)) is SignedUp.ASKED
    )  # who has nothing to do with it does not notice
    assert desk.outbox()[1]["due_at"] == desk.outbox()[0]["due_at"]


def test_a_network_has_its_share_and_more_with_proof(desk: Desk) -> None:
    for proof, share in ((True, 30), (False, 5)):
        for number in range(share):
            desk.sign_up(f"r{number}{proof}@example.org", visit=from_network(1, proof=proof))
        with pytest.raises(TooMany):
            desk.sign_up("late@example.org", visit=from_network(1, proof=proof))
        assert desk.sign_up(f"x{proof}@example.org", visit=from_network(2, proof=proof)) is SignedUp.ASKED
    desk.later(minutes=11)
    assert desk.sign_up("late@example.org", visit=from_network(1, proof=False)) is SignedUp.ASKED


def test_many_small_networks_of_one_customer_have_a_share_together(desk: Desk) -> None:
    for number in range(40):
        desk.sign_up(f"r{number}@example.org", visit=Visit(f"/64 {number}", "/48"))
    with pytest.raises(TooMany):
        desk.sign_up("late@example.org", visit=Visit("/64 40", "/48"))


def test_all_together_get_so_many_mails_an_hour_and_the_others_a_little_later(desk: Desk) -> None:
    slow = Visit(per_hour=100)  # of which a tenth without proof: five at once, then one in twelve minutes
    for number in range(8):
        assert desk.sign_up(f"r{number}@example.org", visit=slow) is SignedUp.ASKED
    assert [desk.sign_up(ANN, visit=slow), desk.sign_up(ANN, visit=slow)] == [SignedUp.ASKED, SignedUp.WAITING]
    due = []
    for minutes in (0, 12, 12, 12, 12):
        desk.later(minutes=minutes)
        with desk.store.write() as tx:
            due.append(len(tx.outbox.claim("me", 100, desk.now)))
    assert due == [5, 1, 1, 1, 1]


def test_while_the_wait_is_long_nobody_gets_in_whoever_they_are(desk: Desk) -> None:
    slow = Visit(per_hour=10)  # one at once, then one an hour
    desk.sign_up(ANN, visit=slow)
    desk.sign_up("bob@example.org", visit=slow)
    for address in (ANN, "new@example.org"):
        with pytest.raises(TooMany):
            desk.sign_up(address, visit=slow)
    desk.later(hours=2)
    assert desk.sign_up("new@example.org", visit=slow) is SignedUp.ASKED


def test_a_proof_is_worth_one_sign_up_and_a_refused_one_costs_nothing(desk: Desk) -> None:
    visit = from_network(1)
    desk.sign_up("ann@example.org", visit=visit)
    with pytest.raises(UsedProof):
        desk.sign_up("bob@example.org", visit=visit)
    assert desk.state("bob@example.org") is None


def test_a_borrowed_address_is_taken_and_marked(desk: Desk) -> None:
    assert desk.sign_up("x@mailinator.com") is SignedUp.ASKED
    desk.sign_up("y@example.org")
    with desk.store.read() as tx:
        details = [
            tx.events.of_subscriber(desk.number(each))[0].detail for each in ("x@mailinator.com", "y@example.org")
        ]
    assert details == [{"outcome": "asked", "disposable": True}, {"outcome": "asked"}]


# choices


def choices(desk: Desk, address: str, list_name: str = "weekly") -> Choices:
    with desk.store.read() as tx:
        kept = tx.subscribers.subscription(desk.number(address), tx.lists.by_name(list_name).id)
        assert kept is not None
        return tx.audiences.choices(kept.choices_id)


def test_what_is_chosen_with_the_sign_up_is_kept_with_it(desk: Desk) -> None:
    said = ChoiceChange(hour="7", zone="Europe/Paris", language="fr")
    desk.sign_up(ANN, "weekly", "evening", choices={"weekly": said})
    press(desk, desk.tokens()[0])
    assert choices(desk, ANN) == Choices(hour=7, zone="Europe/Paris", language="fr")
    assert choices(desk, ANN, "evening") == Choices()


def test_a_stranger_changes_nothing_for_who_has_confirmed(desk: Desk) -> None:
    desk.sign_up(ANN, choices={"weekly": ChoiceChange(hour="7")})
    press(desk, desk.tokens()[0])
    desk.sign_up(ANN, choices={"weekly": ChoiceChange(hour="3")})
    assert choices(desk, ANN).hour == 7


@pytest.mark.parametrize("said", [ChoiceChange(topics="Nope"), ChoiceChange(zone="Mars/Base"), ChoiceChange(hour="99")])
def test_what_is_not_offered_is_refused_and_nothing_kept(desk: Desk, said: ChoiceChange) -> None:
    with pytest.raises(BadInput):
        desk.sign_up(ANN, choices={"weekly": said})
    assert desk.count("subscribers") == 0
