"""Measuring side by side: rounds in which every subject has its turn, and medians of them."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter


def nothing() -> None:
    """For a subject that needs no preparation."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One way to do a step. `run` says how many units it did: a benchmark that does nothing is fast."""

    name: str
    run: Callable[[], int]
    ready: Callable[[], object] = nothing  # before each run, not measured
    units: int | None = None  # how many `run` does when all would take too long; its time is scaled up


Opener = Callable[[int, Path], AbstractContextManager[Sequence[Subject]]]


@dataclass(frozen=True, slots=True)
class Step:
    """What is measured. `open` makes its subjects for a size in a directory of their own; the first one is worth 1."""

    name: str
    unit: str
    sizes: tuple[int, ...]
    quick: tuple[int, ...]  # the sizes of a quick run
    open: Opener


@dataclass(frozen=True, slots=True)
class Pace:
    """Rounds at one size: until `seconds` have passed or there were `most`, but never fewer than one."""

    seconds: float
    most: int


@dataclass(frozen=True, slots=True)
class Line:
    """A subject's figures, one for each size. None: nothing to compare with, or not measured there."""

    name: str
    cost: list[float | None]  # with the step's first subject as 1
    growth: list[float | None]  # against the size before: in proportion is as much as the size grew
    seconds: list[float | None]


@dataclass(frozen=True, slots=True)
class Result:
    step: str
    unit: str
    sizes: list[int]
    rounds: list[int]
    lines: list[Line]


Times = dict[str, list[float]]  # of one size: subject → seconds, one for each round


def measure(step: Step, sizes: Sequence[int], pace: Pace, place: Path, say: Callable[[str], None]) -> Result:
    """All subjects of a step at all sizes. The first size is run once more before, to load what is loaded only once."""
    taken: list[Times] = []
    scaled: set[tuple[int, str]] = set()
    for number, size in enumerate(sizes):
        here = place / f"{step.name}-{size}"
        here.mkdir()
        with step.open(size, here) as subjects:
            if number == 0:
                say(f"{step.name}: warming up")
                _round(subjects, size)
            say(f"{step.name}: {size:,} {step.unit}")
            taken.append(_rounds(subjects, size, pace))
            scaled |= {(number, subject.name) for subject in subjects if subject.units is not None}
    return figures(step, sizes, taken, scaled)


def _rounds(subjects: Sequence[Subject], size: int, pace: Pace) -> Times:
    times: Times = {subject.name: [] for subject in subjects}
    started = perf_counter()
    for number in range(pace.most):
        turn = number % len(subjects)
        for name, seconds in _round([*subjects[turn:], *subjects[:turn]], size):
            times[name].append(seconds)
        if perf_counter() - started > pace.seconds:
            break
    return times


def _round(subjects: Sequence[Subject], size: int) -> list[tuple[str, float]]:
    return [(subject.name, _time(subject, size)) for subject in subjects]


def _time(subject: Subject, size: int) -> float:
    """Seconds for the whole size."""
    expected = size if subject.units is None else subject.units
    subject.ready()
    gc.collect()
    started = perf_counter()
    done = subject.run()
    seconds = perf_counter() - started
    if done != expected:
        message = f"{subject.name} did {done} instead of {expected}: its time would mean nothing."
        raise RuntimeError(message)
    return seconds * size / expected


def figures(step: Step, sizes: Sequence[int], taken: list[Times], scaled: set[tuple[int, str]]) -> Result:
    """`scaled`: which subject did only a part, by the size's place."""
    first = next(iter(taken[0]))
    names = dict.fromkeys(name for times in taken for name in times)
    lines = [
        Line(
            name,
            [_cost(times, name, first) for times in taken],
            [None, *_growths(taken, name, scaled)],
            [median(times[name]) if name in times else None for times in taken],
        )
        for name in names
    ]
    return Result(step.name, step.unit, list(sizes), [len(times[first]) for times in taken], lines)


def _cost(times: Times, name: str, first: str) -> float | None:
    """The median of the ratios within each round: what slows a whole round down slows both sides of its ratio."""
    if name not in times:
        return None
    return median(mine / base for mine, base in zip(times[name], times[first], strict=True))


def _growths(taken: list[Times], name: str, scaled: set[tuple[int, str]]) -> Iterator[float | None]:
    for number in range(1, len(taken)):
        small, large = taken[number - 1].get(name), taken[number].get(name)
        known = small and large and not {(number - 1, name), (number, name)} & scaled
        yield median(large) / median(small) if known and small and large else None
