"""The mail server of the harness: the byte-level double with its fsynced ledger, and a trap that springs at one event.

What the trap does (kill, stop, fill the disk, …) it does in the server's thread before the server goes on: the event is the
last thing that happened before it. A kill at "before ." finds the whole message received and nothing recorded of it.
`refusing` is a relay that loses what it has not recorded yet: once the trap has sprung, it takes nothing any more until the
harness lets it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock
from time import sleep
from types import TracebackType
from typing import Self

from tests.doubles.smtp_server import Rule, SmtpServer, Turn

Deed = Callable[[], None]


@dataclass(frozen=True)
class Taken:
    """A line of the ledger: a message that the server answered for."""

    recipient: str
    message_id: str
    sha256: str


class Trap:
    """Counts events, and does a deed at the k-th."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ready = Event()
        self._at = 0
        self._deed: Deed = lambda: None
        self.seen = 0
        self.sprung = Event()

    def set(self, at: int, deed: Deed) -> None:
        """To spring at the `at`-th event from now on."""
        with self._lock:
            self._at, self._deed = self.seen + at, deed
            self.sprung.clear()
        self._ready.set()

    def lift(self) -> None:
        with self._lock:
            self._at = 0
        self._ready.set()

    def __call__(self, _connection: int, _message: int, _name: str) -> None:
        self._ready.wait(30)
        with self._lock:
            self.seen += 1
            springs = self.seen == self._at
        if springs:
            self._deed()
            self.sprung.set()


class Sink:
    """Open from `with` to its end. Counts what the promise is about."""

    def __init__(self, ledger: Path, *, pipelining: bool = True, state_of: Callable[[str], str] | None = None) -> None:
        """`state_of` is asked for a reader's state at each dot."""
        ledger.unlink(missing_ok=True)
        self.trap = Trap()
        self.refusing = False
        self.unarmed: list[str] = []  # whose dot came while their row did not say that it may
        self._ledger, self._state_of = ledger, state_of
        rule = Rule(self._at_dot, verb=".")
        self.server = SmtpServer(rule, on_event=self.trap, ledger=ledger, pipelining=pipelining)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.trap.lift()
        self.server.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        return f"smtp://{self.server.host}:{self.server.port}?tls=none"

    @property
    def open(self) -> int:
        """Connections that are open now."""
        return sum(not session.ended for session in self.server.sessions)

    @property
    def opened(self) -> int:
        """Connections that were opened so far."""
        return len(self.server.sessions)

    def settle_down(self) -> None:
        """Until all that dead senders had sent was heard to its end."""
        for _ in range(5000):
            if not self.open:
                return
            sleep(0.002)

    def taken(self) -> list[Taken]:
        lines = map(json.loads, self._ledger.read_text().splitlines())
        return [Taken(line["recipients"][0], line["message_id"], line["sha256"]) for line in lines]

    def _at_dot(self, turn: Turn) -> None:
        if self._state_of is not None and (state := self._state_of(turn.recipient)) != "armed":
            self.unarmed.append(f"{turn.recipient} was {state}")
        if self.refusing:
            turn.hang_up()
        turn.usual()


def copies(taken: Iterable[Taken]) -> Counter[str]:
    return Counter(message.recipient for message in taken)
