"""A mail that came back, read: delivery reports (RFC 3464 in RFC 6522) and complaints (ARF, RFC 5965).

Everything in it is a claim. What it is about is told by addresses and links that carry our own proof; these are only gathered here.
What is no such report is nothing: out-of-office answers, and bounces in words of their own, which nobody can tell from them for sure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses

from digest.model.returned import MAX_SAID, Returned, ReturnKind

MAX_BYTES = 1_000_000  # of a mail; what is beyond is not read
MAX_PARTS = 50
MAX_CLAIMS = 20  # addresses and links

_SENT_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_LINK = re.compile(r"<(https?://[^<>\s]{1,500})>")
_ADDRESS = re.compile(r"\S*@\S*")


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail says, and what in it may prove which of ours it is about."""

    returned: Returned
    addresses: tuple[str, ...]  # that it was sent to, and that the returned mail was sent from
    links: tuple[str, ...]  # by which the returned mail's reader can leave


def read_report(raw: bytes) -> Report | None:
    """None for what is no report. Never raises."""
    try:
        return _read(message_from_bytes(raw[:MAX_BYTES], EmailMessage, policy=default))
    except Exception:  # noqa: BLE001  the standard library's parser raises whatever strangers' bytes make it stumble over
        return None


def _read(mail: Message) -> Report | None:
    parts = list(_parts(mail))
    returned = _complaint(parts) or _delivery(parts)
    if returned is None:
        return None
    ours = [head for part in parts if (head := _enclosed(part)) is not None]
    addresses = [text for name in _SENT_TO for text in _all(mail, name)]
    addresses += [text for head in ours for text in _all(head, "Return-Path")]
    links = [link for head in ours for text in _all(head, "List-Unsubscribe") for link in _LINK.findall(text)]
    found = [address for _, address in getaddresses(addresses[:MAX_CLAIMS]) if "@" in address]
    return Report(returned, tuple(found[:MAX_CLAIMS]), tuple(links[:MAX_CLAIMS]))


def _parts(mail: Message) -> Iterator[Message]:
    """Those of the mail itself, not of the mail that is enclosed in it."""
    waiting = [mail]
    for _ in range(MAX_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [each for each in payload if isinstance(each, Message)]


def _complaint(parts: list[Message]) -> Returned | None:
    """Only abuse: not-spam (RFC 6430) is the opposite, and auth-failure (RFC 6591) is about our signatures."""
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            kind = next((_line(text) for fields in _fields(part) for text in _all(fields, "Feedback-Type")), "")
            return Returned(ReturnKind.COMPLAINT, said=kind) if kind.casefold() == "abuse" else None
    return None


def _delivery(parts: list[Message]) -> Returned | None:
    """Each of our mails goes to one reader: of several reports the one of a failure counts."""
    reports = [
        fields
        for part in parts
        if part.get_content_type() in {"message/delivery-status", "message/global-delivery-status"}
        for fields in _fields(part)
        if "Action" in fields
    ]
    said = [(_line(str(each["Action"])).casefold(), each) for each in reports]
    for action, kind in (("failed", ReturnKind.FAILED), ("delayed", ReturnKind.DELAYED)):
        for word, fields in said:
            if word == action:
                return Returned(kind, _status(fields), _diagnosis(fields))
    return None


def _status(fields: Message) -> str:
    """Servers say 5.0.0 when they know no better; then the reply that they quote may know."""
    kept = _STATUS.match(_line(str(fields.get("Status", ""))))
    quoted = _STATUS.search(_line(str(fields.get("Diagnostic-Code", ""))))
    vague = kept is None or kept.group().endswith(".0.0")
    best = quoted if quoted is not None and vague else kept
    return best.group() if best else ""


def _diagnosis(fields: Message) -> str:
    """Without addresses: it outlives an erasure."""
    said = _line(str(fields.get("Diagnostic-Code", ""))).partition(";")[2].strip()
    return _ADDRESS.sub("…", said)[:MAX_SAID]


def _fields(part: Message) -> list[Message]:
    """The groups of fields of a report, which the parser takes for messages; or the text itself, where it did not."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [each for each in payload if isinstance(each, Message)]
    raw = part.get_payload(decode=True)
    return [message_from_bytes(raw if isinstance(raw, bytes) else b"", EmailMessage, policy=default)]


def _enclosed(part: Message) -> Message | None:
    """The head of the mail that came back."""
    kind = part.get_content_type()
    if kind in {"message/rfc822", "message/global"}:
        payload = part.get_payload()
        first = payload[0] if isinstance(payload, list) and payload else None
        return first if isinstance(first, Message) else None
    if kind in {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}:
        return _fields(part)[0] if _fields(part) else None
    return None


def _all(fields: Message, name: str) -> list[str]:
    return [_line(str(each)) for each in fields.get_all(name, [])]


def _line(text: str) -> str:
    return " ".join(text.split())
