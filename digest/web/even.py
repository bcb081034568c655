"""When a sign-up is answered, so that the clock does not tell known addresses from others (security S7).

All that were ready soon enough are answered after the same time: the least of 50, 100, 200 … milliseconds within which the last
hundred were ready. On a machine at rest that is the first; on a busy one, where an address that must be written down
takes noticeably longer than one that need not, everybody waits for the slowest.
"""

from collections import deque
from dataclasses import dataclass, field

LEAST = 0.05  # seconds
MOST = 0.4  # who takes longer, as when the database is busy, is answered at once, and keeps nobody waiting
REMEMBERED = 100


@dataclass(slots=True)
class Even:
    """Of one kind of page. Not safe from several threads: it belongs to an event loop."""

    _took: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def answer_after(self, seconds: float) -> float:
        """Counted as `seconds` are, which it took until the answer was ready."""
        if seconds > MOST:
            return seconds
        self._took.append(seconds)
        slowest, step = max(self._took), LEAST
        while step < slowest:
            step *= 2
        return step
