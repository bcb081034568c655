"""A reader gets another address, with all that hangs on them: choices, cursors, history.

    ask      on the preferences page, which who found a forwarded mail can open too → a mail to the present address
    press    by its link: the present address allows it → a mail to the other one
             by that one's link: it is theirs → moved; the old address is told

So nobody takes over a reader who cannot read both mailboxes (security S9, docs/adr/0012). What is said never depends on
what we know of the other address. Safe twice and at once.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from digest.audience.addresses import read_address
from digest.audience.fresh import Request, find_link, mail_link
from digest.audience.language import language_for
from digest.audience.notices import Notices, queue_notice
from digest.model.address import Address
from digest.model.edition import Edition
from digest.model.errors import BadInput, NotFound
from digest.model.event import EventKind
from digest.model.fresh_link import FreshLink, LinkPurpose
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.model.operator import ActKind
from digest.model.subscriber import Subscriber, SuppressionReason
from digest.store import Store, Transaction


class MoveState(StrEnum):
    """Where a change of address stands, as its link sees it."""

    ALLOW = "allow"  # pressing lets the other address be asked
    ASKED = "asked"  # that was pressed just now
    MOVE = "move"  # pressing moves the subscriptions here
    MOVED = "moved"  # that was pressed just now
    GONE = "gone"  # expired, used, cut short, or none of ours


@dataclass(frozen=True, slots=True)
class Moving:
    """For a page. Addresses are masked."""

    state: MoveState
    mailing_list: MailingList | None = None
    old: str = ""
    new: str = ""
    language: str = ""  # the reader's


_GONE = Moving(MoveState.GONE)
_BOTH = (LinkPurpose.ALLOW, LinkPurpose.MOVE)


@dataclass(frozen=True)
class Clerk:
    """What every step of a change of address needs. `nonce` is random and used for one mail."""

    store: Store
    keys: Keys
    notices: Notices
    now: datetime
    nonce: str


def ask_to_move(clerk: Clerk, number: int, list_id: int, typed: str) -> None:
    """Ask the present address whether it may be. Raises BadInput for what is no address; else all is said to have gone well."""
    address = read_address(typed)
    with clerk.store.read() as tx:
        mailing_list = tx.lists.get(list_id)
        reader = tx.subscribers.known_as(number)
        language = language_for(tx, reader.id, list_id) if reader else ""
    edition = clerk.notices.allow_address(mailing_list, language)
    with clerk.store.write() as tx:
        subscriber = tx.subscribers.known_as(number)
        if subscriber is None or not tx.subscribers.lock(subscriber.id):
            return
        request = Request(subscriber, LinkPurpose.ALLOW, edition, address)
        mail_link(tx, clerk.keys, request, now=clerk.now, nonce=clerk.nonce)


def look(store: Store, token: str, *, now: datetime) -> Moving:
    """What pressing the button would do. Changes nothing."""
    with store.read() as tx:
        return _see(tx, find_link(tx, token, *_BOTH, now=now))


def press(clerk: Clerk, token: str) -> Moving:
    seen = look(clerk.store, token, now=clerk.now)
    if seen.mailing_list is None:
        return _GONE
    clerk.notices.confirm_address(seen.mailing_list, seen.language)  # rendered while no transaction is open
    clerk.notices.address_changed(seen.mailing_list, seen.language)
    with clerk.store.write() as tx:
        link = find_link(tx, token, *_BOTH, now=clerk.now)
        if link is None:
            return _GONE
        _lock(tx, link.subscriber_id, Address.parse(link.address))
        if not tx.fresh_links.use(link.id, clerk.now):
            return _GONE
        step = _allow if link.purpose is LinkPurpose.ALLOW else _move
        return step(tx, clerk, link, seen)


def change_address(clerk: Clerk, old: str, new: str) -> bool:
    """An operator does it at once, for a reader who wrote to them. True when the new address was a subscriber's already.

    Raises NotFound for nobody, BadInput for an address that is not to be mailed or the same one. The old address is told.
    """
    address = read_address(new)
    goodbye = _any_goodbye(clerk, read_address(old))
    with clerk.store.write() as tx:
        subscriber = tx.subscribers.find(read_address(old))
        if subscriber is None:
            raise NotFound(f"There is no subscriber {old}.")
        _lock(tx, subscriber.id, address)
        if address.key == subscriber.address.key:
            raise BadInput(f"{old} has this address already.")
        if tx.suppressions.reason(clerk.keys.address_hash(address)) is not None:
            raise BadInput(f"{new} must not be mailed; `digest subscriber show` says why, if it is a reader's.")
        merged = tx.subscribers.find(address) is not None
        _readdress(tx, clerk, subscriber, address, goodbye=goodbye, by="operator")
        tx.acts.note(ActKind.READER_MOVED, clerk.now, f"subscriber {subscriber.id}")
    return merged


def _see(tx: Transaction, link: FreshLink | None) -> Moving:
    subscriber = None if link is None else tx.subscribers.get(link.subscriber_id)
    if link is None or subscriber is None:
        return _GONE
    state = MoveState.ALLOW if link.purpose is LinkPurpose.ALLOW else MoveState.MOVE
    new = Address.parse(link.address)
    language = language_for(tx, subscriber.id, link.list_id)
    return Moving(state, tx.lists.get(link.list_id), subscriber.address.masked, new.masked, language)


def _allow(tx: Transaction, clerk: Clerk, link: FreshLink, seen: Moving) -> Moving:
    """The answer is the same when no mail goes: the address is not to be mailed, was asked too often, or is theirs already."""
    subscriber, address = tx.subscribers.get(link.subscriber_id), Address.parse(link.address)
    assert subscriber is not None  # the caller holds their lock
    assert seen.mailing_list is not None  # the caller has looked
    if subscriber.address.key != address.key and not tx.suppressions.stands(clerk.keys.address_hash(address)):
        request = Request(
            subscriber, LinkPurpose.MOVE, clerk.notices.confirm_address(seen.mailing_list, seen.language), address
        )
        mail_link(tx, clerk.keys, request, now=clerk.now, nonce=clerk.nonce)
    return replace(seen, state=MoveState.ASKED)


def _move(tx: Transaction, clerk: Clerk, link: FreshLink, seen: Moving) -> Moving:
    subscriber, address = tx.subscribers.get(link.subscriber_id), Address.parse(link.address)
    assert subscriber is not None  # the caller holds their lock
    assert seen.mailing_list is not None  # the caller has looked
    if tx.suppressions.stands(clerk.keys.address_hash(address)):
        return _GONE
    goodbye = clerk.notices.address_changed(seen.mailing_list, seen.language)
    _readdress(tx, clerk, subscriber, address, goodbye=goodbye, by="page")
    return replace(seen, state=MoveState.MOVED)


def _lock(tx: Transaction, subscriber_id: int, address: Address) -> None:
    """Both, at once, when the address is another subscriber's."""
    other = tx.subscribers.find(address)
    tx.readdressing.lock(subscriber_id, *([other.id] if other else []))


