"""What the audience's verbs ask of the store for many people at once, or for all about one."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.model.address import Address
from digest.model.event import EventKind
from digest.model.subscriber import Consent, Subscription, SubscriptionState, SuppressionReason
from digest.store import Store, Transaction
from digest.store.subscribers import NewSubscriber
from tests.pipeline.world import a_list

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
CONSENT = Consent("import", "ticked a box", NOW)


def new(*names: str) -> list[NewSubscriber]:
    return [NewSubscriber(Address(name, "example.org"), f"hash-{name.lower()}", name=name) for name in names]


@pytest.fixture
def list_id(store: Store) -> int:
    with store.write() as tx:
        return tx.lists.add(a_list(), NOW).id


def subscribe(tx: Transaction, list_id: int, state: SubscriptionState, *names: str) -> list[int]:
    numbers = list(tx.subscribers.ensure_each(new(*names), NOW).values())
    tx.subscribers.subscribe_each([Subscription(number, list_id, state, CONSENT) for number in numbers])
    return numbers


def test_those_who_are_missing_are_made_and_the_others_stay(store: Store) -> None:
    with store.write() as tx:
        first = tx.subscribers.ensure_each(new("ann", "bob"), NOW)
        again = tx.subscribers.ensure_each(new("BOB", "cyd"), NOW)
        names = [tx.subscribers.get(number) for number in sorted({*first.values(), *again.values()})]
    assert again["bob@example.org"] == first["bob@example.org"]
    assert [each.name for each in names if each] == ["ann", "bob", "cyd"]


def test_nothing_is_asked_for_nobody(store: Store, list_id: int) -> None:
    with store.write() as tx:
        assert tx.subscribers.ensure_each([], NOW) == {}
        assert tx.subscribers.on_list(list_id, []) == {}
        assert tx.suppressions.reasons([]) == {}
        tx.subscribers.subscribe_each([])
        tx.events.add_each(EventKind.IMPORTED, NOW, subscriber_ids=[], list_id=list_id)


def test_a_subscription_that_is_there_stays_as_it_is(store: Store, list_id: int) -> None:
    with store.write() as tx:
        numbers = subscribe(tx, list_id, SubscriptionState.UNSUBSCRIBED, "ann")
        assert subscribe(tx, list_id, SubscriptionState.CONFIRMED, "ann", "bob")[0] == numbers[0]
        kept = tx.subscribers.on_list(list_id, [*numbers, 4711])
    assert {number: each.state for number, each in kept.items()} == {numbers[0]: SubscriptionState.UNSUBSCRIBED}


def test_only_a_pending_reader_s_consent_is_renewed(store: Store, list_id: int) -> None:
    later = Consent("form", "other words", NOW + timedelta(days=1), "network")
    with store.write() as tx:
        (pending,) = subscribe(tx, list_id, SubscriptionState.PENDING, "ann")
        (confirmed,) = subscribe(tx, list_id, SubscriptionState.CONFIRMED, "bob")
        for number in (pending, confirmed):
            tx.subscribers.renew_consent(number, list_id, later)
        kept = tx.subscribers.on_list(list_id, [pending, confirmed])
    assert (kept[pending].consent, kept[confirmed].consent) == (later, CONSENT)


def test_readers_come_with_what_suppresses_them(store: Store, list_id: int) -> None:
    with store.write() as tx:
        subscribe(tx, list_id, SubscriptionState.CONFIRMED, "ann", "bob")
        tx.suppressions.add("hash-bob", SuppressionReason.COMPLAINT, NOW)
        found = {reader.subscriber.name: reader.suppressed for reader in tx.subscribers.readers(list_id)}
        assert tx.suppressions.reasons(["hash-ann", "hash-bob"]) == {"hash-bob": SuppressionReason.COMPLAINT}
    assert found == {"ann": None, "bob": SuppressionReason.COMPLAINT}


def test_one_fact_about_each_of_several(store: Store, list_id: int) -> None:
    with store.write() as tx:
        numbers = subscribe(tx, list_id, SubscriptionState.CONFIRMED, "ann", "bob")
        tx.events.add_each(EventKind.IMPORTED, NOW, subscriber_ids=numbers, list_id=list_id, by="operator")
        for number in numbers:
            (event,) = tx.events.of_subscriber(number)
            assert (event.kind, event.list_id, event.detail) == (EventKind.IMPORTED, list_id, {"by": "operator"})


def test_only_somebody_can_be_locked(store: Store, list_id: int) -> None:
    with store.write() as tx:
        (number,) = subscribe(tx, list_id, SubscriptionState.PENDING, "ann")
        assert tx.subscribers.lock(number)
        assert not tx.subscribers.lock(4711)


def test_all_confirmations_of_a_reader_oldest_first(store: Store, list_id: int) -> None:
    with store.write() as tx:
        (number,) = subscribe(tx, list_id, SubscriptionState.PENDING, "ann")
        for day in (0, 1):
            at = NOW + timedelta(days=day)
            tx.confirmations.add(number, [list_id], f"hash{day}", at, at + timedelta(days=2))
        found = tx.confirmations.of_subscriber(number)
    assert [each.created_at for each in found] == [NOW, NOW + timedelta(days=1)]
    assert found[0].list_ids == (list_id,)
