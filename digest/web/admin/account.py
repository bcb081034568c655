"""One's own account: the password, the second factor, and the browsers that are logged in."""

import segno
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from digest.model.errors import BadInput
from digest.operators.accounts import change_password
from digest.operators.passwords import same_twice
from digest.operators.second_factor import new_secret, offer, switch_off, switch_on
from digest.operators.sessions import end_session
from digest.web.admin.gate import AnySeat, DeskRoute, Sent
from digest.web.admin.seat import Seat

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]


@routes.api_route("/desk/account", methods=READ)
def show_account(seat: AnySeat) -> HTMLResponse:
    return _show(seat)


@routes.post("/desk/account/password")
def set_password(seat: AnySeat, form: Sent) -> Response:
    try:
        change_password(
            seat.app.store,
            seat.operator,
            form.get("old"),
            same_twice(form.get("password"), form.get("again")),
            session=seat.session.id,
            now=seat.app.now(),
        )
    except BadInput as error:
        return _show(seat, 422, password_complaint=str(error))
    return seat.go("/desk/account", "Your password is changed. Other browsers must log in again.")


@routes.api_route("/desk/account/second-factor", methods=READ)
def offer_second_factor(seat: AnySeat) -> HTMLResponse:
    """A new secret each time; nothing is kept until a code shows that the telephone has it."""
    return _offer(seat, new_secret(bytes.fromhex(seat.app.nonce() + seat.app.nonce())))


@routes.post("/desk/account/second-factor")
def set_second_factor(seat: AnySeat, form: Sent) -> Response:
    secret = form.get("secret")
    try:
        codes = switch_on(
            seat.app.store,
            seat.app.keys,
            seat.operator,
            secret,
            form.get("code"),
            session=seat.session.id,
            now=seat.app.now(),
            nonce=seat.app.nonce(),
        )
    except BadInput as error:
        return _offer(seat, secret, str(error))
    return seat.show("recovery_codes.html", codes=codes)


@routes.post("/desk/account/second-factor/off")
def unset_second_factor(seat: AnySeat) -> Response:
    switch_off(seat.app.store, seat.operator, session=seat.session.id, now=seat.app.now())
    return seat.go("/desk/account", "The second factor is off. Other browsers must log in again.")


@routes.post("/desk/account/sessions/{number}/end")
def end(seat: AnySeat, number: int) -> Response:
    end_session(seat.app.store, seat.operator, number, now=seat.app.now())
    return seat.go("/desk/account", "That browser is logged out.")


def _show(seat: Seat, status: int = 200, password_complaint: str = "") -> HTMLResponse:
    with seat.app.store.read() as tx:
        sessions = tx.sessions.of_operator(seat.operator.id, seat.app.now())
    return seat.show(
        "account.html", status, sessions=sessions, here=seat.session.id, password_complaint=password_complaint
    )


def _offer(seat: Seat, secret: str, complaint: str = "") -> HTMLResponse:
    offered = offer(seat.operator, seat.pages.base_url.partition("://")[2], secret)
    drawn = segno.make(offered.uri, error="m").svg_inline(scale=5, border=2, omitsize=True)
    picture = Markup(drawn)  # noqa: S704  squares, of the library's own making
    return seat.show(
        "second_factor.html", 422 if complaint else 200, offered=offered, drawn=picture, complaint=complaint
    )
