"""The first page of the desk: what needs somebody, and what comes next."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from digest.app import App
from digest.model.errors import BadSetting
from digest.pipeline.outlook import look_out
from digest.web.admin.gate import DeskRoute, ReadSeat

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)


@routes.api_route("/desk", methods=["GET", "HEAD"])
def home(seat: ReadSeat) -> HTMLResponse:
    outlook = look_out(seat.app.store, now=seat.app.now(), cannot_send=_why_not(seat.app))
    return seat.show("home.html", outlook=outlook)


def _why_not(app: App) -> str:
    """What is wrong with how mails are to leave; "" for nothing."""
    try:
        app.check_hops()
    except BadSetting as error:
        return str(error)
    return ""
