"""Somebody signs up, by a form or the API: what they typed, and whether they get in. The way is the same for all of them.

Whoever gets in is told the same words with the same status, whatever we know of the address (security S7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi.responses import HTMLResponse

from digest.audience.addresses import read_address
from digest.audience.door import UsedProof
from digest.audience.sign_up import Application, choose_lists, sign_up
from digest.model.choices import ChoiceChange
from digest.model.errors import BadInput, DigestError, NotFound
from digest.model.mailing_list import MailingList
from digest.model.subscriber import Consent
from digest.settings import Settings
from digest.web.desk import Desk
from digest.web.forms import FILL_TIME, Form
from digest.web.limits import visit_from
from digest.web.puzzle import Solved, check_solution
from digest.words import Words

_SHOWN = 80  # characters of an address in a complaint about it


class BadAddress(BadInput):
    """What was typed is no address, or nothing."""


class Closed(DigestError):
    """Nobody may sign up: an operator has closed the door."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed and chose, as it came; a form shows it again after a mistake."""

    email: str = ""
    name: str = ""
    chosen: tuple[str, ...] = ()  # lists
    topics: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by list
    rhythms: Mapping[str, str] = field(default_factory=dict)
    hour: str = ""
    zone: str = ""

    def choices(self, lists: Sequence[MailingList], language: str) -> dict[str, ChoiceChange]:
        """A zone without an hour decides nothing, and the list's own language is no choice."""
        return {each.name: self._choice(each, language) for each in lists}

    def _choice(self, mailing_list: MailingList, language: str) -> ChoiceChange:
        own = mailing_list.language.partition("-")[0].lower() == language
        return ChoiceChange(
            topics=", ".join(self.topics.get(mailing_list.name, ())) or None,
            rhythm=self.rhythms.get(mailing_list.name) or None,
            hour=self.hour or None,
            zone=(self.zone or None) if self.hour else None,
            language=None if own else language,
        )


def read_typed(form: Form, chosen: Sequence[str]) -> Typed:
    """`chosen`: the lists that the form is about."""
    return Typed(
        email=form.get("email"),
        name=form.get("name"),
        chosen=tuple(chosen),
        topics={name: form.all(f"topic-{name}") for name in chosen},
        rhythms={name: form.get(f"rhythm-{name}") for name in chosen},
        hour=form.get("hour"),
        zone=form.get("zone"),
    )


@dataclass(frozen=True, slots=True)
class Knock:
    """A request to get in. `solution`: of a puzzle; "" where no script ran, and then the share is small."""

    typed: Typed
    client: str
    source: str  # of the consent
    solution: str = ""
    language: str = ""  # of what was read; "" for that of the answer


def knock(desk: Desk, asked: Knock) -> None:
    """Raises BadInput in the reader's words for what they can mend, NotFound for no list, Closed and TooMany."""
    app, now, typed = desk.app, desk.app.now(), asked.typed
    settings = check_open(desk)
    lists = chosen_lists(desk, typed.chosen)
    check_address(desk, typed.email)
    solved = _check_solution(desk, asked)
    consent = Consent(asked.source, say_consent(settings, desk.pages.words), now, app.keys.network_hash(asked.client))
    visit = visit_from(app.keys, asked.client, settings.sign_ups_per_hour, solved.proof if solved else None)
    language = asked.language or desk.pages.words.tag
    application = Application(
        typed.email, typed.chosen, consent, typed.name, language, typed.choices(lists, language), visit
    )
    try:
        sign_up(app.store, app.keys, desk.notices, application, now=now, nonce=app.nonce())
    except UsedProof:
        raise BadInput(_once_more(desk)) from None
    except BadInput:
        said = desk.pages.words.gettext("What was chosen is not offered any more. Please choose again.")
        raise BadInput(said) from None


def _check_solution(desk: Desk, asked: Knock) -> Solved | None:
    if not asked.solution:
        return None
    solved = check_solution(desk.app.keys, form_of(asked.typed.chosen), asked.solution, desk.app.now())
    if solved is None or desk.app.now() - solved.made_at < FILL_TIME:
        raise BadInput(_once_more(desk))
    return solved


def form_of(chosen: Sequence[str]) -> str:
    """What a puzzle is made for: the list, or "" for several."""
    return chosen[0] if len(set(chosen)) == 1 else ""


def chosen_lists(desk: Desk, names: Sequence[str]) -> list[MailingList]:
    say = desk.pages.words.gettext
    if not names:
        raise BadInput(say("No newsletter was chosen. Choose at least one."))
    try:
        return choose_lists(desk.app.store, names)
    except NotFound:
        raise NotFound(say("There is no such newsletter here.")) from None


def check_address(desk: Desk, email: str) -> None:
    say, typed = desk.pages.words.gettext, email.strip()
    if not typed:
        raise BadAddress(say("No address was typed. One looks like ann@example.org."))
    try:
        read_address(typed)
    except BadInput:
        shown = typed if len(typed) <= _SHOWN else typed[: _SHOWN - 1] + "…"
        wrong = say("“%(typed)s” is not an e-mail address. One looks like ann@example.org.", typed=shown)
        raise BadAddress(wrong) from None


def check_open(desk: Desk) -> Settings:
    """The settings as they are now. Raises Closed."""
    settings = desk.app.settings_now()
    if not settings.sign_ups:
        raise Closed
    return settings


def say_consent(settings: Settings, words: Words) -> str:
    """The words that are agreed to; our own ones in the reader's language."""
    if settings.sign_up_text == Settings.model_fields["sign_up_text"].default:
        return words.gettext("Sign up for our weekly newsletter")
    return settings.sign_up_text


def say_look(desk: Desk) -> tuple[str, str]:
    """What everybody is told who gets in."""
    say = desk.pages.words.gettext
    return (
        say(
            "If this address can be subscribed, a mail is on its way to it. Open it and press the button there: only then "
            "are you subscribed. The link in it works for 48 hours."
        ),
        say(
            "Nothing there after a few minutes? Look into the spam folder. We ask an address once a day at most, so trying "
            "again helps tomorrow, not now."
        ),
    )


def tell_to_look(desk: Desk, lists: Sequence[MailingList]) -> HTMLResponse:
    title = desk.pages.words.gettext("Check your inbox")
    return desk.pages.tell(title, *say_look(desk), of_list=lists[0] if len(lists) == 1 else None)


def _once_more(desk: Desk) -> str:
    return desk.pages.words.gettext("This page was open for too long. Please press the button once more.")
