"""A row of a table as a person with the proof of their consent, or why it is none. Nothing is looked up; the same row is the same person."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple, TypeVar

from digest.audience.addresses import clean_language, clean_name, read_address
from digest.audience.choose import find_zone
from digest.audience.imports.fields import CONFIRMED, LEFT, Field, Said
from digest.audience.imports.recognise import Columns
from digest.audience.imports.rows import BadRow, Row
from digest.audience.judge import NOTHING_CHOSEN, Person
from digest.model.choices import Choices
from digest.model.edition import Form
from digest.model.errors import BadInput
from digest.model.keys import Keys
from digest.model.language import closest_language
from digest.model.mailing_list import WEEKDAYS, MailingList, Rhythm
from digest.model.subscriber import Consent, SubscriptionState, SuppressionReason

T = TypeVar("T")

MAX_NOTE = 1000  # characters; longer ones are cut
MAX_SHOWN = 80  # of what a cell holds, in a complaint about it
KEY_SHOWN = 8  # characters of the secret key's fingerprint, which stand before a hash of an address
_YES, _NO = frozenset({"true", "1", "yes", "t", "y"}), frozenset({"", "false", "0", "no", "f", "n"})
_LASTING = {
    str(each): each for each in (SuppressionReason.BOUNCED, SuppressionReason.COMPLAINT, SuppressionReason.OPERATOR)
}
_OURS = _LASTING | {str(SuppressionReason.ERASED): SuppressionReason.ERASED}
_CHOICES = frozenset(
    (Field.TOPICS, Field.RHYTHM, Field.WEEKDAY, Field.HOUR, Field.ZONE, Field.FRAME_LANGUAGE, Field.FORM)
)


class Brought(NamedTuple):
    """A person, and the list that they are brought to."""

    line: int
    list_name: str
    hashed: str
    person: Person


class Shut(NamedTuple):
    """An address that is not to be mailed, of which only the hash is known."""

    line: int
    hashed: str
    reason: SuppressionReason
    at: datetime


class _Odd(Exception):
    """What is wrong with a row: the rest of a sentence that begins with "Line 7"."""


Cells = Mapping[Field, str]  # of one row, without what is empty


@dataclass(frozen=True)
class Reading:
    """What all rows of a table are read with. `lists` are those that it may bring people to."""

    keys: Keys
    columns: Columns
    lists: Mapping[str, MailingList]
    list_name: str | None  # None: each row names its own
    confirmed: bool
    consent: str
    now: datetime

    def read(self, row: Row) -> Brought | Shut | BadRow:
        cells = self.columns.cells(row)
        try:
            if Field.ADDRESS_HASH in cells and Field.EMAIL not in cells:
                return self._shut(row.line, cells)
            return self._brought(row.line, cells)
        except _Odd as odd:
            return BadRow(row.line, str(odd))

    def _brought(self, line: int, cells: Cells) -> Brought:
        mailing_list = self._list(cells)
        try:
            address = read_address(cells.get(Field.EMAIL, ""))
        except BadInput as error:
            raise _Odd(f"has no usable address: {error}") from None
        said = self._said(cells)
        suppressed = self._suppressed(cells) or said.suppressed
        asks = said.state is SubscriptionState.CONFIRMED and not self.confirmed
        times = self._times(cells, said.state, cleaned=suppressed is not None)
        choices, unknown = self._choices(cells, mailing_list)
        day = cells.get(Field.PAUSED_UNTIL)
        person = Person(
            address=address,
            state=SubscriptionState.PENDING if asks else said.state,
            consent=self._consent(cells),
            name=clean_name(_name(cells)),
            language=clean_language(cells.get(Field.LANGUAGE, "")),
            confirmed_at=None if asks else times.confirmed,
            unsubscribed_at=times.left,
            suppressed=suppressed,
            suppressed_at=times.suppressed,
            joined_at=times.joined,
            note=self._note(cells, unknown),
            choices=choices,
            paused_until=_read("pauses until a day", day, date.fromisoformat) if day else None,
        )
        return Brought(line, mailing_list.name, self.keys.address_hash(address), person)

    def _list(self, cells: Cells) -> MailingList:
        of_row = cells.get(Field.LIST, "")
        if self.list_name is not None:
            if of_row and of_row != self.list_name:
                raise _Odd(f"belongs to the list {of_row[:MAX_SHOWN]!r}, not to {self.list_name!r}")
            return self.lists[self.list_name]
        if of_row not in self.lists:
            raise _Odd(f"belongs to the list {of_row[:MAX_SHOWN]!r}, which is not here")
        return self.lists[of_row]

    def _said(self, cells: Cells) -> Said:
        """What the file says of the subscription; CONFIRMED where it says nothing."""
        word = cells.get(Field.STATE, "").lower()
        said = self.columns.source.states.get(word) if word else self.columns.source.said
        if said is None:
            raise _Odd(f"has a state that we do not know: {word[:MAX_SHOWN]!r}")
        if said is CONFIRMED and (_yes(cells, Field.DISABLED, "no") or not _yes(cells, Field.WANTS_MAIL, "yes")):
            return LEFT
        if said is CONFIRMED and not word and Field.UNSUBSCRIBED_AT in cells:
            return LEFT
        return said

    def _suppressed(self, cells: Cells) -> SuppressionReason | None:
        word = cells.get(Field.SUPPRESSED, "").lower()
        if word in _NO:
            return None
        reason = (_OURS if self.columns.source.ours else _LASTING).get(word)
        if reason is None:
            raise _Odd(f"is suppressed for a reason that we do not know: {word[:MAX_SHOWN]!r}")
        return reason

    def _consent(self, cells: Cells) -> Consent:
        """What the file says of this reader, else what the operator says of all."""
        return Consent(
            source=cells.get(Field.CONSENT_SOURCE) or self.columns.source.name,
            text=cells.get(Field.CONSENT_TEXT) or self.consent,
            at=self._time(cells, Field.CONSENT_AT, Field.CONFIRMED_AT, Field.JOINED_AT) or self.now,
            network_hash=self._network(cells),
        )

    def _network(self, cells: Cells) -> str:
        kept = cells.get(Field.CONSENT_NETWORK, "")
        if kept:
            return kept if _HASH.fullmatch(kept) else ""
        address = cells.get(Field.CONSENT_IP) or cells.get(Field.CONFIRM_IP)
        return _network_hash(self.keys, address) if address else ""

    def _times(self, cells: Cells, state: SubscriptionState, *, cleaned: bool) -> "_Times":
        """As our own export has them; another's are put together from what it has."""
        joined = self._time(cells, Field.JOINED_AT)
        confirmed, left = self._time(cells, Field.CONFIRMED_AT), self._time(cells, Field.UNSUBSCRIBED_AT)
        suppressed = self._time(cells, Field.SUPPRESSED_AT)
        if self.columns.source.ours:
            return _Times(joined, confirmed, left, suppressed)
        joined = joined or self._time(cells, Field.CONSENT_AT, Field.CONFIRMED_AT)
        if state is SubscriptionState.UNSUBSCRIBED and cleaned:
            left = left or suppressed
        return _Times(joined, None if state is SubscriptionState.PENDING else confirmed or joined, left, suppressed)

    def _time(self, cells: Cells, *fields: Field) -> datetime | None:
        for each in fields:
            said = cells.get(each)
            if said and (found := read_time(said, self.now)):
                return found
        return None

    def _note(self, cells: Cells, unknown: Sequence[str]) -> str:
        note, labels = cells.get(Field.NOTE, ""), cells.get(Field.LABELS, "")
        if self.columns.source.ours or not (note or labels or unknown):
            return note
        if labels and labels != "{}":
            note += f"\n{_LABELS.get(self.columns.source.name, 'labels')}: {labels}"
        if unknown:
            note += f"\ntopics: {', '.join(unknown)}"
        return clean_note(note)

    def _choices(self, cells: Cells, mailing_list: MailingList) -> tuple[Choices, Sequence[str]]:
        """And the names of topics that the list does not have; our own export's are kept, for the list may have had them."""
        if _CHOICES.isdisjoint(cells):
            return NOTHING_CHOSEN, ()
        said = {what: cells[what] for what in _CHOICES if what in cells}
        named = [name for each in said.get(Field.TOPICS, "").split(",") if (name := each.strip(' "'))]
        if self.columns.source.ours:
            return _choices(said, tuple(named)), ()
        wanted = {name.casefold() for name in named}
        offered = {topic.casefold() for topic in mailing_list.topics}
        topics = tuple(topic for topic in mailing_list.topics if topic.casefold() in wanted)
        return _choices(said, topics), [name for name in named if name.casefold() not in offered]

    def _shut(self, line: int, cells: Cells) -> Shut:
        key, _, hashed = cells[Field.ADDRESS_HASH].rpartition(":")
        reason = self._suppressed(cells)
        if reason is None or not _HASH.fullmatch(hashed):
            raise _Odd("has neither an address nor the hash of one that is suppressed")
        if key != self.keys.fingerprint[:KEY_SHOWN]:
            raise _Odd("holds an address that was hashed with another secret_key, so nobody can know here which it is")
        return Shut(line, hashed, reason, self._time(cells, Field.SUPPRESSED_AT) or self.now)


