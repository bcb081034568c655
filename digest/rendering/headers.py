"""Header fields as bytes on the wire want them: ASCII, folded, and encoded words (RFC 2047) of whole characters.

Every text that goes in passes `refuse_unprintable` first: no value can end its own header (security S3).
"""

import base64
import re
from collections.abc import Iterable

from digest.model.address import Address, Mailbox, unprintable
from digest.model.errors import BadInput

WIDTH = 78  # RFC 5322 §2.1.1, SHOULD
_WORD_OCTETS = 42  # in base64 with its frame 68 characters: with the longest name before it, still within WIDTH
_LONGEST_PLAIN_WORD = 60

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # RFC 5322 §3.2.3


def refuse_unprintable(what: str, value: str) -> str:
    """Give the value back, or raise BadInput naming what it was and the character."""
    if not value.isprintable() and (bad := unprintable(value)):
        raise BadInput(f"{what} {value!r} has a character that no header may carry ({bad}).")
    return value


def make_field(name: str, value: str) -> str:
    """`Name: value`, not folded: for values that must stay whole (links, ids) or come folded."""
    return f"{name}: {value}"


def make_text_field(name: str, text: str) -> str:
    """An unstructured field (Subject). Runs of spaces become one."""
    words = " ".join(refuse_unprintable(name, text).split()).split(" ")
    if _can_stand_plain(words):
        return _fold(f"{name}:", words)
    return f"{name}: " + "\r\n ".join(_encode_words(" ".join(words)))


def make_mailbox(mailbox: Mailbox) -> str:
    """`Ann <ann@example.org>`, the name encoded if need be. Over-long ones are folded before the address.

    A local part beyond ASCII stays as it is: only a next hop with SMTPUTF8 may get such a message (RFC 6532 §3).
    """
    if not mailbox.name:
        return str(mailbox.address)
    if len(mailbox.name) <= _LONGEST_PLAIN_WORD and _ATOMS.fullmatch(mailbox.name) and "=?" not in mailbox.name:
        return _name_and_address(mailbox.name, mailbox.address)
    name = " ".join(refuse_unprintable("The name", mailbox.name).split())
    if not name:
        return str(mailbox.address)
    return _name_and_address(make_phrase(name), mailbox.address)


def _name_and_address(phrase: str, address: Address) -> str:
    text = f"{phrase} <{address}>"
    return text if len("Reply-To: ") + len(text) <= WIDTH else f"{phrase}\r\n <{address}>"


def make_phrase(name: str) -> str:
    """A display name (RFC 5322 §3.2.5): atoms, a quoted string, or encoded words."""
    if not _can_stand_plain([name]):
        return "\r\n ".join(_encode_words(name))
    if _ATOMS.fullmatch(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _can_stand_plain(words: list[str]) -> bool:
    # What looks like an encoded word must be encoded, or it would be decoded.
    return all(word.isascii() and "=?" not in word and len(word) <= _LONGEST_PLAIN_WORD for word in words)


def _fold(start: str, words: Iterable[str]) -> str:
    lines = [start]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > WIDTH:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines)


def _encode_words(text: str) -> list[str]:
    """Encoded words, each of whole characters: half a character in each of two words is unreadable in both."""
    chunks = [b""]
    for char in text:
        octets = char.encode()
        if len(chunks[-1]) + len(octets) > _WORD_OCTETS:
            chunks.append(b"")
        chunks[-1] += octets
    return [f"=?utf-8?B?{base64.b64encode(chunk).decode()}?=" for chunk in chunks]
