"""A reader asks for lists; nothing is sent to them before they have confirmed, but for the mail that asks (double opt-in).

What comes out is for operators and tests only. Whoever asked is told the same whatever the address is, and for every address
one transaction with one event is written, so that neither words nor time give away who reads what (security S7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.audience.addresses import clean_language, clean_name, read_address
from digest.audience.ask import Question, ask
from digest.audience.notices import Notices
from digest.model.errors import BadInput, NotFound
from digest.model.event import EventKind
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.model.subscriber import Consent, Subscriber, SubscriptionState, SuppressionReason
from digest.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody sent us, as they typed it, and the proof of it."""

    address: str
    lists: tuple[str, ...]  # their names
    consent: Consent
    name: str = ""
    language: str = ""  # that of the page they did it on; the mail that asks is in it


class SignedUp(StrEnum):
    """What became of an application."""

    ASKED = "asked"  # a mail that asks for confirmation is in the outbox
    WAITING = "waiting"  # the address was asked just now or too often: no further mail
    ALREADY = "already"  # confirmed on every list asked for: nothing changed
    SUPPRESSED = "suppressed"  # bounced, complained, or an operator said no: nothing changed, nothing kept


def sign_up(
    store: Store, keys: Keys, notices: Notices, application: Application, *, now: datetime, nonce: str
) -> SignedUp:
    """Make the subscriptions pending and queue the mail that asks, in one transaction. Safe twice and at once.

    `nonce` is random and used for nothing else. Raises BadInput for what is no address, NotFound for what is no list.
    """
    address = read_address(application.address)
    chosen = choose_lists(store, application.lists)
    name, language = clean_name(application.name), clean_language(application.language)
    edition = notices.confirmation(chosen, language)
    address_hash = keys.address_hash(address)
    with store.write() as tx:
        if tx.suppressions.reason(address_hash) not in {None, SuppressionReason.ERASED}:
            tx.events.add(EventKind.SIGNED_UP, now, outcome=SignedUp.SUPPRESSED)
            return SignedUp.SUPPRESSED
        subscriber = tx.subscribers.ensure(address, address_hash, name=name, language=language, now=now)
        tx.subscribers.lock(subscriber.id)  # two at once would send two mails
        wanted = [each for each in chosen if _make_pending(tx, subscriber, each, application.consent, now)]
        question = Question(subscriber, tuple(each.id for each in wanted), edition)
        asked = ask(tx, keys, question, now=now, nonce=nonce)
        outcome = SignedUp.ALREADY if not wanted else SignedUp.ASKED if asked else SignedUp.WAITING
        for each in chosen:
            tx.events.add(EventKind.SIGNED_UP, now, subscriber_id=subscriber.id, list_id=each.id, outcome=outcome)
    return outcome


def choose_lists(store: Store, names: Sequence[str]) -> list[MailingList]:
    """The lists of these names, each once, in the order of names. Raises NotFound for one that is none."""
    if not names:
        raise BadInput("No list was chosen; choose at least one.")
    with store.read() as tx:
        known = {each.name: each for each in tx.lists.all()}
    missing = [name for name in names if name not in known]
    if missing:
        raise NotFound("There is no list named %(name)s.", name=repr(missing[0][:80]))
    return [known[name] for name in sorted(set(names))]


def _make_pending(
    tx: Transaction, subscriber: Subscriber, mailing_list: MailingList, consent: Consent, now: datetime
) -> bool:
    """Whether there is something to confirm. Who has left comes back only by this and the confirmation that follows."""
    if tx.subscribers.subscribe(subscriber.id, mailing_list.id, SubscriptionState.PENDING, consent):
        return True
    if tx.subscribers.move(subscriber.id, mailing_list.id, SubscriptionState.PENDING, now, consent):
        return True
    kept = tx.subscribers.subscription(subscriber.id, mailing_list.id)
    if kept is None or kept.state is not SubscriptionState.PENDING:
        return False
    tx.subscribers.renew_consent(subscriber.id, mailing_list.id, consent)
    return True
