"""What an HTML part says of itself: its language, direction, title and schemes, a preheader, and nothing that runs or loads."""

import re
from collections.abc import Iterator

from lxml import html

from digest.model.finding import Finding, Severity
from digest.rendering.lint.mail import Mail, describe

PREHEADER_LENGTH = range(40, 131)

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)  # RFC 5646, its shape
_DIRECTIONS = {"ltr", "rtl", "auto"}
_SCHEMES = ("color-scheme", "supported-color-schemes")
_FOREIGN = {"script", "iframe", "frame", "object", "embed", "applet", "base", "form", "link"}
_INVISIBLE = re.compile(r"[\s\u00ad\u034f\u200b-\u200f\u2007\ufeff\xa0]+")


def check(mail: Mail) -> Iterator[Finding]:
    if not mail.html:
        return
    if mail.tree is None:
        yield _failure("unread", "the HTML holds nothing, or too much to be looked into")
        return
    yield from _language(mail, mail.tree)
    yield from _head(mail.tree)
    yield from _elements(mail)
    yield from _preheader(mail.tree)


def _language(mail: Mail, tree: html.HtmlElement) -> Iterator[Finding]:
    if not tree.get("lang") or not tree.get("dir"):
        yield _warning("lang", "<html> does not say its language and direction")
    if not tree.xpath("//body/*[@lang and @dir]"):
        yield _warning("lang", "no wrapper says the language and direction: some clients drop <html>")
    for element in mail.elements:
        if (lang := element.get("lang")) and not _LANGUAGE.fullmatch(lang):
            yield _warning("lang", f"{lang[:20]!r} is no language tag", describe(element))
        if (direction := element.get("dir")) and direction.lower() not in _DIRECTIONS:
            yield _warning("lang", f"{direction[:20]!r} is no direction", describe(element))


def _head(tree: html.HtmlElement) -> Iterator[Finding]:
    if not (tree.findtext(".//title") or "").strip():
        yield _warning("title", "there is no <title>")
    names = set(tree.xpath("//meta/@name"))
    for name in _SCHEMES:
        if name not in names:
            yield _warning("color-scheme", f"there is no <meta name={name}>: clients invert the colours of such a mail")


def _elements(mail: Mail) -> Iterator[Finding]:
    for element in mail.elements:
        if element.tag in _FOREIGN:
            yield _failure("foreign", f"there is a <{element.tag}>: mail clients remove it or refuse the mail")
    if not mail.sheet.whole:
        yield _warning("styles", "the <style> is too long to be looked into")


def _preheader(tree: html.HtmlElement) -> Iterator[Finding]:
    first = next((each for each in tree.xpath("//body/*") if isinstance(each.tag, str)), None)
    if first is None or "display:none" not in first.get("style", "").replace(" ", ""):
        yield _warning("preheader", "the body does not begin with a hidden preheader")
        return
    length = len(_INVISIBLE.sub(" ", first.text_content()).strip())
    if length not in PREHEADER_LENGTH:
        yield Finding(Severity.NOTE, "preheader", f"the preheader has {length} characters; inboxes show 40 to 130")


def _failure(rule: str, said: str) -> Finding:
    return Finding(Severity.FAILURE, rule, said)


def _warning(rule: str, said: str, where: str = "") -> Finding:
    return Finding(Severity.WARNING, rule, said, where)
