"""Signing up: the front page, a page for each list, their forms, and the same as JSON.

Whoever signs up is told the same words with the same status, whatever we know of the address (security S7).
"""

from dataclasses import dataclass, replace

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from digest.audience.sign_up import Application, choose_lists, sign_up
from digest.model.errors import BadInput
from digest.model.mailing_list import MailingList
from digest.model.subscriber import Consent
from digest.web.answers import TooMany
from digest.web.desk import AtDesk, Client, Desk, Sent
from digest.web.forms import HONEYPOT, Form, is_fresh, stamp

routes = APIRouter()
READ = ["GET", "HEAD"]
FRONT = ""  # the front page's name in the stamps of forms

CHECK_YOUR_INBOX = (
    "If this address can be subscribed, a mail is on its way to it. Open it and press the button there: only then are you "
    "subscribed. The link in it works for 48 hours."
)


class Subscription(BaseModel):
    """Who wants which lists."""

    email: str = Field(max_length=320)
    lists: list[str] = Field(min_length=1, max_length=50)
    name: str = Field("", max_length=500)


@dataclass(frozen=True, slots=True)
class _Typed:
    """What a form shows again after a mistake."""

    email: str = ""
    name: str = ""
    chosen: tuple[str, ...] = ()
    complaint: str = ""


@routes.api_route("/", methods=READ, include_in_schema=False)
def front(desk: AtDesk) -> HTMLResponse:
    return _show_form(desk, FRONT, _Typed())


@routes.api_route("/lists/{name}", methods=READ, include_in_schema=False)
def one_list(desk: AtDesk, name: str) -> HTMLResponse:
    return _show_form(desk, name, _Typed())


@routes.post("/lists/{name}", include_in_schema=False)
def subscribe_to_one(desk: AtDesk, client: Client, form: Sent, name: str) -> HTMLResponse:
    typed = _Typed(form.get("email"), form.get("name"), (name,))
    return _take_form(desk, name, typed, form, client)


@routes.post("/subscribe", include_in_schema=False)
def subscribe_to_several(desk: AtDesk, client: Client, form: Sent) -> HTMLResponse:
    typed = _Typed(form.get("email"), form.get("name"), tuple(form.all("list")))
    return _take_form(desk, FRONT, typed, form, client)


@routes.post("/api/subscribe", status_code=202)
def subscribe_by_api(desk: AtDesk, client: Client, wanted: Subscription) -> JSONResponse:
    """Ask for lists. A mail goes to the address, and nothing else before its owner has confirmed."""
    _sign_up(desk, _Typed(wanted.email, wanted.name, tuple(wanted.lists)), client, source="api")
    return JSONResponse({"status": "check-your-inbox", "detail": CHECK_YOUR_INBOX}, 202, {"Cache-Control": "no-store"})


def _take_form(desk: Desk, page: str, typed: _Typed, form: Form, client: str) -> HTMLResponse:
    lists = _offered(desk, page)
    if not form.get(HONEYPOT):
        if not is_fresh(desk.app.keys, page, form.get("stamp"), desk.app.now()):
            again = "This page was open for too long, or came from elsewhere. Please press the button once more."
            return _show_form(desk, page, replace(typed, complaint=again), 422)
        try:
            _sign_up(desk, typed, client, source="form")
        except BadInput as error:
            return _show_form(desk, page, replace(typed, complaint=str(error)), 422)
    return desk.pages.tell("Check your inbox", CHECK_YOUR_INBOX, of_list=lists[0] if len(lists) == 1 else None)


def _sign_up(desk: Desk, typed: _Typed, client: str, *, source: str) -> None:
    app, now = desk.app, desk.app.now()
    network = app.keys.network_hash(client)
    if not desk.limits.take(client, network, now):
        raise TooMany
    consent = Consent(source, app.settings.sign_up_text, now, network)
    application = Application(typed.email, typed.chosen, consent, typed.name)
    sign_up(app.store, app.keys, desk.notices, application, now=now, nonce=app.nonce())


def _show_form(desk: Desk, page: str, typed: _Typed, status: int = 200) -> HTMLResponse:
    app, lists = desk.app, _offered(desk, page)
    return desk.pages.show(
        "front.html" if page == FRONT and len(lists) != 1 else "sign_up.html",
        status,
        lists=lists,
        typed=typed,
        stamp=stamp(app.keys, page, app.now()),
        action="/subscribe" if page == FRONT else f"/lists/{page}",
        consent=app.settings.sign_up_text,
    )


def _offered(desk: Desk, page: str) -> list[MailingList]:
    """Raises NotFound when the page is of no list."""
    if page != FRONT:
        return choose_lists(desk.app.store, [page])
    with desk.app.store.read() as tx:
        return tx.lists.all()
