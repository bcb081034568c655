"""The preferences page, by the link in every mail: choices, a pause, leaving, other newsletters, another address, one's data.

What it shows is what the mail tells anyway, and what goes beyond a mild mischief is done by a fresh link that is mailed to the
reader (security S9, docs/adr/0012). Every form posts to the page's own address; looking changes nothing.
"""

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from digest.audience import preferences
from digest.audience import unsubscribe as leaving
from digest.audience.choose import choose_by_link
from digest.audience.new_address import Clerk, ask_to_move
from digest.audience.preferences import Preferences
from digest.model.errors import BadInput
from digest.model.subscriber import Consent
from digest.web.choosing import Typed, as_chosen, read_choices, typed_in
from digest.web.desk import Client, Desk, Sent
from digest.web.forms import Form
from digest.web.knock import say_consent
from digest.web.readers import READ, Chooser, ChoosersDesk, Reader
from digest.web.zones import ZONES
from digest.words import LANGUAGES

routes = APIRouter(include_in_schema=False)


@routes.api_route("/p/{token}", methods=READ)
def look_at_preferences(desk: ChoosersDesk, reader: Chooser, token: str) -> HTMLResponse:
    return _Page(desk, reader, token).show()


@routes.post("/p/{token}")
def prefer(desk: ChoosersDesk, client: Client, form: Sent, reader: Chooser, token: str) -> HTMLResponse:
    page = _Page(desk, reader, token)
    seen = page.look()
    if seen is None:
        return page.show()
    act = _ACTS.get(form.get("do"))
    if act is None:
        say = desk.pages.words.gettext
        return page.show({"": say("Nothing was chosen, so nothing changed.")})
    return act(page, seen, form, client)


class _Page:
    def __init__(self, desk: Desk, reader: Reader, token: str) -> None:
        self.desk = desk
        self.app = desk.app
        self.reader = reader
        self.token = token
        self.say = desk.pages.words.gettext

    def look(self) -> Preferences | None:
        return preferences.look(self.app.store, *self.reader)

    def show(
        self, complaints: dict[str, str] | None = None, *, said: str = "", typed: Typed | None = None, email: str = ""
    ) -> HTMLResponse:
        """`complaints` are what is wrong, by the id of the field that it is about; "" for the whole page."""
        seen = self.look()
        if seen is None:
            title = self.say("Nothing is sent to you")
            return self.desk.pages.tell(title, self.say("The address of this mail is on none of our lists any more."))
        return self.desk.pages.show(
            "preferences.html",
            422 if complaints else 200,
            seen=seen,
            token=self.token,
            typed=typed or as_chosen(seen, self.app.now()),
            complaints=complaints or {},
            said=said,
            email=email,
            words=self.desk.pages.words,
            languages=LANGUAGES,
            zones=ZONES,
            consent=self.consent(),
        )

    def consent(self) -> str:
        return say_consent(self.app.settings_now(), self.desk.pages.words)

    def clerk(self) -> Clerk:
        return Clerk(self.app.store, self.app.keys, self.desk.notices, self.app.now(), self.app.nonce())


def _save(page: _Page, seen: Preferences, form: Form, client: str) -> HTMLResponse:  # noqa: ARG001  as every act
    words, now = page.desk.pages.words, page.app.now()
    change, complaints = read_choices(form, seen, words, now)
    if complaints:
        return page.show(complaints, typed=typed_in(form))
    try:
        choose_by_link(page.app.store, *page.reader, change, now=now)
    except BadInput:  # not from a form of ours, or the list offers it no more
        said = page.say("Something of that is not on offer any more. Please look it over and save again.")
        return page.show({"": said})
    return page.show(said=page.say("Saved. It counts from the next issue on."))


def _leave(page: _Page, seen: Preferences, form: Form, client: str) -> HTMLResponse:  # noqa: ARG001  as every act
    app = page.app
    leaving.unsubscribe(app.store, *page.reader, now=app.now(), by="page", notices=page.desk.notices)
    title = seen.mailing_list.title
    return page.show(said=page.say("Done: %(title)s will not be sent to you any more.", title=title))


def _leave_all(page: _Page, seen: Preferences, form: Form, client: str) -> HTMLResponse:  # noqa: ARG001  as every act
    leaving.unsubscribe_all(page.app.store, page.reader[0], now=page.app.now(), by="page")
    return page.show(said=page.say("Done: nothing more will be sent to you."))


def _join(page: _Page, seen: Preferences, form: Form, client: str) -> HTMLResponse:
    wanted = set(form.all("list"))
    names = tuple(each.name for each in seen.others if each.name in wanted)
    if not names:
        first = f"list-{seen.others[0].name}" if seen.others else ""
        return page.show({first: page.say("Choose at least one newsletter.")})
    app, now = page.app, page.app.now()
    consent = Consent("preferences", page.consent(), now, app.keys.network_hash(client))
    preferences.join(
        app.store, app.keys, page.desk.notices, page.reader[0], names=names, consent=consent, now=now, nonce=app.nonce()
    )
    said = page.say(
        "A mail is on its way to %(address)s. Open it and press the button there; what you read already needs none.",
        address=seen.masked,
    )
    return page.show(said=said)


def _change_address(page: _Page, seen: Preferences, form: Form, client: str) -> HTMLResponse:  # noqa: ARG001  as every act
    typed = form.get("email")
    try:
        ask_to_move(page.clerk(), *page.reader, typed)
    except BadInput:
        said = page.say("This does not look like an e-mail address; one looks like ann@example.org.")
        return page.show({"email": said}, email=typed[:254])
    said = page.say(
        "A mail is on its way to %(address)s. Open it and press the button there: then we write to the new address.",
        address=seen.masked,
    )
    return page.show(said=said)


def _send_data(page: _Page, seen: Preferences, form: Form, client: str) -> HTMLResponse:  # noqa: ARG001  as every act
    clerk = page.clerk()
    preferences.send_data_link(clerk.store, clerk.keys, clerk.notices, *page.reader, now=clerk.now, nonce=clerk.nonce)
    said = page.say("A link to your data is on its way to %(address)s. It works for an hour.", address=seen.masked)
    return page.show(said=said)


_ACTS: dict[str, Callable[[_Page, Preferences, Form, str], HTMLResponse]] = {
    "save": _save,
    "leave": _leave,
    "leave-all": _leave_all,
    "join": _join,
    "address": _change_address,
    "data": _send_data,
}
