"""Who has just confirmed gets the current issue at once, and not only when the next one appears; or the best of former ones."""

from datetime import datetime, timedelta

from digest.model.issue import Campaign, IssueItem
from digest.model.mailing_list import MailingList
from digest.model.subscriber import Subscriber
from digest.store import Transaction
from digest.store.messages import NewMessage

BEST = 5  # articles, of the last issues


def best_instead(tx: Transaction, mailing_list: MailingList, *, now: datetime) -> tuple[IssueItem, ...]:
    """The best of the list's last issues, for a welcome that comes without one: its latest is not current any more."""
    campaign = tx.campaigns.latest(mailing_list.id) if mailing_list.greets_with_issue else None
    if campaign is None or _is_current(campaign, mailing_list, now):
        return ()
    return tuple(tx.issues.best(mailing_list.id, BEST))


def _is_current(campaign: Campaign, mailing_list: MailingList, now: datetime) -> bool:
    return campaign.created_at >= now - timedelta(days=mailing_list.window_days)


def greet_with_issue(tx: Transaction, mailing_list: MailingList, subscriber: Subscriber, *, now: datetime) -> bool:
    """Queue the list's latest issue for them, if it is current, as one of their choices got it.

    In the caller's transaction, which holds their lock. Safe twice: nobody gets an issue that they had.
    """
    campaign = tx.campaigns.latest(mailing_list.id) if mailing_list.greets_with_issue else None
    if campaign is None or not _is_current(campaign, mailing_list, now):
        return False
    if tx.outbox.of_reader(campaign.id, subscriber.id) is not None:
        return False  # they were among its readers, left, and have come back
    subscription = tx.subscribers.subscription(subscriber.id, mailing_list.id)
    whole = tx.editions.of_issue(campaign.issue_id)
    if subscription is None or whole is None:
        return False
    message = NewMessage(
        key=f"first:{campaign.id}:{subscriber.id}",
        purpose="issue",
        list_id=mailing_list.id,
        edition_id=tx.audiences.edition_for(campaign.id, subscription.choices_id) or whole.id,
        address=subscriber.address,
        address_hash=tx.subscribers.hash_of(subscriber.id) or "",
        name=subscriber.name,
        subscriber_id=subscriber.id,
    )
    tx.audiences.has_reached(campaign.id, subscriber.id, mailing_list.id)
    return tx.messages.add(message, now)
