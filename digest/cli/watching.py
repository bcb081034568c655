"""A campaign as it goes out: a bar with rate and time left, and how each relay and domain fares. Plain lines where nobody looks."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from digest.cli.show import note, plain
from digest.model.message import Account, MessageState

if TYPE_CHECKING:
    from digest.app import App
    from digest.model.issue import Campaign
    from digest.pipeline.progress import Snapshot, Stage

COUNTING_SHARE = 20  # times as long as counting took, it is not done again
PLAIN_SECONDS = 10  # between lines where there is no terminal


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is to see at one moment."""

    account: Account
    snapshots: Sequence["Snapshot"]

    @property
    def rate(self) -> float:
        return sum(each.rate for each in self.snapshots)

    @property
    def done(self) -> int:
        return self.account.audience - self.account.open

    @property
    def left(self) -> timedelta | None:
        """None when nothing moves."""
        waiting = self.account.open - self.account.of(MessageState.DEFERRED)
        return timedelta(seconds=round(waiting / self.rate)) if self.rate > 0 else None


def line(sight: Sight) -> str:
    """`12,000 of 1,000,000 · 6,100/s · accepted 11,980 · deferred 15 · bounced 5 · 2:42 left`."""
    account = sight.account
    parts = [f"{sight.done:,} of {account.audience:,}", f"{sight.rate:,.0f}/s"]
    states = (MessageState.ACCEPTED, MessageState.DEFERRED, MessageState.BOUNCED, MessageState.FAILED)
    parts += [f"{state} {account.of(state):,}" for state in states if account.of(state) or state is states[0]]
    if account.open and sight.left is not None:
        parts.append(f"{sight.left} left")
    return " · ".join(parts)


class Follower:
    """What there is to see of a campaign, from beside its senders. Counting a million rows takes a second, so it is done now and
    then; in between, what the senders tell is added.
    """

    def __init__(self, run: "App", issue_id: int) -> None:
        self._run = run
        self._issue_id = issue_id
        self._base: Account | None = None
        self._told: Counter[str] = Counter()  # by the senders, when it was counted
        self._count_again = 0.0

    def look(self, *, anew: bool = False) -> tuple["Campaign", Sight]:
        from digest.pipeline.brake import campaign_of
        from digest.pipeline.progress import Snapshot

        with self._run.store.read() as tx:
            campaign = campaign_of(tx, self._issue_id)
            snapshots = [Snapshot.from_json(each.state) for each in tx.senders.alive(self._run.now())]
            told = _told(snapshots, campaign.id)
            began = time.monotonic()
            if anew or self._base is None or began >= self._count_again or not told:
                self._base, self._told = tx.campaigns.account(campaign.id), told
                self._count_again = time.monotonic() + COUNTING_SHARE * (time.monotonic() - began)
        return campaign, Sight(_moved(self._base, told - self._told), snapshots)


def _told(snapshots: Iterable["Snapshot"], campaign_id: int) -> Counter[str]:
    total: Counter[str] = Counter()
    for snapshot in snapshots:
        total.update((snapshot.campaigns or {}).get(campaign_id, {}))
    return total


def _moved(base: Account, moved: Counter[str]) -> Account:
    """As if so many that waited had come to these states."""
    counts = Counter(base.counts)
    counts.update({MessageState(state): count for state, count in moved.items()})
    counts[MessageState.QUEUED] = max(0, counts[MessageState.QUEUED] - moved.total())
    return Account(base.audience, {state: count for state, count in counts.items() if count})


@contextmanager
def display() -> Iterator[Callable[[Sight], None]]:
    """Shows each sight it is given: in place on a terminal, as a line now and then elsewhere."""
    if not sys.stderr.isatty():
        yield _plainly()
        return
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), auto_refresh=False, transient=False) as live:
        yield lambda sight: live.update(_drawn(sight), refresh=True)


def _plainly() -> Callable[[Sight], None]:
    """The first sight, and then one every ten seconds; they come once a second."""
    seen = 0

    def show(sight: Sight) -> None:
        nonlocal seen
        if seen % PLAIN_SECONDS == PLAIN_SECONDS - 1:
            note(line(sight))
        seen += 1

    return show


def _drawn(sight: Sight) -> Any:
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    drawn = Table.grid()
    drawn.add_row(ProgressBar(total=max(sight.account.audience, 1), completed=sight.done, width=60))
    drawn.add_row(Text(line(sight)))
    if relays := _merged(each.relays for each in sight.snapshots):
        drawn.add_row(_table(relays, "relay", connections=True))
    if domains := _merged(each.domains for each in sight.snapshots):
        drawn.add_row(_table(domains, "domain", connections=False))
    return drawn


def _merged(of_senders: Iterable[Sequence["Stage"]]) -> list["Stage"]:
    from digest.pipeline.progress import Stage

    found: dict[str, Counter[str]] = {}
    trouble: dict[str, str] = {}
    for stage in (each for stages in of_senders for each in stages):
        counts = found.setdefault(stage.name, Counter())
        for name in ("accepted", "deferred", "bounced", "connections"):
            counts[name] += getattr(stage, name)
        trouble[stage.name] = stage.trouble or trouble.get(stage.name, "")
    return [Stage(name, **counts, trouble=trouble[name]) for name, counts in found.items()]


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
