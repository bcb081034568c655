"""What a sender does beside sending, about once a second, in the transactions of its ledger."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from digest.delivery.limits import Look, Seen
from digest.delivery.throttle import Pace
from digest.model.event import EventKind
from digest.model.issue import OnCrash
from digest.model.message import MessageState
from digest.pipeline.fleet import Fleet
from digest.pipeline.progress import Progress, Snapshot
from digest.pipeline.sender import Sender
from digest.pipeline.tempo import Tempo
from digest.store import Transaction
from digest.store.outbox import Recovered
from digest.store.owner import SenderLock

BEAT_SECONDS = 1.0
TAKE_OVER_SECONDS = 30.0
RENEW_SECONDS = 300.0  # a third of a lease


class Act(Protocol):
    """Something to be written with the next page."""

    def write(self, tx: Transaction, now: datetime) -> None:
        """In the ledger's thread."""

    def done(self) -> None:
        """In the loop, when that was committed."""


@dataclass
class Tell:
    """That we are there, and what we are doing."""

    owner: str
    state: dict[str, Any]
    started_at: datetime

    def write(self, tx: Transaction, now: datetime) -> None:
        tx.senders.tell(self.owner, self.state, self.started_at, now)

    def done(self) -> None:
        """Nothing follows from it."""


@dataclass
class Count:
    """What became of attempts, for the figures."""

    outcomes: Mapping[tuple[str, str, MessageState], int]

    def write(self, tx: Transaction, now: datetime) -> None:
        tx.watching.count(self.outcomes, now)

    def done(self) -> None:
        """Nothing follows from it."""


@dataclass
class LookAround:
    """What we used of the limits that all senders keep, and what we may use until we look again."""

    pace: Pace
    looks: Sequence[Look]
    over: bool = False
    _seen: list[Seen] = field(default_factory=list)
    _processes: int = 1

    def write(self, tx: Transaction, now: datetime) -> None:
        self._processes = max(1, len(tx.senders.alive(now)))
        for look in self.looks:
            seen = look.settle(tx.senders.used(look.scope, look.limit.seconds), self._processes)
            tx.senders.use(look.scope, look.limit.seconds, seen.changes, look.oldest)
            self._seen.append(seen)

    def done(self) -> None:
        self.over = True
        self.pace.saw(self._seen, self._processes)


@dataclass
class Renew:
    """Our hold on what is in hand: where others can send, too, they would take it in the end."""

    owner: str

    def write(self, tx: Transaction, now: datetime) -> None:
        tx.outbox.renew(self.owner, now)

    def done(self) -> None:
        """Nothing follows from it."""


@dataclass
class TakeOver:
    """What senders that died had in hand."""

    lock: SenderLock
    policy: OnCrash
    found: Callable[[Recovered], None]
    _recovered: Recovered = field(default_factory=Recovered)

    def write(self, tx: Transaction, now: datetime) -> None:
        self._recovered = take_over(tx, self.lock, self.policy, now)

    def done(self) -> None:
        self.found(self._recovered)


def take_over(tx: Transaction, lock: SenderLock, policy: OnCrash, now: datetime) -> Recovered:
    dead = lock.dead(tx, now)
    recovered = tx.outbox.recover(policy, now, dead) if dead else Recovered()
    if recovered:
        tx.events.add(EventKind.RECOVERED, now, claimed=recovered.claimed, armed=recovered.armed)
    return recovered


class Pulse:
    """Which of them are due, and what they find. Used in one event loop; times are of time.monotonic()."""

    def __init__(self, sender: Sender, lock: SenderLock, tempo: Tempo, fleet: Fleet, progress: Progress) -> None:
        self.recovered = Recovered()
        self._sender = sender
        self._lock = lock
        self._tempo = tempo
        self._fleet = fleet
        self._progress = progress
        self._started_at = sender.now()
        self._looking = LookAround(tempo.pace, (), over=True)  # only one look at the limits may be on its way
        self._next = dict.fromkeys((LookAround, TakeOver, Renew), 0.0)

    def acts(self, now: float) -> list[Act]:
        """For the next page; once a second there are some."""
        acts: list[Act] = []
        if self._looking.over and self._due(LookAround, BEAT_SECONDS, now):
            self._looking = LookAround(self._tempo.pace, self._tempo.pace.looks(self._tempo.now()))
            acts += [Tell(self._sender.owner, self.look(now).to_json(), self._started_at), self._looking, self._count()]
        if self._due(TakeOver, TAKE_OVER_SECONDS, now):
            acts.append(TakeOver(self._lock, self._sender.on_crash, self._took_over))
        if self._due(Renew, RENEW_SECONDS, now):
            acts.append(Renew(self._sender.owner))
        return acts

    def parting(self) -> Sequence[Act]:
        """When all is over: others may use what we set aside of the limits and did not need."""
        return LookAround(self._tempo.pace, self._tempo.pace.parting_looks(self._tempo.now())), self._count()

    def _count(self) -> Count:
        return Count(self._progress.take_uncounted())

    def look(self, now: float) -> Snapshot:
        """How far we are; told to whoever watches."""
        relay_gaps, domain_gaps = self._tempo.pace.gaps()
        relays = [
            (hop.hop.name, hop.open, hop.state.health.why or _gap(relay_gaps.get(hop.hop.name))) for hop in self._fleet
        ]
        snapshot = self._progress.look(now, relays, {name: _gap(gap) for name, gap in domain_gaps.items()})
        if self._sender.watch is not None:
            self._sender.watch(snapshot)
        return snapshot

    def _took_over(self, recovered: Recovered) -> None:
        self.recovered = self.recovered + recovered

    def _due(self, what: type[Act], every: float, now: float) -> bool:
        if now < self._next[what]:
            return False
        self._next[what] = now + every
        return True


def _gap(seconds: float | None) -> str:
    return f"slow: one each {seconds:.2g} s" if seconds else ""
