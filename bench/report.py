"""The results as people and programs read them: aligned tables, Markdown. Both are made of what stands in the JSON, and of nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from bench.measure import Line, Result
from bench.race import Figure
from bench.tables import Rows, aligned, piped

BEGIN = "<!-- From here on written by `make bench`. -->\n"

Results = dict[str, Any]  # what stands in the JSON


def step_as_json(result: Result) -> dict[str, Any]:
    return asdict(result)


def as_text(results: Results) -> str:
    told = [aligned(table) for table in _tables(results)]
    profiles = [f"{heading}\n" + "".join(f"  {line}\n" for line in lines) for heading, lines in _profiles(results)]
    return "\n".join(told + profiles)


def as_markdown(results: Results) -> str:
    told = [piped(table) for table in _tables(results)]
    profiles = [f"{heading}:\n\n```text\n" + "\n".join(lines) + "\n```\n" for heading, lines in _profiles(results)]
    return "\n".join([f"{describe(results)}\n", *told, *profiles])


def describe(results: Results) -> str:
    machine = results["machine"]
    words = [
        f"Python {machine['python']} and SQLite {machine['sqlite']} on {machine['cores']} cores of {machine['cpu']}",
        f"a commit takes this disk ({machine['file_system']}) about {machine['commit_ms']:g} ms",
        f"when it began the load was {machine['load']:g}",
    ]
    quick = " **A quick run: its sizes are small, and what is paid once weighs too much.**" if results["quick"] else ""
    return f"{'; '.join(words)}.{quick}"


def _tables(results: Results) -> Iterator[Rows]:
    races = results["races"]
    if races:
        yield [
            ["race", "ours", "theirs", "ratio", "target", ""],
            *(_row(row) for race in races for row in race["rows"]),
        ]
    entrants = [entrant for race in races for entrant in race["entrants"]]
    if entrants:
        yield list(_where_it_goes(entrants))
    for step in results["steps"]:
        yield _step(Result(**step | {"lines": [Line(**line) for line in step["lines"]]}))


# races


def _row(row: dict[str, Any]) -> list[str]:
    if row["not_measured"]:
        return [row["name"], "–", "–", "–", _target(row), f"not measured: {row['not_measured']}"]
    ours, theirs = (_amount(row[side], row["unit"]) for side in ("ours", "theirs"))
    return [row["name"], ours, theirs, _ratio(row["ratio"]), _target(row), _verdict(row["met"])]


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return f"{value:,.3g} {unit}" if value < 100 else f"{value:,.0f} {unit}"


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} ×"


def _target(row: dict[str, Any]) -> str:
    if row["target"] is None:
        return "–"
    sign = "≥" if row["unit"] == Figure.RATE else "≤"
    return f"{sign} {row['target']:g} {row['unit'] if row['absolute'] else '×'}"


def _verdict(met: bool | None) -> str:
    return {True: "met", False: "**missed**", None: ""}[met]


_PARTS = {"sender": "process", "main": "main thread", "ledger": "ledger", "compose": "signing", "sink": "sink"}
_PARTS |= {"PostgreSQL": "PostgreSQL"}


def _where_it_goes(entrants: Sequence[dict[str, Any]]) -> Iterator[list[str]]:
    """Microseconds of CPU for each mail. The sink's and the server's are not the process's, but the same cores do them."""
    yield ["µs of CPU for each mail (or row)", *_PARTS.values(), "cores busy", "rate", "peak"]
    for each in entrants:
        used = each["cpu_us"]
        busy = each["rate"] * sum(used.get(who, 0.0) for who in ("sender", "sink", "PostgreSQL")) / 1e6
        parts = [f"{used[who]:,.0f}" if used.get(who) else "–" for who in _PARTS]
        yield [
            each["entrant"],
            *parts,
            f"{busy:.1f}",
            _amount(each["rate"], Figure.RATE),
            _amount(each["peak_mb"], Figure.PEAK),
        ]


def _profiles(results: Results) -> Iterator[tuple[str, list[str]]]:
    """Of what missed a target."""
    for race in results["races"]:
        for entrant, lines in race["profiles"].items():
            yield f"A target was missed: the main thread's CPU in “{entrant}”, by function", lines


# steps


def _step(result: Result) -> Rows:
    sizes = [f"{size:,}" for size in result.sizes] if len(result.sizes) > 1 else ["cost"]
    grown = [f"growth to {size:,}" for size in result.sizes[1:]]
    unit = f", {result.unit}" if len(result.sizes) > 1 else ""
    return [[f"{result.step}{unit}", *sizes, *grown], *(_line(line) for line in result.lines)]


def _line(line: Line) -> list[str]:
    return [line.name, *map(_figure, line.cost), *map(_figure, line.growth[1:])]


def _figure(value: float | None) -> str:
    """Two digits that count; more would be noise."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 10 or value == 1 else f"{value:.2g}"
