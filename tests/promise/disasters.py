"""Scenarios in which the database fails in mid-send: its disk is full, somebody locks it, its server is restarted.

No sender is killed in these: it must stop by itself, in words, and no dot may come for a row that does not say so.
"""

import resource
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg

from tests.promise.nursery import Sender
from tests.promise.orders import DONE, TOLD
from tests.promise.places import restart
from tests.promise.runs import Bench, Run
from tests.promise.stage import PostgresqlStage, SqliteStage
from tests.promise.verdict import Tally

HASTE = 0.4  # seconds that a sender waits for another writer here
Break = Callable[[Run, Sender], None]
Mend = Callable[[], None]


def full_disk(bench: Bench, tally: Tally, events: Iterable[int]) -> None:
    """The database lies on a disk of its own, which another file fills."""
    assert isinstance(bench.stage, SqliteStage)
    ballast = bench.stage.file.parent / "ballast"

    def fill(_run: Run, _sender: Sender) -> None:
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(b"\0" * 4096):
                pass

    _each(bench, tally, events, fill, lambda: ballast.unlink(missing_ok=True))


def full_files(bench: Bench, tally: Tally, events: Iterable[int]) -> None:
    """The kernel lets the sender write no file beyond the length of SQLite's log (RLIMIT_FSIZE), as a quota would."""
    if not hasattr(resource, "prlimit"):
        tally.skipped = "no prlimit"
        return

    def bound(_run: Run, sender: Sender) -> None:
        assert isinstance(bench.stage, SqliteStage)
        log = Path(f"{bench.stage.file}-wal")
        size = log.stat().st_size if log.exists() else 0
        resource.prlimit(sender.number, resource.RLIMIT_FSIZE, (size, size))

    _each(bench, tally, events, bound, lambda: None)


def locked(bench: Bench, tally: Tally, events: Iterable[int]) -> None:
    """Another session holds what a writer needs, longer than the sender waits."""
    with ExitStack() as held:

        def lock(_run: Run, _sender: Sender) -> None:
            held.enter_context(_locked(bench))

        _each(bench, tally, events, lock, held.close)


def restarted(bench: Bench, tally: Tally, events: Iterable[int]) -> None:
    """The PostgreSQL server is restarted without asking its sessions: by turns it lets them roll back, and it does not."""
    modes = iter(["immediate", "fast"] * 1000)

    def do(_run: Run, _sender: Sender) -> None:
        assert isinstance(bench.stage, PostgresqlStage)
        restart(bench.stage.server, next(modes))

    _each(bench, tally, events, do, lambda: None)


def _each(bench: Bench, tally: Tally, events: Iterable[int], destroy: Break, mend: Mend) -> None:
    for event in events:
        with bench.run(watch_dots=True) as run:
            sender = run.start(busy_seconds=HASTE)

            def deed(run: Run = run, sender: Sender = sender) -> None:
                with run.unknown():
                    destroy(run, sender)

            run.sink.trap.set(event, deed)
            code = sender.wait()
            done = run.open_at and run.sink.trap.sprung.wait(30)
            mend()
            run.bury(sender, code, DONE, TOLD)
            run.finish()
            tally.add(run.finding(), f"event {event}", tried=int(bool(done) and code == TOLD))


@contextmanager
def _locked(bench: Bench) -> Iterator[None]:
    if isinstance(bench.stage, SqliteStage):
        beside = sqlite3.connect(bench.stage.file, isolation_level=None, check_same_thread=False, timeout=10)
        beside.execute("BEGIN IMMEDIATE")
        yield
        beside.close()
        return
    with psycopg.connect(bench.stage.url) as session:
        session.execute("LOCK TABLE messages IN EXCLUSIVE MODE")
        yield
