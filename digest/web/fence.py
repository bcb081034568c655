"""What every request and response passes: size and time limits on the way in, headers and the log on the way out (S10, S30).

The log names the kind of page and never the path, for the path of a page may be a token.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.journal import answering
from digest.web.answers import Trouble, answer, by_status, judge
from digest.web.api import CORS
from digest.web.desk import words_of
from digest.web.even import Even
from digest.web.pages import Pages

log = logging.getLogger("digest.web")

MAX_BODY = 16_384  # bytes; our largest form needs a tenth of it
MAX_AT_DESK = 262_144  # an issue's introduction, templates; whoever sends it need not be an operator yet
DESK = ("/desk/", "/api/v1/")
#: Files of an operator: read piece by piece, by a handler that has let its sender in first.
UPLOADS = frozenset({"/desk/imports", "/api/v1/imports"})
MAX_UPLOAD = 1_073_741_824
BODY_SECONDS = 10.0  # for all of a body to arrive
#: What is posted there is answered so that the clock does not tell known addresses from others (S7).
EVEN_PAGES = frozenset(
    {"/lists/{name}", "/subscribe", "/api/subscribe", "/c/{token}/again", "/p/{token}", "/address/{token}"}
)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
#: Only where the public address is https: RFC 6797 §7.2 forbids it elsewhere.
TRANSPORT_SECURITY = {"Strict-Transport-Security": "max-age=31536000"}


class Fence:
    """An ASGI application around another. Nothing that goes wrong inside gets out as anything but an answer of ours."""

    def __init__(self, app: ASGIApp, pages: Pages, nonce: Callable[[], str]) -> None:
        self._app = app
        self._pages = pages
        self._even = {page: Even() for page in EVEN_PAGES}
        self._nonce = nonce
        self._headers = HEADERS | (TRANSPORT_SECURITY if pages.base_url.startswith("https://") else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, request = time.monotonic(), self._nonce()[:16]
        headers = self._headers | CORS.get(scope["path"], {}) | {"X-Request-Id": request}
        response = _Response(scope, send, headers, partial(self._hold, started))
        with answering(request):
            try:
                await self._pass(scope, receive, response)
            finally:
                log.info(
                    "action=request method=%s page=%s status=%d ms=%d",
                    _known_method(scope),
                    _page(scope),
                    response.status,
                    (time.monotonic() - started) * 1000,
                )

    async def _pass(self, scope: Scope, receive: Receive, response: "_Response") -> None:
        request = Request(scope)
        if scope["path"] in UPLOADS and scope["method"] == "POST":
            await self._hand_on(request, _counting(receive, MAX_UPLOAD), response)
            return
        body = await _read_body(request, receive)
        if body is None:
            return  # the asker has gone
        if isinstance(body, Trouble):
            await answer(request, self._pages_for(request), body)(scope, receive, response.send)
            return
        await self._hand_on(request, _replaying(body, receive), response)

    async def _hand_on(self, request: Request, receive: Receive, response: "_Response") -> None:
        try:
            await self._app(request.scope, receive, response.send)
        except Exception as error:  # noqa: BLE001  the last fence: a stranger gets a sentence whatever happens
            trouble = judge(request, error)
            if not response.status:
                await answer(request, self._pages_for(request), trouble)(request.scope, receive, response.send)

    async def _hold(self, started: float, scope: Scope) -> None:
        """Until it may be answered."""
        even = self._even.get(_page(scope)) if scope["method"] == "POST" else None
        if even is not None:
            took = time.monotonic() - started
            await asyncio.sleep(even.answer_after(took) - took)

    def _pages_for(self, request: Request) -> Pages:
        return self._pages.speaking(words_of(request))


class _Response:
    def __init__(
        self, scope: Scope, send: Send, headers: dict[str, str], hold: Callable[[Scope], Awaitable[None]]
    ) -> None:
        self._scope = scope
        self._hold = hold
        self._send = send
        self._headers = headers
        self.status = 0  # until it starts

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            await self._hold(self._scope)
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
        await self._send(message)


async def _read_body(request: Request, receive: Receive) -> bytes | Trouble | None:
    """All of it, or what is wrong with it; None when the asker hung up."""
    announced = request.headers.get("content-length", "0")
    most = MAX_AT_DESK if request.url.path.startswith(DESK) else MAX_BODY
    if not announced.isdecimal() or int(announced) > most:
        return by_status(413)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _collect(receive, most)
    except TimeoutError:
        return by_status(408)


async def _collect(receive: Receive, most: int) -> bytes | Trouble | None:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > most:
            return by_status(413)
        if not message.get("more_body", False):
            return bytes(body)


def _counting(receive: Receive, most: int) -> Callable[[], Awaitable[Message]]:
    """Raises an answer of ours when more comes than that."""
    came = 0

    async def next_one() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > most:
            raise HTTPException(413)
        return message

    return next_one


def _replaying(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    replayed = False

    async def again() -> Message:
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _page(scope: Scope) -> str:
    """`/u/{token}`: how the route is written, not how it was asked for."""
    route: Any = scope.get("route")
    return getattr(route, "path", "-")


def _known_method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "-"
