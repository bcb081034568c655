"""A small web server for this machine alone: answers GET and HEAD from a function of the path.

It listens on 127.0.0.1 and answers only to that name, so that no page in a browser can reach it by another (DNS rebinding).
"""

import hashlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from digest.model.errors import DigestError

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path is answered with. `max_age` is in seconds; 0 makes the browser ask again, by its ETag."""

    body: bytes
    content_type: str
    status: HTTPStatus = HTTPStatus.OK
    max_age: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'


class LocalServer:
    """Bound to its port when made, answering from `start` to `stop`. Port 0 takes any free one.

    `answers` is called from several threads at once with the path, decoded and without its query; None means not found.
    """

    def __init__(self, port: int, answers: Callable[[str], Answer | None]) -> None:
        try:
            self._server = _Server((HOST, port), _Handler)
        except OSError as error:
            raise port_refused(port, error) from None
        self._server.answers = answers
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Safe twice, and when never started."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def port_refused(port: int, error: OSError) -> DigestError:
    """The sentence for a port that we cannot have."""
    reason = error.strerror or str(error)
    return DigestError(f"Port {port} on {HOST} cannot be used ({reason}). Choose another port, or 0 for any free one.")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    answers: Callable[[str], Answer | None]

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):  # a browser that left is no news
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "digest-demo"
    sys_version = ""
    timeout = 10  # seconds for the request to arrive

    def do_GET(self) -> None:
        self._reply(self._answer())

    def do_HEAD(self) -> None:
        self._reply(self._answer())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in http.server
        """Nothing: the terminal belongs to the demo."""

    def _answer(self) -> Answer:
        if self.headers.get("Host") not in self._own_names():
            return _plain(HTTPStatus.MISDIRECTED_REQUEST, "This server answers only to its own address.")
        found = self.server.answers(unquote(urlsplit(self.path).path))
        return found or _plain(HTTPStatus.NOT_FOUND, "There is nothing at this address.")

    def _own_names(self) -> set[str]:
        port = self.server.server_address[1]
        return {f"{name}:{port}" for name in (HOST, "localhost")}

    def _reply(self, answer: Answer) -> None:
        unchanged = answer.status == HTTPStatus.OK and _matches(self.headers.get("If-None-Match", ""), answer.etag)
        self.send_response(HTTPStatus.NOT_MODIFIED if unchanged else answer.status)
        self._send_headers(answer)
        if not unchanged:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if not unchanged and self.command != "HEAD":
            self.wfile.write(answer.body)

    def _send_headers(self, answer: Answer) -> None:
        self.send_header("Connection", "close")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("ETag", answer.etag)
        self.send_header("Cache-Control", f"max-age={answer.max_age}" if answer.max_age else "no-cache")
        for name, value in answer.headers.items():
            self.send_header(name, value)


def _matches(asked: str, etag: str) -> bool:
    """If-None-Match compares weakly (RFC 9110 §13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    return "*" in tags or etag in tags


def _plain(status: HTTPStatus, text: str) -> Answer:
    return Answer(f"{text}\n".encode(), "text/plain; charset=utf-8", status)
