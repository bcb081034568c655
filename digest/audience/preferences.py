"""What the preferences page shows: a reader's choices of the one list whose mail the link stands in, and no other.

Whoever finds a forwarded mail can open it. So it tells no more of its reader than that mail does: not their address nor their
name, nor which other lists they read; those of the house are named alike to everybody (security S9, docs/adr/0012).
"""

from dataclasses import dataclass
from datetime import date, datetime

from digest.audience.fresh import Request, mail_link
from digest.audience.language import language_for
from digest.audience.notices import Notices
from digest.audience.sign_up import Application, sign_up
from digest.model.choices import Choices
from digest.model.fresh_link import LinkPurpose
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.model.subscriber import Consent, SubscriptionState
from digest.store import Store


@dataclass(frozen=True, slots=True)
class Preferences:
    masked: str  # a…@example.org
    language: str  # the reader's for this list, when it is known
    mailing_list: MailingList
    state: SubscriptionState
    choices: Choices
    paused_until: date | None  # no issue of an earlier day
    others: tuple[MailingList, ...]  # of the house, by title; whoever reads them


def look(store: Store, number: int, list_id: int) -> Preferences | None:
    """None for a subscriber who was erased, or was never on the list. Changes nothing."""
    with store.read() as tx:
        subscriber = tx.subscribers.known_as(number)
        kept = tx.subscribers.subscription(subscriber.id, list_id) if subscriber else None
        if subscriber is None or kept is None:
            return None
        lists = tx.lists.all()
        others = sorted((each for each in lists if each.id != list_id), key=lambda each: each.title)
        mailing_list = next(each for each in lists if each.id == list_id)
        choices = tx.audiences.choices(kept.choices_id)
        language = language_for(tx, subscriber.id, list_id)
    return Preferences(
        subscriber.address.masked, language, mailing_list, kept.state, choices, kept.paused_until, tuple(others)
    )


def join(
    store: Store,
    keys: Keys,
    notices: Notices,
    number: int,
    *,
    names: tuple[str, ...],
    consent: Consent,
    now: datetime,
    nonce: str,
) -> None:
    """Ask the reader by mail whether they want these lists too, as a sign-up does. Nobody hears which they have already."""
    with store.read() as tx:
        subscriber = tx.subscribers.known_as(number)
    if subscriber is not None:
        application = Application(str(subscriber.address), names, consent, language=subscriber.language)
        sign_up(store, keys, notices, application, now=now, nonce=nonce)


def send_data_link(
    store: Store, keys: Keys, notices: Notices, number: int, list_id: int, *, now: datetime, nonce: str
) -> None:
    """Mail the reader a link to all that we keep of them: to their own address, whoever asks."""
    with store.read() as tx:
        reader = tx.subscribers.known_as(number)
        language = language_for(tx, reader.id, list_id) if reader else ""
        mailing_list = tx.lists.get(list_id)
    edition = notices.your_data(mailing_list, language)
    with store.write() as tx:
        subscriber = tx.subscribers.known_as(number)
        if subscriber is not None and tx.subscribers.lock(subscriber.id):
            mail_link(tx, keys, Request(subscriber, LinkPurpose.DATA, edition), now=now, nonce=nonce)