class _Times(NamedTuple):
    joined: datetime | None
    confirmed: datetime | None
    left: datetime | None
    suppressed: datetime | None


_HASH = re.compile(r"[0-9a-f]{32}")
_IPV4 = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")


def _name(cells: Cells) -> str:
    return cells.get(Field.NAME) or f"{cells.get(Field.FIRST_NAME, '')} {cells.get(Field.LAST_NAME, '')}"


def _yes(cells: Cells, what: Field, otherwise: str) -> bool:
    word = cells.get(what, otherwise).lower()
    if word not in _YES | _NO:
        raise _Odd(f"says neither yes nor no of {what!s}: {word[:MAX_SHOWN]!r}")
    return word in _YES


def _network_hash(keys: Keys, address: str) -> str:
    """The same for all of a network of IPv4, so it is made once for them."""
    if _IPV4.fullmatch(address) and int(address.rpartition(".")[2]) < 256:
        return _hash_of_network(keys, f"{address.rpartition('.')[0]}.0")
    return keys.network_hash(address)


@lru_cache(2**16)
def _hash_of_network(keys: Keys, address: str) -> str:
    return keys.network_hash(address)


_LABELS = {"listmonk": "attributes", "mailchimp": "tags"}


def clean_note(text: str) -> str:
    """What may be kept of a note: text of some lines."""
    if text.isprintable():
        return text.strip()[:MAX_NOTE].rstrip()
    lines = ("".join(char for char in line if char.isprintable()).strip() for line in text.splitlines())
    return "\n".join(filter(None, lines))[:MAX_NOTE].rstrip()


