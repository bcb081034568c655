"""Who is let in, and to what. A handler gets at the App only through its seat, whose type names the right that it needs: so no
page can forget to ask (security S13).

A form counts when the browser says that it stood on a page of ours (Fetch Metadata; Origin where that is missing), and the
cookie stays at home when another site sends one (SameSite): security S11.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute

from digest.model.errors import BadInput, DigestError, NotFound, TryLater, WrongState
from digest.model.operator import Operator, Right, Session
from digest.operators.log_in import acting
from digest.operators.sessions import LIFE, find_session
from digest.web.admin.seat import HEADERS, SAID, Seat, read_said
from digest.web.desk import Desk
from digest.web.forms import Form, read_form
from digest.words import words_in

SAFE = frozenset({"GET", "HEAD"})


class LogInFirst(DigestError):
    """Nobody is logged in."""


class NotAllowed(DigestError):
    """Somebody is, and may not do this; or another site's page asks for it."""


class Needs:
    """A dependency that gives a seat to who has the right."""

    def __init__(self, right: Right | None) -> None:
        self.right = right  # None: whoever is logged in

    def __call__(self, request: Request) -> Seat:
        desk: Desk = request.app.state.desk
        if request.method not in SAFE:
            refuse_other_sites(request, desk)
        found = find_session(desk.app.store, request.cookies.get(cookie_name(desk), ""), desk.app.now())
        if found is None:
            raise LogInFirst
        seat = _seat(request, desk, *found)
        request.state.seat = seat
        if self.right is not None and not seat.may(self.right):
            raise NotAllowed(f"That needs the right “{self.right}”, which {seat.operator.role}s do not have.")
        return seat


AnySeat = Annotated[Seat, Depends(Needs(None))]
ReadSeat = Annotated[Seat, Depends(Needs(Right.READ))]
ReadersSeat = Annotated[Seat, Depends(Needs(Right.READERS))]
EditSeat = Annotated[Seat, Depends(Needs(Right.EDIT))]
SendSeat = Annotated[Seat, Depends(Needs(Right.SEND))]
ReadersChangeSeat = Annotated[Seat, Depends(Needs(Right.READERS_CHANGE))]
ManageSeat = Annotated[Seat, Depends(Needs(Right.MANAGE))]
OwnSeat = Annotated[Seat, Depends(Needs(Right.OWN))]
Sent = Annotated[Form, Depends(read_form)]


class DeskRoute(APIRoute):
    """Says what went wrong on a page of the desk; sends who must log in there, and back afterwards."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except LogInFirst:
                return _to_entrance(request)
            except RequestValidationError:  # a number in the path that is none
                return _complain(request, NotFound("There is no such page."))
            except DigestError as error:
                return _complain(request, error)

        return handled


def refuse_other_sites(request: Request, desk: Desk) -> None:
    """Raises NotAllowed unless the browser says that one of our own pages sent this."""
    site = request.headers.get("sec-fetch-site", "")
    whole = urlsplit(desk.pages.base_url)
    ours = site == "same-origin" if site else request.headers.get("origin", "") == f"{whole.scheme}://{whole.netloc}"
    if not ours:
        raise NotAllowed(
            f"Another site's page sent this, or your browser does not say: open {desk.pages.base_url}/desk."
        )


def cookie_name(desk: Desk) -> str:
    """`__Host-` keeps other hosts of the same domain from setting it; it needs TLS, and the whole site (RFC 6265bis §4.1.3)."""
    is_whole = desk.pages.base_url.startswith("https://") and not desk.pages.root
    return "__Host-digest" if is_whole else "digest_session"


def let_in(desk: Desk, response: Response, token: str) -> Response:
    response.set_cookie(
        cookie_name(desk),
        token,
        max_age=int(LIFE.total_seconds()),
        path=desk.pages.root or "/",
        secure=desk.pages.base_url.startswith("https://"),
        httponly=True,
        samesite="lax",  # strict would ask who follows a link from a mail to log in again
    )
    return response


def _seat(request: Request, desk: Desk, operator: Operator, session: Session) -> Seat:
    app = desk.app.acting(acting(operator))
    said = read_said(app.keys, request.cookies.get(SAID, ""))
    return Seat(app, operator, session, desk.pages.speaking(words_in("en")), said)


def _to_entrance(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    there = f"{desk.pages.root}/desk/log-in"
    if request.method in SAFE and (path := read_way_back(request.url.path)):
        there += f"?to={quote(path)}"
    return RedirectResponse(there, 303, HEADERS)


def read_way_back(path: str) -> str:
    """A path of the desk; empty for anything else, so that nobody is sent to another site (security S24)."""
    plain = path.isascii() and path.isprintable() and path.startswith("/desk") and not set(path) & set("\\:@?#%")
    return path if plain and "//" not in path and ".." not in path else ""


_STATUS = ((NotAllowed, 403), (NotFound, 404), (WrongState, 409), (TryLater, 503), (BadInput, 422), (DigestError, 500))
_TITLES = {
    403: "Not for you",
    404: "Not here",
    409: "Not now",
    422: "That did not work",
    503: "Busy just now",
    500: "That failed",
}


def _complain(request: Request, error: DigestError) -> Response:
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    seat: Seat | None = getattr(request.state, "seat", None)
    if seat is not None:
        return seat.tell(_TITLES[status], str(error), status=status)
    desk: Desk = request.app.state.desk
    return desk.pages.tell(_TITLES[status], str(error), status=status, headers=HEADERS)
