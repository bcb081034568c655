"""What an operator does to many readers at once, and whether it can be taken back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

UNDO_FOR = timedelta(days=7)
MOST_AT_ONCE = 10_000  # readers


class BulkKind(StrEnum):
    """What is done to each of them."""

    UNSUBSCRIBE = "unsubscribe"  # from one list; undone for who has not acted since
    SUPPRESS = "suppress"  # nothing is mailed to them; undone by lifting what this act put there
    ERASE = "erase"  # forgotten; there is nothing left to undo


@dataclass(frozen=True, slots=True)
class Bulk:
    id: int
    kind: BulkKind
    list_id: int | None
    readers: int  # whom it changed
    is_undone: bool
    at: datetime

    def can_be_undone(self, now: datetime) -> bool:
        return self.kind is not BulkKind.ERASE and not self.is_undone and now < self.at + UNDO_FOR
