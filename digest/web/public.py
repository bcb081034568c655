"""Signing up by our own pages: the front page, a page for each list, and their forms.

Neither page needs a script: one that runs solves a puzzle while the address is typed, which gives its network a larger share.
"""

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from digest.audience.sign_up import choose_lists
from digest.model.errors import BadInput, NotFound
from digest.model.mailing_list import MailingList
from digest.rendering.look import Look
from digest.web.caching import answer_cached
from digest.web.colours import NAME, write_css
from digest.web.desk import AtDesk, Client, Desk, Foreign, Sent
from digest.web.forms import FILL_TIME, HONEYPOT, PRESS_TIME, Form, Stamped, read_stamp, stamp
from digest.web.knock import (
    BadAddress,
    Knock,
    Typed,
    check_address,
    check_open,
    knock,
    read_typed,
    say_consent,
    tell_to_look,
)
from digest.web.zones import ZONES
from digest.words import LANGUAGES

routes = APIRouter(include_in_schema=False)
READ = ["GET", "HEAD"]
FRONT = ""  # the front page's name in the stamps of forms


@routes.api_route("/", methods=READ)
def front(desk: AtDesk) -> HTMLResponse:
    return show_form(desk, FRONT, Typed())


@routes.api_route("/lists/{name}", methods=READ)
def one_list(desk: AtDesk, name: str) -> HTMLResponse:
    return show_form(desk, name, Typed())


@routes.post("/lists/{name}")
def subscribe_to_one(desk: AtDesk, client: Client, foreign: Foreign, form: Sent, name: str) -> HTMLResponse:
    if foreign:
        return show_press(desk, name, form)
    return _take_form(desk, name, read_typed(form, [name]), form, client)


@routes.post("/subscribe")
def subscribe_to_several(desk: AtDesk, client: Client, foreign: Foreign, form: Sent) -> HTMLResponse:
    if foreign:
        return show_press(desk, FRONT, form)
    return _take_form(desk, FRONT, read_typed(form, form.all("list")), form, client)


@routes.api_route(f"/{NAME}", methods=READ)
def house_colours(request: Request, desk: AtDesk) -> Response:
    return _answer_colours(request, desk.pages.house.look())


@routes.api_route(f"/lists/{{name}}/{NAME}", methods=READ)
def list_colours(request: Request, desk: AtDesk, name: str) -> Response:
    (mailing_list,) = offered(desk, name)
    return _answer_colours(request, desk.pages.house.look(mailing_list))


def _answer_colours(request: Request, look: Look) -> Response:
    """Pages name it together with a hash of what is in it."""
    headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "public, max-age=31536000, immutable"}
    return answer_cached(request, write_css(look).encode(), headers)


def _take_form(desk: Desk, page: str, typed: Typed, form: Form, client: str) -> HTMLResponse:
    lists = offered(desk, page)
    if form.get(HONEYPOT):
        return tell_to_look(desk, lists)
    say, now, stamped = desk.pages.words.gettext, desk.app.now(), form.get("stamp")
    by_press = form.get("by") == "press"
    name, least = (_press(page), PRESS_TIME) if by_press else (page, FILL_TIME)
    match read_stamp(desk.app.keys, name, stamped, now, least):
        case Stamped.STALE:
            old = say("This page was open for too long, or came from elsewhere. Please press the button once more.")
            return show_form(desk, page, typed, old)
        case Stamped.HASTY:  # with its own stamp: the next press is late enough
            quick = say("That was very quick. Please press the button once more.")
            return show_form(desk, page, typed, quick, "" if by_press else stamped)
    try:
        knock(desk, Knock(typed, client, "form", form.get("altcha")))
    except BadInput as error:
        return show_form(desk, page, typed, desk.say(error), about=_about(error))
    return tell_to_look(desk, [each for each in lists if each.name in typed.chosen])


def _about(error: BadInput) -> str:
    return "email" if isinstance(error, BadAddress) else ""


def show_form(
    desk: Desk, page: str, typed: Typed, complaint: str = "", stamped: str = "", *, about: str = ""
) -> HTMLResponse:
    """With what was typed, if there is a complaint; `about` is the id of the field that is wrong."""
    app, lists, settings = desk.app, offered(desk, page), desk.app.settings_now()
    template = "front.html" if page == FRONT and len(lists) != 1 else "sign_up.html"
    return desk.pages.show(
        template if settings.sign_ups else "closed.html",
        422 if complaint else 200,
        lists=lists,
        typed=typed,
        complaint=complaint,
        about=about,
        languages=LANGUAGES,
        stamp=stamped or stamp(app.keys, page, app.now()),
        action=_action(page),
        consent=say_consent(settings, desk.pages.words),
        zones=ZONES,
    )


def show_press(desk: Desk, page: str, form: Form) -> HTMLResponse:
    """What was typed in another site's page, with one button. Coming here changed nothing, and a page of theirs cannot press."""
    settings = check_open(desk)
    lists = offered(desk, page)
    typed = read_typed(form, [page] if page != FRONT else form.all("list"))
    if form.get(HONEYPOT):
        return tell_to_look(desk, lists)
    try:
        check_address(desk, typed.email)
    except BadInput as error:
        return show_form(desk, page, typed, desk.say(error), about=_about(error))
    chosen = [each for each in lists if each.name in typed.chosen]
    if not chosen:
        return show_form(desk, page, replace(typed, chosen=tuple(each.name for each in lists)))
    stamped = stamp(desk.app.keys, _press(page), desk.app.now())
    return desk.pages.show(
        "press.html",
        lists=chosen,
        typed=typed,
        stamp=stamped,
        action=_action(page),
        consent=say_consent(settings, desk.pages.words),
    )


def offered(desk: Desk, page: str) -> list[MailingList]:
    """Raises NotFound when the page is of no list."""
    if page == FRONT:
        with desk.app.store.read() as tx:
            return tx.lists.all()
    try:
        return choose_lists(desk.app.store, [page])
    except NotFound:
        raise NotFound(desk.pages.words.gettext("There is no such newsletter here.")) from None


def _action(page: str) -> str:
    return "/subscribe" if page == FRONT else f"/lists/{page}"


def _press(page: str) -> str:
    """The name of a page of one button in its stamp."""
    return f"press\0{page}"
