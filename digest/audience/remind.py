"""An operator has a reader asked again who has not confirmed; by the limits that every question keeps (docs/adr/0011)."""

from datetime import datetime

from digest.audience.ask import Question, ask
from digest.audience.language import language_of
from digest.audience.notices import Notices
from digest.model.errors import NotFound, WrongState
from digest.model.keys import Keys
from digest.model.operator import ActKind
from digest.model.subscriber import SubscriptionState
from digest.store import Store, Transaction


def remind(store: Store, keys: Keys, notices: Notices, subscriber_id: int, *, now: datetime, nonce: str) -> datetime:
    """When the mail goes that asks about all they have not confirmed. Raises WrongState when none may go, with the reason."""
    with store.read() as tx:
        lists = [tx.lists.get(number) for number in _pending(tx, subscriber_id)]
        language = language_of(tx, subscriber_id)
    if not lists:
        raise WrongState("There is nothing that this reader has yet to confirm.")
    edition = notices.confirmation(lists, language)
    with store.write() as tx:
        subscriber = tx.subscribers.get(subscriber_id)
        if subscriber is None:
            raise NotFound(f"There is no subscriber {subscriber_id}.")
        if tx.suppressions.stands(keys.address_hash(subscriber.address)):
            raise WrongState(f"{subscriber.address} is not to be mailed.")
        tx.door.asked(keys.inbox_hash(subscriber.address))  # locked before the subscriber, as by who signs up
        tx.subscribers.lock(subscriber_id)
        question = Question(subscriber, tuple(_pending(tx, subscriber_id)), edition)
        asked = ask(tx, keys, question, now=now, nonce=nonce)
        if asked is None:
            raise WrongState(
                "This inbox was asked a short while ago, or three times this month; it is not asked again now."
            )
        tx.acts.note(ActKind.READER_ASKED, now, f"subscriber {subscriber_id}")
        return asked.due_at


def _pending(tx: Transaction, subscriber_id: int) -> list[int]:
    kept = tx.subscribers.subscriptions(subscriber_id)
    return [each.list_id for each in kept if each.state is SubscriptionState.PENDING]
