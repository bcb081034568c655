"""A mail that is looked at: the message's bytes, and its parts as a mail client would take them out of it."""

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from digest.rendering.lint.styles import Sheet, read_sheet

MOST_CHARACTERS = 400_000  # of HTML, to be looked into: four times what Gmail shows
MOST_ELEMENTS = 20_000
_WHOLE = {"html", "head", "body", "style", "table", "tbody"}  # whose words say nothing of where they are
_CONTROLS = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Mail:
    """`html` is "" in a mail of plain text. `salt` is its edition's, so that slots left unfilled are known."""

    message: bytes
    text: str
    html: str
    salt: str = ""
    own: tuple[str, ...] = ()  # what our own links begin with
    quoted: tuple[str, ...] = ()  # the words of articles: others wrote them

    @cached_property
    def tree(self) -> HtmlElement | None:
        """None for no HTML, and for so much of it that it is not looked into."""
        if not self.html.strip() or len(self.html) > MOST_CHARACTERS:
            return None
        try:
            tree = document_fromstring(_CONTROLS.sub("", self.html).encode(), parser=HTMLParser(encoding="utf-8"))
        except etree.ParserError:  # nothing in it but comments, say
            return None
        return tree if sum(1 for _ in tree.iter()) <= MOST_ELEMENTS else None

    @cached_property
    def elements(self) -> tuple[HtmlElement, ...]:
        """In the document's order, without comments."""
        return () if self.tree is None else tuple(each for each in self.tree.iter() if isinstance(each.tag, str))

    @cached_property
    def sheet(self) -> Sheet:
        """The rules of its <style> elements."""
        return read_sheet("\n".join(each.text or "" for each in self.elements if each.tag == "style"))

    @cached_property
    def parsed(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.message, policy=email.policy.SMTP)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def is_bulk(self) -> bool:
        return re.search(rb"(?mi)^precedence:[ \t]*bulk", self.message.partition(b"\r\n\r\n")[0]) is not None


def read_mail(message: bytes, *, salt: str = "", own: tuple[str, ...] = (), quoted: tuple[str, ...] = ()) -> Mail:
    """Takes a message apart. Never raises: a part that cannot be read is "", and the checks say that there is none."""
    parsed = Mail(message, "", "").parsed
    return Mail(message, _part(parsed, "plain"), _part(parsed, "html"), salt, own, quoted)


def _part(parsed: EmailMessage, subtype: str) -> str:
    for part in parsed.walk():
        if part.get_content_type() == f"text/{subtype}" and not part.is_attachment():
            try:
                return str(part.get_content()).replace("\r\n", "\n")
            except (LookupError, ValueError, AttributeError):  # no such charset, or a payload that is none
                return ""
    return ""


def describe(element: HtmlElement) -> str:
    """`h3.story-title “Night ferry to return …”`: enough to find it by."""
    kind = element.get("class", "").split()
    name = f"<{element.tag!s}{f' class={kind[0]}' if kind else ''}>"
    if str(element.tag) in _WHOLE:
        return name
    words = " ".join((element.text_content() or element.get("alt") or element.get("src") or "")[:200].split())
    if not words:
        return name
    return f"{name} {words if len(words) <= 40 else words[:39].rstrip() + '…'}"
