"""What a fresh link leads to: all that we keep of its reader, to be seen, downloaded and erased; and a change of address.

Looking and downloading change nothing; pressing a button does. The links are random, for one purpose, and work for a short time.
"""

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, Response

from digest.audience import my_data, new_address
from digest.audience.new_address import Clerk, MoveState, Moving
from digest.links import Links
from digest.model.mailing_list import Archive
from digest.model.message import MessageState
from digest.model.subscriber import SubscriptionState
from digest.web.desk import AtDesk, Desk, Sent
from digest.web.readers import READ
from digest.words import LANGUAGES

routes = APIRouter(include_in_schema=False)


@routes.api_route("/me/{token}", methods=READ)
@routes.api_route("/me/{token}/erase", methods=READ)
@routes.api_route("/me/{token}/feed", methods=READ)
def look_at_my_data(desk: AtDesk, token: str) -> HTMLResponse:
    return _show_data(desk, token)


@routes.api_route("/me/{token}/export", methods=READ)
def export(desk: AtDesk, token: str) -> Response:
    found = my_data.export(desk.app.store, desk.app.keys, token, now=desk.app.now())
    if found is None:
        return _show_expired(desk)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"', "Cache-Control": "no-store"}
    return JSONResponse(found, headers=headers)


@routes.post("/me/{token}/erase")
def erase(desk: AtDesk, form: Sent, token: str) -> HTMLResponse:
    if form.get("sure") != "yes":
        say = desk.pages.words.gettext
        complaint = say("Tick the box first: what is erased cannot be brought back.")
        return _show_data(desk, token, _Note(complaint, "sure", 422))
    if not my_data.erase(desk.app.store, desk.app.keys, token, now=desk.app.now()):
        return _show_expired(desk)
    say = desk.pages.words.gettext
    return desk.pages.tell(
        say("You are forgotten"),
        say("Nothing that names you is kept, and nothing more will be sent to you."),
        say(
            "A code made from your address stays, so that nobody else can bring you back. You can: by signing up again."
        ),
    )


@routes.post("/me/{token}/feed")
def renew_feed(desk: AtDesk, form: Sent, token: str) -> HTMLResponse:
    renewed = my_data.renew_feed(desk.app.store, token, form.get("list"), now=desk.app.now())
    if renewed is None:
        return _show_expired(desk)
    say = desk.pages.words.gettext
    if not renewed:
        return _show_data(desk, token, _Note(say("You have no feed of this newsletter."), status=422))
    return _show_data(desk, token, _Note(say("Done: your feed has another address, and the old one has ended.")))


@routes.api_route("/address/{token}", methods=READ)
def look_at_move(desk: AtDesk, token: str) -> HTMLResponse:
    return _show_move(desk, new_address.look(desk.app.store, token, now=desk.app.now()), token)


@routes.post("/address/{token}")
def press_move(desk: AtDesk, token: str) -> HTMLResponse:
    app = desk.app
    clerk = Clerk(app.store, app.keys, desk.notices, app.now(), app.nonce())
    return _show_move(desk, new_address.press(clerk, token), token)


@dataclass(frozen=True, slots=True)
class _Note:
    """What the page says first."""

    text: str = ""
    about: str = ""  # the id of a field that is to be mended
    status: int = 200


def _show_data(desk: Desk, token: str, note: _Note = _Note()) -> HTMLResponse:
    seen = my_data.look(desk.app.store, desk.app.keys, token, now=desk.app.now())
    if seen is None:
        return _show_expired(desk)
    desk = desk.speaking_to(seen.subscriber.language)
    return desk.pages.show(
        "my_data.html",
        note.status,
        seen=seen,
        token=token,
        note=note,
        words=desk.pages.words,
        languages=LANGUAGES,
        preferences=_preferences_links(desk.app.links, seen),
        feeds=_feeds(desk.app.links, seen),
        on_their_way=_ON_THEIR_WAY,
    )


#: A message in one of these is not sent yet.
_ON_THEIR_WAY = frozenset({MessageState.QUEUED, MessageState.CLAIMED, MessageState.ARMED, MessageState.DEFERRED})


def _preferences_links(links: Links, seen: my_data.MyData) -> dict[int, str]:
    """The page of each list, by the list's number: below our root, whatever host this was asked from."""
    numbers = [each.mailing_list.id for each in seen.kept]
    return {number: links.preferences(seen.subscriber.id, number).removeprefix(links.base_url) for number in numbers}


def _feeds(links: Links, seen: my_data.MyData) -> dict[int, str]:
    """Their own feed of each list that they read, by the list's number; of none that is shown to nobody."""
    read = [
        each
        for each in seen.kept
        if each.subscription.state is SubscriptionState.CONFIRMED and each.mailing_list.archive is not Archive.OFF
    ]
    return {
        each.mailing_list.id: links.feed(
            seen.subscriber.id, each.mailing_list.id, each.subscription.feed_number
        ).removeprefix(links.base_url)
        for each in read
    }


def _show_expired(desk: Desk) -> HTMLResponse:
    say = desk.pages.words.gettext
    return desk.pages.tell(
        say("This link does not work any more"),
        say("A link to your data works for an hour. Open the preferences from any of our mails and ask for a new one."),
        status=410,
    )


def _show_move(desk: Desk, seen: Moving, token: str) -> HTMLResponse:
    if seen.state is MoveState.GONE:
        say = desk.pages.words.gettext
        return desk.pages.tell(
            say("This link does not work any more"),
            say("It works once, and for 48 hours. Open the preferences from any of our mails and ask for a new one."),
            status=410,
        )
    return desk.speaking_to(seen.language).pages.show("move.html", seen=seen, token=token)
