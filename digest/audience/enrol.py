"""An operator brings people along: one by one or from a file, with proof of their consent or to be asked for it.

Nobody who left or was suppressed is ever brought back by this: only they themselves can do that. Safe twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.audience.addresses import clean_language, clean_name, read_address
from digest.audience.ask import Question, ask
from digest.audience.notices import Notices
from digest.model.address import Address
from digest.model.edition import Edition
from digest.model.errors import BadInput
from digest.model.event import EventKind
from digest.model.keys import Keys
from digest.model.language import LANGUAGES, frame_language
from digest.model.mailing_list import MailingList
from digest.model.operator import ActKind
from digest.model.subscriber import Consent, Subscription, SubscriptionState, SuppressionReason
from digest.store import Store, Transaction
from digest.store.subscribers import NewSubscriber


class Enrolled(StrEnum):
    """What became of one person."""

    ADDED = "added"  # confirmed, with the operator's word for their consent
    PENDING = "pending"  # not confirmed; a mail that asks them is in the outbox
    OPTED_OUT = "opted_out"  # came as unsubscribed or suppressed, and is kept so that nobody brings them back
    ALREADY = "already"  # on the list before: nothing changed
    LEFT_ALONE = "left_alone"  # left the list or is suppressed: nothing changed


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be enrolled, checked. CONFIRMED needs consent that the operator can show."""

    address: Address
    state: SubscriptionState
    consent: Consent
    name: str = ""
    language: str = ""
    confirmed_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    suppressed: SuppressionReason | None = None


@dataclass(frozen=True)
class Enrolment:
    """What all who are enrolled together share. `nonce` gives a new random text at each call."""

    keys: Keys
    mailing_list: MailingList
    questions: Mapping[str, Edition]  # the mail that asks, in each language
    nonce: Callable[[], str]
    now: datetime


def add_subscriber(
    store: Store,
    keys: Keys,
    notices: Notices,
    *,
    address: str,
    list_name: str,
    name: str = "",
    language: str = "",
    confirmed: bool = False,
    consent: str = "",
    now: datetime,
    nonce: Callable[[], str],
) -> Enrolled:
    """One person, in one transaction. Raises BadInput for what is no address, and for `confirmed` without consent."""
    check_consent(confirmed=confirmed, consent=consent)
    person = Person(
        read_address(address),
        SubscriptionState.CONFIRMED if confirmed else SubscriptionState.PENDING,
        Consent("operator", consent, now),
        clean_name(name),
        clean_language(language),
    )
    enrolment = prepare(store, keys, notices, list_name, now=now, nonce=nonce)
    with store.write() as tx:
        enrolled = enrol(tx, enrolment, [person])[0]
        tx.acts.note(ActKind.READER_ADDED, now, f"list {list_name}", state=person.state)
        return enrolled


def prepare(
    store: Store, keys: Keys, notices: Notices, list_name: str, *, now: datetime, nonce: Callable[[], str]
) -> Enrolment:
    with store.read() as tx:
        mailing_list = tx.lists.by_name(list_name)
    questions = {language: notices.confirmation([mailing_list], language) for language in LANGUAGES}
    return Enrolment(keys, mailing_list, questions, nonce, now)


def check_consent(*, confirmed: bool, consent: str) -> None:
    if confirmed and not consent.strip():
        raise BadInput(
            "Confirmed readers need a consent text: say how and when they agreed, for instance "
            '--consent "ticked the box at the book fair, 3 May 2026". Without it, leave out --confirmed, and they are asked.'
        )


def enrol(tx: Transaction, enrolment: Enrolment, people: Sequence[Person]) -> list[Enrolled]:
    """Up to a few hundred people, in the caller's transaction; what became of each, in their order."""
    hashes = {each.address.key: enrolment.keys.address_hash(each.address) for each in people}
    known = tx.suppressions.reasons(list(hashes.values()))
    welcome: dict[str, Person] = {}
    for each in people:
        key = each.address.key
        # Of two rows about one person the first counts, or the one that says no.
        if hashes[key] not in known and (key not in welcome or each.state is SubscriptionState.UNSUBSCRIBED):
            welcome[key] = each
    became = _enrol_each(tx, enrolment, welcome, hashes)
    return [_take(became, each) for each in people]


def _take(became: dict[str, Enrolled], person: Person) -> Enrolled:
    """The first row about a person has what became of them; a second one changes nothing."""
    outcome = became.get(person.address.key, Enrolled.LEFT_ALONE)
    if person.address.key in became:
        became[person.address.key] = Enrolled.ALREADY
    return outcome