@lru_cache(4096)
def read_time(text: str, now: datetime) -> datetime | None:
    """ISO 8601, UTC where it says no zone; None for what is no time, or is still to come."""
    try:
        time = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return None
    try:
        aware = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except OverflowError:
        return None
    return aware if aware <= now else None


def _choices(said: Mapping[Field, str], topics: tuple[str, ...]) -> Choices:
    return Choices(
        topics=topics,
        rhythm=_read("wants a rhythm", said.get(Field.RHYTHM, Rhythm.EVERY), Rhythm),
        weekday=_read("wants a weekday", said[Field.WEEKDAY], WEEKDAYS.index) if Field.WEEKDAY in said else None,
        hour=_read("wants an hour", said[Field.HOUR], _HOURS.index) if Field.HOUR in said else None,
        zone=_zone(said.get(Field.ZONE, "")),
        language=closest_language(said.get(Field.FRAME_LANGUAGE, "")) or "",
        form=_read("wants a form", said.get(Field.FORM, Form.HTML), Form),
    )


_HOURS = [str(hour) for hour in range(24)]


def _read(what: str, said: str, read: Callable[[str], T]) -> T:
    try:
        return read(said)
    except ValueError:
        raise _Odd(f"{what} that we do not know: {said[:MAX_SHOWN]!r}") from None


@lru_cache(1024)
def _zone(said: str) -> str:
    found = find_zone(said) if said else ""
    if found is None:
        raise _Odd(f"names a time zone that we do not know: {said[:MAX_SHOWN]!r}")
    return found
