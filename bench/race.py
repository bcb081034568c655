"""Racing: entrants that do the same work take turns in one run, and each row of the table holds one of them against another.

An entrant's turn is a process of its own, so that its memory and its CPU are nobody else's.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import Any

from bench.measure import nothing


class Scale(StrEnum):
    """How much is done."""

    WHOLE = "whole"
    QUICK = "quick"
    TINY = "tiny"  # to see that it works; its figures mean nothing


class Unmeasurable(Exception):
    """Something that a race needs is not to be had here; says what."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn came to."""

    count: int
    seconds: float
    cpu: dict[str, float] = field(default_factory=dict)  # who → seconds of CPU: "sender", of it its threads; "sink" …
    peak_mb: float = 0  # memory of its process
    profile: list[str] = field(default_factory=list)  # when one was asked for
    p50_ms: float = 0  # of requests that were waited for, one by one
    p95_ms: float = 0
    p99_ms: float = 0

    @property
    def rate(self) -> float:
        return self.count / self.seconds


class Figure(StrEnum):
    """What of a turn is compared."""

    RATE = "/s"
    SECONDS = "s"
    PEAK = "MB"
    MEDIAN = "ms at p50"
    P95 = "ms at p95"
    P99 = "ms at p99"

    def of(self, turn: Turn) -> float:
        return {
            Figure.RATE: turn.rate,
            Figure.SECONDS: turn.seconds,
            Figure.PEAK: turn.peak_mb,
            Figure.MEDIAN: turn.p50_ms,
            Figure.P95: turn.p95_ms,
            Figure.P99: turn.p99_ms,
        }[self]


@dataclass(frozen=True, slots=True)
class Entrant:
    """One way to do the work. Must have done `count` of it, or the run ends: doing nothing is fast."""

    name: str
    count: int
    run: Callable[[], Turn]
    ready: Callable[[], object] = nothing  # before each turn, not measured
    profile: Callable[[], Turn] | None = None  # a turn more, which says where its time goes


@dataclass(frozen=True, slots=True)
class Row:
    """What is compared. Of rates at least the target, of all else at most."""

    name: str
    ours: str  # an entrant
    theirs: str | float | None = (
        None  # another one; what arithmetic allows; or None for a target in the figure's own unit
    )
    target: float | None = None
    figure: Figure = Figure.RATE
    at_round: int | None = None  # this one alone, where what is done differs from round to round

    def is_met(self, value: float) -> bool | None:
        if self.target is None:
            return None
        return value >= self.target if self.figure is Figure.RATE else value <= self.target


@dataclass(frozen=True, slots=True)
class Race:
    name: str
    rows: Callable[[Scale], Sequence[Row]]
    open: Callable[[Scale, Path], AbstractContextManager[Sequence[Entrant]]]  # raises Unmeasurable
    rounds: dict[Scale, int]


Turns = dict[str, list[Turn]]  # entrant → one for each round


def run(race: Race, scale: Scale, place: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """All of it, as it goes into the JSON. `place` is an empty folder."""
    rows = race.rows(scale)
    say(f"{race.name}: setting up")
    try:
        with race.open(scale, place) as entrants:
            turns = _take_turns(race, race.rounds[scale], entrants, say)
            results = [_compare(row, turns) for row in rows]
            profiles = dict(_explain(results, entrants, say)) if scale is Scale.WHOLE else {}
    except Unmeasurable as why:
        return {"race": race.name, "rows": [_unmeasured(row, str(why)) for row in rows], "entrants": [], "profiles": {}}
    told = [_tell(name, each) for name, each in turns.items()]
    return {"race": race.name, "rows": results, "entrants": told, "profiles": profiles}


def _take_turns(race: Race, rounds: int, entrants: Sequence[Entrant], say: Callable[[str], None]) -> Turns:
    """Who begins changes from round to round."""
    turns: Turns = {entrant.name: [] for entrant in entrants}
    for number in range(rounds):
        first = number % len(entrants)
        for entrant in [*entrants[first:], *entrants[:first]]:
            say(f"{race.name}: round {number + 1} of {rounds}, {entrant.name}")
            turns[entrant.name].append(_turn(entrant))
    return turns


def _turn(entrant: Entrant) -> Turn:
    entrant.ready()
    turn = entrant.run()
    if turn.count < entrant.count:
        message = f"{entrant.name} did {turn.count} instead of {entrant.count}: its time would mean nothing."
        raise RuntimeError(message)
    return turn


def _compare(row: Row, turns: Turns) -> dict[str, Any]:
    """The median of the ratios within each round: what slows a whole round down slows both sides of its ratio."""
    ours, theirs = _figures(row, row.ours, turns), _theirs(row, turns)
    ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True)) if theirs else None
    told = _unmeasured(row, "") | {
        "ours": median(ours),
        "theirs": median(theirs) if theirs else None,
        "ratio": ratio,
        "met": row.is_met(median(ours) if ratio is None else ratio),
    }
    return _rounded(told)


def _theirs(row: Row, turns: Turns) -> list[float]:
    if isinstance(row.theirs, str):
        return _figures(row, row.theirs, turns)
    return [] if row.theirs is None else [row.theirs] * len(_figures(row, row.ours, turns))


def _figures(row: Row, entrant: str, turns: Turns) -> list[float]:
    found = [row.figure.of(turn) for turn in turns[entrant]]
    return found if row.at_round is None else [found[row.at_round]]


def _unmeasured(row: Row, why: str) -> dict[str, Any]:
    return {
        "name": row.name,
        "unit": row.figure.value,
        "ours": None,
        "theirs": None,
        "ratio": None,
        "target": row.target,
        "absolute": row.theirs is None,
        "met": None,
        "not_measured": why,
        "entrant": row.ours,
    }


def _explain(
    results: Sequence[dict[str, Any]], entrants: Sequence[Entrant], say: Callable[[str], None]
) -> Iterator[tuple[str, list[str]]]:
    """A profile of each of ours that missed a target."""
    missed = {result["entrant"] for result in results if result["met"] is False}
    for entrant in entrants:
        if entrant.name in missed and entrant.profile is not None:
            say(f"a target was missed: profiling {entrant.name}")
            entrant.ready()
            yield entrant.name, entrant.profile().profile


def _tell(name: str, turns: Sequence[Turn]) -> dict[str, Any]:
    """Medians, and the rate of every round."""
    micros = {
        who: median(turn.cpu.get(who, 0.0) / turn.count * 1e6 for turn in turns)
        for who in dict.fromkeys(who for turn in turns for who in turn.cpu)
    }
    told = {
        "entrant": name,
        "count": turns[0].count,
        "seconds": median(turn.seconds for turn in turns),
        "rate": median(turn.rate for turn in turns),
        "peak_mb": median(turn.peak_mb for turn in turns) or None,
    }
    return _rounded(told) | {"cpu_us": _rounded(micros), "rates": [round(turn.rate, 1) for turn in turns]}


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    """To four digits that count."""
    return {name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in values.items()}
