"""The result for people, aligned, and for programs, as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tests.promise.verdict import Tally

HEADS = ("scenario", "database", "policy", "points", "lost", "most copies", "extra", "limit", "verdict")


def as_text(tallies: Sequence[Tally]) -> str:
    """A row for each; then what does not hold, in words."""
    rows = [HEADS, *map(_row, tallies)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    broken = [
        f"  {tally.scenario}, {tally.database}, {tally.policy}: {text}" for tally in tallies for text in tally.broken
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:], "", _sum(tallies), *broken]) + "\n"


def as_json(tallies: Sequence[Tally], seconds: float) -> dict[str, Any]:
    rows = [asdict(tally) | {"holds": tally.holds} for tally in tallies]
    return {"seconds": round(seconds), "holds": all(tally.holds for tally in tallies), "scenarios": rows}


def _row(tally: Tally) -> tuple[str, ...]:
    if tally.skipped:
        return (tally.scenario, tally.database, tally.policy, "0", "", "", "", "", tally.verdict)
    figures = (tally.tried, tally.lost, tally.worst, tally.extra, tally.limit)
    return (tally.scenario, tally.database, tally.policy, *map(str, figures), tally.verdict)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    """Figures to the right, words to the left."""
    return "  ".join(
        text.rjust(width) if 3 <= at <= 7 else text.ljust(width)
        for at, (text, width) in enumerate(zip(row, widths, strict=True))
    ).rstrip()


def _sum(tallies: Sequence[Tally]) -> str:
    tried, lost = sum(tally.tried for tally in tallies), sum(tally.lost for tally in tallies)
    return f"{tried} points tried, {lost} readers lost; {sum(not tally.holds for tally in tallies)} of {len(tallies)} rows broken."
