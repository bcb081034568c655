"""Logging in by another site that says who somebody is (OpenID Connect). Its link back shows a button: no GET lets anybody in."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from digest.model.errors import NotFound
from digest.operators.log_in import Refused, log_in_unasked
from digest.operators.oidc import TICKET_LIFE, Provider, begin, find_vouched, finish
from digest.web.admin.entrance import AtDoor, Knocks, WayBack, enter, show
from digest.web.admin.gate import DeskRoute, Sent, read_way_back
from digest.web.admin.seat import HEADERS
from digest.web.desk import Desk

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
TICKET = "digest_ticket"
Said = Annotated[str, Query(max_length=4000)]


@routes.api_route("/desk/log-in/with", methods=["GET", "HEAD"])
def go_there(desk: AtDoor, to: WayBack = "") -> Response:
    """A link and no form: the policy of our pages lets no form lead to another site, not even by a redirect."""
    app = desk.app
    begun = begin(_provider(desk), app.keys, _back(desk), app.limits, now=app.now(), nonce=app.nonce())
    response = RedirectResponse(begun.url, 303, HEADERS)
    response.set_cookie(
        TICKET,
        f"{begun.ticket}|{read_way_back(to)}",
        max_age=int(TICKET_LIFE.total_seconds()),
        path=f"{desk.pages.root}/desk/log-in",
        secure=desk.pages.base_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )
    return response


@routes.api_route("/desk/log-in/back", methods=["GET", "HEAD"])
def come_back(desk: AtDoor, state: Said = "", code: Said = "", error: Said = "") -> Response:
    provider = _provider(desk)
    if error or not code:
        return show(desk, "log_in.html", 403, complaint=f"{provider.label} did not let you in.")
    return show(desk, "vouched.html", state=state, code=code)


@routes.post("/desk/log-in/back")
def let_in(desk: AtDoor, form: Sent, visitor: Knocks, request: Request) -> Response:
    app, provider = desk.app, _provider(desk)
    ticket, _, to = request.cookies.get(TICKET, "").strip('"').partition("|")
    try:
        address = finish(
            provider,
            app.keys,
            _back(desk),
            app.limits,
            ticket=ticket,
            state=form.get("state"),
            code=form.get("code"),
            now=app.now(),
        )
        operator = find_vouched(app.store, address)
    except Refused as refused:
        return show(desk, "log_in.html", 403, complaint=str(refused))
    found = log_in_unasked(app.store, app.keys, operator, visitor, now=app.now(), token=app.nonce() + app.nonce())
    response = enter(desk, found, read_way_back(to))
    response.delete_cookie(TICKET, path=f"{desk.pages.root}/desk/log-in")
    return response


def _provider(desk: Desk) -> Provider:
    if desk.app.provider is None:
        raise NotFound("Nobody else vouches for operators here: log in with your password.")
    return desk.app.provider


def _back(desk: Desk) -> str:
    return f"{desk.pages.base_url}/desk/log-in/back"
