"""A reader proves that an address is theirs by the link in the mail that asked. Looking changes nothing; pressing does.

Scanners follow every link (security S8), so a GET looks and a POST confirms. A link that is good for nothing any more can be
traded for a new one, which is mailed: never shown, for who has the old one may have it from a mail passed on.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from digest.audience.ask import answered
from digest.audience.door import Visit, let_in
from digest.audience.greet import best_instead, greet_with_issue
from digest.audience.language import language_for
from digest.audience.notices import Notices, queue_notice
from digest.audience.sign_up import Application, Taken, take_application
from digest.model.event import EventKind
from digest.model.keys import Keys, token_hash
from digest.model.mailing_list import MailingList
from digest.model.subscriber import Consent, Subscriber, SubscriptionState, SuppressionReason
from digest.store import Store, Transaction
from digest.store.confirmations import Confirmation


class LinkState(StrEnum):
    """What a confirmation link is good for."""

    READY = "ready"  # pressing the button will confirm
    CONFIRMED = "confirmed"  # the button was pressed just now
    ALREADY = "already"  # it was pressed before; the subscription stands
    USED = "used"  # it was pressed before or is needed no more, and the reader has left since
    EXPIRED = "expired"  # older than 48 hours: a new one can be asked for
    UNKNOWN = "unknown"  # not a link of ours, cut short, or forgotten with the person
    REFUSED = "refused"  # the address bounced or complained, or an operator said no


TRADED = frozenset({LinkState.USED, LinkState.EXPIRED})  # for a new one


@dataclass(frozen=True, slots=True)
class Confirming:
    """What a link stands for; all but the state is empty for an unknown one. The address is masked, the language the reader's."""

    state: LinkState
    lists: tuple[MailingList, ...] = ()
    address: str = ""
    language: str = ""


def look(store: Store, token: str, *, now: datetime) -> Confirming:
    """What pressing the button would do. Changes nothing."""
    with store.read() as tx:
        return _judge(tx, tx.confirmations.by_hash(token_hash(token)), now)


def confirm(store: Store, notices: Notices, token: str, *, now: datetime) -> Confirming:
    """Confirm what the link was made for and queue the welcome mails. Safe twice and at once: the second hears ALREADY."""
    with store.read() as tx:
        found = tx.confirmations.by_hash(token_hash(token))
        lists = _judge(tx, found, now).lists
        languages = {each.id: language_for(tx, found.subscriber_id, each.id) for each in lists if found}
        best = {each.id: best_instead(tx, each, now=now) for each in lists}
    for each in lists:
        notices.welcome(each, best[each.id], language=languages[each.id])  # rendered while no transaction is open
    with store.write() as tx:
        found, subscriber = _lock(tx, notices.keys, token)
        seen = _judge(tx, found, now)
        if found is None or subscriber is None:
            return seen
        if seen.state is not LinkState.READY:
            for each in seen.lists if seen.state is LinkState.ALREADY else ():
                tx.subscribers.own(subscriber.id, each.id)  # a file said so before: now they have
            return seen
        tx.confirmations.use(found.id, now)
        answered(tx, notices.keys, subscriber, now)
        moved = [each for each in seen.lists if _confirm_one(tx, found, each, notices, now)]
        return replace(seen, state=LinkState.CONFIRMED, lists=tuple(moved)) if moved else _judge(tx, found, now)


def ask_again(
    store: Store, notices: Notices, token: str, consent: Consent, visit: Visit, *, now: datetime, nonce: str
) -> Confirming:
    """Mail a new link in the place of one that has expired or was used, by the limits of every sign-up; returns what it was.

    What became of it is in the event, and told to nobody. Raises TooMany.
    """
    seen = look(store, token, now=now)
    if seen.state not in TRADED or not seen.lists:
        return seen
    edition = notices.confirmation(seen.lists, seen.language)
    with store.write() as tx:
        let_in(tx, visit, now)
        found, subscriber = _lock(tx, notices.keys, token)
        seen = replace(_judge(tx, found, now), lists=seen.lists)
        if subscriber is None or seen.state not in TRADED or _suppressed(tx, subscriber.id):
            return seen
        said = Application(str(subscriber.address), (), consent, visit=visit)
        taken = Taken(subscriber.address, seen.lists, edition, said)
        take_application(tx, notices.keys, subscriber, taken, now=now, nonce=nonce)
        return seen


def _lock(tx: Transaction, keys: Keys, token: str) -> tuple[Confirmation | None, Subscriber | None]:
    """A link and whose it is, as they stand when nobody else can change them; the inbox first, as by who signs up."""
    found = tx.confirmations.by_hash(token_hash(token))
    subscriber = tx.subscribers.get(found.subscriber_id) if found else None
    if found is None or subscriber is None:
        return None, None
    tx.door.asked(keys.inbox_hash(subscriber.address))
    tx.subscribers.lock(subscriber.id)
    return tx.confirmations.by_hash(token_hash(token)), tx.subscribers.get(subscriber.id)


def _judge(tx: Transaction, found: Confirmation | None, now: datetime) -> Confirming:
    subscriber = None if found is None else tx.subscribers.get(found.subscriber_id)
    if found is None or subscriber is None:
        return Confirming(LinkState.UNKNOWN)
    states = {each.list_id: each.state for each in tx.subscribers.subscriptions(subscriber.id)}
    lists = {each.id: each for each in tx.lists.all()}
    asked = [lists[number] for number in found.list_ids if number in lists]
    pending = tuple(each for each in asked if states.get(each.id) is SubscriptionState.PENDING)
    standing = tuple(each for each in asked if states.get(each.id) is SubscriptionState.CONFIRMED)
    person = (subscriber.address.masked, subscriber.language)
    if found.used_at is not None or not pending:
        return Confirming(LinkState.ALREADY if standing else LinkState.USED, standing or tuple(asked), *person)
    if now >= found.expires_at:
        return Confirming(LinkState.EXPIRED, pending, *person)
    if _suppressed(tx, subscriber.id):
        return Confirming(LinkState.REFUSED, pending, *person)
    return Confirming(LinkState.READY, pending, *person)


def _suppressed(tx: Transaction, subscriber_id: int) -> bool:
    return tx.suppressions.stands(tx.subscribers.hash_of(subscriber_id) or "")


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
    welcome = notices.welcome(
        mailing_list,
        best_instead(tx, mailing_list, now=now),
        language=language_for(tx, subscriber.id, mailing_list.id),
    )
    queue_notice(tx, welcome, subscriber, key=key, now=now)
    greet_with_issue(tx, mailing_list, subscriber, now=now)
    return True
