"""What the links in mails lead to: an issue in the browser. The others are in confirmation.py, leaving.py and preferences.py.

Looking (GET, HEAD) changes nothing; pressing (POST) does. The token in the path is the authority: no cookie, no login, no
redirect. Who found a forwarded mail learns nothing of its reader (security S9).
"""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse

from digest.links import Purpose
from digest.model.errors import NotFound
from digest.web.desk import AtDesk, Desk
from digest.web.neutral import make_neutral

routes = APIRouter(include_in_schema=False)
READ = ["GET", "HEAD"]

#: An issue holds what strangers wrote, sanitised; a browser is told to run nothing of it all the same. Pictures are theirs.
VIEW_POLICY = (
    "default-src 'none'; img-src http: https:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


@routes.api_route("/v/{token}", methods=READ)
def view(desk: AtDesk, token: str) -> HTMLResponse:
    """An issue as everybody may see it: the places for a reader's address and links stay neutral."""
    (edition_id,) = _read(desk, Purpose.VIEW, token)
    with desk.app.store.read() as tx:
        edition = tx.editions.get(edition_id)
        name = tx.lists.get(edition.list_id).name
    if edition.mail != "issue":
        raise NotFound("This link leads to no issue.")
    sign_up = f"{desk.pages.base_url}/lists/{name}"
    return HTMLResponse(
        make_neutral(edition, sign_up),
        headers={"Content-Security-Policy": VIEW_POLICY, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"},
    )


@routes.api_route("/healthz", methods=READ)
def health(desk: AtDesk) -> JSONResponse:
    """That the process answers and its database can be read."""
    with desk.app.store.read() as tx:
        tx.lists.all()
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def _read(desk: Desk, purpose: Purpose, token: str) -> tuple[int, ...]:
    """The numbers in a link. Raises NotFound for one that we did not make for this purpose."""
    numbers = desk.app.links.read(purpose, token)
    if numbers is None or len(numbers) != 1:
        raise NotFound("This link is not complete. Open it from the mail again, or copy all of it.")
    return numbers
