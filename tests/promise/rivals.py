"""Scenarios of two senders at once: side by side, one of them killed, one of them stopped past its lease."""

import signal
import time
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from threading import Event

from tests.promise.nursery import Sender
from tests.promise.orders import BUSY, DONE, TOLD
from tests.promise.runs import Bench, Run
from tests.promise.verdict import Tally

STALE_SECONDS = 0.4  # in place of a minute
SHARED = 2  # connections of each: so few that neither claims the whole issue at once
PAST_LEASE = 20  # minutes on the clock of the one that takes over


def side_by_side(bench: Bench, tally: Tally, runs: int) -> None:
    """Nobody gets two. On SQLite the second is told that another one sends."""
    bench = replace(bench, connections=SHARED)
    for number in range(runs):
        with bench.run() as run:
            second_may_go = Event()
            first = run.start()
            run.sink.trap.set(5 + number * 31, second_may_go.set)
            if bench.stage.name == "SQLite":
                _told_busy(run, second_may_go)
            else:
                second = run.start()
                run.bury(second, second.wait(), DONE)
            run.bury(first, first.wait(), DONE)
            run.finish()
            tally.add(run.finding(), f"pair {number}")


def _told_busy(run: Run, first_sends: Event) -> None:
    assert first_sends.wait(30)
    second = run.start()
    if (code := second.wait()) not in {BUSY, DONE}:  # done: the first had finished already
        run.broken.append(f"the second sender ended with {code}: {second.last_words}")


def one_killed(bench: Bench, tally: Tally, events: Iterable[int]) -> None:
    """Two send; one is killed at an event; the other goes on, and whoever comes next has the rest."""
    bench = replace(bench, connections=SHARED)
    for event in events:
        with bench.run() as run:
            first, second = run.start(), run.start()
            run.sink.trap.set(event, partial(run.kill, first))
            code = first.wait()
            run.bury(second, second.wait(), DONE)
            run.finish()
            tally.add(run.finding(), f"event {event}", tried=int(code == -signal.SIGKILL))


def stopped_past_lease(bench: Bench, tally: Tally, events: Iterable[int]) -> None:
    """SIGSTOP at an event; another, on whose clock the lease is over, takes over; after SIGCONT the first sends none that it lost."""
    for event in events:
        with bench.run() as run:
            stopped = Event()
            first = run.start(stale_seconds=STALE_SECONDS)

            def stop(run: Run = run, stopped: Event = stopped, first: Sender = first) -> None:
                with run.unknown():
                    first.signal(signal.SIGSTOP)
                stopped.set()

            run.sink.trap.set(event, stop)
            if not stopped.wait(30):
                run.broken.append("the first sender was done before it could be stopped")
            time.sleep(2 * STALE_SECONDS)
            over = _taken_over(run)
            before = len(run.sink.taken())
            first.signal(signal.SIGCONT)
            run.bury(first, first.wait(), DONE, TOLD)
            late = over & {message.recipient for message in run.sink.taken()[before:]}
            run.broken += [f"{len(late)} dots came from a sender that had lost its lease"] if late else []
            run.finish()
            tally.add(run.finding(), f"event {event}")


def _taken_over(run: Run) -> set[str]:
    """Another sender does what it can; returns for whom all was over then. Rows that the stopped one has locked stay its own."""
    second = run.start(minutes_later=PAST_LEASE)
    if (code := second.wait()) != DONE:
        run.broken.append(f"the second sender ended with {code}: {second.last_words}")
    return {reader for reader, state in run.bench.stage.states().items() if state in {"accepted", "uncertain"}}
