"""Senders as processes of their own, forked from one that has imported everything: a start costs milliseconds, a kill is real.

    with Nursery() as nursery:
        sender = nursery.start(orders)
        sender.kill()           from any thread; returns when the process is gone
        sender.wait()           its exit code; -9 when it was killed

The forking process has one thread and holds nothing: no connection, no socket. It is spoken to by lines on its standard input
and output: "start {orders}" is answered by the number of the process, "wait NUMBER" by its exit code. "warm {orders}" has it
deliver once by itself, so that those who are forked later inherit statements that are put into words already.
"""

import os
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from threading import Event, Lock, Timer
from types import TracebackType
from typing import Self

from digest.store import Store
from tests.promise.orders import BROKEN, Orders, carry_out

PATIENCE = 90.0  # seconds after which a sender hangs


class Hung(Exception):
    """A sender did not end by itself. Its process was killed."""


class Sender:
    """A sender that was started."""

    def __init__(self, nursery: "Nursery", number: int, orders: Orders) -> None:
        self.number, self.orders = number, orders
        self.gone = Event()
        self._nursery = nursery

    def signal(self, which: signal.Signals) -> None:
        with suppress(ProcessLookupError):  # it has ended, and who waits for it is just about to say so
            if not self.gone.is_set():
                os.kill(self.number, which)

    def wait(self, *, patience: float = PATIENCE) -> int:
        """For its end, by the one thread that speaks with the nursery. Its exit code, or the negative number of a signal."""
        hung = Event()

        def give_up() -> None:
            hung.set()
            self.signal(signal.SIGKILL)

        watchdog = Timer(patience, give_up)
        watchdog.start()
        try:
            code = int(self._nursery.ask(f"wait {self.number}"))
        finally:
            watchdog.cancel()
            self.gone.set()
        if hung.is_set():
            raise Hung(f"A sender did not end within {patience:.0f} s.")
        return code

    @property
    def last_words(self) -> str:
        return self.orders.outcome.read_text() if self.orders.outcome.exists() else ""


class Nursery:
    """The forking process, seen from the harness."""

    def __enter__(self) -> Self:
        self._lock = Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.promise.nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._answer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def start(self, orders: Orders) -> Sender:
        orders.outcome.unlink(missing_ok=True)
        return Sender(self, int(self.ask(f"start {orders.to_json()}")), orders)

    def warm(self, orders: Orders) -> int:
        return int(self.ask(f"warm {orders.to_json()}"))

    def ask(self, line: str) -> str:
        with self._lock:
            assert self._process.stdin is not None
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("The nursery is gone.")
        return answer.strip()


Stores = dict[tuple[str, float], Store]


def _serve() -> None:
    stores: Stores = {}
    _answer("ready")
    for line in sys.stdin:
        what, _, rest = line.strip().partition(" ")
        if what == "wait":
            _answer(_code_of(int(rest)))
        elif what == "start":
            _answer(_fork(Orders.from_json(rest), stores))
        else:
            _answer(_warm(Orders.from_json(rest), stores))


def _answer(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _warm(orders: Orders, stores: Stores) -> int:
    store = stores[orders.database_url, orders.busy_seconds] = orders.open_store()
    return carry_out(orders, store)  # closes the store, which opens again by itself


def _fork(orders: Orders, stores: Stores) -> int:
    number = os.fork()
    if number:
        return number
    code = BROKEN
    try:
        silence = os.open(os.devnull, os.O_RDWR)
        os.dup2(silence, 0)
        os.dup2(silence, 1)
        code = carry_out(orders, stores.get((orders.database_url, orders.busy_seconds)))
    except BaseException:  # noqa: BLE001  a forked process must not come back into this loop
        traceback.print_exc()
    finally:
        os._exit(code)


def _code_of(number: int) -> int:
    _, status = os.waitpid(number, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    _serve()
