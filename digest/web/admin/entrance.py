"""The way in: an address and a password, a code if there is a second factor; one-time links; and the way out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from digest.model.errors import BadInput
from digest.operators.accounts import accept, find_invited
from digest.operators.log_in import LetIn, NeedsCode, Refused, Visitor, log_in, log_in_unasked, log_in_with_code
from digest.operators.passwords import same_twice
from digest.operators.sessions import end_session, find_session
from digest.web.admin.gate import SAFE, AnySeat, DeskRoute, Sent, cookie_name, let_in, read_way_back, refuse_other_sites
from digest.web.admin.seat import HEADERS
from digest.web.desk import Desk

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
WayBack = Annotated[str, Query(max_length=500)]


def _door(request: Request) -> Desk:
    """For who is not logged in. Their forms must stand on pages of ours too: else another site could log them in as somebody."""
    desk: Desk = request.app.state.desk
    if request.method not in SAFE:
        refuse_other_sites(request, desk)
    return desk


def _visitor(request: Request) -> Visitor:
    return Visitor(request.headers.get("user-agent", ""), request.client.host if request.client else "")


AtDoor = Annotated[Desk, Depends(_door)]
Knocks = Annotated[Visitor, Depends(_visitor)]


@routes.api_route("/desk/log-in", methods=READ)
def show_log_in(desk: AtDoor, request: Request, to: WayBack = "") -> Response:
    if find_session(desk.app.store, request.cookies.get(cookie_name(desk), ""), desk.app.now()):
        return RedirectResponse(f"{desk.pages.root}{read_way_back(to) or '/desk'}", 303, HEADERS)
    return show(desk, "log_in.html", to=read_way_back(to))


@routes.post("/desk/log-in")
def try_password(desk: AtDoor, form: Sent, visitor: Knocks) -> Response:
    app, to = desk.app, read_way_back(form.get("to"))
    address = form.get("address")
    try:
        found = log_in(
            app.store, app.keys, address, form.get("password"), visitor, now=app.now(), token=app.nonce() + app.nonce()
        )
    except Refused as error:
        return show(desk, "log_in.html", 403, to=to, complaint=str(error), address=address[:320])
    if isinstance(found, NeedsCode):
        return show(desk, "code.html", ticket=found.ticket, to=to)
    return enter(desk, found, to)


@routes.post("/desk/log-in/code")
def try_code(desk: AtDoor, form: Sent, visitor: Knocks) -> Response:
    app, to, ticket = desk.app, read_way_back(form.get("to")), form.get("ticket")
    try:
        found = log_in_with_code(
            app.store, app.keys, ticket, form.get("code"), visitor, now=app.now(), token=app.nonce() + app.nonce()
        )
    except Refused as error:
        return show(desk, "code.html", 403, ticket=ticket[:200], to=to, complaint=str(error))
    return enter(desk, found, to)


@routes.api_route("/desk/welcome/{token}", methods=READ)
def show_welcome(desk: AtDoor, token: str) -> Response:
    operator = find_invited(desk.app.store, token, desk.app.now())
    return show(desk, "welcome.html", invited=operator, token=token)


@routes.post("/desk/welcome/{token}")
def set_password(desk: AtDoor, form: Sent, visitor: Knocks, token: str) -> Response:
    """And in: who has the link and the password need not type it again, unless there is a second factor."""
    app, password = desk.app, form.get("password")
    operator = find_invited(app.store, token, app.now())
    try:
        operator = accept(app.store, token, same_twice(password, form.get("again")), now=app.now())
    except BadInput as error:
        return show(desk, "welcome.html", 422, invited=operator, token=token, complaint=str(error))
    if operator.has_second_factor:
        return RedirectResponse(f"{desk.pages.root}/desk/log-in", 303, HEADERS)
    now_in = log_in_unasked(app.store, app.keys, operator, visitor, now=app.now(), token=app.nonce() + app.nonce())
    return enter(desk, now_in, "")


@routes.post("/desk/log-out")
def log_out(seat: AnySeat, desk: AtDoor) -> Response:
    end_session(seat.app.store, seat.operator, seat.session.id, now=seat.app.now())
    response = RedirectResponse(f"{seat.pages.root}/desk/log-in", 303, HEADERS | {"Clear-Site-Data": '"cache"'})
    response.delete_cookie(cookie_name(desk), path=seat.pages.root or "/")
    return response


def enter(desk: Desk, found: LetIn, to: str) -> Response:
    return let_in(desk, RedirectResponse(f"{desk.pages.root}{to or '/desk'}", 303, HEADERS), found.token)


def show(desk: Desk, template: str, status: int = 200, **values: object) -> HTMLResponse:
    shown = {
        "operator": None,
        "said": "",
        "complaint": "",
        "address": "",
        "to": "",
        "provider": desk.app.provider,
    } | values
    return desk.pages.show(f"desk/{template}", status, HEADERS, **shown)
