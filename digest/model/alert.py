"""An alert: something that an operator should do something about, told once until it is over."""

from dataclasses import dataclass
from enum import StrEnum


class AlertKind(StrEnum):
    """What is wrong."""

    ISSUE_LATE = (
        "issue-late"  # its slot has passed, and it does not go out: nobody ticks, it is held, paused, or stands still
    )
    FEED_SILENT = "feed-silent"  # a feed is gone, dead, or silent for longer than its rhythm
    REFUSALS_HIGH = "refusals-high"  # more of a campaign's readers were refused for good than its list lets canaries be
    BACKUP_OLD = "backup-old"  # there was none for longer than there should be


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that is wrong. Two with the same key are the same thing, whatever they say."""

    kind: AlertKind
    about: str  # what it is about, among those of its kind: an issue's or feed's number
    said: str  # one sentence that names the thing and what to do
    list_id: int | None = None  # whose operators are told; None for all

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.about}"
