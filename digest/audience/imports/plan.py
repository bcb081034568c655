"""What an operator says of an import, and the report of what it came to, or would."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from digest.audience.imports.fields import Field
from digest.audience.judge import Enrolled

BATCH = 4000  # rows of a transaction
MAX_SHOWN = 1000  # rows of which the report keeps the reason


@dataclass(frozen=True, slots=True)
class Plan:
    """`list_name` may be None for our own export, which names the lists. `confirmed` needs `consent`: how and when they agreed."""

    list_name: str | None
    confirmed: bool = False
    consent: str = ""
    mapping: Mapping[str, Field] = field(default_factory=dict)  # of headers, as `read_mapping` gives them
    batch: int = BATCH


class Remark(NamedTuple):
    """A row from which nothing came, and why: the rest of a sentence that begins with "Line 7"."""

    file: str
    line: int
    reason: str
    outcome: str  # "refused" or "left_alone"


class Progress(NamedTuple):
    """How far it is: in bytes, since nobody knows how many rows there are."""

    done: int
    total: int
    rows: int


@dataclass(frozen=True, slots=True)
class Report:
    """How many rows became what; all of them together are the rows of the files."""

    sources: tuple[str, ...] = ()  # what each table was taken for
    added: int = 0
    pending: int = 0
    opted_out: int = 0
    already: int = 0
    left_alone: int = 0
    refused: int = 0
    refusals: tuple[Remark, ...] = ()  # the first MAX_SHOWN
    import_id: int = 0  # 0 for a dry run

    @property
    def rows(self) -> int:
        return self.added + self.pending + self.opted_out + self.already + self.left_alone + self.refused


REFUSED = "refused"


@dataclass(slots=True)
class Tally:
    """What is counted as it goes."""

    remark: Callable[[Remark], None] | None = None  # hears of every row from which nothing came
    counts: Counter[str] = field(default_factory=Counter)
    refusals: list[Remark] = field(default_factory=list)
    sources: dict[str, None] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return self.counts.total()

    def note(self, remark: Remark) -> None:
        if remark.outcome == REFUSED and len(self.refusals) < MAX_SHOWN:
            self.refusals.append(remark)
        if self.remark:
            self.remark(remark)

    def report(self, import_id: int = 0) -> Report:
        counts = {name: self.counts[name] for name in (*map(str, Enrolled), REFUSED)}
        return Report(tuple(self.sources), **counts, refusals=tuple(self.refusals), import_id=import_id)
