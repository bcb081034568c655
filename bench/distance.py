"""A long way to the sink: `python -m bench.distance PORT MILLISECONDS` prints its own port and passes bytes on, each after so long.

Nothing but time passes: any number of bytes may be on their way, in both directions, and none is lost or reordered.
"""

import asyncio
import selectors
import sys
from collections import deque
from functools import partial

from bench.child import Child, end_with_parent


class Distance(Child):
    """Between us and a port of this machine; starts the process, ends with the `with`."""

    def __init__(self, port: int, milliseconds: float) -> None:
        super().__init__("bench.distance", str(port), str(milliseconds))


class _Way(asyncio.Protocol):
    """One direction of one connection: what comes in here goes out there, later."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._waiting: deque[bytes] = deque()  # so that what came first goes first
        self.out: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        self._waiting.append(data)
        self._loop.call_later(self._delay, self._pass_on)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  as asyncio calls it
        self._loop.call_later(self._delay, self._end)

    def _pass_on(self) -> None:
        data = self._waiting.popleft()
        if self.out is not None and not self.out.is_closing():
            self.out.write(data)

    def _end(self) -> None:
        if self.out is not None:
            self.out.close()


class _Inward(_Way):
    """The end that is connected to."""

    def __init__(self, delay: float, port: int) -> None:
        super().__init__(delay)
        self._port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._task = self._loop.create_task(self._go_on(transport))

    async def _go_on(self, near: asyncio.Transport) -> None:
        """What comes before the other end is reached waits for `out`."""
        back = _Way(self._delay)
        back.out = near
        near.pause_reading()
        self.out, _ = await self._loop.create_connection(lambda: back, "127.0.0.1", self._port)
        near.resume_reading()


def _exact() -> asyncio.AbstractEventLoop:
    """With epoll, asyncio wakes up to a millisecond late: the way would be longer than it is said to be."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


async def _serve(port: int, delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(_Inward, delay, port), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    end_with_parent()
    with asyncio.Runner(loop_factory=_exact) as runner:
        runner.run(_serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))
