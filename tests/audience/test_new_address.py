"""A reader's address is changed by two presses, in two mailboxes, and by nothing less."""

import pytest

from digest.audience.choose import choose_by_link
from digest.audience.confirm import confirm
from digest.audience.new_address import Clerk, MoveState, ask_to_move, change_address, look, press
from digest.audience.person import erase_person, export_person
from digest.audience.suppress import suppress_address
from digest.audience.unsubscribe import Left, unsubscribe
from digest.model.address import Address
from digest.model.choices import ChoiceChange, Choices
from digest.model.errors import BadInput, NotFound
from digest.model.event import EventKind
from digest.model.fresh_link import LinkPurpose
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.pipeline.prune import prune
from digest.store.events import Event
from tests.audience.conftest import Desk

ANN = "ann@example.org"
NEW = "ann@new.example"


def subscribe(desk: Desk, address: str = ANN, *lists: str) -> int:
    desk.sign_up(address, *lists)
    confirm(desk.store, desk.notices, desk.tokens()[-1], now=desk.now)
    return desk.number(address)


def clerk(desk: Desk) -> Clerk:
    return Clerk(desk.store, desk.keys, desk.notices, desk.now, desk.nonce())


def token(desk: Desk, mail: str) -> str:
    """In the last mail of a kind."""
    purpose = LinkPurpose.ALLOW if mail == "allow-address" else LinkPurpose.MOVE
    with desk.store.read() as tx:
        found = tx.outbox.by_number(int(str(desk.outbox(mail)[-1]["id"])))
    assert found is not None
    return desk.keys.fresh_token(purpose, found.slots[purpose])


def ask(desk: Desk, number: int, new: str = NEW) -> None:
    ask_to_move(clerk(desk), number, desk.weekly.id, new)


def move(desk: Desk, number: int, new: str = NEW) -> MoveState:
    """All of it, by one who reads both mailboxes."""
    ask(desk, number, new)
    assert press(clerk(desk), token(desk, "allow-address")).state is MoveState.ASKED
    return press(clerk(desk), token(desk, "confirm-address")).state


def events(desk: Desk, number: int) -> list[Event]:
    with desk.store.read() as tx:
        return tx.events.of_subscriber(number)


def hash_of(desk: Desk, text: str) -> str:
    return desk.keys.address_hash(Address.parse(text))


def test_both_mailboxes_are_asked_one_after_the_other_and_the_old_one_is_told(desk: Desk) -> None:
    number = subscribe(desk)
    ask(desk, number)
    assert [row["address"] for row in desk.outbox("allow-address")] == [ANN]
    assert desk.outbox("confirm-address") == []
    seen = look(desk.store, token(desk, "allow-address"), now=desk.now)
    assert (seen.state, seen.old, seen.new) == (MoveState.ALLOW, "a…@example.org", "a…@new.example")
    press(clerk(desk), token(desk, "allow-address"))
    assert [row["address"] for row in desk.outbox("confirm-address")] == [NEW]
    assert desk.number(ANN) == number
    assert press(clerk(desk), token(desk, "confirm-address")).state is MoveState.MOVED
    assert desk.number(NEW) == number
    assert [row["address"] for row in desk.outbox("address-changed")] == [ANN]
    assert EventKind.MOVED in {each.kind for each in events(desk, number)}


def test_choices_pause_consent_and_history_go_along(desk: Desk) -> None:
    number = subscribe(desk, ANN, "weekly", "evening")
    choose_by_link(desk.store, number, desk.weekly.id, ChoiceChange(hour="7", pause_until="2026-06-01"), now=desk.now)
    before = export_person(desk.store, desk.keys, ANN)
    assert move(desk, number) is MoveState.MOVED
    after = export_person(desk.store, desk.keys, NEW)
    assert after["subscriptions"] == before["subscriptions"]
    assert after["events"][: len(before["events"])] == before["events"]


def test_what_waits_in_the_outbox_goes_to_the_new_address(desk: Desk) -> None:
    number = subscribe(desk)
    move(desk, number)
    (welcome,) = desk.outbox("welcome")
    assert (welcome["address"], welcome["address_hash"]) == (NEW, hash_of(desk, NEW))


def test_a_link_works_once_for_its_step_and_for_48_hours(desk: Desk) -> None:
    number = subscribe(desk)
    ask(desk, number)
    allow = token(desk, "allow-address")
    assert press(clerk(desk), allow).state is MoveState.ASKED
    assert press(clerk(desk), allow).state is MoveState.GONE
    assert len(desk.outbox("confirm-address")) == 1
    late = token(desk, "confirm-address")
    desk.later(hours=48)
    assert look(desk.store, late, now=desk.now).state is MoveState.GONE
    assert press(clerk(desk), late).state is MoveState.GONE
    assert desk.number(ANN) == number


