"""What the preferences page shows. Whoever holds a forwarded mail can open it, so it gives no address and no name away."""

from dataclasses import dataclass

from digest.model.mailing_list import MailingList
from digest.model.subscriber import SubscriptionState
from digest.store import Store


@dataclass(frozen=True, slots=True)
class Choice:
    mailing_list: MailingList
    state: SubscriptionState


@dataclass(frozen=True, slots=True)
class Preferences:
    masked: str  # a…@example.org
    choices: tuple[Choice, ...]  # by title
    language: str = ""  # the reader's, when it is known

    @property
    def on_any(self) -> bool:
        return any(each.state is not SubscriptionState.UNSUBSCRIBED for each in self.choices)


def look(store: Store, subscriber_id: int) -> Preferences | None:
    """None for a subscriber who was erased. Changes nothing; leaving is `unsubscribe.unsubscribe` and `unsubscribe_all`."""
    with store.read() as tx:
        subscriber = tx.subscribers.get(subscriber_id)
        lists = {each.id: each for each in tx.lists.all()}
        kept = tx.subscribers.subscriptions(subscriber_id)
    if subscriber is None:
        return None
    choices = [Choice(lists[each.list_id], each.state) for each in kept if each.list_id in lists]
    by_title = sorted(choices, key=lambda each: each.mailing_list.title)
    return Preferences(subscriber.address.masked, tuple(by_title), subscriber.language)
