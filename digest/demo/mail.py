"""A mail as it was received: its envelope, its bytes, and what a mail reader shows of them (RFC 5322, MIME).

Nothing here trusts the bytes: headers that cannot be decoded are shown as they stand, and no charset is believed blindly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

_TRACE = (b"Return-Path: ", b"Delivered-To: ", b"X-Received-At: ")  # what we write above a mail on disk
_CRLF = b"\r\n"


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One mail in the mailbox. `content` is what came after DATA, byte for byte, dots unstuffed."""

    number: int  # counts from 1 and never restarts
    received_at: datetime  # aware UTC
    sender: str  # of the envelope; "" for <>
    recipients: tuple[str, ...]  # of the envelope
    content: bytes

    def header(self, name: str) -> str:
        """The first header of that name, decoded and unfolded; "" when there is none."""
        return next((value for key, value in self.headers() if key.lower() == name.lower()), "")

    def headers(self) -> tuple[tuple[str, str], ...]:
        """All of them, in order, decoded and unfolded."""
        return tuple((name, _decoded(value)) for name, value in self._message().raw_items())

    @property
    def subject(self) -> str:
        return self.header("Subject")

    @property
    def text(self) -> str:
        """The plain text part; "" when there is none."""
        return self._part("text/plain")

    @property
    def html(self) -> str:
        """The HTML part, as it came: not safe to show outside a sandbox; "" when there is none."""
        return self._part("text/html")

    def _part(self, kind: str) -> str:
        parts = (part for part in self._message().walk() if part.get_content_type() == kind)
        return next((_text(part) for part in parts), "")

    def _message(self) -> Message:
        return BytesParser(policy=compat32).parsebytes(self.content)


def to_file(mail: ReceivedMail) -> bytes:
    """As an .eml: the mail under three lines of trace, as a mail server would leave it in a maildir."""
    values = (f"<{mail.sender}>", ", ".join(mail.recipients), mail.received_at.isoformat())
    trace = (name + value.encode() + _CRLF for name, value in zip(_TRACE, values, strict=True))
    return b"".join(trace) + mail.content


def from_file(number: int, stored: bytes, modified: float) -> ReceivedMail:
    """The reverse of `to_file`. A file of another origin is a mail too: without envelope, dated by its `modified` time."""
    lines = stored.split(_CRLF, len(_TRACE))
    if len(lines) <= len(_TRACE) or not all(line.startswith(name) for line, name in zip(lines, _TRACE, strict=False)):
        return ReceivedMail(number, datetime.fromtimestamp(modified, UTC), "", (), stored)
    sender, recipients, received_at = (
        line.removeprefix(name).decode() for line, name in zip(lines, _TRACE, strict=False)
    )
    return ReceivedMail(
        number=number,
        received_at=datetime.fromisoformat(received_at),
        sender=sender[1:-1],
        recipients=tuple(recipients.split(", ")) if recipients else (),
        content=lines[-1],
    )


def _decoded(value: str) -> str:
    unfolded = "".join(_lines(value))
    readable = unfolded.encode("utf-8", "surrogateescape").decode("utf-8", "replace")  # RFC 6532: headers may be UTF-8
    try:
        return str(make_header(decode_header(readable)))
    except (HeaderParseError, LookupError, ValueError):
        return readable


def _lines(value: str) -> Iterator[str]:
    """Unfolding takes the line break out and leaves the space (RFC 5322 §2.2.3)."""
    return (line for line in value.replace("\r\n", "\n").split("\n"))


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    body = payload if isinstance(payload, bytes) else b""
    try:
        return body.decode(str(part.get_content_charset("utf-8")), "replace").replace("\r\n", "\n")
    except LookupError:  # a charset that nobody knows
        return body.decode("utf-8", "replace")
