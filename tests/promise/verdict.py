"""What the promise says of one run, and the sum over many: who was lost, how many copies there were, how many there may be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from digest.model.issue import OnCrash
from tests.promise.sink import Taken, copies
from tests.promise.stage import State


@dataclass(frozen=True)
class Finding:
    """Of one run: an issue that was sent to its end, whatever was done to its senders."""

    lost: int
    worst: int  # copies that one reader got
    extra: int  # copies beyond the first, of all readers
    limit: int  # how many of these there may be
    broken: Sequence[str] = ()  # what does not hold, in words


def judge(
    taken: Sequence[Taken], state: State, audience: frozenset[str], policy: OnCrash, open_connections: Sequence[int]
) -> Finding:
    """`open_connections`: at each kill (or whatever else makes the fate of what is under way unknown), how many there were."""
    counted = copies(taken)
    lost = audience - set(counted) - (state.uncertain if policy is OnCrash.HOLD else frozenset())
    extra = counted.total() - len(counted)
    limit = sum(open_connections) if policy is OnCrash.RESEND else 0
    unknown = sum(open_connections) if policy is OnCrash.HOLD else 0
    checks = {
        f"{len(lost)} lost": not lost,
        f"{extra} extra copies where {limit} may be": extra <= limit,
        f"{len(state.uncertain)} uncertain where {unknown} may be": len(state.uncertain) <= unknown,
        "a reader who was never in the audience got it": set(counted) <= audience,
        "two copies for one reader differ": len(set(taken)) == len(counted),
        f"the account does not balance: {state.account}": state.account.balanced,
        f"the audience became {state.account.audience}": state.account.audience == len(audience),
        f"something is still owed: {state.account}": state.account.open == 0,
        "the campaign is not done": state.finished,
        "the database is not sound": state.sound,
    }
    return Finding(
        len(lost),
        max(counted.values(), default=0),
        extra,
        limit,
        tuple(text for text, holds in checks.items() if not holds),
    )


@dataclass
class Tally:
    """A row of the table."""

    scenario: str
    database: str
    policy: str
    tried: int = 0  # kills, or what stands in their place
    lost: int = 0
    worst: int = 0
    extra: int = 0  # the most in one run
    limit: int = 0  # for a run
    skipped: str = ""
    broken: list[str] = field(default_factory=list)

    def add(self, finding: Finding, what: str, *, tried: int = 1) -> None:
        """`what` names the run, should something not hold."""
        self.tried += tried
        self.lost += finding.lost
        self.worst = max(self.worst, finding.worst)
        self.extra = max(self.extra, finding.extra)
        self.limit = max(self.limit, finding.limit)
        self.broken += [f"{what}: {text}" for text in finding.broken]

    @property
    def row(self) -> tuple[str, str, str]:
        return self.scenario, self.database, self.policy

    def join(self, part: "Tally") -> None:
        """The same row, played further."""
        self.tried += part.tried
        self.lost += part.lost
        self.worst, self.extra = max(self.worst, part.worst), max(self.extra, part.extra)
        self.limit = max(self.limit, part.limit)
        self.broken += part.broken

    @property
    def holds(self) -> bool:
        return not self.broken and (self.tried > 0 or bool(self.skipped))

    @property
    def verdict(self) -> str:
        if self.skipped:
            return f"skipped: {self.skipped}"
        return "holds" if self.holds else "BROKEN"


def joined(parts: Iterable[Tally]) -> list[Tally]:
    """A tally for each row, in the order in which they came first."""
    rows: dict[tuple[str, str, str], Tally] = {}
    for part in parts:
        if part.row in rows:
            rows[part.row].join(part)
        else:
            rows[part.row] = part
    return list(rows.values())


def all_hold(tallies: Iterable[Tally]) -> bool:
    return all(tally.holds for tally in tallies)
