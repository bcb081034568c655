"""One reader's whole story for operators: what they subscribed to and the proof, what they chose, what was sent, what happened, and
what operators did about them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from digest.audience.my_data import Kept, read_kept
from digest.model.errors import NotFound
from digest.model.keys import Keys
from digest.model.operator import Act
from digest.model.subscriber import Subscriber
from digest.store import Store, Transaction
from digest.store.events import Event
from digest.store.messages import Sent
from digest.store.suppressions import Suppression

SHOWN = 50  # of mails, events and acts, the latest


@dataclass(frozen=True, slots=True)
class Story:
    subscriber: Subscriber
    suppression: Suppression | None
    kept: tuple[Kept, ...]
    mails: tuple[Sent, ...]  # the newest first, as the following
    events: tuple[Event, ...]
    acts: tuple[Act, ...]
    titles: Mapping[int, str]  # of lists, by their numbers


def tell_story(store: Store, keys: Keys, number: int) -> Story:
    """Raises NotFound. Whoever was merged with another is found by either number."""
    with store.read() as tx:
        subscriber = known(tx, number)
        lists = {each.id: each for each in tx.lists.all()}
        return Story(
            subscriber,
            tx.suppressions.get(keys.address_hash(subscriber.address)),
            read_kept(tx, subscriber, lists),
            tuple(tx.messages.of_subscriber(subscriber.id)[: -SHOWN - 1 : -1]),
            tuple(tx.events.of_subscriber(subscriber.id)[: -SHOWN - 1 : -1]),
            tuple(tx.acts.newest(subject=f"subscriber {subscriber.id}", limit=SHOWN)),
            {each.id: each.title for each in lists.values()},
        )


def address_of(store: Store, number: int) -> str:
    """Raises NotFound."""
    with store.read() as tx:
        return str(known(tx, number).address)


def known(tx: Transaction, number: int) -> Subscriber:
    found = tx.subscribers.known_as(number)
    if found is None:
        raise NotFound(f"There is no reader {number}; they may have been erased.")
    return found
