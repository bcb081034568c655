"""The header and the lines of a message: RFC 5322, 2047, 2919, 2369, 8058, and what Gmail asks of Feedback-ID."""

import re
from collections import Counter
from collections.abc import Iterator
from email.utils import getaddresses, parsedate_to_datetime

from digest.model.finding import Finding, Severity
from digest.rendering.lint.mail import Mail

MAX_LINE = 998  # octets, RFC 5322 §2.1.1
MAX_LIST_ID = 255  # octets, RFC 2919 §2
ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058 §3.1

_SINGLE = ("content-type", "date", "from", "message-id", "mime-version", "subject", "to")
_FOR_BULK = ("list-id", "list-unsubscribe", "list-unsubscribe-post")
_UNENCODED = re.compile(r"list-|message-id|feedback-id|precedence|auto-submitted", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+>")
_LIST_ID = re.compile(r"[^<>]*<[a-z0-9_-]+(\.[a-z0-9-]+)+>", re.IGNORECASE)
_FEEDBACK_ID = re.compile(r"(?:[^:\s]*:){0,3}[A-Za-z0-9_-]{5,15}")  # support.google.com/mail/answer/6254652
_LOOPBACK = re.compile(r"http://(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])[:/]")

Fields = list[tuple[str, str]]


def check(mail: Mail) -> Iterator[Finding]:
    head = mail.message.partition(b"\r\n\r\n")[0]
    yield from _lines(mail.message)
    if not head.isascii():
        yield _failure("header-ascii", "a header has a character beyond ASCII")
    fields = read_fields(head)
    yield from _counts(fields)
    yield from _values(fields)
    if mail.is_bulk:
        yield from _bulk(fields)


def read_fields(head: bytes) -> Fields:
    """Unfolded (RFC 5322 §2.2.3), names in lower case, in their order."""
    lines = re.split(rb"\r\n(?![ \t])", head)
    pairs = (line.decode("ascii", "replace").replace("\r\n", "").partition(":") for line in lines)
    return [(name.lower(), value.strip()) for name, _, value in pairs]


def value_of(fields: Fields, name: str) -> str:
    return next((value for each, value in fields if each == name), "")


def unsubscribe_links(fields: Fields) -> list[str]:
    """The web addresses of List-Unsubscribe; mailto: is left out."""
    links = re.findall(r"<([^<>]*)>", value_of(fields, "list-unsubscribe"))
    return [link for link in links if not link.lower().startswith("mailto:")]


def _lines(message: bytes) -> Iterator[Finding]:
    if re.search(rb"(?<!\r)\n|\r(?!\n)", message):
        yield _failure("line-ends", "a line ends in something other than CRLF")
    if b"\0" in message:
        yield _failure("nul", "there is a NUL")
    if (longest := max(map(len, message.split(b"\r\n")))) > MAX_LINE:
        yield _failure("line-length", f"a line has {longest:,} octets, and {MAX_LINE} are allowed")


def _counts(fields: Fields) -> Iterator[Finding]:
    names = Counter(name for name, _ in fields)
    for name, count in names.items():
        if count > 1 and name not in {"received", "dkim-signature"}:
            yield _failure("header-once", f"the header {name} stands {count} times")
    for name in _SINGLE:
        if not names[name]:
            yield _failure("header-missing", f"there is no {name} header")


def _values(fields: Fields) -> Iterator[Finding]:
    for name, value in fields:
        if _UNENCODED.match(name) and "=?" in value:
            yield _failure("encoded-word", f"the header {name} has an encoded word", value[:60])
    if (date := value_of(fields, "date")) and not _is_date(date):
        yield _failure("date", "the Date is none that RFC 5322 knows, with its zone in figures", date)
    if (message_id := value_of(fields, "message-id")) and not _MESSAGE_ID.fullmatch(message_id):
        yield _failure("message-id", "the Message-ID is not of the form <left@domain>", message_id)
    if (sender := value_of(fields, "from")) and len(getaddresses([sender])) != 1:
        yield _failure("from", "From names more than one sender", sender)
    if ("subject", "") in fields:
        yield _failure("subject", "the subject is empty")
    if (feedback := value_of(fields, "feedback-id")) and not _FEEDBACK_ID.fullmatch(feedback):
        yield _failure("feedback-id", "Feedback-ID does not end in a sender of 5 to 15 characters, after three fields at most", feedback)  # fmt: skip


def _bulk(fields: Fields) -> Iterator[Finding]:
    for name in _FOR_BULK:
        if not value_of(fields, name):
            yield _failure("bulk", f"bulk mail without {name}")
    list_id = value_of(fields, "list-id")
    if list_id and (len(list_id) > MAX_LIST_ID or not _LIST_ID.fullmatch(list_id)):
        yield _failure("list-id", "List-Id is not of the form Title <label.domain>", list_id)
    if value_of(fields, "list-unsubscribe-post") not in {"", ONE_CLICK}:
        yield _failure("one-click", f"List-Unsubscribe-Post does not say {ONE_CLICK}")
    links = unsubscribe_links(fields)
    if value_of(fields, "list-unsubscribe") and not links:
        yield _failure("one-click", "List-Unsubscribe has no web address")
    for link in links:
        if not link.lower().startswith("https://"):
            severity = Severity.WARNING if _LOOPBACK.match(link) else Severity.FAILURE
            yield Finding(severity, "one-click", "the unsubscribe link does not begin with https://: base_url must", link[:60])  # fmt: skip


def _is_date(value: str) -> bool:
    try:
        return re.search(r"[+-]\d{4}$", value) is not None and parsedate_to_datetime(value) is not None
    except (ValueError, OverflowError, TypeError):
        return False


def _failure(rule: str, said: str, where: str = "") -> Finding:
    return Finding(Severity.FAILURE, rule, said, where)
