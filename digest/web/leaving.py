"""Unsubscribing: at once, by our page's button or a mail program's own (RFC 8058); less mail instead; and why, for who likes to say.

Looking (GET, HEAD) changes nothing; pressing (POST) does. No cookie, no login, no redirect (RFC 8058 §3.1). Who found a
forwarded mail can unsubscribe its reader, or have them get less, and learns nothing (security S9).
"""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from digest.audience import unsubscribe as leaving
from digest.audience.choose import choose_by_link, pause_until
from digest.audience.unsubscribe import MAX_WORDS, Leaving, Left
from digest.model.choices import ChoiceChange
from digest.model.mailing_list import MailingList, Rhythm
from digest.model.subscriber import Reason
from digest.web.desk import Desk, Sent
from digest.web.readers import READ, Leaver, LeaversDesk
from digest.words import Words

routes = APIRouter(include_in_schema=False)

PAUSE = "pause"  # what the button says that asks for four weeks of rest
PAUSE_WEEKS = 4


@routes.api_route("/u/{token}", methods=READ)
@routes.api_route("/u/{token}/less", methods=READ)
@routes.api_route("/u/{token}/why", methods=READ)
def look(desk: LeaversDesk, reader: Leaver, token: str) -> HTMLResponse:
    seen = leaving.look(desk.app.store, *reader)
    if seen.state is not Left.LEFT:
        return _show_left(desk, seen, token)
    return desk.pages.show("unsubscribe.html", seen=seen, token=token, weeks=PAUSE_WEEKS)


@routes.post("/u/{token}")
def unsubscribe(desk: LeaversDesk, form: Sent, reader: Leaver, token: str) -> HTMLResponse:
    """By our page's button, or by a mail program: its POST may have any body (RFC 8058 §3.2), and is told by none of ours."""
    by_page = form.get("by") == "page"
    left = leaving.unsubscribe(
        desk.app.store,
        *reader,
        now=desk.app.now(),
        by="page" if by_page else "one-click",
        notices=desk.notices if by_page else None,
    )
    return _show_left(desk, left, token)


@routes.post("/u/{token}/less")
def get_less(desk: LeaversDesk, form: Sent, reader: Leaver, token: str) -> HTMLResponse:
    wish, seen = form.get("less"), leaving.look(desk.app.store, *reader)
    if seen.state is not Left.LEFT or seen.mailing_list is None:
        return _show_left(desk, seen, token)
    if wish != PAUSE and wish not in seen.fewer:
        return desk.pages.show("unsubscribe.html", 422, seen=seen, token=token, weeks=PAUSE_WEEKS)
    day = pause_until(seen.mailing_list, PAUSE_WEEKS, desk.app.now())
    said = ChoiceChange(pause_until=day.isoformat()) if wish == PAUSE else ChoiceChange(rhythm=wish)
    choose_by_link(desk.app.store, *reader, said, now=desk.app.now())
    words = desk.pages.words
    done = words.gettext("No issue comes before %(day)s.", day=words.long_date(day))
    text = done if wish == PAUSE else _say_rhythm(words, Rhythm(wish), seen.mailing_list)
    return desk.pages.tell(words.gettext("You stay, with less mail"), text, of_list=seen.mailing_list)


@routes.post("/u/{token}/why")
def say_why(desk: LeaversDesk, form: Sent, reader: Leaver, token: str) -> HTMLResponse:
    """Nothing hangs on it: who presses without a word is thanked too."""
    seen, wish = leaving.look(desk.app.store, *reader), form.get("reason")
    if seen.state is Left.LEFT:
        return look(desk, reader, token)
    reason = Reason(wish) if wish in set(Reason) else None
    leaving.say_why(desk.app.store, *reader, reason, form.get("words"), now=desk.app.now())
    say = desk.pages.words.gettext
    return desk.pages.tell(
        say("Thank you"),
        say("You have left, and what you told us was noted."),
        of_list=seen.mailing_list,
        way_back=True,
    )


def _say_rhythm(words: Words, rhythm: Rhythm, mailing_list: MailingList) -> str:
    if rhythm is Rhythm.WEEKLY:
        return words.gettext("From now on %(title)s comes once a week.", title=mailing_list.title)
    return words.gettext("From now on %(title)s comes once a month.", title=mailing_list.title)


def _show_left(desk: Desk, left: Leaving, token: str) -> HTMLResponse:
    return desk.pages.show("left.html", left=left, token=token, most=MAX_WORDS)
