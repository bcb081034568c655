"""Whether a link of a mail leads somewhere: what asking its server came to, and how long that holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

GOOD_FOR = timedelta(hours=24)
OTHERWISE_FOR = timedelta(hours=1)  # what is dead or not known is asked about again soon


class LinkState(StrEnum):
    GOOD = "good"  # it answered 2xx
    DEAD = "dead"  # 404, 410, or no such host
    UNKNOWN = "unknown"  # refused, busy, slow: a reader may well get there


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """`said` is a clause without a full stop: "it answered 404 Not Found"."""

    address: str
    state: LinkState
    said: str
    checked_at: datetime

    def holds(self, now: datetime) -> bool:
        return now - self.checked_at < (GOOD_FOR if self.state is LinkState.GOOD else OTHERWISE_FOR)
