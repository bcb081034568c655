"""Who is let in, and to what. A handler gets at the App only through its caller, whose type names the right that it needs, as at
the desk: so none can forget to ask (security S13, S14).
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from digest.model.errors import DigestError
from digest.model.operator import Right
from digest.web.v1.caller import Caller, find_caller
from digest.web.v1.once import answer_once
from digest.web.v1.problems import NotAllowed, tell, tell_invalid
from digest.web.v1.shapes import PROBLEMS

SAFE = frozenset({"GET", "HEAD"})
MOST_NUMBER = 2**31 - 1  # a row's, on PostgreSQL

KEY = HTTPBearer(auto_error=False, scheme_name="key", description="An API key, as `digest key make` shows it once.")
#: Described with every request that may change something.
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name of your own for this request: sent again with the same name it is not done again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


class Needs:
    """A dependency that gives a caller to whose key has the right."""

    def __init__(self, right: Right) -> None:
        self.right = right

    def __call__(
        self, request: Request, _given: Annotated[HTTPAuthorizationCredentials | None, Security(KEY)]
    ) -> Caller:
        caller = find_caller(request)
        if self.right not in caller.rights:
            raise NotAllowed(f"That needs the right “{self.right}”, which this key does not have.")
        return caller


ReadKey = Annotated[Caller, Depends(Needs(Right.READ))]
ReadersKey = Annotated[Caller, Depends(Needs(Right.READERS))]
EditKey = Annotated[Caller, Depends(Needs(Right.EDIT))]
SendKey = Annotated[Caller, Depends(Needs(Right.SEND))]
ReadersChangeKey = Annotated[Caller, Depends(Needs(Right.READERS_CHANGE))]
ManageKey = Annotated[Caller, Depends(Needs(Right.MANAGE))]
OwnKey = Annotated[Caller, Depends(Needs(Right.OWN))]

Number = Annotated[int, Path(ge=1, le=MOST_NUMBER)]
Name = Annotated[str, Path(max_length=48)]
After = Annotated[int | None, Query(ge=0, le=MOST_NUMBER, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100)]


class V1Route(APIRoute):
    """Answers what goes wrong with a problem, and does what names itself once."""

    once = True

    def __init__(self, path: str, endpoint: Callable[..., Any], **said: Any) -> None:
        changes = not set(said.get("methods") or ()) <= SAFE
        if changes and self.once:
            said["openapi_extra"] = {"parameters": [ONCE]} | (said.get("openapi_extra") or {})
        super().__init__(path, endpoint, **said)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                name = request.headers.get("idempotency-key")
                if request.method in SAFE or name is None or not self.once:
                    return await handle(request)
                return await answer_once(request, name, handle)
            except RequestValidationError as error:
                return tell_invalid(error)
            except DigestError as error:
                return tell(error)

        return handled


class V1Upload(V1Route):
    """Its body is a file, which is read piece by piece. Doing it twice does no harm, so it needs no name of its own."""

    once = False


def room(noun: str, *, once: bool = True) -> APIRouter:
    """For the handlers of a noun."""
    return APIRouter(prefix="/api/v1", tags=[noun], route_class=V1Route if once else V1Upload, responses=PROBLEMS)