@pytest.mark.parametrize("odd", ["", "x", "A" * 22, "A" * 5000, "é", "\0"])
def test_what_is_no_token_of_ours_is_gone(desk: Desk, odd: str) -> None:
    subscribe(desk)
    assert press(clerk(desk), odd).state is MoveState.GONE


def test_a_suppressed_address_gets_no_mail_and_nobody_hears_why(desk: Desk) -> None:
    number = subscribe(desk)
    suppress_address(desk.store, desk.keys, NEW, now=desk.now)
    ask(desk, number)
    assert press(clerk(desk), token(desk, "allow-address")).state is MoveState.ASKED
    assert desk.outbox("confirm-address") == []


def test_an_address_that_is_suppressed_meanwhile_gets_nothing(desk: Desk) -> None:
    number = subscribe(desk)
    ask(desk, number)
    press(clerk(desk), token(desk, "allow-address"))
    suppress_address(desk.store, desk.keys, NEW, now=desk.now)
    assert press(clerk(desk), token(desk, "confirm-address")).state is MoveState.GONE
    assert desk.number(ANN) == number


def test_who_was_erased_at_the_new_address_comes_back_by_pressing(desk: Desk) -> None:
    number = subscribe(desk)
    with desk.store.write() as tx:
        tx.suppressions.add(hash_of(desk, NEW), SuppressionReason.ERASED, desk.now)
    assert move(desk, number) is MoveState.MOVED
    with desk.store.read() as tx:
        assert tx.suppressions.reason(hash_of(desk, NEW)) is None


def test_ones_own_address_is_answered_like_any_other(desk: Desk) -> None:
    number = subscribe(desk)
    ask(desk, number, "ANN@example.org")
    assert press(clerk(desk), token(desk, "allow-address")).state is MoveState.ASKED
    assert desk.outbox("confirm-address") == []


def test_what_is_no_address_is_said(desk: Desk) -> None:
    number = subscribe(desk)
    with pytest.raises(BadInput):
        ask(desk, number, "no address")
    assert desk.outbox("allow-address") == []


