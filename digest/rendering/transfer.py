"""Quoted-printable (RFC 2045 §6.7) that leaves room for tokens: each stands on an encoded line of its own.

The standard library's encoder knows nothing of tokens; a value filled into one of its lines would break the limit of 76.
"""

import re

from digest.rendering.slots import token_pattern

LINE = 76  # octets, the soft break's `=` included
_ROOM = LINE - 3  # for what a line holds: less the `=`, and less two for _guard, which makes one octet into three

# All but printable ASCII less "=", and a space at the end, which servers may strip.
_UNSAFE = re.compile(rb"[^\x20-\x3c\x3e-\x7e]| $")


def encode_value(text: str) -> bytes:
    """One value for a token's place: encoded lines joined by soft breaks. It has no line ends of its own."""
    return b"=\r\n".join(_encode_lines(text))


def encode_body(text: str, salt: str) -> bytes:
    """A whole part, CRLF, with every token of this salt on an encoded line of its own."""
    tokens = token_pattern(salt)
    return b"".join(_encode_line(line, tokens) + b"\r\n" for line in text.rstrip("\n").split("\n"))


def _encode_line(line: str, tokens: re.Pattern[str]) -> bytes:
    pieces = [piece for piece in tokens.split(line) if piece]
    return b"=\r\n".join(encode_value(piece) for piece in pieces)


def _encode_lines(text: str) -> list[bytes]:
    encoded = _UNSAFE.sub(lambda match: b"=%02X" % match[0][0], text.encode())
    if len(encoded) <= _ROOM:
        return [_guard(encoded)]
    return [_guard(line) for line in _cut(encoded)]


def _cut(encoded: bytes) -> list[bytes]:
    lines = []
    start = 0
    while start < len(encoded):
        stop = _stop(encoded, start)
        lines.append(encoded[start:stop])
        start = stop
    return lines


def _stop(encoded: bytes, start: int) -> int:
    """Where to cut, so that no escape (`=C3`) is cut in two."""
    stop = start + _ROOM
    if stop >= len(encoded):
        return len(encoded)
    escape = encoded.rfind(b"=", stop - 2, stop)
    return stop if escape < 0 else escape


def _guard(line: bytes) -> bytes:
    """Hide a line's leading dot and "From ": servers that get dot-stuffing or mbox wrong have nothing to spoil."""
    if line.startswith(b"."):
        return b"=2E" + line[1:]
    if line.startswith(b"From "):
        return b"=46" + line[1:]
    return line
