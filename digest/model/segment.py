"""A segment: a saved filter over subscribers. Fields, comparisons and values from an allow-list, and nothing else (security S15)."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from digest.model.address import Address
from digest.model.edition import Form
from digest.model.errors import BadInput
from digest.model.mailing_list import Rhythm
from digest.model.subscriber import SubscriptionState, SuppressionReason

MOST_CONDITIONS = 20
MOST_VALUE = 200  # characters
MOST_DAYS = 36_500
MOST_NAME = 60


class Field(StrEnum):
    """What can be asked of a reader."""

    LANGUAGE = "language"  # as far as it is known: en, or en-GB
    DOMAIN = "domain"  # what stands behind the @
    SOURCE = "source"  # how they came: form, api, operator, import, or where that was from, such as mailchimp
    TOPIC = "topic"  # of the list: they get it, by choice or because they chose none
    RHYTHM = "rhythm"  # every, weekly or monthly
    FORM = "form"  # html or text
    LIST = "list"  # another list that they are confirmed on
    STATE = "state"  # pending, confirmed or unsubscribed; of an issue's readers all are confirmed
    JOINED = "joined"  # when they confirmed
    REACHED = "reached"  # when the last issue was published that reached them
    ACTED = "acted"  # when they last did something themselves: signed up, confirmed, chose, asked for a link
    BOUNCED = "bounced"  # when a mail to them was refused for good
    SUPPRESSED = "suppressed"  # why they are not to be mailed


class Compare(StrEnum):
    """How a field and a value are held together."""

    IS = "is"
    IS_NOT = "is not"
    SINCE = "since"  # on that day or later; or within so many days
    NOT_SINCE = "not since"  # before it, or never


class Match(StrEnum):
    """How many of a segment's conditions must hold."""

    ALL = "all"
    ANY = "any"


MOMENTS = frozenset({Field.JOINED, Field.REACHED, Field.ACTED, Field.BOUNCED})
#: The words that a field can be compared with, where there are only some.
WORDS: dict[Field, frozenset[str]] = {
    Field.RHYTHM: frozenset(Rhythm),
    Field.FORM: frozenset(Form),
    Field.STATE: frozenset(SubscriptionState),
    Field.SUPPRESSED: frozenset(SuppressionReason),
}
_DAYS = re.compile(r"([0-9]{1,5}) ?d(?:ays?)?")


def comparisons(field: Field) -> tuple[Compare, ...]:
    return (Compare.SINCE, Compare.NOT_SINCE) if field in MOMENTS else (Compare.IS, Compare.IS_NOT)


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is asked. `value` is a word, or of a moment a day (2026-11-23) or so many days (`30 days`)."""

    field: Field
    compare: Compare
    value: str

    def since(self, now: datetime) -> datetime:
        """The moment that a field of time is held against."""
        if days := _DAYS.fullmatch(self.value):
            return now - timedelta(days=int(days[1]))
        return datetime.combine(date.fromisoformat(self.value), time(), UTC)

    def __str__(self) -> str:
        return f"{self.field} {self.compare} {self.value}"


@dataclass(frozen=True, slots=True)
class Segment:
    """Conditions under a name. `id` is 0 for one that was not saved: a search."""

    conditions: tuple[Condition, ...] = ()
    match: Match = Match.ALL
    name: str = ""
    id: int = 0

    def __str__(self) -> str:
        return f" {'and' if self.match is Match.ALL else 'or'} ".join(map(str, self.conditions)) or "everybody"


@dataclass(frozen=True, slots=True)
class Aim:
    """Whom of a list's readers an issue is for: only these, all but those, or both; as a rule everybody."""

    only: Segment | None = None
    but: Segment | None = None
    at: datetime = datetime.max.replace(tzinfo=UTC)  # noqa: RUF009  frozen; the moment that days are counted from

    def __str__(self) -> str:
        """Empty for everybody."""
        parts = [f"only {self.only.name} ({self.only})"] if self.only else []
        parts += [f"without {self.but.name} ({self.but})"] if self.but else []
        return ", ".join(parts)


EVERYBODY = Aim()


def read_condition(field: str, compare: str, value: str) -> Condition:
    """From what somebody typed. Raises BadInput naming what there is."""
    if field not in set(Field):
        raise BadInput(f"There is no field {_cut(field)}; there is {', '.join(Field)}.")
    asked = Field(field)
    if compare not in comparisons(asked):
        raise BadInput(f"{asked} is compared by {' or '.join(comparisons(asked))}, not by {_cut(compare)}.")
    return Condition(asked, Compare(compare), _read_value(asked, " ".join(value.split())))


def read_segment(name: str, said: list[tuple[str, str, str]], match: str = Match.ALL) -> Segment:
    """Raises BadInput in words."""
    plain = " ".join(name.split())
    if not 0 < len(plain) <= MOST_NAME or not plain.isprintable():
        raise BadInput(f"A segment needs a name of at most {MOST_NAME} characters.")
    found = read_filter(said, match)
    if not found.conditions:
        raise BadInput("A segment needs a condition at least; without one it would be everybody.")
    return replace(found, name=plain)


def read_filter(said: list[tuple[str, str, str]], match: str = Match.ALL) -> Segment:
    """The same without a name, and perhaps without a condition."""
    if match not in set(Match):
        raise BadInput(f"Of the conditions {' or '.join(Match)} must hold, not {_cut(match)}.")
    if len(said) > MOST_CONDITIONS:
        raise BadInput(f"A segment has {MOST_CONDITIONS} conditions at most.")
    return Segment(tuple(read_condition(*each) for each in said), Match(match))


def _read_value(field: Field, value: str) -> str:
    if not 0 < len(value) <= MOST_VALUE or not value.isprintable():
        raise BadInput(f"{field} needs a value of at most {MOST_VALUE} characters.")
    if field in MOMENTS:
        return _read_moment(field, value)
    if field in WORDS and value not in WORDS[field]:
        raise BadInput(f"{field} is one of {', '.join(sorted(WORDS[field]))}, not {_cut(value)}.")
    return Address.parse(f"a@{value.lstrip('@')}").domain if field is Field.DOMAIN else value


def _read_moment(field: Field, value: str) -> str:
    if days := _DAYS.fullmatch(value):
        return f"{min(int(days[1]), MOST_DAYS)} days"
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise BadInput(f"{field} is a day (2026-11-23) or so many days ago (30 days), not {_cut(value)}.") from None


def _cut(said: str) -> str:
    return repr(said[:40])
