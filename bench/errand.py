"""A fresh process for each turn. It says when it is ready, waits for the word, does its work and tells what that cost.

turn = send("deliver", database=url, ports=[port], connections=32)     # here
serve(prepare)                                                         # there: prepare(job) returns the work itself
"""

import cProfile
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from types import CodeType
from typing import Any

from bench import cpu
from bench.race import Turn

ROOT = Path(__file__).parents[1]
Job = dict[str, Any]
_FILES, _FUNCTIONS = 8, 12  # in a profile


@dataclass(frozen=True, slots=True)
class Stretch:
    """How much was done, from when to when (perf_counter, which is the same clock in all processes), and how long each took."""

    count: int
    began: float
    ended: float
    p50_ms: float = 0
    p95_ms: float = 0
    p99_ms: float = 0


Work = Callable[[], int | Stretch]


def send(name: str, **job: Any) -> Turn:
    return send_all(name, [job])


def send_all(name: str, jobs: Sequence[Job]) -> Turn:
    """A process for each job, all at once. Their counts and CPU are added up; the time is from the first start to the last end."""
    processes = [_start(name, job) for job in jobs]
    try:
        for process in processes:
            _expect(name, process, "ready")
        for process in processes:
            _pipe(process.stdin).write("go\n")
            _pipe(process.stdin).flush()
        told = [json.loads(_expect(name, process, "{")) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    return _together(told)


@contextmanager
def beside(name: str, **job: Any) -> Iterator[None]:
    """A process that does its work all the while, and is not measured."""
    process = _start(name, job)
    try:
        _expect(name, process, "ready")
        _pipe(process.stdin).write("go\n")
        _pipe(process.stdin).flush()
        yield
    finally:
        process.kill()
        process.communicate()


def serve(prepare: Callable[[Job], Work]) -> None:
    """In the process itself."""
    job = json.loads(sys.argv[1])
    work = prepare(job)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(_measure(work, profiled=job.get("profile", False))), flush=True)


def waited(began: float, took: Sequence[float]) -> Stretch:
    """What each of them took in seconds, from `began` until now."""
    ended, ranked = time.perf_counter(), sorted(took)
    return Stretch(len(ranked), began, ended, *(_percentile(ranked, percent) for percent in (50, 95, 99)))


def _percentile(ranked: Sequence[float], percent: int) -> float:
    """Milliseconds; the nearest that was measured."""
    return ranked[ceil(len(ranked) * percent / 100) - 1] * 1000 if ranked else 0.0


def _measure(work: Work, *, profiled: bool) -> dict[str, Any]:
    profile = cProfile.Profile(time.thread_time)  # CPU, not waiting
    with cpu.Threads() as threads:
        used, began = time.process_time(), time.perf_counter()
        done = profile.runcall(work) if profiled else work()
        ended, used = time.perf_counter(), time.process_time() - used
    stretch = Stretch(done, began, ended) if isinstance(done, int) else done
    told = {"cpu": {"sender": used} | threads.seconds(), "peak_mb": cpu.peak_mb()}
    return asdict(stretch) | told | {"profile": _lines(profile) if profiled else []}


def _start(name: str, job: Job) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"bench.errands.{name}", json.dumps(job)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _expect(name: str, process: subprocess.Popen[str], begins: str) -> str:
    line = str(_pipe(process.stdout).readline())
    if not line.startswith(begins):
        message = f"The process of {name!r} ended before its work was done; it said why above."
        raise RuntimeError(message)
    return line


def _pipe(pipe: Any) -> Any:
    assert pipe is not None
    return pipe


def _together(told: Sequence[dict[str, Any]]) -> Turn:
    used = {
        who: sum(each["cpu"].get(who, 0.0) for each in told) for who in dict.fromkeys(w for t in told for w in t["cpu"])
    }
    seconds = max(each["ended"] for each in told) - min(each["began"] for each in told)
    peak = max(each["peak_mb"] for each in told)
    slowest = {name: max(each[name] for each in told) for name in ("p50_ms", "p95_ms", "p99_ms")}
    return Turn(sum(each["count"] for each in told), seconds, used, peak, told[0]["profile"], **slowest)


def _lines(profile: cProfile.Profile) -> list[str]:
    """Where the main thread's CPU goes: by file, then by function. What profiling itself costs makes calls look dear."""
    by_file: defaultdict[str, float] = defaultdict(float)
    by_function: defaultdict[str, float] = defaultdict(float)
    for each in profile.getstats():
        file, function = ("", each.code) if isinstance(each.code, str) else _place(each.code)
        by_file[file or "functions in C"] += each.inlinetime
        by_function[f"{file} {function}".strip()] += each.inlinetime
    ranked = [*_most(by_file, _FILES), *_most(by_function, _FUNCTIONS)]
    whole = sum(by_file.values())
    return [f"{spent / whole:6.1%}  {what}" for what, spent in ranked]


def _most(spent: dict[str, float], count: int) -> list[tuple[str, float]]:
    return sorted(spent.items(), key=lambda item: -item[1])[:count]


def _place(code: CodeType) -> tuple[str, str]:
    """Without the folders of this machine."""
    path = Path(code.co_filename)
    ours = path.is_relative_to(ROOT) and not {".venv", "site-packages"} & set(path.parts)
    return path.relative_to(ROOT).as_posix() if ours else "/".join(path.parts[-2:]), code.co_qualname
