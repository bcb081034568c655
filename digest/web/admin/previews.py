"""What a mail looks like, for the frames of the issue desk: as HTML, in the dark, on a telephone, as text; as one reader gets it.

A frame may do nothing but be looked at: no script, no form, no link, and nothing else of this site (security S16).
"""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from digest.audience.addresses import read_address
from digest.model.address import Address
from digest.model.operator import Right
from digest.web.admin.gate import DeskRoute, NotAllowed, ReadSeat
from digest.web.admin.proofs import AtProofs
from digest.web.admin.seat import HEADERS, Seat

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)

#: Pictures may be other sites', as in the mail.
POLICY = (
    "sandbox; default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
FRAMED = HEADERS | {"Content-Security-Policy": POLICY, "X-Frame-Options": "SAMEORIGIN", "X-Robots-Tag": "noindex"}


class As(StrEnum):
    """What a mail is looked at as. A telephone's is the same HTML in a narrow frame."""

    HTML = "html"
    DARK = "dark"
    PHONE = "phone"
    TEXT = "text"


@routes.api_route("/desk/issues/{number}/preview", methods=["GET", "HEAD"])
def preview(
    seat: ReadSeat,
    proofs: AtProofs,
    number: int,
    how: Annotated[As, Query(alias="as")] = As.HTML,
    reader: Annotated[str, Query(max_length=320)] = "",
) -> Response:
    proof = proofs.pull(seat.app, number, _read_reader(seat, reader)).proof
    if how is As.TEXT:
        return PlainTextResponse(proof.text, 200, FRAMED)
    if not proof.edition.html:
        return PlainTextResponse("This reader gets plain text alone.", 200, FRAMED)
    return HTMLResponse(proof.html(dark=how is As.DARK), 200, FRAMED)


@routes.api_route("/desk/issues/{number}/as-reader", methods=["GET", "HEAD"])
def show_as_reader(
    seat: ReadSeat, proofs: AtProofs, number: int, reader: Annotated[str, Query(max_length=320)] = ""
) -> HTMLResponse:
    """The four frames, for one reader. Raises NotFound or WrongState when they get nothing of it, and why."""
    address = _read_reader(seat, reader)
    checked = proofs.pull(seat.app, number, address)
    return seat.show("as_reader.html", number=number, checked=checked, reader=reader if address else "")


def _read_reader(seat: Seat, typed: str) -> Address | None:
    if not typed.strip():
        return None
    if not seat.may(Right.READERS):
        raise NotAllowed(
            f"Who the readers are needs the right “{Right.READERS}”, which {seat.operator.role}s do not have."
        )
    return read_address(typed.strip())
