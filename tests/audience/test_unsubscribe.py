from dataclasses import replace

from digest.audience import preferences
from digest.audience.choose import choose_by_link
from digest.audience.confirm import confirm
from digest.audience.unsubscribe import Left, look, say_why, unsubscribe, unsubscribe_all
from digest.model.choices import ChoiceChange
from digest.model.event import EventKind
from digest.model.mailing_list import Rhythm
from digest.model.subscriber import Reason, SubscriptionState
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


def test_preferences_show_one_list_and_no_address_and_not_which_others_are_read(desk: Desk) -> None:
    number = subscribe(desk, "weekly", "evening")
    shown = preferences.look(desk.store, number, desk.weekly.id)
    assert shown is not None
    assert ANN not in repr(shown)
    assert (shown.mailing_list, shown.state) == (desk.weekly, SubscriptionState.CONFIRMED)
    assert shown.others == (desk.evening,)
    leave_evening = unsubscribe(desk.store, number, desk.evening.id, now=desk.now, by="page")
    assert leave_evening.state is Left.LEFT
    assert preferences.look(desk.store, number, desk.weekly.id) == shown
    assert preferences.look(desk.store, 4711, desk.weekly.id) is None


def test_a_list_that_says_no_goodbye_says_none(desk: Desk) -> None:
    with desk.store.write() as tx:
        tx.lists.save(replace(desk.weekly, says_goodbye=False))
    assert leave(desk, subscribe(desk), goodbye=True) is Left.LEFT
    assert desk.outbox("unsubscribed") == []


def test_less_is_what_the_list_offers_and_slower_than_theirs(desk: Desk) -> None:
    with desk.store.write() as tx:
        tx.lists.save(replace(desk.weekly, rhythms=tuple(Rhythm)))
    number = subscribe(desk)
    assert look(desk.store, number, desk.weekly.id).fewer == (Rhythm.WEEKLY, Rhythm.MONTHLY)
    choose_by_link(desk.store, number, desk.weekly.id, ChoiceChange(rhythm="weekly"), now=desk.now)
    assert look(desk.store, number, desk.weekly.id).fewer == (Rhythm.MONTHLY,)
    leave(desk, number)
    assert look(desk.store, number, desk.weekly.id).fewer == ()


# why


def told(desk: Desk, number: int) -> list[dict[str, object]]:
    with desk.store.read() as tx:
        return [dict(each.detail) for each in tx.events.of_subscriber(number) if each.kind is EventKind.SAID_WHY]


def test_why_somebody_left_is_kept_once_for_each_time(desk: Desk) -> None:
    number = subscribe(desk)
    assert not say_why(desk.store, number, desk.weekly.id, Reason.TOO_OFTEN, "", now=desk.now)  # still there
    leave(desk, number)
    assert say_why(desk.store, number, desk.weekly.id, Reason.TOO_OFTEN, "Daily\x00 is\n too much", now=desk.now)
    assert not say_why(desk.store, number, desk.weekly.id, Reason.OTHER, "again", now=desk.now)
    assert told(desk, number) == [{"reason": "too_often", "words": "Daily is too much"}]
    desk.later(days=2)
    subscribe(desk)
    leave(desk, number)
    assert say_why(desk.store, number, desk.weekly.id, None, "Moved", now=desk.now)
    assert told(desk, number)[1] == {"reason": "other", "words": "Moved"}


def test_without_a_word_nothing_is_kept(desk: Desk) -> None:
    number = subscribe(desk)
    leave(desk, number)
    assert not say_why(desk.store, number, desk.weekly.id, None, " \t ", now=desk.now)
    assert not say_why(desk.store, 4711, desk.weekly.id, Reason.OTHER, "", now=desk.now)


def test_own_words_are_short_and_hold_no_address(desk: Desk) -> None:
    number = subscribe(desk)
    leave(desk, number)
    words = "write to ann.l@example.org or <bob@x.example> " + "x" * 9000
    say_why(desk.store, number, desk.weekly.id, Reason.OTHER, words, now=desk.now)
    kept = str(told(desk, number)[0]["words"])
    assert "@" not in kept
    assert kept.startswith("write to … or … xxx")
    assert len(kept) == 500
