"""A reader leaves: by one click in their mail program (RFC 8058), by a page, or an operator does it for them.

All of it is committed before anybody is told so, and safe twice. Whoever holds a forwarded mail can do this, and no more.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from digest.audience.language import language_for
from digest.audience.notices import Notices, queue_notice
from digest.model.edition import Edition
from digest.model.event import EventKind
from digest.model.mailing_list import MailingList, Rhythm
from digest.model.operator import ActKind
from digest.model.subscriber import Reason, Subscription, SubscriptionState
from digest.store import Store, Transaction

BY_OPERATOR = "operator"
MAX_WORDS = 500  # characters of what somebody tells us beside a reason
_ADDRESS = re.compile(r"\S*@\S*")


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
    fewer: tuple[Rhythm, ...] = ()  # rhythms that are offered, and slower than theirs
    by_import: bool = False  # it was a file that said they left


def look(store: Store, subscriber_id: int, list_id: int) -> Leaving:
    """LEFT stands for "can leave" here. Changes nothing."""
    with store.read() as tx:
        subscriber = tx.subscribers.known_as(subscriber_id)
        mailing_list = _list(tx, list_id)
        if subscriber is None:
            return Leaving(Left.NOBODY, mailing_list)
        language = language_for(tx, subscriber.id, list_id)
        kept = tx.subscribers.subscription(subscriber.id, list_id)
        on_it = kept is not None and kept.state is not SubscriptionState.UNSUBSCRIBED
        rhythms = _fewer(tx, mailing_list, kept) if on_it and kept and mailing_list else ()
    state = Left.LEFT if on_it else Left.ALREADY
    by_import = kept is not None and kept.import_id != 0
    return Leaving(state, mailing_list, subscriber.address.masked, language, rhythms, by_import)


def unsubscribe(
    store: Store, subscriber_id: int, list_id: int, *, now: datetime, by: str, notices: Notices | None = None
) -> Leaving:
    """Leave one list. On disk when it returns. `by` goes into the event: "one-click", "page", "operator".

    With `notices`, who was confirmed gets one mail that says so, if the list says goodbye; mail programs that leave by one
    click have said it already.
    """
    seen = look(store, subscriber_id, list_id)
    if seen.state is Left.LEFT and seen.mailing_list is not None:
        says = notices if seen.mailing_list.says_goodbye else None
        goodbye = says.unsubscribed(seen.mailing_list, seen.language) if says else None
        with store.write() as tx:
            moved = _leave(tx, subscriber_id, list_id, now=now, by=by, goodbye=goodbye)
        return replace(seen, state=Left.LEFT if moved else Left.ALREADY)
    if seen.state is Left.ALREADY and by != BY_OPERATOR:
        with store.write() as tx:
            if known := tx.subscribers.known_as(subscriber_id):
                tx.bulks.let_go(known.id)  # an operator was first, and may not take it back any more
            if seen.by_import:
                _leave(tx, subscriber_id, list_id, now=now, by=by)
    return seen


def unsubscribe_all(store: Store, subscriber_id: int, *, now: datetime, by: str) -> list[int]:
    """Leave every list, in one transaction; returns the numbers of those left just now."""
    with store.write() as tx:
        subscriber = tx.subscribers.known_as(subscriber_id)
        kept = tx.subscribers.subscriptions(subscriber.id) if subscriber else []
        if subscriber and by != BY_OPERATOR:
            tx.bulks.let_go(subscriber.id)
        return [each.list_id for each in kept if _leave(tx, subscriber_id, each.list_id, now=now, by=by)]


def say_why(
    store: Store, subscriber_id: int, list_id: int, reason: Reason | None, words: str, *, now: datetime
) -> bool:
    """Who has left says why, once for each time. False when there is nothing to keep, or nobody who has left."""
    said = _own_words(words)
    with store.write() as tx:
        subscriber = tx.subscribers.known_as(subscriber_id)
        if subscriber is None or not (reason or said):
            return False
        tx.subscribers.lock(subscriber.id)
        told = [each.kind for each in tx.events.of_subscriber(subscriber.id) if each.list_id == list_id]
        since = next((kind for kind in reversed(told) if kind in _ENDS), None)
        if since is not EventKind.UNSUBSCRIBED:
            return False
        why = reason or Reason.OTHER
        tx.events.add(EventKind.SAID_WHY, now, subscriber_id=subscriber.id, list_id=list_id, reason=why, words=said)
    return True


_ENDS = frozenset(
    {EventKind.UNSUBSCRIBED, EventKind.SAID_WHY, EventKind.CONFIRMED, EventKind.IMPORTED, EventKind.PUT_BACK}
)


def _own_words(words: str) -> str:
    """What may be kept of what somebody typed: no address, and nothing that is no text."""
    printable = "".join(char if char.isprintable() else " " for char in words[: 4 * MAX_WORDS])
    return " ".join(_ADDRESS.sub("…", printable).split())[:MAX_WORDS]


def _fewer(tx: Transaction, mailing_list: MailingList, kept: Subscription) -> tuple[Rhythm, ...]:
    theirs = tx.audiences.choices(kept.choices_id).rhythm
    order = list(Rhythm)
    return tuple(each for each in order[order.index(theirs) + 1 :] if each in mailing_list.rhythms)


def _leave(
    tx: Transaction, subscriber_id: int, list_id: int, *, now: datetime, by: str, goodbye: Edition | None = None
) -> bool:
    subscriber = tx.subscribers.known_as(subscriber_id)
    before = tx.subscribers.subscription(subscriber.id, list_id) if subscriber else None
    if before is None or subscriber is None:
        return False
    if not tx.subscribers.move(subscriber.id, list_id, SubscriptionState.UNSUBSCRIBED, now):
        tx.subscribers.own(subscriber.id, list_id)  # a file said so before: now they have
        return False
    tx.events.add(EventKind.UNSUBSCRIBED, now, subscriber_id=subscriber.id, list_id=list_id, by=by)
    if by == BY_OPERATOR:
        tx.acts.note(ActKind.READER_UNSUBSCRIBED, now, f"subscriber {subscriber.id}", list=list_id)
    if goodbye is not None and before.state is SubscriptionState.CONFIRMED:
        key = f"unsubscribed:{subscriber.id}:{list_id}:{now.isoformat()}"  # once for each time they leave
        queue_notice(tx, goodbye, subscriber, key=key, now=now)
    return True


def _list(tx: Transaction, list_id: int) -> MailingList | None:
    return next((each for each in tx.lists.all() if each.id == list_id), None)
