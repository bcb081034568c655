"""Two people turn out to be one: whatever each had in a campaign, one mail reaches them at most, and nobody gets none."""

from itertools import product

import pytest

from digest.model.address import Address
from digest.model.message import MessageState
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.store import Store, Transaction
from digest.store.tables import messages, subscriptions
from tests.store import rows
from tests.store.rows import KEYS, NOW, outcome

ANN, BOB = "ann@example.org", "bob@example.org"
WAITING = "queued"
ENDS = (WAITING, MessageState.ACCEPTED, MessageState.BOUNCED, MessageState.FAILED, MessageState.SUPPRESSED)
HAD = {MessageState.ACCEPTED, MessageState.UNCERTAIN}


def bring_to(tx: Transaction, number: int, state: str) -> None:
    """A message of a campaign, whatever it takes."""
    if state != WAITING:
        tx._connection.execute(messages.update().where(messages.c.id == number).values(state=state))


def states(tx: Transaction) -> list[tuple[str, str, int | None]]:
    query = messages.select().where(messages.c.campaign_id.is_not(None)).order_by(messages.c.id)
    return [(row.state, row.address, row.subscriber_id) for row in tx._connection.execute(query)]


def become_one(tx: Transaction, ann: int, bob: int) -> None:
    address = Address.parse(BOB)
    tx.readdressing.lock(ann, bob)
    tx.readdressing.merge(ann, bob)
    tx.readdressing.move(ann, address, KEYS.address_hash(address))


@pytest.mark.parametrize(("anns", "bobs"), list(product(ENDS, ENDS)))
def test_of_two_messages_of_a_campaign_one_is_left_unless_both_had_it(store: Store, anns: str, bobs: str) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann, bob = rows.a_reader(tx, weekly.id, ANN), rows.a_reader(tx, weekly.id, BOB)
        campaign = rows.a_campaign(tx, weekly.id)
        kept = tx._connection.execute(messages.select().order_by(messages.c.subscriber_id)).all()
        bring_to(tx, kept[0].id, anns)
        bring_to(tx, kept[1].id, bobs)
        become_one(tx, ann, bob)
        after = states(tx)
        waiting = [row for row in after if row[0] == WAITING]
        had = HAD & {anns, bobs}
        assert len(after) == 2  # the account still balances
        assert tx.campaigns.account(campaign.id).balanced
        assert len(waiting) == (0 if had or WAITING not in {anns, bobs} else 1)
        assert all(row[1:] == (BOB, ann) for row in waiting)
        assert bob not in {row[2] for row in after}
        assert tx.subscribers.get(bob) is None
        found = tx.subscribers.known_as(bob)
        assert found is not None
        assert (found.id, str(found.address)) == (ann, BOB)


def test_the_later_cursor_counts(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann, bob = rows.a_reader(tx, weekly.id, ANN), rows.a_reader(tx, weekly.id, BOB)
        for reader, cursor in ((ann, 3), (bob, 7)):
            whose = subscriptions.c.subscriber_id == reader
            tx._connection.execute(subscriptions.update().where(whose).values(cursor=cursor))
        become_one(tx, ann, bob)
        kept = tx._connection.execute(subscriptions.select()).all()
    assert [(row.subscriber_id, row.cursor) for row in kept] == [(ann, 7)]


def test_a_mail_of_their_own_goes_to_the_new_address_and_what_was_sent_stays_as_it_was(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann, bob = rows.a_reader(tx, weekly.id, ANN), rows.a_reader(tx, weekly.id, BOB)
        tx.messages.add(rows.a_mail(tx, weekly.id, "welcome", ann), NOW)
        (claimed,) = tx.outbox.claim("me", 5, NOW)
        tx.outbox.arm(claimed.id, "me", NOW)
        tx.outbox.settle(outcome(claimed, MessageState.ACCEPTED), NOW)
        tx.messages.add(rows.a_mail(tx, weekly.id, "unsubscribed", ann), NOW)
        tx.messages.add(rows.a_mail(tx, weekly.id, "welcome", bob), NOW)
        become_one(tx, ann, bob)
        assert [(each.mail, each.address) for each in tx.messages.of_subscriber(ann)] == [
            ("welcome", ANN),
            ("unsubscribed", BOB),
            ("welcome", BOB),
        ]


@pytest.mark.parametrize(("anns", "bobs"), list(product(SubscriptionState, SubscriptionState)))
def test_the_stronger_subscription_stays(store: Store, anns: SubscriptionState, bobs: SubscriptionState) -> None:
    order = [SubscriptionState.CONFIRMED, SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED]
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann, bob = rows.a_reader(tx, weekly.id, ANN, anns), rows.a_reader(tx, weekly.id, BOB, bobs)
        become_one(tx, ann, bob)
        kept = tx.subscribers.subscriptions(ann)
    assert [each.state for each in kept] == [min(anns, bobs, key=order.index)]


def test_an_erasure_finds_all_of_two_who_became_one(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann, bob = rows.a_reader(tx, weekly.id, ANN), rows.a_reader(tx, weekly.id, BOB)
        rows.a_campaign(tx, weekly.id)
        become_one(tx, ann, bob)
        tx.suppressions.add(tx.subscribers.hash_of(ann) or "", SuppressionReason.ERASED, NOW)
        tx.subscribers.erase(ann)
        kept = str(tx._connection.execute(messages.select()).all())
        assert tx.subscribers.known_as(bob) is None
    assert "ann@" not in kept
    assert "bob@" not in kept
