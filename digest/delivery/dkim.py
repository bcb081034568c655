"""DKIM signatures of our own (RFC 6376, RFC 8301, RFC 8463): relaxed/relaxed, of the whole body, with RSA, Ed25519 or both.

    open_signer    from settings: all keys, checked
    Signers        which of them sign for a sender
    Signer         prepares what all messages of an edition share
    Prepared       signs one message after another

A signature holds nothing but the message, the keys and the time that is handed in: the same message gets the same bytes.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, zip_longest

from digest.delivery.dkim_keys import DkimKey, KeySetting, load_keys
from digest.delivery.relaxed import HOLE, Relaxed, Template, relax, relax_text, relax_value
from digest.model.address import Address
from digest.model.errors import DigestError

WIDTH = 78  # RFC 5322 §2.1.1, SHOULD

#: Each is named once more than it is there, so that none can be added to a signed message (RFC 6376 §5.4.2, §8.15).
OVERSIGNED = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"reply-to",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
    b"list-id",
    b"list-unsubscribe",  # RFC 8058 §4
    b"list-unsubscribe-post",
    b"feedback-id",
    b"auto-submitted",
)
_ALSO_SIGNED = re.compile(rb"list-[a-z0-9-]+|precedence")


class Signers:
    """The keys of an installation, by the domains that they sign for."""

    def __init__(self, keys: Sequence[DkimKey] = ()) -> None:
        domains = {key.domain for key in keys}
        self._signers = {domain: Signer([key for key in keys if key.domain == domain]) for domain in domains}

    def for_sender(self, sender: Address) -> "Signer | None":
        """All keys of the sender's domain; else of the nearest one above it, which is aligned as well (RFC 9989)."""
        domain = sender.domain
        while domain and domain not in self._signers:
            domain = domain.partition(".")[2]
        return self._signers.get(domain)


def open_signer(settings: Iterable[KeySetting]) -> Signers:
    """With the keys that are set, read and checked. Raises BadSetting in words."""
    return Signers(load_keys(settings))


class Signer:
    """Makes a signature with each of its keys."""

    def __init__(self, keys: Sequence[DkimKey]) -> None:
        self.keys = tuple(keys)

    def prepare(self, static: Sequence[bytes]) -> "Prepared":
        """For messages of these pieces, with one of their own between each two. CRLF only, not dot-stuffed."""
        return Prepared(self.keys, static)


def sign_message(message: bytes, keys: Sequence[DkimKey], when: datetime) -> bytes:
    """The signatures of one message, whole: see Prepared.sign."""
    return Signer(keys).prepare([message]).sign([], when)


class Prepared:
    """What all messages of an edition share, ready to be signed. Safe from several threads."""

    def __init__(self, keys: Sequence[DkimKey], static: Sequence[bytes]) -> None:
        self._keys = keys
        self._static = tuple(static)
        self._outline = _make_outline(self._static)
        self._begun = [_begin_field(key, self._outline.listed) for key in keys] if self._outline else []

    def sign(self, own: Sequence[bytes], when: datetime) -> bytes:
        """A DKIM-Signature field for each key, with CRLF, to stand in front of the message with these pieces of its own.

        Raises DigestError for a message that nobody could verify: without From, or with a header that is none.
        """
        _check(self._static, own, when)
        outline = self._outline
        values = outline.relax(own) if outline else None
        if outline is None or values is None:
            return sign_message(_join(self._static, own), self._keys, when)
        facts = b" t=%d; bh=%s;" % (when.timestamp(), base64.b64encode(outline.body.hash(values).digest()))
        header = outline.header.hash(values)
        fields: list[bytes] = []
        for key, (field, relaxed) in zip(self._keys, self._begun, strict=True):
            signed = header.copy()
            signed.update(relaxed + facts + b" b=")  # itself, with nothing in b= and no CRLF: RFC 6376 §3.7
            fields += (field, b"\r\n", facts, b"\r\n b=", _fold_signature(key.sign(signed.digest())), b"\r\n")
        return b"".join(fields)


