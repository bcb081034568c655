"""A message as it goes on the wire: checked, dot-stuffed, and put together from pieces that were checked before (RFC 5321 §4.5.2).

Nearly all of a message's bytes are those of its edition. A `Form` looks at them once; a message then costs a look at what is
its own, and no byte of the rest is even copied. Refused with DigestError, whatever piece it is in: a CR or LF alone, which some servers take for a line's
end (SMTP smuggling, security S5), NUL, and lines that are too long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from digest.model.errors import DigestError

_NUL, _LF, _CR = b"\0\n\r"  # numbers are found in bytes ten times as quickly as bytes are
MAX_LINE = 998  # octets without CRLF, RFC 5321 §4.5.3.1.6


class Content(NamedTuple):
    """A whole message, ready for the wire: in pieces, which a socket can take without their being joined."""

    pieces: Sequence[bytes]
    size: int  # octets before dot-stuffing: what SIZE= wants (RFC 1870 §3)
    ascii: bool

    @property
    def wire(self) -> bytes:
        """Dot-stuffed and ended by CRLF (or empty), without the final dot."""
        return b"".join(self.pieces)

    @property
    def plain(self) -> bytes:
        """As it was before dot-stuffing, and as it is after delivery."""
        return (b"\r\n" + self.wire).replace(b"\r\n..", b"\r\n.")[2:]


class Form:
    """What all messages of an edition share: `static` pieces, with one of a message's own between each two."""

    def __init__(self, static: Sequence[bytes]) -> None:
        self._pieces = [_look_at(piece) for piece in static]
        self._wires = [wire for piece in self._pieces for wire in (piece.wire, b"")][:-1]
        self._plain = not any(piece.dotted for piece in self._pieces) and all(each.tail >= 0 for each in self._pieces)
        self._plain = self._plain and self._pieces[-1].tail == 0 and len(static) > 1
        self._places = len(static) - 1
        self._gaps = max(0, self._places - 1)
        self._room = min((MAX_LINE - before.tail - after.head for before, after in pairwise(self._pieces)), default=-1)
        self._size = sum(map(len, static))
        self._ascii = all(map(bytes.isascii, static))

    def fill(self, own: Sequence[bytes] = ()) -> Content:
        """The message whose own pieces these are, one fewer than there are static ones. Safe from several threads."""
        if len(own) != self._places:
            msg = f"{len(own)} pieces of its own were given for {self._places} places"
            raise ValueError(msg)
        together = b" ".join(own)
        size = self._size + len(together) - self._gaps
        short = len(together) <= self._room or max(map(len, own), default=0) <= self._room
        if self._plain and short and _is_quiet(together):
            pieces = self._wires.copy()
            pieces[1::2] = own
        else:
            pieces, more = self._fill_slowly(own)
            size += more
        return Content(pieces, size, self._ascii and together.isascii())

    def _fill_slowly(self, own: Sequence[bytes]) -> tuple[list[bytes], int]:
        """Piece by piece, however they begin and end; and how many octets had to be added."""
        out: list[bytes] = []
        line = self._pieces[0].add_to(out, 0)  # octets of the line that the pieces so far end in
        for value, piece in zip(own, self._pieces[1:], strict=True):
            line = piece.add_to(out, _look_at(value).add_to(out, line))
        if line:
            out.append(b"\r\n")
            return out, 2
        return out, 0


def make_content(message: bytes) -> Content:
    """One message, whole."""
    return Form([message]).fill()


def _is_quiet(pieces: bytes) -> bool:
    """Whether none of several, with spaces between them, has a line end or NUL in it, or begins with a dot."""
    cut = _LF in pieces or _CR in pieces or _NUL in pieces
    return not cut and pieces.find(b" .") < 0 and not pieces.startswith(b".")


@dataclass(frozen=True, slots=True)
class _Piece:
    wire: bytes  # dot-stuffed, but for a dot at its very beginning
    head: int  # octets before its first CRLF, before stuffing
    tail: int  # octets after its last CRLF; -1 when it has none
    dotted: bool  # begins with a dot

    def add_to(self, out: list[bytes], line: int) -> int:
        """Append it to a message that stands at octet `line` of a line; returns where it stands then."""
        if line + self.head > MAX_LINE:
            _refuse_long(line + self.head)
        if self.dotted and not line:
            out.append(b".")
        out.append(self.wire)
        return line + self.head if self.tail < 0 else self.tail


def _look_at(data: bytes) -> _Piece:
    if not data.count(b"\r\n") == data.count(b"\r") == data.count(b"\n"):
        raise DigestError("A mail with a line end other than CRLF was not sent: servers differ in where it would end.")
    if b"\0" in data:
        raise DigestError("A mail with a NUL in it was not sent: no mail may hold one (RFC 5322).")
    lines = data.split(b"\r\n")
    _refuse_long(max(map(len, lines)))
    tail = len(lines[-1]) if len(lines) > 1 else -1
    return _Piece(data.replace(b"\r\n.", b"\r\n.."), len(lines[0]), tail, data.startswith(b"."))


def _refuse_long(octets: int) -> None:
    if octets > MAX_LINE:
        raise DigestError(f"A mail with a line of {octets:,} octets was not sent: {MAX_LINE} are allowed (RFC 5321).")
