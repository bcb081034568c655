"""What went wrong, for a program: RFC 9457, in the words of the verb that refused."""

import logging
import math
from datetime import timedelta
from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from digest.model.errors import BadInput, DigestError, LintFailed, NotFound, TryLater, WrongState

log = logging.getLogger("digest.web")
NO_STORE = {"Cache-Control": "no-store"}
RETRY_SECONDS = 30


class NoKey(DigestError):
    """No key was sent, or one that does not work (any more)."""


class NotAllowed(DigestError):
    """The key has not the right."""


class TooFast(DigestError):
    """More requests than one key may send."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__(f"This key has sent very many requests; wait {self.seconds} s.")


class InProgress(WrongState):
    """A request of that name is being done."""


_STATUS = (
    (NoKey, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (WrongState, 409),
    (BadInput, 422),
    (LintFailed, 422),
    (TooFast, 429),
    (TryLater, 503),
    (DigestError, 500),
)


def tell(error: DigestError) -> JSONResponse:
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    headers = dict(NO_STORE)
    if isinstance(error, NoKey):
        headers["WWW-Authenticate"] = "Bearer"  # RFC 6750 §3
    if isinstance(error, TooFast | TryLater):
        headers["Retry-After"] = str(error.seconds if isinstance(error, TooFast) else RETRY_SECONDS)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("action=api status=%d error=%s", status, error)
    return _problem(status, str(error), headers)


def tell_invalid(error: RequestValidationError) -> JSONResponse:
    """All that is wrong, each with its place: `body.lists.0`."""
    errors = [{"at": ".".join(map(str, each["loc"])), "said": str(each["msg"])} for each in error.errors()[:50]]
    return _problem(422, f"{errors[0]['at']}: {errors[0]['said']}.", NO_STORE, errors=errors)


def _problem(status: int, detail: str, headers: dict[str, str], **more: object) -> JSONResponse:
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail} | more
    return JSONResponse(body, status, headers, media_type="application/problem+json")
