from digest.audience import preferences
from digest.audience.confirm import confirm
from digest.audience.unsubscribe import Left, look, unsubscribe, unsubscribe_all
from digest.model.event import EventKind
from digest.model.subscriber import SubscriptionState
from tests.audience.conftest import Desk

ANN = "ann@example.org"


def subscribe(desk: Desk, *lists: str) -> int:
    desk.sign_up(ANN, *lists)
    confirm(desk.store, desk.notices, desk.tokens()[-1], now=desk.now)
    return desk.number(ANN)


def leave(desk: Desk, number: int, *, goodbye: bool = False) -> Left:
    notices = desk.notices if goodbye else None
    return unsubscribe(desk.store, number, desk.weekly.id, now=desk.now, by="page", notices=notices).state


def test_leaving_is_done_at_once_and_twice_is_fine(desk: Desk) -> None:
    number = subscribe(desk, "weekly", "evening")
    assert [leave(desk, number), leave(desk, number)] == [Left.LEFT, Left.ALREADY]
    assert desk.state(ANN, "weekly") is SubscriptionState.UNSUBSCRIBED
    assert desk.state(ANN, "evening") is SubscriptionState.CONFIRMED
    with desk.store.read() as tx:
        told = [(event.kind, event.detail) for event in tx.events.of_subscriber(number)]
    assert told.count((EventKind.UNSUBSCRIBED, {"by": "page"})) == 1


def test_looking_changes_nothing(desk: Desk) -> None:
    number = subscribe(desk)
    seen = look(desk.store, number, desk.weekly.id)
    assert (seen.state, seen.masked) == (Left.LEFT, "a…@example.org")
    assert desk.state(ANN) is SubscriptionState.CONFIRMED


def test_a_goodbye_is_mailed_once_for_each_time_one_leaves(desk: Desk) -> None:
    number = subscribe(desk)
    leave(desk, number, goodbye=True)
    leave(desk, number, goodbye=True)
    assert len(desk.outbox("unsubscribed")) == 1
    desk.later(days=2)
    subscribe(desk)
    leave(desk, number, goodbye=True)
    assert len(desk.outbox("unsubscribed")) == 2


def test_who_never_confirmed_gets_no_goodbye(desk: Desk) -> None:
    desk.sign_up(ANN)
    assert leave(desk, desk.number(ANN), goodbye=True) is Left.LEFT
    assert desk.outbox("unsubscribed") == []


def test_the_erased_and_the_unknown_hear_that_all_is_well(desk: Desk) -> None:
    assert leave(desk, 4711) is Left.NOBODY
    seen = look(desk.store, 4711, 4711)
    assert (seen.state, seen.mailing_list) == (Left.NOBODY, None)


def test_leaving_all_lists(desk: Desk) -> None:
    number = subscribe(desk, "weekly", "evening")
    leave(desk, number)
    assert unsubscribe_all(desk.store, number, now=desk.now, by="page") == [desk.evening.id]
    assert unsubscribe_all(desk.store, number, now=desk.now, by="page") == []


def test_preferences_show_lists_and_no_address(desk: Desk) -> None:
    number = subscribe(desk, "weekly", "evening")
    leave(desk, number)
    shown = preferences.look(desk.store, number)
    assert shown is not None
    assert ANN not in repr(shown)
    assert [(each.mailing_list.name, each.state) for each in shown.choices] == [
        ("evening", SubscriptionState.CONFIRMED),
        ("weekly", SubscriptionState.UNSUBSCRIBED),
    ]
    assert shown.on_any
    assert preferences.look(desk.store, 4711) is None
