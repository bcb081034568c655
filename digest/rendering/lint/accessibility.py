"""Whether a mail can be read with other than eyes: alternative texts, links with words, headings in order, tables marked as layout."""

import re
from collections.abc import Iterator

from lxml import html

from digest.model.finding import Finding, Severity
from digest.rendering.lint.mail import Mail, describe

_FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|svg)", re.IGNORECASE)
_EMPTY_WORDS = {"click here", "here", "read more", "more", "link", "this"}
_ROLES = {"presentation", "none"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


def check(mail: Mail) -> Iterator[Finding]:
    for element in mail.elements:
        if element.tag == "img":
            yield from _picture(element)
        elif element.tag == "a" and element.get("href") is not None:
            yield from _link(element)
        elif element.tag == "table":
            yield from _table(element)
    yield from _headings(mail)
    if mail.tree is not None and not any(each.get("role") in {"article", "main"} for each in mail.elements):
        yield _warning("role", "no wrapper has role=article: screen readers do not know where the mail begins")


def _picture(image: html.HtmlElement) -> Iterator[Finding]:
    alt = image.get("alt")
    if alt is None:
        yield Finding(Severity.FAILURE, "alt", "a picture has no alt text", image.get("src", "")[:80])
    elif _FILE_NAME.fullmatch(alt.strip()):
        yield _warning("alt", "an alt text is the name of a file", alt[:80])


def _link(link: html.HtmlElement) -> Iterator[Finding]:
    words = " ".join(link.text_content().split()) or link.get("aria-label", "").strip()
    pictures = any(image.get("alt", "missing").strip() for image in link.iter("img"))  # which another rule says
    if not words and not pictures:
        yield _warning("link-text", "a link has no text", link.get("href", "")[:80])
    elif words.lower().strip(" .…»›>→") in _EMPTY_WORDS and not pictures:
        yield Finding(Severity.NOTE, "link-text", f"a link says only {words!r}", link.get("href", "")[:80])


def _table(table: html.HtmlElement) -> Iterator[Finding]:
    is_data = any(True for _ in table.iter("th", "caption"))
    if table.get("role") not in _ROLES and not is_data:
        yield _warning("role", "a layout table has no role=presentation", describe(table))


def _headings(mail: Mail) -> Iterator[Finding]:
    headings = [each for each in mail.elements if each.tag in _HEADINGS]
    levels = [int(str(heading.tag)[1]) for heading in headings]
    if mail.tree is not None and levels.count(1) != 1:
        yield _warning("headings", f"there are {levels.count(1)} headings of the first level, and there should be one")
    for before, heading, level in zip([0, *levels], headings, levels, strict=False):
        if level > before + 1 and before:
            yield _warning("headings", f"a <h{level}> follows a <h{before}>: a level is left out", describe(heading))
        elif level > before + 1:
            yield _warning("headings", f"the first heading is a <h{level}>", describe(heading))
    for heading in headings:
        if not heading.text_content().strip() and not any(each.get("alt") for each in heading.iter("img")):
            yield _warning("headings", "a heading is empty", describe(heading))


def _warning(rule: str, said: str, where: str = "") -> Finding:
    return Finding(Severity.WARNING, rule, said, where)