def _enrol_each(
    tx: Transaction, enrolment: Enrolment, people: dict[str, Person], hashes: dict[str, str]
) -> dict[str, Enrolled]:
    for inbox in sorted(
        enrolment.keys.inbox_hash(each.address) for each in people.values() if each.state is SubscriptionState.PENDING
    ):
        tx.door.asked(inbox)  # locked before the subscriber, as by who signs up
    numbers = tx.subscribers.ensure_each(
        [NewSubscriber(each.address, hashes[key], each.name, each.language) for key, each in people.items()],
        enrolment.now,
    )
    kept = tx.subscribers.on_list(enrolment.mailing_list.id, list(numbers.values()))
    became = {key: _decide(each, kept.get(numbers[key])) for key, each in people.items()}
    new = {key: _subscription(enrolment, numbers[key], people[key]) for key in people if numbers[key] not in kept}
    tx.subscribers.subscribe_each(list(new.values()))
    for key, outcome in became.items():
        _move(tx, enrolment, kept.get(numbers[key]), people[key], outcome)
    _suppress(tx, enrolment, {hashes[key]: (numbers[key], each) for key, each in people.items()})
    _tell(tx, enrolment, [(numbers[key], people[key], outcome) for key, outcome in became.items()])
    return became


def _decide(person: Person, kept: Subscription | None) -> Enrolled:
    opted_out = person.state is SubscriptionState.UNSUBSCRIBED or person.suppressed is not None
    if kept is None:
        if opted_out:
            return Enrolled.OPTED_OUT
        return Enrolled.ADDED if person.state is SubscriptionState.CONFIRMED else Enrolled.PENDING
    if kept.state is SubscriptionState.UNSUBSCRIBED:
        return Enrolled.ALREADY if opted_out else Enrolled.LEFT_ALONE
    if opted_out:
        return Enrolled.OPTED_OUT
    # Who left once and asked to come back is pending too, and must confirm by themselves.
    proved = person.state is SubscriptionState.CONFIRMED and kept.unsubscribed_at is None
    return Enrolled.ADDED if proved and kept.state is SubscriptionState.PENDING else Enrolled.ALREADY


def _subscription(enrolment: Enrolment, subscriber_id: int, person: Person) -> Subscription:
    confirmed = person.confirmed_at or (enrolment.now if person.state is SubscriptionState.CONFIRMED else None)
    left = person.unsubscribed_at or (enrolment.now if person.state is SubscriptionState.UNSUBSCRIBED else None)
    return Subscription(subscriber_id, enrolment.mailing_list.id, person.state, person.consent, confirmed, left)


def _move(tx: Transaction, enrolment: Enrolment, kept: Subscription | None, person: Person, outcome: Enrolled) -> None:
    if kept is None:
        return
    if outcome is Enrolled.ADDED:
        new = SubscriptionState.CONFIRMED
        tx.subscribers.move(kept.subscriber_id, kept.list_id, new, enrolment.now, person.consent)
    if outcome is Enrolled.OPTED_OUT and person.state is SubscriptionState.UNSUBSCRIBED:
        tx.subscribers.move(kept.subscriber_id, kept.list_id, person.state, enrolment.now)


def _suppress(tx: Transaction, enrolment: Enrolment, people: dict[str, tuple[int, Person]]) -> None:
    """Take over from another installation's file whom not to mail at all."""
    for address_hash, (number, person) in people.items():
        if person.suppressed is not None:
            tx.suppressions.add(address_hash, person.suppressed, enrolment.now)
            tx.events.add(EventKind.SUPPRESSED, enrolment.now, subscriber_id=number, reason=person.suppressed)


def _tell(tx: Transaction, enrolment: Enrolment, became: Sequence[tuple[int, Person, Enrolled]]) -> None:
    """The events of those who are new or changed, and the mails to those who must be asked."""
    added = [number for number, _, outcome in became if outcome is Enrolled.ADDED]
    pending = [number for number, _, outcome in became if outcome is Enrolled.PENDING]
    left = [
        number
        for number, person, outcome in became
        if outcome is Enrolled.OPTED_OUT and person.state is SubscriptionState.UNSUBSCRIBED
    ]
    for kind, numbers in ((EventKind.IMPORTED, added + pending), (EventKind.UNSUBSCRIBED, left)):
        tx.events.add_each(
            kind, enrolment.now, subscriber_ids=numbers, list_id=enrolment.mailing_list.id, by="operator"
        )
    if pending:
        _ask_each(tx, enrolment, pending)


def _ask_each(tx: Transaction, enrolment: Enrolment, numbers: Sequence[int]) -> None:
    stored: dict[str, Edition] = {}
    for number in numbers:
        tx.subscribers.lock(number)
        subscriber = tx.subscribers.get(number)
        assert subscriber is not None  # made in this transaction
        language = frame_language(subscriber.language, enrolment.mailing_list.language)
        if language not in stored:
            stored[language] = tx.editions.keep(enrolment.questions[language], None, enrolment.now)
        question = Question(subscriber, (enrolment.mailing_list.id,), stored[language])
        ask(tx, enrolment.keys, question, now=enrolment.now, nonce=enrolment.nonce())
