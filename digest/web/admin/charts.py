"""Charts as SVG, drawn on the server: bars with their figures. Colours come from the stylesheet; the same stands in a table beside each.

Lengths are attributes and no styles, which the pages' policy (CSP) would refuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH = 640
ROW = 30
LABELS = 190  # the width of the words before the bars
FIGURES = 70
BAR = WIDTH - LABELS - FIGURES
LONGEST = 26  # characters of a label


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; `colour` is a class of the stylesheet: good, warn, bad, soft or accent."""

    name: str
    count: int
    colour: str = "accent"


@dataclass(frozen=True, slots=True)
class Row:
    """A bar of one or several shares, with its label."""

    label: str
    shares: tuple[Share, ...]

    @property
    def count(self) -> int:
        return sum(share.count for share in self.shares)


def draw_bar(shares: Sequence[Share], whole: int) -> Markup:
    """One bar across the page; what is missing of the whole is empty."""
    parts, at = [], 0.0
    for share in shares:
        width = 100 * share.count / whole if whole else 0
        if width:
            parts.append(_part(f"{at:.3f}%", f"{max(width, 0.3):.3f}%", 14, share))
        at += width
    inside = Markup("").join(parts)
    return Markup(
        '<svg class="chart bar-chart" width="100%" height="14" aria-hidden="true" focusable="false">'
        '<rect class="empty" width="100%" height="14"></rect>{}</svg>'
    ).format(inside)


def draw_rows(rows: Sequence[Row]) -> Markup:
    """A horizontal bar for each, the longest across all the room there is."""
    most = max((row.count for row in rows), default=0)
    height = ROW * len(rows)
    drawn = Markup("").join(_row(row, number, most) for number, row in enumerate(rows))
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true" focusable="false">{}</svg>'
    ).format(WIDTH, height, WIDTH, height, drawn)


def draw_days(counts: Sequence[int]) -> Markup:
    """A column for each day."""
    most, height, gap = max(counts, default=0), 120, 6
    width = min(60, (WIDTH - gap) // max(1, len(counts)) - gap)
    drawn = Markup("").join(
        _column(count, number * (width + gap), width, height, most) for number, count in enumerate(counts)
    )
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true" focusable="false">{}</svg>'
    ).format(WIDTH, height + 40, WIDTH, height + 40, drawn)


def _row(row: Row, number: int, most: int) -> Markup:
    top, at, parts = number * ROW, float(LABELS), []
    for share in row.shares:
        width = BAR * share.count / most if most else 0
        if width:
            parts.append(_part(f"{at:.1f}", f"{max(width, 1):.1f}", ROW - 12, share, top + 6))
        at += width
    label = row.label if len(row.label) <= LONGEST else f"{row.label[: LONGEST - 1]}…"
    return Markup(
        '<text class="label" x="{}" y="{}" text-anchor="end">{}</text>{}<text x="{:.1f}" y="{}">{}</text>'
    ).format(LABELS - 10, top + 20, label, Markup("").join(parts), at + 8, top + 20, f"{row.count:,}")


def _column(count: int, left: int, width: int, height: int, most: int) -> Markup:
    tall = height * count / most if most else 0
    foot = 20 + height
    return Markup(
        '<rect class="accent" x="{}" y="{:.1f}" width="{}" height="{:.1f}"></rect>'
        '<text x="{}" y="{:.1f}" text-anchor="middle">{}</text>'
    ).format(left, foot - max(tall, 1), width, max(tall, 1), left + width / 2, foot - tall - 5, f"{count:,}")


def _part(x: str, width: str, height: int, share: Share, y: int = 0) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"></rect>').format(
        share.colour, x, y, width, height
    )
