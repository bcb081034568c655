"""Whether the site is well, for whoever watches it."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from digest.web.desk import AtDesk

routes = APIRouter(include_in_schema=False)


@routes.api_route("/healthz", methods=["GET", "HEAD"])
def health(desk: AtDesk) -> JSONResponse:
    """That the process answers and its database can be read."""
    with desk.app.store.read() as tx:
        tx.lists.all()
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})
