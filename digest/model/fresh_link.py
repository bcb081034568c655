"""A link that was mailed because somebody asked for it: random, for one purpose, and good for a short time (security S9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PAUSE = timedelta(minutes=15)  # between two mails of one purpose to one address
A_DAY = 3  # of these mails at most, however often a button is pressed


class LinkPurpose(StrEnum):
    """What a fresh link is for. It is good for that, and for nothing else."""

    DATA = "data"  # to the reader's own address: shows what we keep of them, exports it, erases it
    ALLOW = "allow"  # to the reader's own address: may this go to another address?
    MOVE = "move"  # to that other address: is it theirs?


LIFE = {
    LinkPurpose.DATA: timedelta(hours=1),
    LinkPurpose.ALLOW: timedelta(hours=48),
    LinkPurpose.MOVE: timedelta(hours=48),
}


@dataclass(frozen=True, slots=True)
class FreshLink:
    id: int
    subscriber_id: int
    list_id: int  # whose mails it was asked from, and comes from
    purpose: LinkPurpose
    address: str  # the other address; "" for DATA
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def works(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at


def may_mail(made: Sequence[datetime], now: datetime) -> bool:
    """Whether another such mail may go, after those that were made at these times."""
    today = [at for at in made if at > now - timedelta(days=1)]
    return len(today) < A_DAY and all(at <= now - PAUSE for at in today)
