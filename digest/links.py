"""The links in our mails: made and read here only. A link proves that we made it, for one purpose, and carries no secret.

    /u/TOKEN   unsubscribe (RFC 8058): subscriber and list. GET shows a page, POST unsubscribes
    /p/TOKEN   preferences: subscriber and list
    /v/TOKEN   an issue in a browser: an edition
    /pictures/NAME  a picture of ours; its name is the hash of its content
    /f/TOKEN   a reader's own feed: subscriber, list, and how often it got another address. It shows what they chose
    /lists/NAME/archive, /lists/NAME/issues/NUMBER, /lists/NAME/feed.atom  for everybody
    /a/TOKEN   an article that has no page of its own, such as a folder's text
    /c/TOKEN   confirmation: a random token that works once
    /me/TOKEN, /address/TOKEN  fresh links to a reader's data and to another address: random, and good for a short time

Mails come from an envelope address that is a link of its own kind: see ReturnPaths.

A token is base64url of: key number (1 byte), numbers (varints), tag (16 bytes). It must work for years, so it holds nothing
that changes. A forwarded mail gives its finder the power to unsubscribe its reader, and no other (security S9).
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum

from digest.model.address import Address
from digest.model.fresh_link import LinkPurpose
from digest.model.keys import TAG_BYTES, Keys
from digest.model.picture import Rendition, file_name

_KEY_NUMBER = 1  # becomes a choice when keys can be rotated
_MAX_TOKEN = 120  # characters; ours have 24 to 50


class Purpose(StrEnum):
    """What a link is for; the value is the first part of its path."""

    UNSUBSCRIBE = "u"
    PREFERENCES = "p"
    VIEW = "v"
    ARTICLE = "a"
    FEED = "f"

    __hash__ = str.__hash__  # Enum's is written in Python, and each message has links


_KEY = bytes([_KEY_NUMBER])
_PATHS = {purpose: f"/{purpose.value}/" for purpose in Purpose}
_TAGGED = {purpose: f"link:{purpose}" for purpose in Purpose}  # what a tag is made for
_RETURNED = "returned"  # what tags of envelope senders are made for
_SHORT = [bytes([number]) for number in range(0x80)]
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads links below one base address (no slash at its end)."""

    base_url: str
    keys: Keys

    def unsubscribe(self, subscriber_id: int, list_id: int) -> str:
        return self._signed(Purpose.UNSUBSCRIBE, subscriber_id, list_id)

    def preferences(self, subscriber_id: int, list_id: int) -> str:
        return self._signed(Purpose.PREFERENCES, subscriber_id, list_id)

    def of_readers(self) -> "ReadersLinks":
        """Makes both of these, which each message has, for one reader after the other."""
        return ReadersLinks(self.base_url, self.keys)

    def view(self, edition_id: int) -> str:
        return self._signed(Purpose.VIEW, edition_id)

    def article(self, article_id: int) -> str:
        return self._signed(Purpose.ARTICLE, article_id)

    def feed(self, subscriber_id: int, list_id: int, feed_number: int = 0) -> str:
        """`feed_number` as the subscription has it."""
        return self._signed(Purpose.FEED, subscriber_id, list_id, *([feed_number] if feed_number else []))

    def list_page(self, name: str, page: str = "") -> str:
        """`page` is "archive", "issues/12", "feed.atom", "feed.json"; "" for where one signs up."""
        return f"{self.base_url}/lists/{name}{page and '/'}{page}"

    def picture(self, rendition: Rendition) -> str:
        return f"{self.base_url}/pictures/{file_name(rendition.sha256, rendition.media_type)}"

    def confirm(self, token: str) -> str:
        return f"{self.base_url}/c/{token}"

    def fresh(self, purpose: LinkPurpose, token: str) -> str:
        return f"{self.base_url}/{'me' if purpose is LinkPurpose.DATA else 'address'}/{token}"

    def read(self, purpose: Purpose, token: str) -> tuple[int, ...] | None:
        """The numbers in a token, or None for one that we did not make for this purpose."""
        raw = _decode(token)
        if raw is None or len(raw) <= TAG_BYTES:
            return None
        body, tag = raw[:-TAG_BYTES], raw[-TAG_BYTES:]
        if not hmac.compare_digest(tag, self.keys.tag(_TAGGED[purpose], body)):
            return None
        return _numbers(body[1:]) if body[0] == _KEY_NUMBER else None

    def unsubscribes(self, link: str) -> tuple[int, int] | None:
        """The subscriber and list of one of our links to unsubscribe; None for another's."""
        token = link.removeprefix(f"{self.base_url}{_PATHS[Purpose.UNSUBSCRIBE]}")
        numbers = self.read(Purpose.UNSUBSCRIBE, token) if token != link else None
        return (numbers[0], numbers[1]) if numbers is not None and len(numbers) == 2 else None

    def _signed(self, purpose: Purpose, *numbers: int) -> str:
        return self._link(purpose, _body(*numbers))

    def _link(self, purpose: Purpose, body: bytes) -> str:
        return f"{self.base_url}{_PATHS[purpose]}{_encode(body + self.keys.tag(_TAGGED[purpose], body))}"


