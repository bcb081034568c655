"""What a reader chose of a list: which topics, how often, when, and in which form. Readers who chose alike share editions."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from digest.model.edition import Form
from digest.model.errors import BadInput
from digest.model.language import closest_language
from digest.model.mailing_list import WEEKDAYS, MailingList, Rhythm


@dataclass(frozen=True, slots=True)
class Choices:
    """The defaults are those of a reader who chose nothing."""

    topics: tuple[str, ...] = ()  # of the list's; none is all, and those that the list adds later
    rhythm: Rhythm = Rhythm.EVERY
    weekday: int | None = None  # for WEEKLY: 0 is Monday, and None the first issue of a week
    hour: int | None = None  # local, 0 to 23; None is when the issue appears
    zone: str = ""  # IANA name; "" is the list's
    language: str = ""  # of the frame, one of LANGUAGES; "" is the list's
    form: Form = Form.HTML

    @property
    def key(self) -> str:
        """The same for all who chose alike: topics in whatever order."""
        return json.dumps(choices_to_json(replace(self, topics=tuple(sorted(self.topics)))), ensure_ascii=False)


def choices_to_json(choices: Choices) -> dict[str, Any]:
    return asdict(choices)


def choices_from_json(kept: dict[str, Any]) -> Choices:
    rest = {"topics": tuple(kept["topics"]), "rhythm": Rhythm(kept["rhythm"]), "form": Form(kept["form"])}
    return Choices(**kept | rest)


@dataclass(frozen=True, slots=True)
class Group:
    """Readers of a list who chose alike, and whom the same campaign reached last."""

    choices_id: int  # 0: they chose nothing
    cursor: int  # the campaign; 0: none has yet
    readers: int
    choices: Choices = Choices()


@dataclass(frozen=True, slots=True)
class ChoiceChange:
    """What a reader, or an operator for them, says; None leaves a thing as it is, "" takes the list's own."""

    topics: str | None = None  # "Town, Science"
    rhythm: str | None = None
    weekday: str | None = None  # "fri"
    hour: str | None = None  # "7"
    zone: str | None = None
    language: str | None = None
    form: str | None = None
    pause_until: str | None = None  # "2027-01-10": no issue of an earlier day

    @property
    def empty(self) -> bool:
        return self == ChoiceChange()


def choose(mailing_list: MailingList, before: Choices, said: ChoiceChange) -> Choices:
    """The choices after the change. BadInput, naming what the list offers, for what it does not. The zone is not looked up."""
    changed: dict[str, Any] = {}
    if said.topics is not None:
        changed["topics"] = _read_topics(mailing_list, said.topics)
    if said.rhythm is not None:
        changed["rhythm"] = _read_rhythm(mailing_list, said.rhythm)
    if said.weekday is not None:
        changed["weekday"] = _read_weekday(said.weekday)
    if said.hour is not None:
        changed["hour"] = _read_hour(said.hour)
    if said.form is not None:
        changed["form"] = _read_form(said.form)
    if said.zone is not None:
        changed["zone"] = said.zone.strip()
    if said.language is not None:
        changed["language"] = closest_language(said.language) or ""
    return replace(before, **changed)


def read_pause(said: ChoiceChange, before: date | None) -> date | None:
    """Until when there is a pause after the change; None for none."""
    if said.pause_until is None:
        return before
    if not said.pause_until.strip():
        return None
    try:
        return date.fromisoformat(said.pause_until.strip())
    except ValueError:
        raise BadInput("%(typed)s is no date; write it as 2026-11-23.", typed=repr(said.pause_until)) from None


def _read_topics(mailing_list: MailingList, said: str) -> tuple[str, ...]:
    offered = {topic.casefold(): topic for topic in mailing_list.topics}
    chosen = []
    for name in filter(None, map(str.strip, said.split(","))):
        if name.casefold() not in offered:
            there = ", ".join(mailing_list.topics) or "none"
            raise BadInput(
                "%(list)s has no topic %(topic)s; its topics are: %(topics)s.",
                list=mailing_list.name,
                topic=repr(name),
                topics=there,
            )
        chosen.append(offered[name.casefold()])
    return tuple(topic for topic in mailing_list.topics if topic in chosen)


def _read_rhythm(mailing_list: MailingList, said: str) -> Rhythm:
    word = said.strip().casefold() or Rhythm.EVERY
    if word not in mailing_list.rhythms:
        raise BadInput(
            "%(list)s is not offered %(rhythm)s; its rhythms are: %(rhythms)s.",
            list=mailing_list.name,
            rhythm=repr(said),
            rhythms=", ".join(mailing_list.rhythms),
        )
    return Rhythm(word)


def _read_weekday(said: str) -> int | None:
    word = said.strip().casefold()[:3]
    if word and word not in WEEKDAYS:
        raise BadInput("%(typed)s is no weekday; write one of %(days)s.", typed=repr(said), days=", ".join(WEEKDAYS))
    return WEEKDAYS.index(word) if word else None


def _read_hour(said: str) -> int | None:
    word = said.strip()
    if word and not (word.isascii() and word.isdigit() and int(word) < 24):
        raise BadInput("%(typed)s is no hour; write one from 0 to 23.", typed=repr(said))
    return int(word) if word else None


def _read_form(said: str) -> Form:
    word = said.strip().casefold() or Form.HTML
    if word not in set(Form):
        raise BadInput("%(typed)s is no form of a mail; write html or text.", typed=repr(said))
    return Form(word)
