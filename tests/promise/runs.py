"""One run: an issue is sent, something is done to whoever sends it, and others finish. What came of it is a `Finding`."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from digest.model.issue import OnCrash
from tests.promise.nursery import Nursery, Sender
from tests.promise.orders import DONE, Orders
from tests.promise.sink import Sink
from tests.promise.stage import Stage
from tests.promise.verdict import Finding, judge

CONNECTIONS = 4
ROUNDS = 8  # senders that may be needed to finish
ROUND_MINUTES = 20  # between them, on their clocks: longer than the first wait after a silence


@dataclass(frozen=True)
class Bench:
    """Where runs take place."""

    place: Path
    nursery: Nursery
    stage: Stage
    policy: OnCrash
    pipelining: bool = True
    engine: str = ""
    connections: int = CONNECTIONS

    def warm(self) -> None:
        """Have the nursery deliver once, so that a sender starts quickly."""
        self.stage.reset()
        with Sink(self.place / "ledger") as sink:
            sink.trap.lift()
            code = self.nursery.warm(self._orders(sink))
        assert code == DONE

    @contextmanager
    def run(self, *, watch_dots: bool = False) -> Iterator["Run"]:
        """An issue on the database, and a mail server."""
        self.stage.reset()
        state_of = (lambda reader: self.stage.states()[reader]) if watch_dots else None
        with Sink(self.place / "ledger", pipelining=self.pipelining, state_of=state_of) as sink:
            yield Run(self, sink, self._orders(sink))

    def _orders(self, sink: Sink) -> Orders:
        outcome = self.place / "outcome"
        return Orders(self.stage.url, sink.url, self.policy, outcome, self.connections, engine=self.engine)


class Run:
    """Senders on one issue, one after another or several at once."""

    def __init__(self, bench: Bench, sink: Sink, orders: Orders) -> None:
        self.bench, self.sink, self.orders = bench, sink, orders
        self.open_at: list[int] = []  # connections, each time that the fate of what was under way became unknown
        self.broken: list[str] = []
        self._started = 0

    def start(self, **changes: Any) -> Sender:
        """Another sender; it begins to send when the trap was set or lifted."""
        self._started += 1
        orders = Orders(**(vars(self.orders) | {"outcome": self.bench.place / f"outcome{self._started}"} | changes))
        return self.bench.nursery.start(orders)

    @contextmanager
    def unknown(self) -> Iterator[None]:
        """What is done inside makes the fate of what is under way unknown, on connections that open meanwhile, too."""
        number, open_before, before = len(self.open_at), self.sink.open, self.sink.opened
        self.open_at.append(open_before)
        yield
        self.open_at[number] = open_before + self.sink.opened - before

    def kill(self, sender: Sender, *, accepting: bool = True) -> None:
        """In any thread; returns when it is dead. What the relay has not recorded by then it takes, or loses."""
        with self.unknown():
            sender.signal(signal.SIGKILL)
            self.sink.refusing = not accepting
            sender.gone.wait(30)

    def killed_at(self, event: int, *, accepting: bool = True, **changes: Any) -> bool:
        """Start a sender and kill it at an event. False when it was done before."""
        sender = self.start(**changes)

        self.sink.trap.set(event, partial(self.kill, sender, accepting=accepting))
        code = sender.wait()
        self.bury(sender, code, DONE, -signal.SIGKILL)
        return code == -signal.SIGKILL

    def bury(self, sender: Sender, code: int, *expected: int) -> None:
        """After a sender's end: what it left behind is heard, and the relay is itself again."""
        if code not in expected:
            self.broken.append(f"a sender ended with {code}: {sender.last_words}")
        self.sink.trap.lift()
        self.sink.settle_down()
        self.sink.refusing = False

    def finish(self) -> None:
        """With fresh senders, until nothing is owed."""
        self.sink.trap.lift()
        for number in range(ROUNDS):
            sender = self.start(minutes_later=self.orders.minutes_later + number * ROUND_MINUTES)
            self.bury(sender, sender.wait(), DONE)
            if not self.bench.stage.owed():
                return

    def finding(self) -> Finding:
        bench = self.bench
        found = judge(self.sink.taken(), bench.stage.look(), bench.stage.audience, bench.policy, self.open_at)
        unarmed = [f"a dot came though {one}" for one in self.sink.unarmed]
        return Finding(found.lost, found.worst, found.extra, found.limit, (*found.broken, *self.broken, *unarmed))
