"""Step 6, prune: what nobody needs any more. Safe twice and killed at any line."""

from datetime import datetime, timedelta

from digest.model.link_check import GOOD_FOR
from digest.model.subscriber import ASKED_REMEMBERED, UNCONFIRMED_FOR
from digest.store import Store

EXPLAINED_FOR = timedelta(days=30)  # how long an old confirmation link still explains itself
KEPT_UNUSED = timedelta(days=7)  # a picture that no issue needs
LETTERS_KEPT = timedelta(days=30)  # what stood in them
AT_ONCE = 200  # readers in one transaction

CALLS_KEPT = timedelta(days=30)  # of webhooks, after they were settled
ASKED_FOR = timedelta(days=60)  # how long what a page said is kept: longer than any issue's window


def prune(store: Store, *, now: datetime, unconfirmed_for: timedelta = UNCONFIRMED_FOR) -> int:
    """Forget confirmation and fresh links that expired long ago, pictures that no issue needs, who never confirmed, and what was
    known of links, networks and inboxes too long ago.

    Returns how many of the first three.
    """
    with store.write() as tx:
        tx.link_checks.forget(now - GOOD_FOR)
        tx.page_pictures.forget(now - ASKED_FOR)
        tx.short_links.forget(now - ASKED_FOR)
        tx.webhooks.prune(now - CALLS_KEPT)
        tx.sessions.forget(now)
        tx.door.forget(now, now - ASKED_REMEMBERED)
        tx.answers.forget(now)
        tx.messages.forget_letters(now - LETTERS_KEPT)
        links = tx.confirmations.forget(now - EXPLAINED_FOR) + tx.fresh_links.forget(now - EXPLAINED_FOR)
    with store.write() as tx:
        pictures = tx.pictures.forget(now - KEPT_UNUSED)
    return links + pictures + _forget_unconfirmed(store, now - unconfirmed_for)


def _forget_unconfirmed(store: Store, asked_before: datetime) -> int:
    with store.read() as tx:
        lists = [each.id for each in tx.lists.all()]
    forgotten = 0
    for list_id in lists:
        more = AT_ONCE
        while more == AT_ONCE:
            with store.write() as tx:
                more = tx.subscribers.forget_unconfirmed(list_id, asked_before, AT_ONCE)
            forgotten += more
    return forgotten
