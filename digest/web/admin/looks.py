"""What a list's mails look like: its theme and brand, tried on its newest issue before anything is changed."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from digest.audience.notices import ANSWERS, Notices
from digest.model.brand import LOGO_WIDTHS, Brand, parse_brand
from digest.model.edition import Edition
from digest.model.errors import BadInput, DigestError, NotFound
from digest.model.mailing_list import MailingList
from digest.model.operator import Right
from digest.pipeline.plan import ListChange, change_list
from digest.rendering.compose import fill_html, fill_text
from digest.rendering.environment import find_templates
from digest.rendering.look import check_brand
from digest.rendering.schemes import in_scheme
from digest.rendering.themes import check_theme, list_themes
from digest.web.admin.gate import DeskRoute, ManageSeat, ReadSeat, Sent
from digest.web.admin.previews import FRAMED, As
from digest.web.admin.proofs import AtProofs, Checked, Proofs
from digest.web.admin.seat import Seat

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
NAMES = ("theme", *(each.name for each in fields(Brand)))
ISSUE = "issue"
MAILS = {ISSUE: "The newest issue", **ANSWERS}
NEWEST = 20  # issues among which one with articles is looked for
MOST = 500  # characters of a value


@routes.api_route("/desk/lists/{name}/look", methods=READ)
def show_look(request: Request, seat: ReadSeat, proofs: AtProofs, name: str) -> HTMLResponse:
    return _show(seat, proofs, name, _tried(request.query_params), mail=_mail(request.query_params))


@routes.api_route("/desk/lists/{name}/look/preview", methods=READ)
def preview(
    request: Request, seat: ReadSeat, proofs: AtProofs, name: str, how: Annotated[As, Query(alias="as")] = As.HTML
) -> Response:
    dressed = _dressed(seat, _list(seat, name), _tried(request.query_params))
    mail = _mail(request.query_params)
    if mail != ISSUE:
        edition = _answer(seat, dressed, mail)
        text, shown = fill_text(edition, {}), in_scheme(fill_html(edition, {}), dark=how is As.DARK)
    else:
        proof = _pull(seat, proofs, dressed).proof
        text, shown = proof.text, proof.html(dark=how is As.DARK)
    return PlainTextResponse(text, 200, FRAMED) if how is As.TEXT else HTMLResponse(shown, 200, FRAMED)


@routes.post("/desk/lists/{name}/look")
def change_look(seat: ManageSeat, proofs: AtProofs, form: Sent, name: str) -> Response:
    """What is empty is as the theme has it from now on."""
    said = _tried({each: form.get(each) for each in NAMES if each in form.fields})
    brand = tuple(f"{each}={value}" for each, value in said.items() if each != "theme")
    try:
        if theme := said.get("theme"):
            check_theme(theme, seat.app.settings.templates)
        change_list(seat.app.store, name, ListChange(theme=said.get("theme"), brand=brand or None), now=seat.app.now())
    except BadInput as error:
        return _show(seat, proofs, name, said, str(error), mail=_mail({"mail": form.get("mail")}))
    return seat.go(f"/desk/lists/{name}/look", "Its mails look like this from the next one on.")


def _tried(said: Mapping[str, str]) -> dict[str, str]:
    return {each: said[each].strip()[:MOST] for each in NAMES if each in said}


def _mail(said: Mapping[str, str]) -> str:
    """Which of the mails is looked at."""
    return mail if (mail := said.get("mail", ISSUE)) in MAILS else ISSUE


def _answer(seat: Seat, dressed: MailingList, mail: str) -> Edition:
    said = seat.app.settings
    return Notices(seat.app.keys, said.base_url, said.templates, said.theme, said.brand).sample(mail, dressed)


def _list(seat: Seat, name: str) -> MailingList:
    with seat.app.store.read() as tx:
        return tx.lists.by_name(name)


def _dressed(seat: Seat, found: MailingList, tried: Mapping[str, str]) -> MailingList:
    """The list as if it had been changed to what is tried. Raises BadInput for what cannot be."""
    if not tried:
        return found
    if theme := tried.get("theme", found.theme):
        check_theme(theme, seat.app.settings.templates)
    brand = parse_brand(found.brand.said() | {each: value for each, value in tried.items() if each != "theme"})
    check_brand(brand)
    return replace(found, theme=theme, brand=brand)


def _pull(seat: Seat, proofs: Proofs, dressed: MailingList) -> Checked:
    """Raises NotFound when there is no issue to try it on."""
    with seat.app.store.read() as tx:
        lines = tx.issue_lines.page(dressed.id, most=NEWEST)
    filled = next((line.id for line in lines if line.articles), None)
    if filled is None:
        raise NotFound("It has no issue with articles yet: draft one, and its mails can be looked at here.")
    return proofs.pull(seat.app, filled, dressed=dressed)


def _show(
    seat: Seat, proofs: Proofs, name: str, tried: Mapping[str, str], complaint: str = "", *, mail: str = ISSUE
) -> HTMLResponse:
    found, checked, trouble = _list(seat, name), None, ""
    try:
        dressed = _dressed(seat, found, {} if complaint else tried)
        if mail == ISSUE:
            checked = _pull(seat, proofs, dressed)
        else:
            _answer(seat, dressed, mail)
    except NotFound as error:
        trouble = str(error)
    except BadInput as error:
        complaint = str(error)
    except DigestError as error:  # a template that cannot be used
        trouble = str(error)
    shown = {each: str(value or "") for each, value in (found.brand.said() | {"theme": found.theme}).items()}
    return seat.show(
        "look.html",
        422 if complaint else 200,
        list=found,
        values=dict.fromkeys(NAMES, "") | shown | dict(tried),
        themes=["", *list_themes(seat.app.settings.templates)],
        usual=seat.app.settings.theme,
        widths=LOGO_WIDTHS,
        query=urlencode(dict(tried) | ({"mail": mail} if mail != ISSUE else {})),
        mail=mail,
        mails=MAILS,
        own=seat.app.settings.templates,
        files=find_templates(mail, seat.app.settings.templates, found.theme or seat.app.settings.theme),
        checked=checked,
        trouble=trouble,
        complaint=complaint,
        may_manage=seat.may(Right.MANAGE),
    )
