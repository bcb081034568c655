"""How much CPU a process or a thread has used, as Linux tells in /proc; elsewhere nothing is known."""

import os
import re
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_EVERY = 0.05  # seconds
_TICKS = os.sysconf("SC_CLK_TCK")


def of_process(pid: int, *, children: bool = False) -> float:
    """Seconds, user and system; with children, also of those that have ended."""
    return _seconds(Path(f"/proc/{pid}/stat"), 4 if children else 2)


def of_family(pid: int) -> float:
    """Of a process and all that it has started."""
    try:
        alive = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        alive = []
    return of_process(pid, children=True) + sum(of_process(int(child)) for child in alive)


def peak_mb() -> float:
    """The most memory that this process has had. Not ru_maxrss: that begins with what the parent had."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


class Threads:
    """What each thread of this process uses from `with` to its end; of one that ended, as it was a moment before."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[str, float]] = {}  # by thread
        self._before: dict[int, float] = {}
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)

    def __enter__(self) -> Self:
        self._look()
        self._before = {number: used for number, (_, used) in self._seen.items()}
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._look()
        self._over.set()
        self._watcher.join()

    def seconds(self) -> dict[str, float]:
        """By name, without number; only those that did something."""
        sums: dict[str, float] = {}
        for number, (name, used) in self._seen.items():
            sums[name] = sums.get(name, 0.0) + used - self._before.get(number, 0.0)
        return {name: used for name, used in sums.items() if used > 0}

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            self._look()

    def _look(self) -> None:
        for thread in threading.enumerate():
            number = thread.native_id
            if number is not None and (used := _seconds(Path(f"/proc/self/task/{number}/stat"), 2)):
                self._seen[number] = re.sub(r"Thread$|[-_]?\d+( .*)?$", "", thread.name).lower(), used


def _seconds(stat: Path, fields: int) -> float:
    """0 of what has ended."""
    try:
        after_name = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, after_name[11 : 11 + fields])) / _TICKS
