"""Addresses that are not to be mailed: why, since when, and what can be taken back."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from digest.audience.addresses import read_address
from digest.audience.suppress import lift_suppression, say_lasting, suppress_address
from digest.model.errors import BadInput
from digest.model.operator import Right
from digest.model.subscriber import SuppressionReason
from digest.web.admin.gate import DeskRoute, ReadersChangeSeat, ReadersSeat, Sent
from digest.web.admin.seat import Seat
from digest.web.v1.suppressions import make_cursor, read_cursor

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
A_PAGE = 50
Short = Annotated[str, Query(max_length=320)]


@routes.api_route("/desk/suppressions", methods=READ)
def show_suppressions(seat: ReadersSeat, reason: Short = "", address: Short = "", after: Short = "") -> HTMLResponse:
    return _show(seat, reason, address, after)


@routes.post("/desk/suppressions")
def add(seat: ReadersChangeSeat, form: Sent) -> Response:
    app, address = seat.app, form.get("add")
    try:
        new = suppress_address(app.store, app.keys, address, now=app.now())
    except BadInput as error:
        return _show(seat, complaint=str(error), typed=address)
    said = f"Nothing is mailed to {address} any more." if new else f"{address} was suppressed already."
    return seat.go("/desk/suppressions", said)


@routes.post("/desk/suppressions/lift")
def lift(seat: ReadersChangeSeat, form: Sent) -> Response:
    lift_suppression(seat.app.store, form.get("which"), now=seat.app.now())
    return seat.go("/desk/suppressions", "That address may be mailed again.")


def _show(
    seat: Seat, reason: str = "", address: str = "", after: str = "", *, complaint: str = "", typed: str = ""
) -> HTMLResponse:
    trouble, found = "", []
    with seat.app.store.read() as tx:
        counts = tx.suppressions.counts()
        try:
            which = _reason(reason)
            if address.strip():
                one = tx.suppressions.get(seat.app.keys.address_hash(read_address(address)))
                found = [one] if one else []
            else:
                found = tx.suppressions.page(which, before=read_cursor(after) if after else None, limit=A_PAGE + 1)
        except BadInput as error:
            trouble = str(error)
    return seat.show(
        "suppressions.html",
        422 if complaint else 200,
        found=found[:A_PAGE],
        next=make_cursor(found[A_PAGE - 1]) if len(found) > A_PAGE else "",
        counts=counts,
        reasons=list(SuppressionReason),
        lasting={each: say_lasting(each) for each in SuppressionReason},
        reason=reason,
        address=address,
        trouble=trouble,
        complaint=complaint,
        typed=typed,
        change=seat.may(Right.READERS_CHANGE),
    )


def _reason(said: str) -> SuppressionReason | None:
    if said and said not in set(SuppressionReason):
        raise BadInput(f"An address is suppressed because of: {', '.join(SuppressionReason)}.")
    return SuppressionReason(said) if said else None
