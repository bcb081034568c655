"""What is said when a request cannot be done: one sentence on a page like the others, or a problem (RFC 9457) to the API.

What an error says about our insides (a path, a database) goes to the log and never to a stranger.
"""

import logging
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from digest.model.errors import BadInput, DigestError, NotFound, TryLater
from digest.web.pages import Pages

log = logging.getLogger("digest.web")
RETRY_SECONDS = 30


class TooMany(DigestError):
    """More sign-ups than one network, or all of them, may send."""


@dataclass(frozen=True, slots=True)
class Trouble:
    status: int
    title: str
    detail: str
    headers: dict[str, str] = field(default_factory=dict)


_BY_STATUS = {
    404: Trouble(404, "There is no such page", "Nothing is here. If a mail led you here, open its link once more."),
    405: Trouble(405, "That cannot be done here", "This page does not know what to do with such a request."),
    408: Trouble(408, "Too slow", "The request took too long to arrive. Please send it again."),
    413: Trouble(413, "That is too much", "What was sent is bigger than anything we need. Please send less."),
    500: Trouble(
        500, "Something is wrong on our side", "It is not your fault, and it was noted. Please try again later."
    ),
    503: Trouble(503, "Busy just now", "Nothing was lost. Please try again in half a minute."),
}


def answer(request: Request, pages: Pages, trouble: Trouble) -> Response:
    """In the form that the asker can read."""
    if request.url.path.startswith("/api/"):
        body = {"type": "about:blank", "title": trouble.title, "status": trouble.status, "detail": trouble.detail}
        headers = {"Cache-Control": "no-store", **trouble.headers}
        return JSONResponse(body, trouble.status, headers, media_type="application/problem+json")
    return pages.tell(trouble.title, trouble.detail, status=trouble.status, headers=trouble.headers)


def by_status(status: int) -> Trouble:
    known = _BY_STATUS.get(status)
    return known or Trouble(status, HTTPStatus(status).phrase, "The request could not be read. Please send it again.")


def judge(request: Request, error: Exception) -> Trouble:
    """What to say about an error; what we did not expect is logged, with its place but without a token."""
    if isinstance(error, TooMany):
        said = "Very many people are signing up from your network just now. Please try again in a few minutes."
        return Trouble(429, "One moment, please", said, {"Retry-After": "120"})
    if isinstance(error, NotFound):
        return Trouble(404, "There is no such page", str(error))
    if isinstance(error, BadInput):
        return Trouble(422, "That did not work", str(error))
    if isinstance(error, RequestValidationError):
        return Trouble(422, "That did not work", _say_validation(error))
    if isinstance(error, HTTPException):
        return _judge_http(request, error)
    if isinstance(error, TryLater):
        log.warning("action=try_later error=%s", error)
        return Trouble(503, *_words(503), {"Retry-After": str(RETRY_SECONDS)})
    return _judge_unexpected(error)


def _judge_unexpected(error: Exception) -> Trouble:
    if isinstance(error, DigestError):
        log.error("action=failed error=%s", error)
    else:
        log.error("action=failed error=%s", type(error).__name__)
        log.debug("action=failed", exc_info=error)
    return by_status(500)


def _judge_http(request: Request, error: HTTPException) -> Trouble:
    known = by_status(error.status_code)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:  # RFC 9110 §15.5.6: with all that are allowed
        return Trouble(405, known.title, known.detail, {"Allow": ", ".join(_methods(request))})
    return known


def _methods(request: Request) -> list[str]:
    path = request.url.path
    matching = (route for route in request.app.state.routes if route.path_regex.match(path))
    return sorted({method for route in matching for method in route.methods})


def _words(status: int) -> tuple[str, str]:
    known = _BY_STATUS[status]
    return known.title, known.detail


def _say_validation(error: RequestValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    if first["type"] == "json_invalid" or not place:
        return 'The body must be JSON such as {"email": "ann@example.org", "lists": ["weekly"]}.'
    return f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}."
