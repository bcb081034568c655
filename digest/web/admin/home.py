"""The first page of the desk: what needs somebody, and what comes next."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from digest.web.admin.gate import DeskRoute, ReadSeat

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)


@routes.api_route("/desk", methods=["GET", "HEAD"])
def home(seat: ReadSeat) -> HTMLResponse:
    with seat.app.store.read() as tx:
        lists = tx.lists.all()
    return seat.show("home.html", lists=lists)
