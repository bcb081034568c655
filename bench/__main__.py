"""The benchmarks' command: `python -m bench`, or `make bench ARGS="--quick"`. Tables go to standard output, progress to standard error."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from bench.machine import machine
from bench.measure import Pace, measure
from bench.race import Scale, run
from bench.races import RACES
from bench.report import BEGIN, Results, as_markdown, as_text, step_as_json
from bench.steps import STEPS

WHOLE = Pace(seconds=1.2, most=15)
QUICK = Pace(seconds=0.1, most=2)
ROOT = Path(__file__).parents[1]
RESULTS, DOCUMENT = ROOT / "bench" / "results.json", ROOT / "docs" / "benchmarks.md"


def main() -> None:
    asked = _arguments()
    if asked.write_docs:
        write_markdown(DOCUMENT, json.loads(RESULTS.read_text(encoding="utf-8")))
        return
    whole = not (asked.quick or asked.only)
    to = asked.json or (RESULTS if whole else None)
    results = _measure(asked.only or [*RACES, *STEPS], to, quick=asked.quick)
    print(as_text(results), end="")
    if whole:
        write_markdown(DOCUMENT, results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench", description="How fast it is beside others, and what each step costs beside a plain way to do the same."
    )
    names = [*RACES, *STEPS]
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds: to see that it works")
    parser.add_argument(
        "--only", action="append", choices=names, metavar="NAME", help=f"one of them, or several: {', '.join(names)}"
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="write all figures there; of a whole run, without this, to bench/results.json",
    )
    parser.add_argument(
        "--write-docs",
        action="store_true",
        help="measure nothing: put bench/results.json into docs/benchmarks.md, below its mark",
    )
    return parser.parse_args()


def _measure(names: list[str], to: Path | None, *, quick: bool) -> Results:
    """What is done is written at once: who stops a long run keeps it."""
    say, chosen = _sayer(), dict.fromkeys(names)
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        place = Path(folder)
        results: Results = {"quick": quick, "machine": machine(place), "races": [], "steps": []}
        for name in chosen:
            if name in RACES:
                results["races"].append(_race(name, place / name, say, quick=quick))
            else:
                results["steps"].append(_step(name, place, say, quick=quick))
            if to is not None:
                to.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    say("done")
    return results


def _race(name: str, place: Path, say: Callable[[str], None], *, quick: bool) -> Results:
    place.mkdir()
    return run(RACES[name], Scale.QUICK if quick else Scale.WHOLE, place, say)


def _step(name: str, place: Path, say: Callable[[str], None], *, quick: bool) -> Results:
    step = STEPS[name]
    sizes, pace = (step.quick, QUICK) if quick else (step.sizes, WHOLE)
    return step_as_json(measure(step, sizes, pace, place, say))


def _sayer() -> Callable[[str], None]:
    started = perf_counter()

    def say(what: str) -> None:
        print(f"{perf_counter() - started:5.0f} s  {what}", file=sys.stderr, flush=True)

    return say


def write_markdown(path: Path, results: Results) -> None:
    """What stands above the mark stays."""
    before = path.read_text(encoding="utf-8").partition(BEGIN)[0] if path.exists() else ""
    path.write_text(f"{before}{BEGIN}\n{as_markdown(results)}", encoding="utf-8")


if __name__ == "__main__":
    main()