@dataclass(frozen=True, slots=True)
class _Outline:
    """What is signed of a message, canonical, with holes for its own pieces."""

    listed: Sequence[bytes]  # the names in h=
    header: Template  # the fields that these mean, in their order
    body: Template
    border: int  # how many of the holes are in the header

    def relax(self, own: Sequence[bytes]) -> list[bytes] | None:
        """What goes into the holes; None when a piece must be looked at together with what surrounds it."""
        texts = {piece: relax_text(piece) for piece in set(own[self.border :])}  # most are there several times
        relaxed = [*map(relax_value, own[: self.border]), *map(texts.__getitem__, own[self.border :])]
        values = [value for value in relaxed if value is not None]
        return values if len(values) == len(relaxed) else None


def _make_outline(static: Sequence[bytes]) -> _Outline | None:
    """None when it may be the own pieces that decide which fields there are. Raises DigestError for a whole message without From."""
    message = relax(HOLE.join(static))
    names = [name for name, _ in message.fields]
    signable = b"from" in names and b"" not in names
    if len(static) > 1 and (not signable or any(HOLE in part for part in (*static, *names))):
        return None
    if not signable:
        raise DigestError("A mail was not signed: it has no From header, or a header that is none (RFC 6376 §5.4).")
    return _outline(message, names, holes=len(static) - 1)


def _outline(message: Relaxed, names: Sequence[bytes], holes: int) -> _Outline:
    numbers = iter(range(holes))
    places = [[next(numbers) for _ in range(field.count(HOLE) if holes else 0)] for _, field in message.fields]
    listed, order = _choose(names)
    header = Template(
        b"".join(message.fields[at][1] for at in order), [number for at in order for number in places[at]]
    )
    border = sum(map(len, places))
    return _Outline(listed, header, Template(message.body, range(border, holes)), border)


def _choose(names: Sequence[bytes]) -> tuple[list[bytes], list[int]]:
    """For a message with these fields: what h= says, and the fields that this means, of equal ones the last first (§5.4.2)."""
    also = [name for name in dict.fromkeys(names) if _ALSO_SIGNED.fullmatch(name) and name not in OVERSIGNED]
    listed = [name for name in OVERSIGNED for _ in range(names.count(name) + 1)]
    listed += [name for name in also for _ in range(names.count(name))]
    last_first = range(len(names) - 1, -1, -1)
    order = [at for name in (*OVERSIGNED, *also) for at in last_first if names[at] == name]
    return listed, order


def _check(static: Sequence[bytes], own: Sequence[bytes], when: datetime) -> None:
    if len(own) != len(static) - 1:
        raise DigestError(f"A mail with {len(static) - 1} places was given {len(own)} values, so it was not signed.")
    if when.tzinfo is None:
        raise DigestError(f"A mail was not signed: its time {when} says no time zone.")


def _join(static: Sequence[bytes], own: Sequence[bytes]) -> bytes:
    return b"".join(chain.from_iterable(zip_longest(static, own, fillvalue=b"")))


# the field itself


def _begin_field(key: DkimKey, listed: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Up to its h=: as it is sent, and as it is signed."""
    tags = f"DKIM-Signature: v=1; a={key.type.algorithm}; c=relaxed/relaxed; d={key.domain}; s={key.selector};"
    names = (b"h=" + b":\0".join(listed) + b";").split(b"\0")
    folded = _fold(tags.encode().split(b" "), b" ") + b"\r\n " + _fold(names, b"")
    name, _, value = folded.replace(b"\r\n ", b" ").partition(b": ")
    return folded, name.lower() + b":" + value


def _fold(words: Iterable[bytes], between: bytes) -> bytes:
    lines = [b""]
    for word in words:
        if len(lines[-1] + between + word) >= WIDTH:  # with the space that begins a line
            lines.append(b"")
        lines[-1] += (between if lines[-1] else b"") + word
    return b"\r\n ".join(lines)


def _fold_signature(signature: bytes) -> bytes:
    text, width = base64.b64encode(signature), WIDTH - len(" b=")
    return b"\r\n ".join([text[at : at + width] for at in range(0, len(text), width)])
