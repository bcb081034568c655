"""The form of a reader's choices: what it shows, and what was sent with it, with a sentence for what does not fit."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.audience.choose import find_zone, pause_until
from digest.audience.preferences import Preferences
from digest.model.choices import ChoiceChange
from digest.model.edition import Form as MailForm
from digest.model.mailing_list import WEEKDAYS, Rhythm
from digest.web.forms import Form
from digest.words import LANGUAGES, Words

PAUSES = ("2", "4", "8")  # weeks
KEEP, END = "keep", "end"  # of a pause


@dataclass(frozen=True, slots=True)
class Typed:
    """What the fields hold, in the form's own words."""

    topics_wanted: str  # "all" or "some"
    topics: tuple[str, ...]
    rhythm: str
    weekday: str  # "" for the first issue of a week
    hour: str  # "" for when it appears
    zone: str  # "" for the list's
    language: str  # "" for the list's
    text_only: bool
    pause: str = KEEP


def as_chosen(seen: Preferences, now: datetime) -> Typed:
    chosen = seen.choices
    today = now.astimezone(ZoneInfo(seen.mailing_list.schedule.zone)).date()
    paused = seen.paused_until is not None and seen.paused_until > today
    return Typed(
        topics_wanted="some" if chosen.topics else "all",
        topics=chosen.topics,
        rhythm=chosen.rhythm if chosen.rhythm in seen.mailing_list.rhythms else "",
        weekday="" if chosen.weekday is None else WEEKDAYS[chosen.weekday],
        hour="" if chosen.hour is None else str(chosen.hour),
        zone=chosen.zone,
        language=chosen.language,
        text_only=chosen.form is MailForm.TEXT,
        pause=KEEP if paused else END,
    )


def typed_in(form: Form) -> Typed:
    """As it was sent, to be shown again beside what is wrong with it."""
    return Typed(
        form.get("topics"),
        tuple(form.all("topic")),
        form.get("rhythm"),
        form.get("weekday"),
        form.get("hour"),
        form.get("zone")[:100],
        form.get("language"),
        bool(form.get("text")),
        form.get("pause"),
    )


def read_choices(form: Form, seen: Preferences, words: Words, now: datetime) -> tuple[ChoiceChange, dict[str, str]]:
    """The change, and what does not fit by the id of its field. What a list does not offer is not asked, and stays as it is."""
    said, offered = typed_in(form), seen.mailing_list
    zone = find_zone(said.zone) if said.zone.strip() else ""
    complaints = _complain(said, seen, zone, words)
    change = ChoiceChange(
        topics=_topics(said) if offered.topics else None,
        rhythm=said.rhythm or None,
        weekday=said.weekday if Rhythm.WEEKLY in offered.rhythms else None,
        hour=said.hour,
        zone=zone,
        language=said.language,
        form=MailForm.TEXT if said.text_only else MailForm.HTML,
        pause_until=_pause(said, seen, now),
    )
    return change, complaints


def _complain(said: Typed, seen: Preferences, zone: str | None, words: Words) -> dict[str, str]:
    complaints = {}
    if seen.mailing_list.topics and said.topics_wanted == "some" and not said.topics:
        complaints["topic-1"] = words.gettext("Choose at least one topic, or all of them.")
    if zone is None:
        complaints["zone"] = words.gettext(
            "We do not know this time zone. Type the name of a large city in it, such as Vienna or New York."
        )
    if said.language not in {"", *LANGUAGES} and said.language != seen.choices.language:
        complaints["language"] = words.gettext("Choose a language from the list.")
    return complaints


def _topics(said: Typed) -> str:
    return ",".join(said.topics) if said.topics_wanted == "some" else ""


def _pause(said: Typed, seen: Preferences, now: datetime) -> str | None:
    """As ChoiceChange has it: None leaves a pause as it is, "" ends it."""
    if said.pause in PAUSES:
        return pause_until(seen.mailing_list, int(said.pause), now).isoformat()
    return "" if said.pause == END else None
