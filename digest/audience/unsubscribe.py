"""A reader leaves: by one click in their mail program (RFC 8058), by a page, or an operator does it for them.

All of it is committed before anybody is told so, and safe twice. Whoever holds a forwarded mail can do this, and no more.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from digest.audience.language import language_for
from digest.audience.notices import Notices, queue_notice
from digest.model.edition import Edition
from digest.model.event import EventKind
from digest.model.mailing_list import MailingList
from digest.model.subscriber import SubscriptionState
from digest.store import Store, Transaction


class Left(StrEnum):
    """What became of leaving a list."""

    LEFT = "left"  # just now
    ALREADY = "already"  # before; or never subscribed
    NOBODY = "nobody"  # no such subscriber any more: erased


@dataclass(frozen=True, slots=True)
class Leaving:
    """For a page: `masked` is what it may show of the address, `language` the reader's. `mailing_list` is None only when there is
    no such list.
    """

    state: Left
    mailing_list: MailingList | None
    masked: str = ""
    language: str = ""


def look(store: Store, subscriber_id: int, list_id: int) -> Leaving:
    """LEFT stands for "can leave" here. Changes nothing."""
    with store.read() as tx:
        subscriber = tx.subscribers.get(subscriber_id)
        mailing_list = _list(tx, list_id)
        kept = tx.subscribers.subscription(subscriber_id, list_id)
        language = language_for(tx, subscriber_id, list_id)
    if subscriber is None:
        return Leaving(Left.NOBODY, mailing_list)
    on_it = kept is not None and kept.state is not SubscriptionState.UNSUBSCRIBED
    return Leaving(Left.LEFT if on_it else Left.ALREADY, mailing_list, subscriber.address.masked, language)


def unsubscribe(
    store: Store, subscriber_id: int, list_id: int, *, now: datetime, by: str, notices: Notices | None = None
) -> Leaving:
    """Leave one list. On disk when it returns. `by` goes into the event: "one-click", "page", "operator".

    With `notices`, who was confirmed gets one mail that says so; mail programs that leave by one click have said it already.
    """
    seen = look(store, subscriber_id, list_id)
    if seen.state is Left.LEFT and seen.mailing_list is not None:
        goodbye = notices.unsubscribed(seen.mailing_list, seen.language) if notices else None
        with store.write() as tx:
            moved = _leave(tx, subscriber_id, list_id, now=now, by=by, goodbye=goodbye)
        return replace(seen, state=Left.LEFT if moved else Left.ALREADY)
    return seen


def unsubscribe_all(store: Store, subscriber_id: int, *, now: datetime, by: str) -> list[int]:
    """Leave every list, in one transaction; returns the numbers of those left just now."""
    with store.write() as tx:
        kept = tx.subscribers.subscriptions(subscriber_id)
        return [each.list_id for each in kept if _leave(tx, subscriber_id, each.list_id, now=now, by=by)]


def _leave(
    tx: Transaction, subscriber_id: int, list_id: int, *, now: datetime, by: str, goodbye: Edition | None = None
) -> bool:
    before = tx.subscribers.subscription(subscriber_id, list_id)
    subscriber = tx.subscribers.get(subscriber_id)
    if before is None or subscriber is None:
        return False
    if not tx.subscribers.move(subscriber_id, list_id, SubscriptionState.UNSUBSCRIBED, now):
        return False
    tx.events.add(EventKind.UNSUBSCRIBED, now, subscriber_id=subscriber_id, list_id=list_id, by=by)
    if goodbye is not None and before.state is SubscriptionState.CONFIRMED:
        key = f"unsubscribed:{subscriber_id}:{list_id}:{now.isoformat()}"  # once for each time they leave
        queue_notice(tx, goodbye, subscriber, key=key, now=now)
    return True


def _list(tx: Transaction, list_id: int) -> MailingList | None:
    return next((each for each in tx.lists.all() if each.id == list_id), None)
