"""uvicorn, set up for the site: no access log of its own (paths hold tokens), no word about what serves."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn

from digest.app import App
from digest.model.errors import DigestError
from digest.web.site import create_app

STOP_SECONDS = 5  # for what is being answered when the server is told to stop
MAX_OPEN = 500  # connections; beyond them a 503 at once is better than a queue


def serve(app: App, host: str, port: int) -> None:
    """Until SIGINT or SIGTERM. Raises DigestError when the address is taken."""
    with _listening(host, port) as listener:
        _Server(_settings(app)).run([listener])


@contextmanager
def running(app: App, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Beside whatever the caller does, in a thread; gives the port. Stopped when it returns."""
    with _listening(host, port) as listener:
        server = _Quiet(_settings(app))
        thread = Thread(target=server.run, args=([listener],), name="web", daemon=True)
        thread.start()
        try:
            yield int(
                listener.getsockname()[1]
            )  # it listens already: whoever connects before uvicorn is up waits for it
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    """Sends home who watches something, which would hold up its end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        site: Any = self.config.app
        site.state.watchers.close()
        await super().shutdown(sockets)


class _Quiet(_Server):
    """Leaves signals to the main thread."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _settings(app: App) -> uvicorn.Config:
    settings: dict[str, Any] = {
        "access_log": False,
        "server_header": False,
        "lifespan": "off",
        "ws": "none",
        "log_config": None,
        "limit_concurrency": MAX_OPEN,
        "timeout_graceful_shutdown": STOP_SECONDS,
    }
    return uvicorn.Config(create_app(app), **settings)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Bound before anything starts, so that a port that is taken is said in words."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named: of others asyncio leaves Nagle's algorithm on, and an answer in two pieces takes 40 ms more.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise DigestError(
                f"The web pages cannot be served on {host} port {port}: {error.strerror}. Choose another with --port."
            ) from None
        listener.listen(128)
        yield listener
