"""A reader's own look at what we keep of them, by a fresh link: it shows, exports and erases (GDPR articles 15, 17 and 20).

The link works for an hour, as often as its reader likes; looking and exporting change nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.audience.fresh import find_link
from digest.audience.person import as_json, forget
from digest.model.choices import Choices
from digest.model.event import EventKind
from digest.model.fresh_link import LinkPurpose
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.model.subscriber import Subscriber, Subscription, SuppressionReason
from digest.store import Store, Transaction
from digest.store.events import Event
from digest.store.messages import Sent

SHOWN = 20  # of mails and of events, the latest; the export has all


@dataclass(frozen=True, slots=True)
class Kept:
    """One subscription, with what was chosen."""

    mailing_list: MailingList
    subscription: Subscription
    choices: Choices


@dataclass(frozen=True, slots=True)
class MyData:
    subscriber: Subscriber
    suppressed: SuppressionReason | None
    kept: tuple[Kept, ...]
    mails: tuple[Sent, ...]  # the latest, newest first
    events: tuple[Event, ...]  # likewise
    titles: Mapping[int, str]  # of lists, by their numbers
    expires_at: datetime


def look(store: Store, keys: Keys, token: str, *, now: datetime) -> MyData | None:
    """None for a link that does not work, or not any more."""
    with store.read() as tx:
        link = find_link(tx, token, LinkPurpose.DATA, now=now)
        subscriber = tx.subscribers.get(link.subscriber_id) if link else None
        if link is None or subscriber is None:
            return None
        lists = {each.id: each for each in tx.lists.all()}
        return MyData(
            subscriber,
            tx.suppressions.reason(keys.address_hash(subscriber.address)),
            read_kept(tx, subscriber, lists),
            tuple(tx.messages.of_subscriber(subscriber.id)[: -SHOWN - 1 : -1]),
            tuple(tx.events.of_subscriber(subscriber.id)[: -SHOWN - 1 : -1]),
            {number: each.title for number, each in lists.items()},
            link.expires_at,
        )


def export(store: Store, keys: Keys, token: str, *, now: datetime) -> dict[str, Any] | None:
    """All of it, ready for `json.dumps`."""
    with store.read() as tx:
        subscriber = _whose(tx, token, now)
        return as_json(tx, keys, subscriber) if subscriber else None


def erase(store: Store, keys: Keys, token: str, *, now: datetime) -> bool:
    """Forget whose link it is. False for one that does not work: also for the second of two who press at once."""
    with store.write() as tx:
        subscriber = _whose(tx, token, now)
        if subscriber is None or not tx.subscribers.lock(subscriber.id):
            return False
        forget(tx, keys, subscriber, now=now)
    return True


def renew_feed(store: Store, token: str, list_name: str, *, now: datetime) -> bool | None:
    """Give the reader's own feed of a list another address; the old one ends. False: they do not read it. None as by `look`."""
    with store.write() as tx:
        subscriber = _whose(tx, token, now)
        if subscriber is None or not tx.subscribers.lock(subscriber.id):
            return None
        list_id = next((each.id for each in tx.lists.all() if each.name == list_name), 0)
        renewed = tx.subscribers.renew_feed(subscriber.id, list_id)
        if renewed:
            tx.events.add(EventKind.FEED_RENEWED, now, subscriber_id=subscriber.id, list_id=list_id)
    return renewed


def _whose(tx: Transaction, token: str, now: datetime) -> Subscriber | None:
    link = find_link(tx, token, LinkPurpose.DATA, now=now)
    return tx.subscribers.get(link.subscriber_id) if link else None


def read_kept(tx: Transaction, subscriber: Subscriber, lists: Mapping[int, MailingList]) -> tuple[Kept, ...]:
    kept = [
        Kept(lists[each.list_id], each, tx.audiences.choices(each.choices_id))
        for each in tx.subscribers.subscriptions(subscriber.id)
    ]
    return tuple(sorted(kept, key=lambda each: each.mailing_list.title))
