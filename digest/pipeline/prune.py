"""Step 6, prune: what nobody needs any more. Safe twice and killed at any line."""

from datetime import datetime, timedelta

from digest.model.link_check import GOOD_FOR
from digest.store import Store

EXPLAINED_FOR = timedelta(days=30)  # how long an old confirmation link still explains itself


def prune(store: Store, *, now: datetime) -> int:
    """Forget confirmation links that expired long ago, and what no longer holds; returns how many of the former."""
    with store.write() as tx:
        tx.link_checks.forget(now - GOOD_FOR)
        return tx.confirmations.forget(now - EXPLAINED_FOR)
