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

from digest.audience.door import TooMany
from digest.model.errors import BadInput, DigestError, NotFound, TryLater
from digest.web.desk import words_of
from digest.web.knock import Closed
from digest.web.pages import Pages
from digest.words import Words, to_say

log = logging.getLogger("digest.web")
RETRY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Trouble:
    status: int
    title: str
    detail: str  # English, with %(name)s where `values` stand
    headers: dict[str, str] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)

    def said(self, words: Words) -> tuple[str, str]:
        """Title and detail, in a language."""
        return words.gettext(self.title), words.gettext(self.detail, **self.values)


NO_PAGE = to_say("There is no such page")
WRONG = to_say("That did not work")
_BY_STATUS = {
    404: Trouble(404, NO_PAGE, to_say("Nothing is here. If a mail led you here, open its link once more.")),
    405: Trouble(
        405, to_say("That cannot be done here"), to_say("This page does not know what to do with such a request.")
    ),
    408: Trouble(408, to_say("Too slow"), to_say("The request took too long to arrive. Please send it again.")),
    413: Trouble(
        413, to_say("That is too much"), to_say("What was sent is bigger than anything we need. Please send less.")
    ),
    500: Trouble(
        500,
        to_say("Something is wrong on our side"),
        to_say("It is not your fault, and it was noted. Please try again later."),
    ),
    503: Trouble(503, to_say("Busy just now"), to_say("Nothing was lost. Please try again in half a minute.")),
}
_TOO_MANY = Trouble(
    429,
    to_say("One moment, please"),
    to_say("Very many people are signing up just now. Please try again in a few minutes."),
    {"Retry-After": "120"},
)
_CLOSED = Trouble(
    503,
    to_say("Sign-ups are closed"),
    to_say("Nobody can sign up just now. Please come back later."),
    {"Retry-After": "3600"},
)


def answer(request: Request, pages: Pages, trouble: Trouble) -> Response:
    """In the form and the language that the asker can read."""
    words = words_of(request)
    title, detail = trouble.said(words)
    if request.url.path.startswith("/api/"):
        body = {"type": "about:blank", "title": title, "status": trouble.status, "detail": detail}
        headers = {"Cache-Control": "no-store", "Content-Language": words.tag, **trouble.headers}
        return JSONResponse(body, trouble.status, headers, media_type="application/problem+json")
    return pages.speaking(words).tell(title, detail, status=trouble.status, headers=trouble.headers)


def by_status(status: int) -> Trouble:
    known = _BY_STATUS.get(status)
    return known or Trouble(status, WRONG, to_say("The request could not be read. Please send it again."))


def judge(request: Request, error: Exception) -> Trouble:
    """What to say about an error; what we did not expect is logged, with its place but without a token."""
    if isinstance(error, TooMany):
        return _TOO_MANY
    if isinstance(error, Closed):
        return _CLOSED
    if isinstance(error, NotFound):
        return Trouble(404, NO_PAGE, error.sentence, values=error.values)
    if isinstance(error, BadInput):
        return Trouble(422, WRONG, error.sentence, values=error.values)
    if isinstance(error, RequestValidationError):
        return _judge_invalid(error)
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


def _judge_invalid(error: RequestValidationError) -> Trouble:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part not in {"body", "query"})
    if first["type"] == "json_invalid" or not place:
        return Trouble(422, WRONG, to_say("The body must be JSON such as %(example)s."), values={"example": _EXAMPLE})
    field = place.encode("utf-8", "replace").decode()[:_SHOWN]  # JSON can name what is no text
    values = {"field": field, "most": first.get("ctx", {}).get("max_length", "")}
    return Trouble(422, WRONG, _INVALID.get(first["type"], to_say("%(field)s cannot be read.")), values=values)


_SHOWN = 80  # characters of a field's name
_EXAMPLE = '{"email": "ann@example.org", "lists": ["weekly"]}'
_HOUR = to_say("%(field)s must be a whole number from 0 to 23.")  # the only number that is asked for
_OBJECT = to_say("%(field)s must be an object, in braces.")
_MANY = to_say("%(field)s has too many entries (at most: %(most)s).")
#: By pydantic's kinds of errors; its own sentences are English, and change.
_INVALID = {
    "missing": to_say("%(field)s is missing."),
    "string_type": to_say("%(field)s must be a text, in quotes."),
    "string_unicode": to_say("%(field)s is no text that can be read."),
    "string_too_long": to_say("%(field)s is too long (characters at most: %(most)s)."),
    "list_type": to_say("%(field)s must be a list, in square brackets."),
    "too_long": _MANY,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "greater_than_equal", "less_than_equal"), _HOUR),
}
