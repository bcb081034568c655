"""The next hops of a run: which of them to dial, how many connections each may have, and what becomes of those that fail.

Dialling waits, so each try is a thread of its own; what comes of it is told in the loop.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from digest.delivery.relays import Ceiling, RelayState
from digest.delivery.transport import Connection, Transport
from digest.model.errors import TryLater


@dataclass(frozen=True, slots=True)
class NextHop:
    """A relay, or a folder in its place."""

    name: str
    transport: Transport
    connections: int = 4
    weight: float = 1.0


class Hop:
    """A next hop while we send."""

    def __init__(self, hop: NextHop) -> None:
        self.hop = hop
        self.state = RelayState(hop.name, Ceiling(hop.connections), hop.weight)
        self.open = 0
        self.dialling = 0
        self.known = False  # one of us was let in
        self.rested = True  # it has not failed since it was dialled last

    def room(self, now: float) -> int:
        """The first of us goes alone: a next hop that does not know our password is asked once, not once a connection."""
        if not self.state.health.healthy(now):
            return 0
        most = self.state.ceiling.allowed(now) if self.known else 1
        return most - self.open - self.dialling

    @property
    def crowd(self) -> float:
        return (self.open + self.dialling) / self.hop.weight


class Fleet:
    """Used in one event loop."""

    def __init__(
        self,
        hops: Sequence[NextHop],
        now: Callable[[], float],
        connected: Callable[[str, Connection], None],
        lost: Callable[[], None],
    ) -> None:
        """`connected` is told of each new connection, `lost` that one could not be had: see `hopeless`."""
        self.most = sum(hop.connections for hop in hops)  # connections
        self._hops = {hop.name: Hop(hop) for hop in hops}
        self._now = now
        self._connected = connected
        self._lost = lost
        self._error: BaseException | None = None
        self._closed = threading.Event()

    def __getitem__(self, name: str) -> Hop:
        return self._hops[name]

    def __iter__(self) -> Iterator[Hop]:
        return iter(self._hops.values())

    def dial(self, wanted: int) -> None:
        """So many connections more, where there is room: the emptier, for its weight, the sooner."""
        now = self._now()
        for _ in range(wanted):
            free = [hop for hop in self._hops.values() if hop.room(now) > 0]
            if not free:
                return
            self._begin(min(free, key=lambda hop: (hop.crowd, hop.hop.name)))

    def left(self, name: str, *, turned_away: bool) -> None:
        """A connection is closed."""
        hop = self._hops[name]
        hop.open -= 1
        if turned_away:
            hop.state.ceiling.turned_away(self._now())

    @property
    def hopeless(self) -> BaseException | None:
        """Why no connection is open or being opened, or can be just now; None while one is or can."""
        now = self._now()
        if any(hop.open or hop.dialling or hop.room(now) > 0 for hop in self._hops.values()):
            return None
        return self._error

    @property
    def shut(self) -> bool:
        """No next hop will have us in this run."""
        return all(hop.state.health.is_shut for hop in self._hops.values())

    def close(self) -> None:
        self._closed.set()

    def _begin(self, hop: Hop) -> None:
        if not hop.rested:
            hop.rested = True
            hop.state.returns(each.state for each in self._hops.values())
        hop.dialling += 1
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._dial, args=(hop, loop), daemon=True).start()

    def _dial(self, hop: Hop, loop: asyncio.AbstractEventLoop) -> None:
        try:
            connection = hop.hop.transport.connect()
        except BaseException as error:  # noqa: BLE001  told in the loop
            self._tell(loop, self._refused, hop, error)
            return
        if not self._tell(loop, self._let_in, hop, connection):
            connection.cut()

    def _tell(self, loop: asyncio.AbstractEventLoop, what: Callable[..., None], *values: object) -> bool:
        if self._closed.is_set():
            return False
        try:
            loop.call_soon_threadsafe(what, *values)
        except RuntimeError:  # the loop has ended
            return False
        return True

    def _let_in(self, hop: Hop, connection: Connection) -> None:
        if self._closed.is_set():
            connection.cut()
            return
        hop.dialling -= 1
        hop.open += 1
        hop.known = True
        self._connected(hop.hop.name, connection)

    def _refused(self, hop: Hop, error: BaseException) -> None:
        hop.dialling -= 1
        now = self._now()
        self._error = error
        if isinstance(error, TryLater):
            hop.state.health.failed(now, str(error))
            hop.rested = False
            if hop.open:
                hop.state.ceiling.turned_away(now)
        else:
            hop.state.health.shut(str(error))
        self._lost()
