"""Fresh links: what is too much for the links in every mail is done by one that is mailed on request (docs/adr/0012).

However often a button is pressed, one address gets at most one mail of a kind in 15 minutes and three in a day.
"""

from dataclasses import dataclass
from datetime import datetime

from digest.audience.notices import queue_notice
from digest.model.address import Address
from digest.model.edition import Edition
from digest.model.event import EventKind
from digest.model.fresh_link import LIFE, FreshLink, LinkPurpose, may_mail
from digest.model.keys import Keys, token_hash
from digest.model.subscriber import Subscriber
from digest.store import Transaction
from digest.store.fresh_links import message_key

MAX_TOKEN = 100  # characters; ours have 22


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks for a link. `address` is the other address that it is about; for MOVE the mail goes there."""

    subscriber: Subscriber
    purpose: LinkPurpose
    edition: Edition  # the mail, not stored yet
    address: Address | None = None


def mail_link(tx: Transaction, keys: Keys, request: Request, *, now: datetime, nonce: str) -> bool:
    """Queue the mail and keep the hash of its token. False when it must not go: then only an event is written.

    The caller holds the lock on the subscriber. `nonce` is random; the token is made from it again when the mail is composed.
    """
    may = _may_go(tx, keys, request, now)
    if may:
        _queue(tx, keys, request, now, nonce)
    tx.events.add(
        EventKind.ASKED_FOR_LINK,
        now,
        subscriber_id=request.subscriber.id,
        list_id=request.edition.list_id,
        purpose=request.purpose,
        outcome="mailed" if may else "too often",
    )
    return may


def find_link(tx: Transaction, token: str, *purposes: LinkPurpose, now: datetime) -> FreshLink | None:
    """The link with this token, while it works and for its own purpose only."""
    if len(token) > MAX_TOKEN:
        return None
    found = tx.fresh_links.by_hash(token_hash(token))
    return found if found is not None and found.purpose in purposes and found.works(now) else None


def _may_go(tx: Transaction, keys: Keys, request: Request, now: datetime) -> bool:
    made = [
        each.created_at
        for each in tx.fresh_links.of_subscriber(request.subscriber.id)
        if each.purpose is request.purpose
    ]
    if request.purpose is LinkPurpose.MOVE and request.address is not None:
        made += tx.fresh_links.made_for(keys.address_hash(request.address))
    return may_mail(made, now)


def _queue(tx: Transaction, keys: Keys, request: Request, now: datetime, nonce: str) -> None:
    subscriber, purpose, other = request.subscriber, request.purpose, request.address
    hashed = token_hash(keys.fresh_token(purpose, nonce))
    list_id = request.edition.list_id
    new = FreshLink(
        0, subscriber.id, list_id, purpose, str(other) if other else "", now, expires_at=now + LIFE[purpose]
    )
    tx.fresh_links.add(new, hashed, keys.address_hash(other) if other else "")
    to = other if purpose is LinkPurpose.MOVE else None
    queue_notice(
        tx,
        request.edition,
        subscriber,
        key=message_key(hashed),
        now=now,
        slots={purpose.value: nonce},
        to=(to, keys.address_hash(to)) if to else None,
    )
