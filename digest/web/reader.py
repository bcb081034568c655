"""What the links in mails lead to: confirm, unsubscribe, preferences. An issue in the browser is archive.py's.

Looking (GET, HEAD) changes nothing; pressing (POST) does. The token in the path is the authority: no cookie, no login, no
redirect (RFC 8058 §3.1). Who found a forwarded mail can unsubscribe its reader, and learns nothing else (security S9).
"""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse

from digest.audience import confirm as confirming
from digest.audience import preferences
from digest.audience import unsubscribe as leaving
from digest.audience.confirm import Confirming, LinkState
from digest.audience.unsubscribe import Leaving, Left
from digest.links import Purpose
from digest.model.errors import NotFound
from digest.web.desk import AtDesk, Desk, Sent

routes = APIRouter(include_in_schema=False)
READ = ["GET", "HEAD"]

_STATUS = {
    LinkState.EXPIRED: 410,
    LinkState.USED: 410,
    LinkState.UNKNOWN: 404,
    LinkState.REFUSED: 403,
}


@routes.api_route("/c/{token}", methods=READ)
def look_at_confirmation(desk: AtDesk, token: str) -> HTMLResponse:
    return _show_confirmation(desk, confirming.look(desk.app.store, token, now=desk.app.now()))


@routes.post("/c/{token}")
def confirm(desk: AtDesk, token: str) -> HTMLResponse:
    return _show_confirmation(desk, confirming.confirm(desk.app.store, desk.notices, token, now=desk.app.now()))


@routes.api_route("/u/{token}", methods=READ)
def look_at_unsubscribing(desk: AtDesk, token: str) -> HTMLResponse:
    subscriber_id, list_id = _read(desk, Purpose.UNSUBSCRIBE, token)
    seen = leaving.look(desk.app.store, subscriber_id, list_id)
    if seen.state is Left.LEFT:
        return desk.pages.show("unsubscribe.html", mailing_list=seen.mailing_list, masked=seen.masked)
    return _show_left(desk, seen)


@routes.post("/u/{token}")
def unsubscribe(desk: AtDesk, form: Sent, token: str) -> HTMLResponse:
    """By our page's button, or by a mail program: its POST may have any body (RFC 8058 §3.2), and is told by none of ours."""
    subscriber_id, list_id = _read(desk, Purpose.UNSUBSCRIBE, token)
    by_page = form.get("by") == "page"
    left = leaving.unsubscribe(
        desk.app.store,
        subscriber_id,
        list_id,
        now=desk.app.now(),
        by="page" if by_page else "one-click",
        notices=desk.notices if by_page else None,
    )
    return _show_left(desk, left)


@routes.api_route("/p/{token}", methods=READ)
def look_at_preferences(desk: AtDesk, token: str) -> HTMLResponse:
    subscriber_id, _ = _read(desk, Purpose.PREFERENCES, token)
    return _show_preferences(desk, subscriber_id, "")


@routes.post("/p/{token}")
def prefer(desk: AtDesk, form: Sent, token: str) -> HTMLResponse:
    subscriber_id, _ = _read(desk, Purpose.PREFERENCES, token)
    wish, app = form.get("leave"), desk.app
    seen = preferences.look(app.store, subscriber_id)
    by_number = {str(each.mailing_list.id): each.mailing_list for each in seen.choices} if seen else {}
    if wish == "all":
        leaving.unsubscribe_all(app.store, subscriber_id, now=app.now(), by="page")
        return _show_preferences(desk, subscriber_id, "Done: nothing more will be sent to you.")
    if wish not in by_number:
        return _show_preferences(desk, subscriber_id, "Nothing was chosen, so nothing changed.", status=422)
    leaving.unsubscribe(app.store, subscriber_id, by_number[wish].id, now=app.now(), by="page", notices=desk.notices)
    return _show_preferences(desk, subscriber_id, f"Done: {by_number[wish].title} will not be sent to you any more.")


@routes.api_route("/healthz", methods=READ)
def health(desk: AtDesk) -> JSONResponse:
    """That the process answers and its database can be read."""
    with desk.app.store.read() as tx:
        tx.lists.all()
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def _read(desk: Desk, purpose: Purpose, token: str) -> tuple[int, ...]:
    """The numbers in a link. Raises NotFound for one that we did not make for this purpose."""
    numbers = desk.app.links.read(purpose, token)
    if numbers is None or len(numbers) != 2:
        raise NotFound("This link is not complete. Open it from the mail again, or copy all of it.")
    return numbers


def _show_confirmation(desk: Desk, seen: Confirming) -> HTMLResponse:
    return desk.pages.show("confirm.html", _STATUS.get(seen.state, 200), seen=seen)


def _show_left(desk: Desk, left: Leaving) -> HTMLResponse:
    title = left.mailing_list.title if left.mailing_list else "This list"
    return desk.pages.tell(
        "You have left",
        f"{title} will not be sent to you any more.",
        "If that was a mistake, you can come back at any time.",
        of_list=left.mailing_list,
        way_back=True,
    )


def _show_preferences(desk: Desk, subscriber_id: int, said: str, status: int = 200) -> HTMLResponse:
    shown = preferences.look(desk.app.store, subscriber_id)
    if shown is None:
        return desk.pages.tell("Nothing is sent to you", "The address of this mail is on none of our lists any more.")
    return desk.pages.show("preferences.html", status, shown=shown, said=said)
