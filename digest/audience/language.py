"""Which language a reader is spoken to in: by the mails that answer them, and by the pages that their own links lead to."""

from digest.store import Transaction


def language_of(tx: Transaction, subscriber_id: int) -> str:
    """The tag that is known of them; "" for nobody, and for who said nothing."""
    subscriber = tx.subscribers.get(subscriber_id)
    return subscriber.language if subscriber else ""


def language_for(tx: Transaction, subscriber_id: int, list_id: int) -> str:
    """In what is about one list: as they chose for it, or else as is known of them; "" stands for the list's own."""
    subscription = tx.subscribers.subscription(subscriber_id, list_id)
    chosen = tx.audiences.choices(subscription.choices_id).language if subscription else ""
    return chosen or language_of(tx, subscriber_id)
