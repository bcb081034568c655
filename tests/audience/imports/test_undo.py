"""What an import made goes, what it changed stands as before; what a reader has done since stays."""

import io

import pytest

from digest.audience.choose import choose_for
from digest.audience.imports import File, Plan, Undone, apply, undo
from digest.audience.new_address import Clerk, change_address
from digest.audience.unsubscribe import unsubscribe
from digest.model.address import Address
from digest.model.choices import ChoiceChange
from digest.model.errors import NotFound, WrongState
from digest.model.subscriber import SubscriptionState, SuppressionReason
from tests.audience.conftest import Desk

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionState


def load(desk: Desk, raw: str, list_name: str = "weekly", *, confirmed: bool = True) -> int:
    plan = Plan(list_name, confirmed=confirmed, consent="at the fair" if confirmed else "")
    files = [File("readers.csv", io.BytesIO(raw.encode()))]
    report = apply(desk.store, desk.keys, desk.notices, files, plan, by="ed", now=desk.now, nonce=desk.nonce)
    return report.import_id


def take_back(desk: Desk, number: int) -> Undone:
    return undo(desk.store, number, by="ed", now=desk.now)


def test_what_it_made_is_gone(desk: Desk) -> None:
    before = [desk.count(table) for table in ("subscribers", "subscriptions", "suppressions", "confirmations")]
    number = load(desk, "email,status\nann@example.org,\nbob@example.org,unsubscribed\ncyd@example.org,cleaned\n")
    other = load(desk, "email,status\ndee@example.org,pending\n", confirmed=False)
    assert take_back(desk, number) == Undone(3, 0, 1)
    assert take_back(desk, other) == Undone(1, 0, 0)
    assert [desk.count(table) for table in ("subscribers", "subscriptions", "suppressions", "confirmations")] == before
    assert [row["state"] for row in desk.outbox()] == ["suppressed"]
    assert {row["address"] for row in desk.outbox()} == {"erased@erased.invalid"}
    with pytest.raises(WrongState, match="undone already"):
        take_back(desk, number)
    with pytest.raises(NotFound):
        take_back(desk, 99)
    with desk.store.read() as tx:
        kept = tx.imports.get(number)
    assert (kept.state, kept.undone_by, kept.undone_at, kept.undone) == (
        "undone",
        "ed",
        desk.now,
        {"removed": 3, "restored": 0, "lifted": 1},
    )


def test_who_has_other_lists_keeps_them(desk: Desk) -> None:
    load(desk, "ann@example.org", "evening")
    assert take_back(desk, load(desk, "ann@example.org")) == Undone(1, 0, 0)
    assert (desk.state("ann@example.org", "evening"), desk.state("ann@example.org")) == (CONFIRMED, None)


def test_what_it_changed_stands_as_before(desk: Desk) -> None:
    load(desk, "ann@example.org")
    desk.sign_up("bob@example.org")
    desk.later(days=1)
    number = load(desk, "email,status\nann@example.org,unsubscribed\nbob@example.org,\n")
    assert (desk.state("ann@example.org"), desk.state("bob@example.org")) == (UNSUBSCRIBED, CONFIRMED)
    assert take_back(desk, number) == Undone(0, 2, 0)
    assert (desk.state("ann@example.org"), desk.state("bob@example.org")) == (CONFIRMED, PENDING)
    with desk.store.read() as tx:
        ann = tx.subscribers.subscription(desk.number("ann@example.org"), desk.weekly.id)
        told = tx.events.of_subscriber(desk.number("ann@example.org"))
    assert ann is not None
    assert (ann.unsubscribed_at, ann.import_id) == (None, 1)
    assert [each.kind for each in told] == ["imported", "unsubscribed", "import_undone"]


def test_what_a_reader_has_done_since_stays(desk: Desk) -> None:
    names = ("left", "chose", "asked", "moved", "plain")
    load(desk, "again@example.org")
    number = load(
        desk,
        "email,status\nagain@example.org,unsubscribed\nasked@example.org,pending\n"
        + "".join(f"{name}@example.org,\n" for name in names if name != "asked"),
    )
    unsubscribe(desk.store, desk.number("left@example.org"), desk.weekly.id, now=desk.now, by="one-click")
    unsubscribe(desk.store, desk.number("again@example.org"), desk.weekly.id, now=desk.now, by="one-click")
    choose_for(desk.store, "chose@example.org", "weekly", ChoiceChange(hour="7"), now=desk.now)
    desk.sign_up("asked@example.org")
    change_address(
        Clerk(desk.store, desk.keys, desk.notices, desk.now, desk.nonce()), "moved@example.org", "new@example.org"
    )
    assert take_back(desk, number) == Undone(1, 0, 0)
    assert desk.state("again@example.org") is UNSUBSCRIBED
    assert desk.state("left@example.org") is UNSUBSCRIBED
    assert desk.state("chose@example.org") is CONFIRMED
    assert desk.state("asked@example.org") is PENDING
    assert desk.state("new@example.org") is CONFIRMED
    assert desk.state("plain@example.org") is None


def test_a_complaint_since_is_not_lifted(desk: Desk) -> None:
    number = load(desk, "email,status\ndee@example.org,cleaned\neve@example.org,cleaned\n")
    with desk.store.write() as tx:
        hashed = desk.keys.address_hash(Address.parse("dee@example.org"))
        tx.suppressions.add(hashed, SuppressionReason.COMPLAINT, desk.now)
    assert take_back(desk, number) == Undone(2, 0, 1)
    with desk.store.read() as tx:
        assert tx.suppressions.reason(hashed) is SuppressionReason.BOUNCED


def test_undoing_that_was_killed_is_gone_on_with(desk: Desk) -> None:
    number = load(desk, "".join(f"reader{each}@example.org\n" for each in range(5)))

    def killed(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undo(desk.store, number, by="ed", now=desk.now, progress=killed, at_once=2)
    with desk.store.read() as tx:
        assert tx.imports.get(number).state == "undoing"
    assert take_back(desk, number) == Undone(5, 0, 0)
