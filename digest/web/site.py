"""The site: the routes, the stylesheet and the answers to what goes wrong, behind the fence."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from digest.app import App
from digest.model.errors import DigestError
from digest.web import archive, bulletins, pictures, public, reader, reading, sitemap
from digest.web.answers import answer, judge
from digest.web.desk import desk_of, make_desk
from digest.web.fence import Fence
from digest.web.pages import STATIC


def create_app(app: App) -> FastAPI:
    """For any ASGI server. Safe with several workers: all state is in the store, but for the limits of sign-ups."""
    desk = make_desk(app)
    site = FastAPI(
        title="digest",
        summary="Subscribe to newsletters.",
        docs_url=None,  # they load scripts from other hosts
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,  # the redirect would trust the Host header (security S30)
        middleware=[Middleware(Fence, pages=desk.pages)],
        exception_handlers={
            DigestError: _answer,
            RequestValidationError: _answer,
            HTTPException: _answer,
        },
    )
    site.state.desk = desk
    of_readers = [each.routes for each in (public, reader, archive, bulletins, sitemap)]
    site.state.routes = [route for each in of_readers for route in each.routes]  # to say what a page allows
    for each in of_readers:
        site.include_router(each)
    site.include_router(reading.routes)
    site.include_router(pictures.routes)
    site.mount("/static", _Static(directory=STATIC), name="static")
    return site


class _Static(StaticFiles):
    """Pages name a file together with its version, so it may be kept."""

    def file_response(self, *args: object, **named: object) -> Response:
        response = super().file_response(*args, **named)  # type: ignore[arg-type]  # handed through as they came
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


async def _answer(request: Request, error: Exception) -> Response:
    return answer(request, (await desk_of(request)).pages, judge(request, error))