class ReturnPaths:
    """Envelope senders, one for each message: `bounces+TOKEN@…` for a base of `bounces@…`. What is sent back to it proves by itself
    which message it is about (VERP, and BATV's idea), so that nobody can have a reader given up by a forged bounce.

    A token is as in a link, but in base32 without padding (RFC 4648 §6): mail servers may change the case of letters. RFC 5233 tells
    of the `+`.
    """

    def __init__(self, base: Address, keys: Keys) -> None:
        self._base, self._keys = base, keys
        self._begun = keys.begin_tag(_RETURNED)

    def of(self, message_id: int) -> Address:
        body = _body(message_id)
        tag = self._begun.copy()
        tag.update(body)
        token = base64.b32encode(body + tag.digest()).rstrip(b"=").decode().lower()
        return Address(f"{self._base.local}+{token}", self._base.domain)

    def read(self, address: str) -> int | None:
        """The number of the message whose envelope had it as its sender; None for an address that is not ours."""
        local, _, domain = address.casefold().rpartition("@")
        name, _, token = local.partition("+")
        if f"{name}@{domain}" != self._base.key or not token.isascii():
            return None
        try:
            raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
        except (binascii.Error, ValueError):
            return None
        body, tag = raw[:-TAG_BYTES], raw[-TAG_BYTES:]
        if not hmac.compare_digest(tag, self._keys.tag(_RETURNED, body)) or body[:1] != _KEY:
            return None
        numbers = _numbers(body[1:])
        return numbers[0] if len(numbers) == 1 else None


class ReadersLinks:
    """`Links.unsubscribe` and `Links.preferences`, with what is the same for all readers done once. Safe from several threads."""

    def __init__(self, base_url: str, keys: Keys) -> None:
        self._unsubscribe = self._begin(base_url, keys, Purpose.UNSUBSCRIBE)
        self._preferences = self._begin(base_url, keys, Purpose.PREFERENCES)

    def __call__(self, subscriber_id: int, list_id: int) -> tuple[str, str]:
        body = _KEY + _varint(subscriber_id) + _varint(list_id)
        return _end(*self._unsubscribe, body), _end(*self._preferences, body)

    @staticmethod
    def _begin(base_url: str, keys: Keys, purpose: Purpose) -> tuple[str, "hashlib.blake2b"]:
        return f"{base_url}{_PATHS[purpose]}", keys.begin_tag(_TAGGED[purpose])


def _end(path: str, begun: "hashlib.blake2b", body: bytes) -> str:
    tag = begun.copy()
    tag.update(body)
    return path + _encode(body + tag.digest())


def _encode(raw: bytes) -> str:
    """base64url without padding (RFC 4648 §5)."""
    return binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=").decode()


def _decode(token: str) -> bytes | None:
    if len(token) > _MAX_TOKEN or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    # One link, one spelling: spare bits at the end of base64 must be zero.
    return raw if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == token else None


def _body(*numbers: int) -> bytes:
    return b"".join([_KEY, *map(_varint, numbers)])


def _varint(number: int) -> bytes:
    """Seven bits a byte, low ones first, the high bit set on all but the last (as in Protocol Buffers)."""
    if number < 0x80:
        return _SHORT[number]
    if number < 0x4000:
        return bytes((number & 0x7F | 0x80, number >> 7))
    if number < 0x20_0000:
        return bytes((number & 0x7F | 0x80, number >> 7 & 0x7F | 0x80, number >> 14))
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _numbers(raw: bytes) -> tuple[int, ...]:
    numbers: list[int] = []
    value = shift = 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            numbers.append(value)
            value = shift = 0
    return tuple(numbers)
