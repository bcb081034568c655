"""What the figures were measured on, as far as it matters."""

import os
import platform
import re
import sqlite3
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

_COMMITS = 40
_PAGE = bytes(4096)


def machine(place: Path) -> dict[str, Any]:
    """`place`: where the databases will lie. On a file system in memory, a commit would cost nothing."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "file_system": _file_system(place),
        "load": round(os.getloadavg()[0], 1),  # before we begin: what others take is not there for us
        "commit_ms": float(f"{_commit_seconds(place) * 1000:.2g}"),
    }


def _cpu() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text()
    except OSError:
        told = ""
    found = re.search(r"model name\s*:\s*(.+)", told)
    return found[1].strip() if found else platform.machine()


def _file_system(place: Path) -> str:
    """Its type."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return "unknown"
    above = [(len(where), kind) for _, where, kind, *_ in mounts if place.resolve().is_relative_to(where)]
    return max(above)[1] if above else "unknown"


def _commit_seconds(place: Path) -> float:
    """How long it takes until 4 kB more are on the disk."""
    times: list[float] = []
    with (place / "commits").open("wb", buffering=0) as file:
        for _ in range(_COMMITS):
            began = perf_counter()
            file.write(_PAGE)
            os.fdatasync(file.fileno())
            times.append(perf_counter() - began)
    return median(times)
