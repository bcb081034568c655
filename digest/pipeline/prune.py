"""Step 6, prune: what nobody needs any more. Safe twice and killed at any line."""

from datetime import datetime, timedelta

from digest.store import Store

EXPLAINED_FOR = timedelta(days=30)  # how long an old confirmation link still explains itself


def prune(store: Store, *, now: datetime) -> int:
    """Forget confirmation links that expired long ago; returns how many."""
    with store.write() as tx:
        return tx.confirmations.forget(now - EXPLAINED_FOR)
