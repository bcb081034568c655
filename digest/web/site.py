"""The site: the routes, the stylesheet and the answers to what goes wrong, behind the fence."""

import os
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

from digest.app import App
from digest.model.errors import DigestError
from digest.web import (
    admin,
    api,
    archive,
    bulletins,
    confirmation,
    embed,
    health,
    leaving,
    metrics,
    person,
    pictures,
    preferences,
    public,
    reading,
    sitemap,
    v1,
)
from digest.web.admin.proofs import Proofs
from digest.web.admin.watching import Watchers
from digest.web.answers import answer, judge
from digest.web.desk import desk_of, make_desk
from digest.web.embed import EMBEDDED
from digest.web.fence import Fence
from digest.web.pages import STATIC
from digest.web.v1.allowance import Allowance
from digest.web.v1.described import describe


def create_app(app: App) -> FastAPI:
    """For any ASGI server. Safe with several workers: all state is in the store."""
    desk = make_desk(app)
    site = FastAPI(
        title="digest",
        summary="Subscribe to newsletters, and run them.",
        docs_url=None,  # they load scripts from other hosts
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,  # the redirect would trust the Host header (security S30)
        middleware=[Middleware(Fence, pages=desk.pages, nonce=app.nonce)],
        exception_handlers={
            DigestError: _answer,
            RequestValidationError: _answer,
            HTTPException: _answer,
        },
    )
    site.state.desk = desk
    site.state.allowance, site.state.proofs, site.state.watchers = Allowance(), Proofs(), Watchers()
    coming, reading_on = (public, embed, api, confirmation), (archive, bulletins, sitemap, reading, pictures)
    rooms = [
        *(room.routes for room in (*coming, leaving, preferences, person, *reading_on, health, metrics)),
        *admin.rooms,
        *v1.rooms,
    ]
    site.state.routes = [route for room in rooms for route in room.routes]  # to say what a page allows
    for room in rooms:
        site.include_router(room)
    site.openapi = lambda: describe(site, app.settings.base_url)  # type: ignore[method-assign]  # as FastAPI has it
    site.mount("/static", _Static(directory=STATIC), name="static")
    return site


class _Static(StaticFiles):
    """Our pages name a file together with its version, so it may be kept. Other sites' pages name what they embed without."""

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        kept = 31_536_000 if scope["query_string"] else 3_600
        response.headers["Cache-Control"] = f"public, max-age={kept}{', immutable' * bool(scope['query_string'])}"
        if Path(full_path).stem == EMBEDDED:
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response


async def _answer(request: Request, error: Exception) -> Response:
    return answer(request, (await desk_of(request)).pages, judge(request, error))
