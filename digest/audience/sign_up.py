"""A reader asks for lists; nothing is sent to them before they have confirmed, but for the mail that asks (double opt-in).

What comes out is for operators and tests only. Whoever asked is told the same whatever the address is, and for every address
one transaction with an event for each list is written, so that neither words nor time give away who reads what (security S7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from digest.audience.addresses import clean_language, clean_name, read_address
from digest.audience.ask import Asked, Question, ask, postpone
from digest.audience.choose import check_change
from digest.audience.disposable import is_disposable
from digest.audience.door import Visit, is_worn_out, let_in, named, next_turn
from digest.audience.notices import Notices
from digest.model.address import Address
from digest.model.choices import ChoiceChange, Choices, choose
from digest.model.edition import Edition
from digest.model.errors import BadInput, NotFound
from digest.model.event import EventKind
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.model.subscriber import Consent, Subscriber, SubscriptionState
from digest.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody sent us, as they typed it, and the proof of it."""

    address: str
    lists: tuple[str, ...]  # their names
    consent: Consent
    name: str = ""
    language: str = ""  # that of the page they did it on; the mail that asks is in it
    choices: Mapping[str, ChoiceChange] = field(default_factory=dict)  # by the names of lists
    visit: Visit = Visit()  # noqa: RUF009  frozen, and the same one always


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

    `nonce` is random and used for nothing else. Raises BadInput for what is no address and choices that are not offered,
    NotFound for what is no list, TooMany and UsedProof for who does not get in.
    """
    address = read_address(application.address)
    inbox = keys.inbox_hash(address)
    with store.read() as tx:
        chosen = _choose(tx, application.lists)
        worn_out = is_worn_out(tx, inbox, now)
    _check_choices(chosen, application.choices)
    if worn_out:
        return SignedUp.WAITING
    edition = notices.confirmation(chosen, clean_language(application.language))
    with store.write() as tx:
        let_in(tx, application.visit, now)
        if not named(tx, inbox, now):
            return SignedUp.WAITING
        return _take(tx, keys, Taken(address, tuple(chosen), edition, application), now=now, nonce=nonce)


@dataclass(frozen=True, slots=True)
class Taken:
    """An application that was let in, with what its words stand for."""

    address: Address
    lists: tuple[MailingList, ...]
    edition: Edition
    application: Application


def _take(tx: Transaction, keys: Keys, taken: Taken, *, now: datetime, nonce: str) -> SignedUp:
    address_hash = keys.address_hash(taken.address)
    tx.door.asked(keys.inbox_hash(taken.address))  # two at once would send two mails
    detail = {"disposable": True} if is_disposable(taken.address) else {}
    if tx.suppressions.stands(address_hash):
        for each in taken.lists:
            tx.events.add(EventKind.SIGNED_UP, now, list_id=each.id, outcome=SignedUp.SUPPRESSED, **detail)
        return SignedUp.SUPPRESSED
    said = taken.application
    subscriber = tx.subscribers.ensure(
        taken.address, address_hash, name=clean_name(said.name), language=clean_language(said.language), now=now
    )
    tx.subscribers.lock(subscriber.id)
    return take_application(tx, keys, subscriber, taken, now=now, nonce=nonce, **detail)


def take_application(
    tx: Transaction, keys: Keys, subscriber: Subscriber, taken: Taken, *, now: datetime, nonce: str, **detail: bool
) -> SignedUp:
    """The caller holds the locks on the inbox and on the subscriber. `detail` goes into the event."""
    wanted = [each for each in taken.lists if _make_pending(tx, subscriber, each, taken.application, now)]
    question = Question(subscriber, tuple(each.id for each in wanted), taken.edition)
    asked = ask(tx, keys, question, now=now, nonce=nonce)
    outcome = SignedUp.ALREADY if not wanted else SignedUp.ASKED if asked else SignedUp.WAITING
    for each in taken.lists:
        tx.events.add(EventKind.SIGNED_UP, now, subscriber_id=subscriber.id, list_id=each.id, outcome=outcome, **detail)
    _wait_for_turn(tx, asked, taken.application, now)
    return outcome


def _wait_for_turn(tx: Transaction, asked: Asked | None, said: Application, now: datetime) -> None:
    """Last, since it locks what all others need: on PostgreSQL they wait for the end of this transaction."""
    if asked is not None:
        postpone(tx, asked, next_turn(tx, said.visit, now))


def choose_lists(store: Store, names: Sequence[str]) -> list[MailingList]:
    """The lists of these names, each once, in the order of names. Raises NotFound for one that is none."""
    with store.read() as tx:
        return _choose(tx, names)


def _choose(tx: Transaction, names: Sequence[str]) -> list[MailingList]:
    if not names:
        raise BadInput("No list was chosen; choose at least one.")
    known = {each.name: each for each in tx.lists.all()}
    missing = [name for name in names if name not in known]
    if missing:
        raise NotFound("There is no list named %(name)s.", name=repr(missing[0][:80]))
    return [known[name] for name in sorted(set(names))]


def _check_choices(lists: Sequence[MailingList], choices: Mapping[str, ChoiceChange]) -> None:
    for each in lists:
        said = choices.get(each.name, ChoiceChange())
        check_change(said)
        choose(each, Choices(), said)


def _make_pending(
    tx: Transaction, subscriber: Subscriber, mailing_list: MailingList, said: Application, now: datetime
) -> bool:
    """Whether there is something to confirm. Who has left comes back only by this and the confirmation that follows."""
    who = subscriber.id, mailing_list.id
    new = tx.subscribers.subscribe(*who, SubscriptionState.PENDING, said.consent)
    if not new and not tx.subscribers.move(*who, SubscriptionState.PENDING, now, said.consent):
        kept = tx.subscribers.subscription(*who)
        if kept is None or kept.state is not SubscriptionState.PENDING:
            return False  # confirmed: whoever asks now may be a stranger, and changes nothing
        tx.subscribers.renew_consent(*who, said.consent)
    _keep_choices(tx, subscriber, mailing_list, said.choices.get(mailing_list.name, ChoiceChange()))
    return True


def _keep_choices(tx: Transaction, subscriber: Subscriber, mailing_list: MailingList, said: ChoiceChange) -> None:
    """They count from the confirmation on, for until then there is no issue."""
    if not said.empty:
        chosen = choose(mailing_list, Choices(), said)
        tx.audiences.choose(subscriber.id, mailing_list.id, chosen, None)
