"""Subscribers, their subscriptions, confirmations, suppressions and events."""

from dataclasses import replace
from itertools import product

import pytest

from digest.model.address import Address
from digest.model.event import EventKind
from digest.model.message import MessageState
from digest.model.subscriber import SUBSCRIPTION_MOVES, Consent, Subscription, SubscriptionState, SuppressionReason
from digest.store import Store
from digest.store.subscribers import NewSubscriber
from digest.store.tables import confirmations, events, messages, subscribers, subscriptions
from tests.store import rows
from tests.store.rows import CONSENT, DAY, HOUR, KEYS, NOW, outcome

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionState
ANN = Address.parse("Ann@example.org")


def test_a_subscriber_is_one_however_the_address_is_written(store: Store) -> None:
    with store.write() as tx:
        made = tx.subscribers.ensure(ANN, KEYS.address_hash(ANN), name="Ann", language="de", now=NOW)
        shouted = Address.parse("ANN@EXAMPLE.ORG")
        again = tx.subscribers.ensure(shouted, KEYS.address_hash(shouted), name="X", language="en", now=NOW + DAY)
        assert made == again == tx.subscribers.find(shouted) == tx.subscribers.get(made.id)
        assert (made.address, made.name, made.language, made.created_at) == (ANN, "Ann", "de", NOW)
        assert tx.subscribers.hash_of(made.id) == KEYS.address_hash(ANN)


def test_who_is_not_there_is_not_found(store: Store) -> None:
    with store.read() as tx:
        assert (tx.subscribers.find(ANN), tx.subscribers.get(1), tx.subscribers.hash_of(1)) == (None, None, None)
        assert tx.subscribers.subscription(1, 1) is None
        assert (tx.subscribers.subscriptions(1), list(tx.subscribers.readers()), tx.subscribers.counts(1)) == (
            [],
            [],
            {},
        )


def test_many_are_made_at_once_and_known_ones_stay(store: Store) -> None:
    addresses = [Address.parse(f"r{number}@example.org") for number in range(300)]
    new = [NewSubscriber(address, KEYS.address_hash(address), name="new") for address in addresses]
    with store.write() as tx:
        known = rows.a_person(tx, "r7@example.org")
        numbers = tx.subscribers.ensure_each(new, NOW)
        assert tx.subscribers.ensure_each(new, NOW) == numbers
        assert tx.subscribers.ensure_each([], NOW) == {}
        assert len(set(numbers.values())) == 300
        assert numbers["r7@example.org"] == known.id
        assert tx.subscribers.get(known.id) == known


