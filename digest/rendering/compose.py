"""One reader's message: the edition's bytes with the slots filled. No MIME is built and no template read here.

The same edition and the same values always give the same bytes, so that a message sent again is the same message.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import chain
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from digest.model.address import Mailbox
from digest.model.edition import Edition, Slot
from digest.model.errors import BadInput, DigestError
from digest.rendering.frame import read_frame
from digest.rendering.headers import make_mailbox
from digest.rendering.slots import Part, known_tokens, token_pattern
from digest.rendering.transfer import encode_value

CAMPAIGN_MAILS = frozenset({"issue"})
CAMPAIGN_FIELDS = (b"List-Id", b"List-Unsubscribe", b"List-Unsubscribe-Post")
MAX_LINK = 900  # octets: with its field's name well within the 998 of a line (RFC 5322 §2.1.1)

_Values = Mapping[Any, str]  # by Slot, or by its plain word

_LINKS = frozenset({Slot.UNSUBSCRIBE, Slot.PREFERENCES, Slot.VIEW, Slot.CONFIRM, Slot.LINK})
_LINK = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d+)?(?:[/?#][!#-;=?-\[\]^_a-z|~]*)?",
    re.IGNORECASE,
)
#: Needs no escaping in text, HTML or quoted-printable, nor a line break.
_SAME_EVERYWHERE = re.compile(r"[A-Za-z0-9:/@+_~-][A-Za-z0-9:/@+._~-]{0,70}")
_PLAIN_LINK = r"https://[A-Za-z0-9-][A-Za-z0-9:/+._~-]{0,61}"
_LEFT_AND_DOMAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/=^_`{|}~.-]{1,200}@[A-Za-z0-9.-]{1,253}")  # RFC 5322 §3.6.4
_PLAIN: dict[Slot, str] = {
    **dict.fromkeys(_LINKS, _PLAIN_LINK),
    Slot.ADDRESS: _SAME_EVERYWHERE.pattern,
    Slot.MESSAGE_ID: _LEFT_AND_DOMAIN.pattern,
    **dict.fromkeys((Slot.TO, Slot.DATE), r"[\0-\x09\x0b-\x7f]*"),  # in headers only, and made here: ASCII in one line
}
#: Their plain words: a member of Slot takes longer to be found in a dictionary.
_ADDRESS, _TO, _MESSAGE_ID, _DATE = (each.value for each in (Slot.ADDRESS, Slot.TO, Slot.MESSAGE_ID, Slot.DATE))
_LOOPBACK = re.compile(r"localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\]", re.IGNORECASE)


class Composer:
    """Fills one edition. Made once per edition; safe from several threads.

    `static` are the bytes that all its messages share; a message has one piece of its own between each two of them. `same`
    are slots that have one value for all readers.
    """

    def __init__(self, edition: Edition, same: Mapping[Slot, str] = MappingProxyType({})) -> None:
        _check_campaign(edition)
        tokens = known_tokens(edition.salt)
        first, *rest = re.split(token_pattern(edition.salt).pattern.encode(), edition.skeleton)
        static, self._holes = [first], []
        for token, piece in zip(rest[::2], rest[1::2], strict=True):
            slot, part = tokens[token.decode()]
            if slot in same:
                static[-1] += _encode(part, _check(slot, same)) + piece
            else:
                self._holes.append((slot, part))
                static.append(piece)
        self.static = tuple(static)
        self._kinds = sorted(set(self._holes))
        self._slots = sorted({slot for slot, _ in self._kinds})
        self._names = [slot.value for slot in self._slots]
        self._plain = re.compile("\n".join(_PLAIN[slot] for slot in self._slots))
        self._in_order = _picker([self._slots.index(slot) for slot, _ in self._holes])
        self._date = (
            datetime.min.replace(tzinfo=UTC),
            "",
        )  # the last one, and its words: the messages of a campaign have one date

    def compose(self, to: Mailbox, message_id: str, date: datetime, slots: Mapping[Slot, str]) -> bytes:
        """The whole message, CRLF: `static` and `own` joined in turn."""
        own = self.own(to, message_id, date, slots)
        return b"".join(chain.from_iterable(zip(self.static, [*own, b""], strict=True)))

    def own(self, to: Mailbox, message_id: str, date: datetime, slots: Mapping[Slot, str]) -> Sequence[bytes]:
        """The pieces of one message. `message_id` comes without angle brackets, `date` is aware.

        All bytes are 7-bit unless the reader's address is beyond ASCII (`to.address.needs_smtputf8`): that message can only
        go to a next hop with SMTPUTF8. Raises BadInput when a value is missing or may not stand in a mail.
        """
        values: _Values = {
            **slots,
            _ADDRESS: str(to.address),
            _TO: make_mailbox(to),
            _MESSAGE_ID: message_id,
            _DATE: self._format_date(date),
        }
        return self._own_quickly(values) or self._own_carefully(values)

    def _format_date(self, date: datetime) -> str:
        if date.tzinfo is None:
            raise BadInput(f"The date {date} of a message says no time zone.")
        last, words = self._date
        if date != last or date.tzinfo is not last.tzinfo:
            words = format_datetime(date)
            self._date = date, words
        return words

    def _own_quickly(self, values: _Values) -> Sequence[bytes] | None:
        """When every value is so plain that it is the same in all parts, as nearly always."""
        try:
            together = "\n".join(map(values.__getitem__, self._names))
        except KeyError:
            return None
        if not self._plain.fullmatch(together):
            return None
        return self._in_order(together.encode().split(b"\n"))

    def _own_carefully(self, values: _Values) -> list[bytes]:
        checked = {slot: _check(slot, values) for slot in self._slots}
        filled = {kind: _encode(kind[1], checked[kind[0]]) for kind in self._kinds}
        return [filled[kind] for kind in self._holes]


def fill_html(edition: Edition, slots: Mapping[Slot, str]) -> str:
    """The HTML part with its slots filled. A missing address is "your address", in its own language, a missing link leads nowhere."""
    return _fill(edition, edition.html, slots, html.escape)


def fill_web(edition: Edition, slots: Mapping[Slot, str]) -> str:
    """The same of the web edition, which has everything that the mail had no room for."""
    return _fill(edition, edition.whole, slots, html.escape)


def fill_text(edition: Edition, slots: Mapping[Slot, str]) -> str:
    """The text part with its slots filled; what is missing as in `fill_html`."""
    return _fill(edition, edition.text, slots, str)


def _fill(edition: Edition, body: str, slots: Mapping[Slot, str], escape: Callable[[str], str]) -> str:
    tokens = known_tokens(edition.salt)
    values = {Slot.ADDRESS: read_frame(edition).gettext("your address"), **slots}
    return token_pattern(edition.salt).sub(lambda match: escape(values.get(tokens[match[1]][0], "#")), body)


def _picker(places: Sequence[int]) -> Callable[[Sequence[bytes]], Sequence[bytes]]:
    """Gives what stands in these places."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda items: [items[place] for place in places]


