"""A campaign as it goes out, for whoever watches from beside its senders: what is counted now and then, and what they tell meanwhile."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.issue import Campaign
from digest.model.message import Account, MessageState
from digest.pipeline.brake import campaign_of
from digest.pipeline.progress import Snapshot, Stage
from digest.store import Store, Transaction

COUNTING_SHARE = 20  # times as long as counting took, it is not done again


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is to see at one moment."""

    account: Account
    snapshots: Sequence[Snapshot]

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

    @property
    def relays(self) -> list[Stage]:
        return merged(each.relays for each in self.snapshots)

    @property
    def domains(self) -> list[Stage]:
        return merged(each.domains for each in self.snapshots)


@dataclass(frozen=True, slots=True)
class _Counted:
    account: Account
    told: Counter[str]  # by the senders, when it was counted


class Follower:
    """What there is to see of a campaign. Counting a million rows takes a second, so it is done now and then; in between, what the
    senders tell is added. Looked at by one thread at a time; with `waits` off another one must `count` when it is due.
    """

    def __init__(self, store: Store, issue_id: int, now: Callable[[], datetime], *, waits: bool = True) -> None:
        self._store = store
        self._issue_id = issue_id
        self._now = now
        self._waits = waits
        self._counted: _Counted | None = None
        self._count_again = 0.0

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._count_again

    def look(self, *, anew: bool = False) -> tuple[Campaign, Sight]:
        with self._store.read() as tx:
            campaign = campaign_of(tx, self._issue_id)
            snapshots = self._snapshots(tx)
        told = _told(snapshots, campaign.id)
        counted = self._counted
        if counted and counted.told and not told:  # who told it is gone
            self._count_again = 0.0
        if not counted or anew or campaign.finished_at or (self._waits and self.is_due):
            counted = self.count()
        return campaign, Sight(_moved(counted.account, told - counted.told), snapshots)

    def count(self) -> _Counted:
        """All of its messages, as they are now; of a campaign that is over, as they were counted then."""
        began = time.monotonic()
        with self._store.read() as tx:
            campaign = campaign_of(tx, self._issue_id)
            told = _told(self._snapshots(tx), campaign.id)
            counted = _Counted(tx.campaigns.account(campaign.id), told)
        ended = time.monotonic()
        self._counted, self._count_again = counted, ended + COUNTING_SHARE * (ended - began)
        return counted

    def _snapshots(self, tx: Transaction) -> list[Snapshot]:
        return [Snapshot.from_json(each.state) for each in tx.senders.alive(self._now())]


def _told(snapshots: Iterable[Snapshot], campaign_id: int) -> Counter[str]:
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


def merged(of_senders: Iterable[Sequence[Stage]]) -> list[Stage]:
    """The same relay or domain of several senders as one."""
    found: dict[str, Counter[str]] = {}
    trouble: dict[str, str] = {}
    for stage in (each for stages in of_senders for each in stages):
        counts = found.setdefault(stage.name, Counter())
        for name in ("accepted", "deferred", "bounced", "connections"):
            counts[name] += getattr(stage, name)
        trouble[stage.name] = stage.trouble or trouble.get(stage.name, "")
    return [Stage(name, **counts, trouble=trouble[name]) for name, counts in found.items()]
