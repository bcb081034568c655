"""The sign-up box for other sites' pages: plain HTML that an operator copies, and where it posts.

Its form has no stamp, since it is the same for everybody and for ever. So what it posts changes nothing and only leads to a page of
ours with one button, which has one; or static/embed.js takes the form over, solves a puzzle, and asks the API.
"""

from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from digest.model.mailing_list import MailingList
from digest.settings import Settings
from digest.web.desk import AtDesk, Desk, Sent
from digest.web.knock import say_consent
from digest.web.pages import Pages
from digest.web.public import FRONT, READ, offered, show_press
from digest.words import words_in

routes = APIRouter(include_in_schema=False)
EMBEDDED = "embed"  # the files that other sites' pages load: embed.js and embed.css


@routes.api_route("/embed", methods=READ)
def embed_all(desk: AtDesk) -> HTMLResponse:
    return _show(desk, FRONT)


@routes.post("/embed")
def take_from_elsewhere(desk: AtDesk, form: Sent) -> HTMLResponse:
    return show_press(desk, FRONT, form)


@routes.api_route("/lists/{name}/embed", methods=READ)
def embed_one(desk: AtDesk, name: str) -> HTMLResponse:
    return _show(desk, name)


@routes.post("/lists/{name}/embed")
def take_one_from_elsewhere(desk: AtDesk, form: Sent, name: str) -> HTMLResponse:
    return show_press(desk, name, form)


def snippet_for(settings: Settings, mailing_list: MailingList) -> str:
    """For the command line, in the list's language."""
    pages = Pages(settings.base_url, words_in(mailing_list.language))
    return make_snippet(pages, [mailing_list], say_consent(settings, pages.words))


def make_snippet(pages: Pages, lists: Sequence[MailingList], consent: str, *, base: str | None = None) -> str:
    """In the language that the pages speak. `base` is where it posts to, if not the public address."""
    values = {"lists": lists, "consent": consent, "base": pages.base_url if base is None else base}
    return pages.render("block.html", **values).strip() + "\n"


def _show(desk: Desk, page: str) -> HTMLResponse:
    """In the language of the only list, for that is what its readers read."""
    lists = offered(desk, page)
    speaking = desk.speaking(words_in(lists[0].language)) if len(lists) == 1 else desk
    consent = say_consent(desk.app.settings_now(), speaking.pages.words)
    return desk.pages.show(
        "embed.html",
        lists=lists,
        snippet=make_snippet(speaking.pages, lists, consent),
        preview=make_snippet(speaking.pages, lists, consent, base=desk.pages.root),
    )
