"""Operators, the keys of programs, and the record of what all of them did. For owners."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from digest.model.errors import BadInput
from digest.model.operator import Operator, Right, Role, parse_scopes
from digest.operators.accounts import add_operator, change_operator, invite
from digest.operators.api_keys import make_key, revoke_key
from digest.operators.second_factor import switch_off
from digest.web.admin.gate import DeskRoute, OwnSeat, Sent
from digest.web.admin.seat import Seat
from digest.web.forms import Form

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
A_PAGE = 50


@routes.api_route("/desk/operators", methods=READ)
def show_operators(seat: OwnSeat) -> HTMLResponse:
    return _show_operators(seat)


@routes.post("/desk/operators")
def add(seat: OwnSeat, form: Sent) -> Response:
    try:
        added = add_operator(
            seat.app.store,
            seat.app.keys,
            form.get("address"),
            _read_role(form),
            name=form.get("name"),
            now=seat.app.now(),
            nonce=seat.app.nonce(),
        )
    except BadInput as error:
        return _show_operators(seat, str(error), form)
    if not added.token:
        return seat.go("/desk/keys", f"{added.operator.address} is added; make a key for it.")
    return _show_link(seat, added.operator, added.token)


@routes.post("/desk/operators/{number}")
def change(seat: OwnSeat, form: Sent, number: int) -> Response:
    changed = change_operator(
        seat.app.store,
        number,
        role=_read_role(form),
        name=form.get("name"),
        disabled=form.get("disabled") == "yes",
        now=seat.app.now(),
    )
    return seat.go("/desk/operators", f"{changed.address} is changed.")


@routes.post("/desk/operators/{number}/invite")
def invite_again(seat: OwnSeat, number: int) -> Response:
    invited = invite(seat.app.store, seat.app.keys, number, now=seat.app.now(), nonce=seat.app.nonce())
    return _show_link(seat, invited.operator, invited.token)


@routes.post("/desk/operators/{number}/second-factor/off")
def unset_second_factor(seat: OwnSeat, number: int) -> Response:
    """For who lost the telephone and the codes."""
    with seat.app.store.read() as tx:
        operator = tx.operators.get(number)
    switch_off(seat.app.store, operator, session=0, now=seat.app.now())
    return seat.go("/desk/operators", f"{operator.address} logs in with the password alone, until they set a new one.")


@routes.api_route("/desk/keys", methods=READ)
def show_keys(seat: OwnSeat) -> HTMLResponse:
    return _show_keys(seat)


@routes.post("/desk/keys")
def make(seat: OwnSeat, form: Sent) -> Response:
    """Shown once: so this answers with the page itself."""
    try:
        made = make_key(
            seat.app.store,
            _read_operator(seat, form),
            form.get("label"),
            parse_scopes([each for each in form.all("scope") if each in set(Right)]),
            days=_read_days(form.get("days")),
            now=seat.app.now(),
            random=seat.app.nonce() + seat.app.nonce(),
        )
    except BadInput as error:
        return _show_keys(seat, complaint=str(error), form=form)
    return _show_keys(seat, key=made.key)


@routes.post("/desk/keys/{number}/revoke")
def revoke(seat: OwnSeat, number: int) -> Response:
    revoked = revoke_key(seat.app.store, number, now=seat.app.now())
    return seat.go("/desk/keys", f"The key {revoked.label} works no more.")


@routes.api_route("/desk/record", methods=READ)
def show_record(
    seat: OwnSeat, before: Annotated[int | None, Query(ge=1)] = None, by: Annotated[int | None, Query(ge=1)] = None
) -> HTMLResponse:
    with seat.app.store.read() as tx:
        acts = tx.acts.newest(before=before, operator_id=by, limit=A_PAGE + 1)
    return seat.show(
        "record.html", acts=acts[:A_PAGE], older=acts[A_PAGE - 1].id if len(acts) > A_PAGE else None, by=by
    )


def _show_operators(seat: Seat, complaint: str = "", form: Form | None = None) -> HTMLResponse:
    with seat.app.store.read() as tx:
        operators = tx.operators.all()
    status, typed = 422 if complaint else 200, form or Form()
    return seat.show("operators.html", status, operators=operators, roles=list(Role), complaint=complaint, typed=typed)


def _show_link(seat: Seat, invited: Operator, token: str) -> HTMLResponse:
    return seat.show("invited.html", invited=invited, link=f"{seat.pages.base_url}/desk/welcome/{token}")


def _show_keys(seat: Seat, key: str = "", complaint: str = "", form: Form | None = None) -> HTMLResponse:
    with seat.app.store.read() as tx:
        keys, operators = tx.api_keys.all(), {each.id: each for each in tx.operators.all()}
    return seat.show(
        "keys.html",
        422 if complaint else 200,
        keys=keys,
        operators=operators,
        scopes=list(Right),
        key=key,
        complaint=complaint,
        typed=form or Form(),
    )


def _read_role(form: Form) -> Role:
    said = form.get("role")
    if said not in set(Role):
        raise BadInput(f"An operator is one of {', '.join(Role)}.")
    return Role(said)


def _read_operator(seat: Seat, form: Form) -> Operator:
    said = form.get("operator")
    if not said.isdecimal():
        raise BadInput("Choose whose key it is.")
    with seat.app.store.read() as tx:
        return tx.operators.get(int(said))


def _read_days(said: str) -> int | None:
    if not said.strip():
        return None
    if not said.strip().isdecimal():
        raise BadInput("Say for how many days the key is to work, in digits, or nothing.")
    return int(said)
