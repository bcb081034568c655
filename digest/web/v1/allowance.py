"""How many requests one key may send: a token bucket that all processes share (store/door.py), taken from by the lot, so that looking
costs a write once in a while.
"""

from datetime import datetime
from threading import Lock

from digest.store import Store
from digest.store.door import Rate
from digest.web.v1.problems import TooFast

LOT = 25  # requests
A_KEY = Rate(burst=12, seconds=2.5)  # lots: 300 requests at once, ten a second


class Allowance:
    """What this process has taken and not used. Safe from several threads."""

    def __init__(self) -> None:
        self._left: dict[int, int] = {}
        self._lock = Lock()

    def use(self, store: Store, key_id: int, now: datetime) -> None:
        """One request. Raises TooFast."""
        with self._lock:
            left = self._left.get(key_id, 0)
            if left:
                self._left[key_id] = left - 1
                return
        bucket = f"api:{key_id}"
        with store.write() as tx:
            if not tx.door.take(bucket, A_KEY, now):
                raise TooFast(tx.door.wait(bucket, A_KEY, now))
        with self._lock:
            self._left[key_id] = self._left.get(key_id, 0) + LOT - 1
