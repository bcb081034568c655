"""A reader proves that an address is theirs by the link in the mail that asked. Looking changes nothing; pressing does.

Scanners follow every link (security S8), so a GET looks and a POST confirms.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.audience.greet import best_instead, greet_with_issue
from digest.audience.notices import Notices, queue_notice
from digest.model.event import EventKind
from digest.model.keys import token_hash
from digest.model.mailing_list import MailingList
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.store import Store, Transaction
from digest.store.confirmations import Confirmation


class LinkState(StrEnum):
    """What a confirmation link is good for."""

    READY = "ready"  # pressing the button will confirm
    CONFIRMED = "confirmed"  # the button was pressed just now
    ALREADY = "already"  # it was pressed before; the subscription stands
    USED = "used"  # it was pressed before or is needed no more, and the reader has left since
    EXPIRED = "expired"  # older than 48 hours: sign up again
    UNKNOWN = "unknown"  # not a link of ours, cut short, or forgotten with the person
    REFUSED = "refused"  # the address bounced or complained, or an operator said no


@dataclass(frozen=True, slots=True)
class Confirming:
    """What a link stands for; `lists` and `address` are empty for an unknown one. The address is masked."""

    state: LinkState
    lists: tuple[MailingList, ...] = ()
    address: str = ""


def look(store: Store, token: str, *, now: datetime) -> Confirming:
    """What pressing the button would do. Changes nothing."""
    with store.read() as tx:
        return _judge(tx, tx.confirmations.by_hash(token_hash(token)), now)


def confirm(store: Store, notices: Notices, token: str, *, now: datetime) -> Confirming:
    """Confirm what the link was made for and queue the welcome mails. Safe twice and at once: the second hears ALREADY."""
    for each in look(store, token, now=now).lists:
        with store.read() as tx:
            best = best_instead(tx, each, now=now)
        notices.welcome(each, best)  # rendered while no transaction is open
    with store.write() as tx:
        found = tx.confirmations.by_hash(token_hash(token))
        if found is not None:
            tx.subscribers.lock(found.subscriber_id)
            found = tx.confirmations.by_hash(token_hash(token))  # as it stands now that nobody else can change it
        seen = _judge(tx, found, now)
        if found is None or seen.state is not LinkState.READY:
            return seen
        tx.confirmations.use(found.id, now)
        moved = [each for each in seen.lists if _confirm_one(tx, found, each, notices, now)]
        return Confirming(LinkState.CONFIRMED, tuple(moved), seen.address) if moved else _judge(tx, found, now)


def _judge(tx: Transaction, found: Confirmation | None, now: datetime) -> Confirming:
    subscriber = None if found is None else tx.subscribers.get(found.subscriber_id)
    if found is None or subscriber is None:
        return Confirming(LinkState.UNKNOWN)
    states = {each.list_id: each.state for each in tx.subscribers.subscriptions(subscriber.id)}
    lists = {each.id: each for each in tx.lists.all()}
    asked = [lists[number] for number in found.list_ids if number in lists]
    pending = tuple(each for each in asked if states.get(each.id) is SubscriptionState.PENDING)
    standing = tuple(each for each in asked if states.get(each.id) is SubscriptionState.CONFIRMED)
    masked = subscriber.address.masked
    if found.used_at is not None or not pending:
        return Confirming(LinkState.ALREADY if standing else LinkState.USED, standing or tuple(asked), masked)
    if now >= found.expires_at:
        return Confirming(LinkState.EXPIRED, pending, masked)
    if _suppressed(tx, subscriber.id) not in {None, SuppressionReason.ERASED}:
        return Confirming(LinkState.REFUSED, pending, masked)
    return Confirming(LinkState.READY, pending, masked)


def _suppressed(tx: Transaction, subscriber_id: int) -> SuppressionReason | None:
    return tx.suppressions.reason(tx.subscribers.hash_of(subscriber_id) or "")


def _confirm_one(
    tx: Transaction, found: Confirmation, mailing_list: MailingList, notices: Notices, now: datetime
) -> bool:
    if not tx.subscribers.move(found.subscriber_id, mailing_list.id, SubscriptionState.CONFIRMED, now):
        return False  # they left in this very moment
    subscriber = tx.subscribers.get(found.subscriber_id)
    assert subscriber is not None  # the caller holds their lock
    # They have come back by themselves.
    tx.suppressions.lift(tx.subscribers.hash_of(subscriber.id) or "", SuppressionReason.ERASED)
    tx.events.add(EventKind.CONFIRMED, now, subscriber_id=subscriber.id, list_id=mailing_list.id)
    key = f"welcome:{subscriber.id}:{mailing_list.id}:{now.isoformat()}"
    queue_notice(
        tx, notices.welcome(mailing_list, best_instead(tx, mailing_list, now=now)), subscriber, key=key, now=now
    )
    greet_with_issue(tx, mailing_list, subscriber, now=now)
    return True