def _readdress(
    tx: Transaction, clerk: Clerk, subscriber: Subscriber, address: Address, *, goodbye: Edition | None, by: str
) -> None:
    """The caller holds the locks. The old address is told last: what waits in the outbox now goes to the new one."""
    old = subscriber.address, tx.subscribers.hash_of(subscriber.id) or ""
    address_hash = clerk.keys.address_hash(address)
    other = tx.subscribers.find(address)
    merged = other is not None and other.id != subscriber.id
    if other is not None and merged:
        tx.readdressing.merge(subscriber.id, other.id)
    tx.readdressing.move(subscriber.id, address, address_hash)
    tx.suppressions.lift(address_hash, SuppressionReason.ERASED)  # they have come back by themselves
    tx.events.add(EventKind.MOVED, clerk.now, subscriber_id=subscriber.id, by=by, merged=merged)
    if goodbye is not None:
        key = f"address-changed:{subscriber.id}:{clerk.now.isoformat()}"
        queue_notice(tx, goodbye, subscriber, key=key, now=clerk.now, to=old)


def _any_goodbye(clerk: Clerk, address: Address) -> Edition | None:
    """The mail to the old address, from one of their lists; None for who is on none. Rendered while no transaction is open."""
    with clerk.store.read() as tx:
        subscriber = tx.subscribers.find(address)
        kept = tx.subscribers.subscriptions(subscriber.id) if subscriber else []
        mailing_list = tx.lists.get(kept[0].list_id) if kept else None
    language = subscriber.language if subscriber else ""
    return clerk.notices.address_changed(mailing_list, language) if mailing_list else None
