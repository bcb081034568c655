"""All scenarios, on which database each is played, and how much of it: the whole, or a sample for every run of the tests."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from digest.model.issue import OnCrash
from tests.doubles.postgresql import PostgresqlServer
from tests.promise import disasters, kills, rivals
from tests.promise.nursery import Nursery
from tests.promise.places import own_postgresql, small_disk
from tests.promise.runs import Bench
from tests.promise.stage import PostgresqlStage, SqliteStage, Stage
from tests.promise.verdict import Tally

BOTH = ("SQLite", "PostgreSQL")
EVENTS = 680  # of a run to sixty readers, about


@dataclass(frozen=True)
class Extent:
    """How much of everything."""

    every: int  # of the protocol's events
    random_runs: int
    some: int  # events, spread evenly over a run, for scenarios that take longer
    syscalls: int  # of each kind, at most
    every_syscall: int
    parts: int = 1  # in which the longest scenario is played, by several processes

    @property
    def few_events(self) -> list[int]:
        return [20 + (EVENTS - 60) * number // self.some for number in range(self.some)]

    def events(self, part: int, parts: int, *, coarser: int = 1) -> Iterator[tuple[int, int]]:
        """Every so many events without end, with their numbers; of these every `parts`-th from `part` on."""
        step = self.every * coarser
        first = max(1, step // 2)
        return ((number, first + number * step) for number in count(part, parts))


WHOLE = Extent(every=1, random_runs=60, some=10, syscalls=24, every_syscall=3, parts=8)
SAMPLE = Extent(every=85, random_runs=2, some=2, syscalls=2, every_syscall=17)

Play = Callable[[Bench, Tally, Extent, int], None]


@dataclass(frozen=True)
class Scenario:
    name: str
    play: Play
    databases: tuple[str, ...] = BOTH
    policies: tuple[OnCrash, ...] = tuple(OnCrash)
    place: str = ""  # "disk": a small one; "server": one of its own
    pipelining: bool = True
    in_parts: bool = False


SCENARIOS = (
    Scenario("killed at an event", lambda b, t, e, part: kills.at_events(b, t, e.events(part, e.parts)), in_parts=True),
    Scenario(
        "the same, no pipelining",
        lambda b, t, e, _: kills.at_events(b, t, e.events(0, 1, coarser=5)),
        ("SQLite",),
        pipelining=False,
    ),
    Scenario("killed at random, 1 to 3 times", lambda b, t, e, _: kills.at_random(b, t, e.random_runs)),
    Scenario(
        "killed while recovering", lambda b, t, e, _: kills.while_recovering(b, t, e.few_events, steps=min(4, e.some))
    ),
    Scenario(
        "killed at a system call", lambda b, t, e, _: kills.at_syscalls(b, t, every=e.every_syscall, most=e.syscalls)
    ),
    Scenario("disk full", lambda b, t, e, _: disasters.full_disk(b, t, e.few_events), ("SQLite",), place="disk"),
    Scenario("files may not grow", lambda b, t, e, _: disasters.full_files(b, t, e.few_events), ("SQLite",)),
    Scenario("database locked", lambda b, t, e, _: disasters.locked(b, t, e.few_events)),
    Scenario(
        "server restarted", lambda b, t, e, _: disasters.restarted(b, t, e.few_events), ("PostgreSQL",), place="server"
    ),
    Scenario("two senders", lambda b, t, e, _: rivals.side_by_side(b, t, e.some)),
    Scenario("two senders, one killed", lambda b, t, e, _: rivals.one_killed(b, t, e.few_events), ("PostgreSQL",)),
    Scenario(
        "stopped past its lease", lambda b, t, e, _: rivals.stopped_past_lease(b, t, e.few_events), ("PostgreSQL",)
    ),
)


@dataclass(frozen=True)
class Cell:
    """A row of the table to be, or a part of one."""

    scenario: Scenario
    database: str
    policy: OnCrash
    part: int = 0

    def __str__(self) -> str:
        return f"{self.scenario.name}, {self.database}, {self.policy}"


def cells(extent: Extent, only: Iterable[str] = ()) -> Iterator[Cell]:
    """Those that take longest first. `only`: parts of the names wanted."""
    wanted = list(only)
    for scenario in SCENARIOS:
        if not wanted or any(part in scenario.name for part in wanted):
            for database in scenario.databases:
                for policy in scenario.policies:
                    yield from (
                        Cell(scenario, database, policy, part)
                        for part in range(extent.parts if scenario.in_parts else 1)
                    )


class Theatre:
    """Plays cells one after another in this process; what is costly to set up is kept."""

    def __init__(self, place: Path, server: PostgresqlServer, nursery: Nursery) -> None:
        self._place, self._server, self._nursery = place, server, nursery
        self._stages: dict[str, Stage] = {}
        self._warm: set[Stage] = set()

    def play(self, cell: Cell, extent: Extent) -> Tally:
        tally = Tally(cell.scenario.name, cell.database, cell.policy)
        with self._stage(cell) as stage:
            if stage is None:
                tally.skipped = "no right to mount a disk"
                return tally
            bench = Bench(self._place, self._nursery, stage, cell.policy, cell.scenario.pipelining)
            if stage not in self._warm:
                bench.warm()
                self._warm.add(stage)
            cell.scenario.play(bench, tally, extent, cell.part)
        return tally

    @contextmanager
    def _stage(self, cell: Cell) -> Iterator[Stage | None]:
        with ExitStack() as stack:
            if cell.scenario.place == "disk":
                disk = stack.enter_context(small_disk(self._place / f"disk-{cell.policy}"))
                yield None if disk is None else SqliteStage(disk)
            elif cell.scenario.place == "server":
                server = stack.enter_context(own_postgresql(f"restarted-{os.getpid()}-{cell.policy}"))
                yield PostgresqlStage(server)
            else:
                if cell.database not in self._stages:
                    self._stages[cell.database] = self._make(cell.database)
                yield self._stages[cell.database]

    def _make(self, database: str) -> Stage:
        if database == "PostgreSQL":
            return PostgresqlStage(self._server)
        place = self._place / "sqlite"
        place.mkdir()
        return SqliteStage(place)
