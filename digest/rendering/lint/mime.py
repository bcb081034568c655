"""How the parts of a message are put together: RFC 2045 and 2046."""

from collections.abc import Iterator
from email.message import Message

from digest.model.finding import Finding, Severity
from digest.rendering.lint.mail import Mail

MAX_ENCODED_LINE = 76  # octets, RFC 2045 §6.7


def check(mail: Mail) -> Iterator[Finding]:
    body = mail.message.partition(b"\r\n\r\n")[2]
    if not body.isascii():
        yield _failure("7bit", "the body is not 7-bit")
    yield from _structure(mail.parsed)
    if any(len(line) > MAX_ENCODED_LINE for part in _encoded(mail.parsed) for line in part.splitlines()):
        yield _failure("encoded-line", f"an encoded line is longer than {MAX_ENCODED_LINE} octets (RFC 2045 §6.7)")
    if not mail.text.strip():
        yield _failure("text-part", "there is no text for those who read no HTML")


def _encoded(parsed: Message) -> Iterator[str]:
    for part in parsed.walk():
        payload = None if part.is_multipart() else part.get_payload()
        if isinstance(payload, str) and part.get("Content-Transfer-Encoding", "").lower() in {"quoted-printable", "base64"}:  # fmt: skip
            yield payload


def _structure(parsed: Message) -> Iterator[Finding]:
    kinds = [part.get_content_type() for part in parsed.walk()]
    bodies = [kind for kind in kinds if kind in {"text/plain", "text/html"}]
    if "text/html" in bodies and "multipart/alternative" not in kinds:
        yield _failure("parts", "text and HTML do not stand in a multipart/alternative")
    elif bodies != sorted(bodies, reverse=True):
        yield _failure("parts", "the HTML stands before the text, so that readers get the text (RFC 2046 §5.1.4)")
    elif len(bodies) != len(set(bodies)):
        yield _failure("parts", f"there are {len(bodies)} bodies")
    for part in parsed.walk():
        if part.get_content_maintype() == "text" and not part.get_content_charset():
            yield _failure("charset", f"the {part.get_content_type()} part does not say its charset")
        if part.defects:
            yield _failure("parts", f"a {part.get_content_type()} part is broken ({type(part.defects[0]).__name__})")


def _failure(rule: str, said: str) -> Finding:
    return Finding(Severity.FAILURE, rule, said)
