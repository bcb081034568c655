"""An operator brings people along: one by one or from a file, with proof of their consent or to be asked for it.

Nobody who left or was suppressed is ever brought back by this: `judge` says what becomes of each. Safe twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.audience.addresses import clean_language, clean_name, read_address
from digest.audience.ask import Question, ask
from digest.audience.judge import Enrolled, Judged, Person, Verdict, judge
from digest.audience.notices import Notices
from digest.model.edition import Edition
from digest.model.errors import BadInput
from digest.model.event import EventKind
from digest.model.imports import Standing
from digest.model.keys import Keys
from digest.model.language import LANGUAGES, frame_language
from digest.model.mailing_list import MailingList
from digest.model.operator import ActKind
from digest.model.subscriber import Consent, SubscriptionState
from digest.store import Store, Transaction
from digest.store.incoming import Arrival, Batch


@dataclass(frozen=True)
class Enrolment:
    """What all who are enrolled together share. `nonce` gives a new random text at each call."""

    keys: Keys
    mailing_list: MailingList
    questions: Mapping[str, Edition]  # the mail that asks, in each language
    nonce: Callable[[], str]
    now: datetime
    import_id: int = 0  # of the file that they come from; 0 for none
    by: str = "operator"

    @property
    def batch(self) -> Batch:
        return Batch(self.mailing_list.id, self.import_id, self.by, self.now)


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
        enrolled = enrol(tx, enrolment, [(keys.address_hash(person.address), person)])[0].outcome
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


def enrol(tx: Transaction, enrolment: Enrolment, people: Sequence[tuple[str, Person]]) -> list[Judged]:
    """Up to a few thousand people with the hashes of their addresses, in the caller's transaction; what became of each."""
    standing = tx.incoming.standing(enrolment.mailing_list.id, [hashed for hashed, _ in people])
    verdict = judge(people, standing)
    asked = [hashed for hashed, each in verdict.new.items() if _is_asked(each)]
    for inbox in sorted(enrolment.keys.inbox_hash(verdict.new[hashed].address) for hashed in asked):
        tx.door.asked(inbox)  # locked before the subscriber, as by who signs up
    _arrive(tx, enrolment, verdict, standing)
    _move(tx, enrolment, verdict, standing)
    _suppress(tx, enrolment, verdict)
    if asked:
        numbers = tx.incoming.numbers(asked)
        _ask_each(tx, enrolment, [numbers[hashed] for hashed in asked])
    return verdict.judged


def _is_asked(person: Person) -> bool:
    return person.state is SubscriptionState.PENDING and not person.says_no


def _arrive(tx: Transaction, enrolment: Enrolment, verdict: Verdict, standing: Mapping[str, Standing]) -> None:
    numbers = {each: tx.audiences.remember(each) for each in {person.choices for person in verdict.new.values()}}
    arrivals = [
        _arrival(enrolment, hashed, person, standing.get(hashed), numbers[person.choices])
        for hashed, person in verdict.new.items()
    ]
    tx.incoming.add(enrolment.batch, arrivals)


def _arrival(enrolment: Enrolment, hashed: str, person: Person, standing: Standing | None, choices_id: int) -> Arrival:
    state, now = person.state, enrolment.now
    left = state is SubscriptionState.UNSUBSCRIBED
    return Arrival(
        subscriber_id=standing.subscriber_id if standing else None,
        address=person.address,
        address_hash=hashed,
        name=person.name,
        language=person.language,
        note=person.note,
        joined_at=person.joined_at or now,
        state=state,
        consent=person.consent,
        confirmed_at=person.confirmed_at or (now if state is SubscriptionState.CONFIRMED else None),
        unsubscribed_at=person.unsubscribed_at or (now if left else None),
        choices_id=choices_id,
        paused_until=person.paused_until,
        kind=EventKind.UNSUBSCRIBED if left else EventKind.IMPORTED,
    )


def _move(tx: Transaction, enrolment: Enrolment, verdict: Verdict, standing: Mapping[str, Standing]) -> None:
    list_id = enrolment.mailing_list.id
    for hashed, person in verdict.moved.items():
        number = standing[hashed].subscriber_id
        assert number is not None  # who has a subscription is a subscriber
        left = person.state is SubscriptionState.UNSUBSCRIBED
        if tx.incoming.change(enrolment.batch, number, person.state, None if left else person.consent):
            kind = EventKind.UNSUBSCRIBED if left else EventKind.IMPORTED
            detail = enrolment.batch.detail
            tx.events.add(kind, enrolment.now, subscriber_id=number, list_id=list_id, **detail)


def _suppress(tx: Transaction, enrolment: Enrolment, verdict: Verdict) -> None:
    """Take over from another installation's file whom not to mail at all."""
    reasons = {
        hashed: (each.suppressed, each.suppressed_at or enrolment.now)
        for hashed, each in verdict.suppressed.items()
        if each.suppressed is not None
    }
    if not reasons:
        return
    tx.incoming.suppress(enrolment.batch, reasons)
    for hashed, number in tx.incoming.numbers(list(reasons)).items():
        tx.events.add(EventKind.SUPPRESSED, enrolment.now, subscriber_id=number, reason=reasons[hashed][0])


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
