"""Our renditions of pictures, for mails and for issues in the browser. What stands under a name never changes."""

import re

from fastapi import APIRouter
from fastapi.responses import Response

from digest.model.errors import NotFound
from digest.model.picture import file_name
from digest.web.desk import AtDesk

routes = APIRouter(include_in_schema=False)

_NAME = re.compile(r"(?P<sha256>[0-9a-f]{64})\.(?:jpg|png)")
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",  # webmail shows it on a page of its own
    "X-Robots-Tag": "noindex",
}


@routes.api_route("/pictures/{name}", methods=["GET", "HEAD"])
def picture(desk: AtDesk, name: str) -> Response:
    match = _NAME.fullmatch(name)
    rendition = None
    if match:
        with desk.app.store.read() as tx:
            rendition = tx.pictures.get(match["sha256"])
    if match is None or rendition is None or name != file_name(match["sha256"], rendition.media_type):
        raise NotFound("This picture is not kept any more.")
    return Response(rendition.content, media_type=rendition.media_type, headers=HEADERS | {"ETag": f'"{name}"'})
