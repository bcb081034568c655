"""An import as it is kept: which file brought which readers, when and by whom, so that it can be gone on with and undone."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from digest.model.subscriber import SubscriptionState, SuppressionReason


class ImportState(StrEnum):
    """Where an import stands."""

    RUNNING = "running"  # begun; if it was killed, importing the same file again goes on with it
    FINISHED = "finished"  # the whole file was read
    UNDOING = "undoing"  # being taken back; if that was killed, undoing it again does the rest
    UNDONE = "undone"  # what it made is gone, but for what readers have done since


IMPORT_MOVES: dict[ImportState, frozenset[ImportState]] = {
    ImportState.RUNNING: frozenset({ImportState.FINISHED, ImportState.UNDOING}),
    ImportState.FINISHED: frozenset({ImportState.UNDOING}),
    ImportState.UNDOING: frozenset({ImportState.UNDONE}),
    ImportState.UNDONE: frozenset(),
}


@dataclass(frozen=True, slots=True)
class NewImport:
    """What is known before the first row is read."""

    file: str  # as people know it: names, not paths
    sha256: str  # of all its bytes
    list_id: int | None  # None for a file that names the lists itself
    by: str


@dataclass(frozen=True, slots=True)
class Import:
    id: int
    state: ImportState
    file: str
    sha256: str
    list_id: int | None
    by: str
    started_at: datetime
    finished_at: datetime | None = None
    undone_at: datetime | None = None
    undone_by: str = ""
    counts: dict[str, int] = field(default_factory=dict)  # rows by what became of them
    undone: dict[str, int] = field(default_factory=dict)  # what undoing it came to


@dataclass(frozen=True, slots=True)
class Standing:
    """How an address stands beside a list, before a row of a file speaks of it."""

    subscriber_id: int | None = None
    state: SubscriptionState | None = None  # None: no subscription
    came_back: bool = False  # left once, and asked to come back since
    suppressed: SuppressionReason | None = None
    import_id: int = 0  # that made it, as long as nobody has done anything about it since
