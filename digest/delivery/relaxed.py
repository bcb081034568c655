"""Relaxed canonicalisation (RFC 6376 §3.4.2, §3.4.4), of a whole message and of one in pieces.

Nearly all of a message's bytes are those of its edition, so they are canonicalised once, with a HOLE wherever a piece of the
message's own will stand. A hole is a visible character: what goes into it is canonicalised by itself, which is the same as
together if it begins and ends with a visible character too. `relax_value` and `relax_text` say None when that does not hold.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

HOLE = b"\0"  # no message may hold one (RFC 5322)

_BLANK = b" \t\r\n"
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_NEXT_FIELD = re.compile(rb"(?<=\r\n)(?![ \t]|\Z)")
_SETTLED = re.compile(rb"[^ \t\r\n]+(?: [^ \t\r\n]+)*")  # a value in a header that stays as it is

Field = tuple[
    bytes, bytes
]  # its name in lower case ("" for a line that is no field), and all of it, canonical, with CRLF


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A message, canonical."""

    fields: Sequence[Field]  # in the order of the message
    body: bytes


def relax(message: bytes) -> Relaxed:
    """A whole message, CRLF."""
    header, _, body = message.partition(b"\r\n\r\n")
    fields = _NEXT_FIELD.split(header.removesuffix(b"\r\n") + b"\r\n")
    return Relaxed([_relax_field(field) for field in fields], _relax_body(body))


def relax_value(own: bytes) -> bytes | None:
    """What goes into a hole of the header. None: it must be looked at together with what surrounds it."""
    if _SETTLED.fullmatch(own):
        return own
    value = _squeeze(_FOLD.sub(b"", own))
    return value if _SETTLED.fullmatch(value) else None


def relax_text(own: bytes) -> bytes | None:
    """What goes into a hole of the body. None: it must be looked at together with what surrounds it."""
    return _squeeze(own) if own and len(own.strip(_BLANK)) == len(own) else None


class Template:
    """Canonical bytes with holes, the first piece hashed already. Safe from several threads."""

    def __init__(self, canonical: bytes, holes: Sequence[int]) -> None:
        """`holes` says which of a message's own pieces goes into each."""
        first, *others = canonical.split(HOLE) if holes else [canonical]
        self._hash = hashlib.sha256(first)
        self._holes = holes
        self._rest = [piece for other in others for piece in (HOLE, other)]

    def hash(self, own: Sequence[bytes]) -> "hashlib._Hash":
        """With these pieces in the holes; the caller's own, to go on with."""
        pieces = self._rest.copy()
        pieces[::2] = [own[at] for at in self._holes]
        sha256 = self._hash.copy()
        sha256.update(b"".join(pieces))
        return sha256


def _relax_field(field: bytes) -> Field:
    name, colon, value = field.partition(b":")
    name = name.rstrip(b" \t").lower() if colon else b""
    value = _squeeze(value.replace(b"\r\n", b"")).strip(b" ")
    return name, name + b":" + value + b"\r\n"


def _relax_body(body: bytes) -> bytes:
    """Without empty lines at its end; with a line end there, unless there is nothing at all."""
    text = _squeeze(body).rstrip(_BLANK)
    return text + b"\r\n" if text else b""


def _squeeze(text: bytes) -> bytes:
    """Runs of spaces and tabs are one space, and none at a line's end."""
    text = text.replace(b"\t", b" ")
    while b"  " in text:  # halves each run: at most ten times for a line of 998
        text = text.replace(b"  ", b" ")
    return text.replace(b" \r\n", b"\r\n")
