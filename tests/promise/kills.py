"""Scenarios that kill: at every event of the protocol, at random times, while recovering, at a system call."""

import random
import shutil
import signal
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Timer
from time import perf_counter

from digest.model.issue import OnCrash
from tests.promise.orders import DONE
from tests.promise.runs import Bench, Run
from tests.promise.verdict import Tally

SYSCALLS = {  # what each database's senders write with
    "SQLite": ("fdatasync", "pwrite64", "sendmsg"),
    "PostgreSQL": ("sendto", "sendmsg"),
}
SEED = 20261123


def at_events(bench: Bench, tally: Tally, events: Iterable[tuple[int, int]]) -> None:
    """At the k-th event, for each k until a run is over before it; the events come with their numbers.

    By turns with a relay that takes what it has, and with one that loses it; under one policy the other way round than under
    the other.
    """
    for number, event in events:
        accepting = number % 2 == list(OnCrash).index(bench.policy)
        with bench.run() as run:
            if not run.killed_at(event, accepting=accepting):
                return
            run.finish()
            tally.add(run.finding(), f"event {event}, the relay {'takes' if accepting else 'loses'} it")


def at_random(bench: Bench, tally: Tally, runs: int, *, in_a_row: int = 3) -> None:
    """Several kills in a row at random times of a run, by a seeded script."""
    dice = random.Random(SEED)
    whole = _seconds_of_a_run(bench)
    for number in range(runs):
        delays = [dice.uniform(0, whole) for _ in range(dice.randint(1, in_a_row))]
        _killed_after(bench, tally, delays, f"random run {number}")


def while_recovering(bench: Bench, tally: Tally, events: Iterable[int], *, steps: int = 4) -> None:
    """A kill at an event; then the sender that recovers is killed, earlier or later after its start; then at its first event."""
    whole = _seconds_of_a_run(bench)
    for event in events:
        for step in range(steps):
            with bench.run() as run:
                if not run.killed_at(event):
                    return
                kills = [_killed_by_time(run, whole * step / steps / 2), run.killed_at(step + 1)]
                run.finish()
                tally.add(run.finding(), f"event {event}, recovery step {step}", tried=1 + sum(kills))


def at_syscalls(bench: Bench, tally: Tally, *, every: int, most: int) -> None:
    """At the N-th call of each kind in a thread, for every so many N, until a run is over before it or `most` were tried."""
    if why := _no_strace(bench.place):
        tally.skipped = why
        return
    for syscall in SYSCALLS[bench.stage.name]:
        for number in range(1, most * every, every):
            with bench.run() as run:
                if not _killed_in(run, syscall, number):
                    break
                run.finish()
                tally.add(run.finding(), f"{syscall} {number}")


def _seconds_of_a_run(bench: Bench) -> float:
    with bench.run() as run:
        began = perf_counter()
        run.finish()
        return perf_counter() - began


def _killed_after(bench: Bench, tally: Tally, delays: Iterable[float], what: str) -> None:
    with bench.run() as run:
        kills = [_killed_by_time(run, delay) for delay in delays]
        run.finish()
        tally.add(run.finding(), what, tried=sum(kills))


def _killed_by_time(run: Run, delay: float) -> bool:
    run.sink.trap.lift()
    sender = run.start()
    timer = Timer(delay, run.kill, [sender])
    timer.start()
    code = sender.wait()
    timer.cancel()
    timer.join()
    run.bury(sender, code, DONE, -signal.SIGKILL)
    return code == -signal.SIGKILL


def _killed_in(run: Run, syscall: str, number: int) -> bool:
    run.sink.trap.lift()
    go = run.bench.place / "go"
    go.unlink(missing_ok=True)
    sender = run.start(go=go)
    with subprocess.Popen(_strace(sender.number, syscall, number), stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        tracer.stderr.readline()  # "strace: Process N attached"
        go.touch()
        code = sender.wait()
        run.open_at += [run.bench.connections] if code == -signal.SIGKILL else []
        tracer.wait(30)
    run.bury(sender, code, DONE, -signal.SIGKILL)
    return code == -signal.SIGKILL


def _strace(process: int, syscall: str, number: int) -> list[str]:
    inject = f"inject={syscall}:signal=SIGKILL:when={number}"
    return ["strace", "-f", "-o", "/dev/null", "-e", f"trace={syscall}", "-e", inject, "-p", str(process)]


def _no_strace(place: Path) -> str:
    """Why it cannot be used here; "" when it can."""
    if shutil.which("strace") is None:
        return "no strace"
    with subprocess.Popen(["sleep", "5"], cwd=place) as sleeper:
        with suppress(subprocess.TimeoutExpired):
            attached = subprocess.run(
                _strace(sleeper.pid, "read", 1), timeout=1, capture_output=True, text=True, check=False
            )
            sleeper.kill()
            return "strace may not attach" if attached.returncode else ""
        sleeper.kill()
    return ""
