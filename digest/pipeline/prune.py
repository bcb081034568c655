"""Step 6, prune: what nobody needs any more. Safe twice and killed at any line."""

from datetime import datetime, timedelta

from digest.model.link_check import GOOD_FOR
from digest.store import Store

EXPLAINED_FOR = timedelta(days=30)  # how long an old confirmation link still explains itself
KEPT_UNUSED = timedelta(days=7)  # a picture that no issue needs


def prune(store: Store, *, now: datetime) -> int:
    """Forget confirmation and fresh links that expired long ago, pictures that no issue needs, and what was known of links too long ago.

    Returns how many of the first two.
    """
    with store.write() as tx:
        tx.link_checks.forget(now - GOOD_FOR)
        links = tx.confirmations.forget(now - EXPLAINED_FOR) + tx.fresh_links.forget(now - EXPLAINED_FOR)
    with store.write() as tx:
        return links + tx.pictures.forget(now - KEPT_UNUSED)
