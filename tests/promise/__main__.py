"""The command that tries to break the delivery promise: `python -m tests.promise`, or `make promise ARGS="--quick"`.

The table goes to standard output, progress to standard error. Ends with 1 when anything does not hold.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from tests.doubles.postgresql import running_postgresql
from tests.promise.programme import SAMPLE, WHOLE, Extent, cells
from tests.promise.table import as_json, as_text
from tests.promise.troupe import play, set_up
from tests.promise.verdict import Tally, all_hold, joined


def main() -> int:
    asked = _arguments()
    extent = SAMPLE if asked.quick else replace(WHOLE, every=asked.every)
    began = perf_counter()
    with (
        tempfile.TemporaryDirectory(prefix="digest-promise-") as place,
        running_postgresql(f"promise-{os.getpid()}") as server,
    ):
        tallies = joined(_played(asked.only, extent, Path(place), server.directory, asked.jobs))
    if asked.json:
        asked.json.write_text(json.dumps(as_json(tallies, perf_counter() - began), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(as_text(tallies))
    return 0 if all_hold(tallies) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "promise",
        description="Kills, stops and starves real senders in mid-issue, and counts who was lost and who got copies.",
    )
    parser.add_argument("--quick", action="store_true", help="a sample, as in `make test`")
    parser.add_argument("--every", type=int, default=WHOLE.every, metavar="N", help="kill at every N-th event only")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="scenarios whose names have this")
    parser.add_argument(
        "--jobs", type=int, default=min(4, os.cpu_count() or 1), help="processes (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there, too")
    return parser.parse_args()


def _played(only: Sequence[str], extent: Extent, place: Path, postgresql: Path, jobs: int) -> Iterator[Tally]:
    """In the order of the programme, whichever is done first."""
    todo = list(cells(extent, only))
    show = _Progress(len(todo))
    with ProcessPoolExecutor(jobs, get_context("spawn"), set_up, (place, postgresql)) as pool:
        futures = {pool.submit(play, number, only, extent): number for number in range(len(todo))}
        done: dict[int, Tally] = {}
        for future in as_completed(futures):
            tally = done[futures[future]] = future.result()
            show.one(f"{todo[futures[future]]}: {tally.tried} points{'' if not tally.broken else ', BROKEN'}")
    show.end()
    return (done[number] for number in sorted(done))


class _Progress:
    """On a terminal one line that changes, elsewhere a line each."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._began = total, 0, perf_counter()
        self._live = sys.stderr.isatty()

    def one(self, text: str) -> None:
        self._done += 1
        line = f"{perf_counter() - self._began:5.0f} s  {self._done}/{self._total}  {text}"
        sys.stderr.write(f"\r\033[K{line[:100]}" if self._live else f"{line}\n")
        sys.stderr.flush()

    def end(self) -> None:
        sys.stderr.write("\r\033[K" if self._live else "")


if __name__ == "__main__":
    sys.exit(main())