def _check_campaign(edition: Edition) -> None:
    """House rule 8, once more at the last gate: an edition may have been stored by older code."""
    names = {line.partition(b":")[0] for line in edition.skeleton.partition(b"\r\n\r\n")[0].split(b"\r\n")}
    missing = [field.decode() for field in CAMPAIGN_FIELDS if field not in names]
    if edition.mail in CAMPAIGN_MAILS and missing:
        raise DigestError(f"This {edition.mail} has no {' and no '.join(missing)} header, so it cannot be sent.")


def _check(slot: Slot, values: _Values) -> str:
    """The value for a slot that this mail has; BadInput when there is none or it would break the mail."""
    if slot not in values:
        raise BadInput(f"The mail has a place for {slot.name.lower()}, but no value was given for it.")
    if slot in _LINKS:
        return _check_link(slot, values[slot])
    if slot is Slot.MESSAGE_ID and not _LEFT_AND_DOMAIN.fullmatch(values[slot]):
        raise BadInput(f"{values[slot]!r} is not a Message-ID of the form left@domain.")
    return values[slot]


def _check_link(slot: Slot, link: str) -> str:
    match = _LINK.fullmatch(link)
    if match is None or len(link) > MAX_LINK or "=?" in link:  # which begins an encoded word (RFC 2047)
        raise BadInput(
            f"The {slot.name.lower()} link {link!r} cannot stand in a mail: http(s), ASCII, no spaces, {MAX_LINK} octets at most."
        )
    if slot is Slot.UNSUBSCRIBE and match["scheme"].lower() != "https" and not _LOOPBACK.fullmatch(match["host"]):
        raise BadInput(f"The unsubscribe link {link!r} must begin with https:// (RFC 8058): the base URL must.")
    return link


def _encode(part: Part, value: str) -> bytes:
    """The bytes for a token's place. Header values come encoded, or were checked to need nothing."""
    if part is Part.HEADER or _SAME_EVERYWHERE.fullmatch(value):
        return value.encode()
    return encode_value(html.escape(value) if part is Part.HTML else value)