def test_a_subscription_is_made_once_in_whatever_state(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann = rows.a_person(tx, "ann@example.org").id
        assert tx.subscribers.subscribe(ann, weekly.id, UNSUBSCRIBED, CONSENT)
        other = replace(CONSENT, source="import")
        assert not tx.subscribers.subscribe(ann, weekly.id, CONFIRMED, other, confirmed_at=NOW)
        tx.subscribers.subscribe_each([Subscription(ann, weekly.id, CONFIRMED, other)])
        tx.subscribers.subscribe_each([])
        kept = tx.subscribers.subscription(ann, weekly.id)
        assert kept == Subscription(ann, weekly.id, UNSUBSCRIBED, CONSENT)
        assert tx.subscribers.subscriptions(ann) == [kept]
        assert tx.subscribers.on_list(weekly.id, [ann, 99]) == {ann: kept}


@pytest.mark.parametrize(("old", "new"), list(product(SubscriptionState, SubscriptionState)))
def test_only_legal_moves_move(store: Store, old: SubscriptionState, new: SubscriptionState) -> None:
    legal = new in SUBSCRIPTION_MOVES[old]
    consent = Consent("api", "Other words", NOW + HOUR, "net")
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        ann = rows.a_reader(tx, weekly.id, state=old)
        tx.subscribers.subscribe(ann, daily.id, old, CONSENT)
        assert tx.subscribers.move(ann, weekly.id, new, NOW + HOUR, consent) is legal
        kept, other = tx.subscribers.subscriptions(ann)
    assert (kept.state, kept.consent) == ((new, consent) if legal else (old, CONSENT))
    assert kept.confirmed_at == (NOW + HOUR if legal and new is CONFIRMED else None)
    assert kept.unsubscribed_at == (NOW + HOUR if legal and new is UNSUBSCRIBED else None)
    assert (other.state, other.consent) == (old, CONSENT)


@pytest.mark.parametrize("state", SubscriptionState)
def test_only_who_waits_to_confirm_consents_anew(store: Store, state: SubscriptionState) -> None:
    newer = Consent("form", "Newer words", NOW + DAY)
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann = rows.a_reader(tx, weekly.id, state=state)
        tx.subscribers.renew_consent(ann, weekly.id, newer)
        kept = tx.subscribers.subscription(ann, weekly.id)
    assert kept
    assert kept.consent == (newer if state is PENDING else CONSENT)


def test_readers_are_listed_by_number_and_filtered(store: Store) -> None:
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        ann = rows.a_reader(tx, weekly.id)
        tx.subscribers.subscribe(ann, daily.id, PENDING, CONSENT)
        bob = rows.a_reader(tx, daily.id, "bob@example.org")
        tx.suppressions.add(tx.subscribers.hash_of(bob) or "", SuppressionReason.BOUNCED, NOW)
    with store.read() as tx:
        listed = [(reader.subscriber.id, reader.list_name, reader.suppressed) for reader in tx.subscribers.readers()]
        assert listed == [(ann, "weekly", None), (ann, "daily", None), (bob, "daily", "bounced")]
        on_daily = list(tx.subscribers.readers(daily.id))
        assert [reader.subscriber.id for reader in on_daily] == [ann, bob]
        assert [reader.subscription.list_id for reader in on_daily] == [daily.id, daily.id]
        assert [reader.subscriber.id for reader in tx.subscribers.readers(daily.id, CONFIRMED)] == [bob]
        assert [reader.subscriber.id for reader in tx.subscribers.readers(limit=1)] == [ann]
        assert tx.subscribers.counts(daily.id) == {PENDING: 1, CONFIRMED: 1}


def test_readers_are_streamed_and_other_queries_can_be_asked_meanwhile(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        people = rows.readers(tx, weekly.id, 5)
        stream = tx.subscribers.readers(weekly.id)
        assert next(stream).subscriber.id == people[0]
        assert tx.subscribers.counts(weekly.id) == {CONFIRMED: 5}
        assert tx.subscribers.move(people[0], weekly.id, UNSUBSCRIBED, NOW)
        assert rows.a_reader(tx, weekly.id, "new@example.org")
        assert len(list(stream)) >= 4
    with store.read() as tx:
        assert tx.subscribers.counts(weekly.id) == {CONFIRMED: 5, UNSUBSCRIBED: 1}


def test_an_erased_persons_number_is_never_given_again(store: Store) -> None:
    """The links in old mails hold it: another person's subscription must not hang on them."""
    with store.write() as tx:
        ann = rows.a_person(tx, "ann@example.org")
        tx.subscribers.erase(ann.id)
        assert rows.a_person(tx, "bob@example.org").id > ann.id


def test_nothing_names_an_erased_person(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        address = Address.parse("ann@example.org")
        ann = tx.subscribers.ensure(address, KEYS.address_hash(address), name="Ann Onym", language="", now=NOW).id
        tx.subscribers.subscribe(ann, weekly.id, CONFIRMED, replace(CONSENT, network_hash="ann's network"))
        tx.confirmations.add(ann, [weekly.id], "hash", NOW, NOW + DAY)
        tx.events.add(EventKind.SIGNED_UP, NOW, subscriber_id=ann, list_id=weekly.id)
        rows.a_campaign(tx, weekly.id)
        rows.a_reader(tx, weekly.id, "bob@example.org")
        for purpose in ("confirm-subscription", "welcome"):
            mail = rows.a_mail(tx, weekly.id, purpose, ann)
            tx.messages.add(replace(mail, name="Ann Onym", slots={"CONFIRM": "https://x/c/ann"}), NOW)
        tx.messages.add(
            replace(
                rows.a_mail(tx, weekly.id, "test", None),
                address=address,
                address_hash=KEYS.address_hash(address),
            ),
            NOW,
        )
        claimed = tx.outbox.claim("me", 1, NOW)
        tx.outbox.settle(outcome(claimed[0], MessageState.BOUNCED, text="no ann@example.org"), NOW)
        before = len(tx._connection.execute(messages.select()).all())
        tx.subscribers.erase(ann)
        for table in (subscribers, subscriptions, confirmations, events, messages):
            kept = str(tx._connection.execute(table.select()).mappings().all())
            assert "ann" not in kept.lower(), table.name
        rest = tx._connection.execute(messages.select().order_by(messages.c.id)).all()
        assert len(rest) == before
        assert {row.state for row in rest} == {"bounced", "suppressed"}
        assert tx.campaigns.account(1).balanced
        assert [reader.subscriber.address for reader in tx.subscribers.readers()] == [Address.parse("bob@example.org")]


def test_erasing_who_is_not_there_does_nothing(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.a_reader(tx, weekly.id)
        tx.messages.add(rows.a_mail(tx, weekly.id, "test", None), NOW)
        tx.subscribers.erase(99)
        assert tx.messages.owed() == 1


# Confirmations.


def test_a_confirmation_works_once(store: Store) -> None:
    with store.write() as tx:
        ann = rows.a_person(tx, "ann@example.org").id
        number = tx.confirmations.add(ann, [3, 1], "hash", NOW, NOW + 2 * DAY)
        made = tx.confirmations.by_hash("hash")
        assert made
        assert (made.id, made.subscriber_id, made.list_ids) == (number, ann, (3, 1))
        assert (made.created_at, made.expires_at, made.used_at) == (NOW, NOW + 2 * DAY, None)
        assert tx.confirmations.by_hash("other") is None
        assert tx.confirmations.use(number, NOW + HOUR)
        assert not tx.confirmations.use(number, NOW + DAY)
        assert not tx.confirmations.use(number + 1, NOW)
        assert tx.confirmations.of_subscriber(ann) == [replace(made, used_at=NOW + HOUR)]


def test_expired_confirmations_are_forgotten(store: Store) -> None:
    with store.write() as tx:
        ann = rows.a_person(tx, "ann@example.org").id
        tx.confirmations.add(ann, [1], "old", NOW - 3 * DAY, NOW - DAY)
        tx.confirmations.add(ann, [1], "new", NOW, NOW + DAY)
        assert tx.confirmations.forget(NOW) == 1
        assert (tx.confirmations.by_hash("old"), tx.confirmations.forget(NOW)) == (None, 0)
        assert tx.confirmations.by_hash("new")


# Suppressions.


@pytest.mark.parametrize(("first", "second"), list(product(SuppressionReason, SuppressionReason)))
def test_the_first_reason_stays_unless_the_reader_could_undo_it(
    store: Store, first: SuppressionReason, second: SuppressionReason
) -> None:
    with store.write() as tx:
        tx.suppressions.add("hash", first, NOW)
        tx.suppressions.add("hash", second, NOW + DAY)
        kept = tx.suppressions.reason("hash")
        assert kept == (second if first is SuppressionReason.ERASED else first)
        assert tx.suppressions.count() == 1
        tx.suppressions.lift("hash", SuppressionReason.ERASED)
        assert tx.suppressions.reason("hash") == (None if kept is SuppressionReason.ERASED else kept)


def test_suppressions_of_several_are_found_at_once(store: Store) -> None:
    with store.write() as tx:
        tx.suppressions.add("a", SuppressionReason.BOUNCED, NOW)
        tx.suppressions.add("b", SuppressionReason.OPERATOR, NOW)
        assert tx.suppressions.reasons(["a", "c"]) == {"a": SuppressionReason.BOUNCED}
        assert tx.suppressions.reasons([]) == {}
        assert tx.suppressions.reason("c") is None


# Events and the installation.


def test_events_are_kept_in_order_with_their_detail(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann, bob = rows.a_person(tx, "ann@example.org").id, rows.a_person(tx, "bob@example.org").id
        tx.events.add(EventKind.SIGNED_UP, NOW, subscriber_id=ann, list_id=weekly.id, source="form", count=2)
        tx.events.add_each(EventKind.IMPORTED, NOW + HOUR, subscriber_ids=[ann, bob], list_id=weekly.id, line=7)
        tx.events.add_each(EventKind.IMPORTED, NOW, subscriber_ids=[], list_id=weekly.id)
        tx.events.add(EventKind.RECOVERED, NOW, claimed=1)
        told = tx.events.of_subscriber(ann)
        assert [event.kind for event in told] == [EventKind.SIGNED_UP, EventKind.IMPORTED]
        assert [event.at for event in told] == [NOW, NOW + HOUR]
        assert [dict(event.detail) for event in told] == [{"source": "form", "count": 2}, {"line": 7}]
        assert (told[0].list_id, told[0].message_id) == (weekly.id, None)
        assert len(tx.events.of_subscriber(bob)) == 1


def test_the_first_key_is_the_one_that_is_remembered(store: Store) -> None:
    with store.write() as tx:
        assert tx.instance.fingerprint() is None
        assert tx.instance.remember("first", NOW) == "first"
        assert tx.instance.remember("second", NOW) == "first"
        assert tx.instance.fingerprint() == "first"