def test_however_often_the_button_is_pressed_few_mails_go(desk: Desk) -> None:
    number = subscribe(desk)
    for minutes in range(0, 300, 5):
        desk.now = desk.now.replace(hour=8 + minutes // 60, minute=minutes % 60)
        ask(desk, number, f"ann{minutes}@new.example")
    assert len(desk.outbox("allow-address")) == 3
    desk.later(days=2)
    ask(desk, number)
    assert len(desk.outbox("allow-address")) == 4


def test_one_address_is_not_asked_again_and_again_by_several_readers(desk: Desk) -> None:
    for name in ("ann", "bob", "cid", "dee", "eve"):
        ask(desk, subscribe(desk, f"{name}@example.org"))
        press(clerk(desk), token(desk, "allow-address"))
        desk.later(minutes=20)
    assert len(desk.outbox("confirm-address")) == 3


# two who turn out to be one


def test_who_has_the_new_address_already_becomes_one_with_them(desk: Desk) -> None:
    ann, other = subscribe(desk, ANN, "weekly"), subscribe(desk, NEW, "weekly", "evening")
    choose_by_link(desk.store, ann, desk.weekly.id, ChoiceChange(hour="7"), now=desk.now)
    choose_by_link(desk.store, other, desk.evening.id, ChoiceChange(hour="9"), now=desk.now)
    assert move(desk, ann) is MoveState.MOVED
    assert desk.number(NEW) == ann
    with desk.store.read() as tx:
        kept = tx.subscribers.subscriptions(ann)
        hours = {each.list_id: tx.audiences.choices(each.choices_id).hour for each in kept}
    assert hours == {desk.weekly.id: 7, desk.evening.id: 9}
    assert {row["subscriber_id"] for row in desk.outbox("welcome")} == {ann}
    assert len([each for each in events(desk, ann) if each.kind is EventKind.CONFIRMED]) == 3


def test_of_two_subscriptions_the_stronger_stays(desk: Desk) -> None:
    ann, other = subscribe(desk, ANN, "weekly"), subscribe(desk, NEW, "weekly")
    unsubscribe(desk.store, ann, desk.weekly.id, now=desk.now, by="page")
    assert move(desk, ann) is MoveState.MOVED
    assert desk.state(NEW) is SubscriptionState.CONFIRMED
    assert other != ann


def test_an_ended_address_of_a_feed_stays_ended_whoever_it_was_of(desk: Desk) -> None:
    """Else a link that became known would work again."""
    ann, other = subscribe(desk, ANN, "weekly"), subscribe(desk, NEW, "weekly")
    with desk.store.write() as tx:
        assert [tx.subscribers.renew_feed(other, desk.weekly.id) for _ in range(2)] == [True, True]
    move(desk, ann)
    with desk.store.read() as tx:
        kept = tx.subscribers.subscription(ann, desk.weekly.id)
    assert kept is not None
    assert kept.feed_number == 2


def test_old_links_of_both_still_unsubscribe(desk: Desk) -> None:
    ann, other = subscribe(desk, ANN, "weekly"), subscribe(desk, NEW, "weekly")
    move(desk, ann)
    left = unsubscribe(desk.store, other, desk.weekly.id, now=desk.now, by="one-click")
    assert (left.state, left.masked) == (Left.LEFT, "a…@new.example")
    assert desk.state(NEW) is SubscriptionState.UNSUBSCRIBED
    assert choose_by_link(desk.store, other, desk.weekly.id, ChoiceChange(hour="5"), now=desk.now)


def test_links_still_lead_home_after_several_moves(desk: Desk) -> None:
    ann, bob, cid = (subscribe(desk, f"{name}@example.org") for name in ("ann", "bob", "cid"))
    move(desk, ann, "bob@example.org")
    desk.later(days=2)
    move(desk, cid, "bob@example.org")
    with desk.store.read() as tx:
        found = [tx.subscribers.known_as(number) for number in (ann, bob, cid)]
    assert {each.id for each in found if each} == {cid}
    assert None not in found


def test_erasing_after_a_move_leaves_nothing_of_either(desk: Desk) -> None:
    ann = subscribe(desk, ANN, "weekly")
    subscribe(desk, NEW, "weekly", "evening")
    move(desk, ann)
    erase_person(desk.store, desk.keys, NEW, now=desk.now)
    for table in ("subscribers", "subscriptions", "confirmations", "fresh_links", "messages", "merged_subscribers"):
        with desk.store.read() as tx:
            rows = tx._connection.exec_driver_sql(f"SELECT * FROM {table}").all()
        assert "ann@" not in str(rows).lower(), table
    assert desk.count("merged_subscribers") == 0


def test_an_address_that_never_confirmed_is_forgotten(desk: Desk) -> None:
    number = subscribe(desk)
    ask(desk, number)
    press(clerk(desk), token(desk, "allow-address"))
    desk.later(days=33)
    prune(desk.store, now=desk.now)
    assert desk.count("fresh_links") == 0
    assert NEW not in str(desk.outbox())


def test_an_erased_person_is_not_kept_as_somebodys_wish_either(desk: Desk) -> None:
    ask(desk, subscribe(desk))
    press(clerk(desk), token(desk, "allow-address"))
    subscribe(desk, NEW)
    erase_person(desk.store, desk.keys, NEW, now=desk.now)
    assert NEW not in str(desk.outbox("confirm-address"))


# by an operator


def test_an_operator_moves_a_reader_at_once(desk: Desk) -> None:
    number = subscribe(desk)
    assert not change_address(clerk(desk), ANN, NEW)
    assert desk.number(NEW) == number
    assert [row["address"] for row in desk.outbox("address-changed")] == [ANN]
    subscribe(desk, "bob@example.org")
    assert change_address(clerk(desk), "bob@example.org", NEW)


def test_an_operator_hears_why_not(desk: Desk) -> None:
    subscribe(desk)
    suppress_address(desk.store, desk.keys, NEW, now=desk.now)
    for old, new, why in ((ANN, NEW, "must not be mailed"), (ANN, ANN, "already"), (ANN, "no", "not an e-mail")):
        with pytest.raises(BadInput, match=why):
            change_address(clerk(desk), old, new)
    with pytest.raises(NotFound):
        change_address(clerk(desk), "nobody@example.org", "other@example.org")
    assert desk.number(ANN)


def test_choices_are_those_of_who_asked_to_move(desk: Desk) -> None:
    ann, other = subscribe(desk, ANN, "weekly"), subscribe(desk, NEW, "weekly")
    choose_by_link(desk.store, other, desk.weekly.id, ChoiceChange(hour="9"), now=desk.now)
    move(desk, ann)
    with desk.store.read() as tx:
        kept = tx.subscribers.subscription(ann, desk.weekly.id)
        assert kept is not None
        assert tx.audiences.choices(kept.choices_id) == Choices()
