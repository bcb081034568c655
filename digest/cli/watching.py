"""A campaign as it goes out: a bar with rate and time left, and how each relay and domain fares. Plain lines where nobody looks."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from digest.cli.show import note, plain
from digest.model.message import MessageState

if TYPE_CHECKING:
    from digest.pipeline.progress import Stage
    from digest.pipeline.watch import Sight

PLAIN_SECONDS = 10  # between lines where there is no terminal


def line(sight: "Sight") -> str:
    """`12,000 of 1,000,000 · 6,100/s · accepted 11,980 · deferred 15 · bounced 5 · 2:42 left`."""
    account = sight.account
    parts = [f"{sight.done:,} of {account.audience:,}", f"{sight.rate:,.0f}/s"]
    states = (MessageState.ACCEPTED, MessageState.DEFERRED, MessageState.BOUNCED, MessageState.FAILED)
    parts += [f"{state} {account.of(state):,}" for state in states if account.of(state) or state is states[0]]
    if account.open and sight.left is not None:
        parts.append(f"{sight.left} left")
    return " · ".join(parts)


@contextmanager
def display() -> "Iterator[Callable[[Sight], None]]":
    """Shows each sight it is given: in place on a terminal, as a line now and then elsewhere."""
    if not sys.stderr.isatty():
        yield _plainly()
        return
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), auto_refresh=False, transient=False) as live:
        yield lambda sight: live.update(_drawn(sight), refresh=True)


def _plainly() -> "Callable[[Sight], None]":
    """One sight of ten, which come once a second: what is over soon makes no noise."""
    seen = 0

    def show(sight: "Sight") -> None:
        nonlocal seen
        if seen % PLAIN_SECONDS == PLAIN_SECONDS - 1:
            note(line(sight))
        seen += 1

    return show


def _drawn(sight: "Sight") -> Any:
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    drawn = Table.grid()
    drawn.add_row(ProgressBar(total=max(sight.account.audience, 1), completed=sight.done, width=60))
    drawn.add_row(Text(line(sight)))
    if relays := sight.relays:
        drawn.add_row(_table(relays, "relay", connections=True))
    if domains := sight.domains:
        drawn.add_row(_table(domains, "domain", connections=False))
    return drawn


def _table(stages: Sequence["Stage"], what: str, *, connections: bool) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(what, overflow="fold")
    for heading in ("accepted", "deferred", "bounced", *(("connections",) if connections else ())):
        table.add_column(heading, justify="right")
    if any(stage.trouble for stage in stages):
        table.add_column("")
    for stage in stages:
        figures = [stage.accepted, stage.deferred, stage.bounced, *((stage.connections,) if connections else ())]
        trouble = [plain(stage.trouble)] if stage.trouble else []
        table.add_row(plain(stage.name), *(f"{figure:,}" for figure in figures), *trouble)
    return table
