"""A real HTTP/1.1 server on loopback that says what a test tells it to, byte by byte if need be, and remembers who asked.

with FeedServer() as server:
    server.at("/feed.xml", body=RSS, headers={"ETag": '"1"'})
    read(server.url("/feed.xml"))
    assert server.requests[0].headers["user-agent"] == …
"""

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

LINE = "\r\n"
CHUNK = 65_536


@dataclass(frozen=True)
class Asked:
    """One request as it came; header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    raw: str


@dataclass(frozen=True)
class Route:
    """What a path answers. `parts` are written one after the other, `pause` seconds apart, until the other side has had enough."""

    head: bytes
    parts: Callable[[], Iterable[bytes]] = tuple[bytes, ...]
    pause: float = 0.0


class FeedServer:
    """One thread per connection; every answer closes it. Unknown paths answer 404."""

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.names: list[str | None] = []  # what TLS clients asked for (SNI)
        if tls:
            tls.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self._routes: dict[str, Callable[[Asked], Route]] = {}
        self._stop = threading.Event()
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._host = f"[{host}]" if ":" in host else host
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[Asked] = []
        self.connections = 0
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        with suppress(OSError):  # wakes the thread that waits for a connection
            socket.create_connection(self._listener.getsockname()[:2], 1).close()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def url(self, path: str = "/") -> str:
        return f"{'https' if self._tls else 'http'}://{self._host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    # What a path answers

    def at(self, path: str, status: int = 200, body: bytes | str = b"", headers: dict[str, str] | None = None) -> str:
        """A plain answer. Returns the address."""
        content = body.encode() if isinstance(body, str) else body
        return self.answer(path, lambda _asked: plain(status, content, headers))

    def answer(self, path: str, make: Callable[[Asked], Route]) -> str:
        """An answer made from the request."""
        self._routes[path] = make
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        return self.at(path, status, headers={"Location": to})

    def conditional(self, path: str, body: bytes | str, etag: str = '"one"') -> str:
        """A server that does as RFC 9110 §13 says."""
        content = body.encode() if isinstance(body, str) else body

        def make(asked: Asked) -> Route:
            if asked.headers.get("if-none-match") == etag:
                return plain(304, b"", {"ETag": etag})
            return plain(200, content, {"ETag": etag, "Last-Modified": "Mon, 02 Nov 2026 10:00:00 GMT"})

        return self.answer(path, make)

    def drip(self, path: str, body: bytes, pause: float = 0.05, *, in_head: bool = False) -> str:
        """A slow-loris: one byte at a time, from the status line on or from the body on."""
        head = _head(200, {"Content-Length": str(len(body))})
        whole, first = (head + body, b"") if in_head else (body, head)
        return self.answer(path, lambda _asked: Route(first, lambda: (bytes([byte]) for byte in whole), pause))

    def endless(
        self, path: str, part: bytes = b"<item><title>again</title></item>\n" * 2_000, start: bytes = b""
    ) -> str:
        """A body without an end."""
        return self.answer(path, lambda _asked: Route(_head(200, {}) + start, lambda: _for_ever(part)))

    def endless_headers(self, path: str) -> str:
        return self.answer(
            path, lambda _asked: Route(b"HTTP/1.1 200 OK\r\n", lambda: _for_ever(b"X-Again: and again\r\n" * 500))
        )

    def gzip_bomb(self, path: str, megabytes: int = 20) -> str:
        bomb = gzip.compress(b"\0" * 1_000_000 * megabytes, 6)
        return self.at(path, body=bomb, headers={"Content-Encoding": "gzip"})

    def cut_off(self, path: str, body: bytes, missing: int = 100) -> str:
        """Promises more bytes than it sends."""
        return self.answer(path, lambda _asked: Route(_head(200, {"Content-Length": str(len(body) + missing)}) + body))

    def garbage(self, path: str, content: bytes) -> str:
        """Anything but HTTP."""
        return self.answer(path, lambda _asked: Route(content))

    # How it does it

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            connection, _ = self._listener.accept()
            if self._stop.is_set():
                connection.close()
                return
            self.connections += 1
            self._start(self._serve, connection)

    def _secured(self, connection: socket.socket) -> socket.socket:
        connection.settimeout(10)
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection

    def _serve(self, accepted: socket.socket) -> None:
        with suppress(OSError), self._secured(accepted) as connection:
            asked = self._hear(connection)
            if asked is None:
                return
            self.requests.append(asked)
            route = self._routes.get(asked.path, _not_here)(asked)
            connection.sendall(route.head)
            for part in route.parts():
                if self._stop.wait(route.pause):
                    return
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(CHUNK):  # until the other side closes: closing first could cut off what we sent
                pass

    def _hear(self, connection: socket.socket) -> Asked | None:
        received = b""
        while b"\r\n\r\n" not in received:
            part = connection.recv(CHUNK)
            if not part:
                return None
            received += part
        raw = received.decode("latin-1")
        first, *lines = raw.split("\r\n\r\n")[0].split(LINE)
        method, path, _ = first.split(" ")
        headers = {key.strip().lower(): value.strip() for key, value in (line.split(":", 1) for line in lines)}
        return Asked(method, path, headers, raw)


def plain(status: int, body: bytes, headers: dict[str, str] | None = None) -> Route:
    given = headers or {}
    length = {} if status in {204, 304} else {"Content-Length": str(len(body))}
    return Route(_head(status, length | given) + body)


def _not_here(_asked: Asked) -> Route:
    return plain(404, b"not here")


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} Said",
        *(f"{key}: {value}" for key, value in headers.items()),
        "Connection: close",
        "",
        "",
    ]
    return LINE.join(lines).encode("latin-1")


def _for_ever(part: bytes) -> Iterator[bytes]:
    while True:
        yield part
