"""One connection with a next hop, and the messages that are on it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from digest.delivery.relays import RelayState
from digest.delivery.transport import Connection
from digest.model.message import Outgoing
from digest.pipeline.hand import Letter


@dataclass(eq=False)
class Line:
    """At most one message is offered on it, and at most one other waits for the answer to its dot."""

    relay: str
    connection: Connection
    state: RelayState
    offered: Letter | None = None
    arming: bool = False  # the ledger was asked to arm the offered one
    armed: bool = False  # and did: its row says so, and no dot was sent yet
    released: Outgoing | None = None
    turned_away: bool = False  # by a 421
    _watched: int = field(default=-1, repr=False)
    _writing: bool = field(default=False, repr=False)

    @property
    def busy(self) -> bool:
        return self.offered is not None or self.released is not None

    def watch(self, serve: Callable[["Line"], None]) -> None:
        """Have `serve` called when its socket has something for us, or takes something again."""
        connection = self.connection
        if self._watched >= 0 and connection.unsent == self._writing and not connection.over:
            return  # it is watched for the same already
        number = connection.fileno()
        loop = asyncio.get_running_loop()
        if number != self._watched:
            self.unwatch()
            if number >= 0:
                loop.add_reader(number, serve, self)
            self._watched = number
        if number >= 0 and self.connection.unsent != self._writing:
            self._writing = self.connection.unsent
            if self._writing:
                loop.add_writer(number, serve, self)
            else:
                loop.remove_writer(number)

    def unwatch(self) -> None:
        if self._watched >= 0:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._watched)
            loop.remove_writer(self._watched)
        self._watched, self._writing = -1, False
