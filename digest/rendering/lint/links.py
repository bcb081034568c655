"""Links, without asking the network: where they lead, that both parts have the same, and that one of them is the way out."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import html

from digest.model.finding import Finding, Severity
from digest.rendering.lint.headers import read_fields, unsubscribe_links
from digest.rendering.lint.mail import Mail, describe

_WEB = ("http://", "https://")
_FINE = (*_WEB, "mailto:", "tel:", "sms:")
_LOOKS_LIKE_AN_ADDRESS = re.compile(r"(?:https?://)?(?P<host>(?:[\w-]+\.)+[a-z]{2,})(?:/\S*)?", re.IGNORECASE)


def check(mail: Mail) -> Iterator[Finding]:
    anchors = {each.get("id") or each.get("name") for each in mail.elements}
    for element in mail.elements:
        if element.tag in {"a", "area"} and (href := element.get("href")) is not None:
            yield from _link(element, href.strip(), anchors)
        elif element.tag == "img":
            yield from _picture(element.get("src", "").strip())
    yield from _same_in_text(mail)
    if mail.is_bulk:
        yield from _way_out(mail)


def web_links(mail: Mail) -> dict[str, str]:
    """What a check over the network may ask for, without our own: address → "link" or "picture"."""
    found = {href: "link" for href in _hrefs(mail) if href.lower().startswith(_WEB)}
    pictures = (each.get("src", "").strip() for each in mail.elements if each.tag == "img")
    found |= {src: "picture" for src in pictures if src.lower().startswith(_WEB) and src not in found}
    return {address: kind for address, kind in found.items() if not address.startswith(mail.own)}


def _hrefs(mail: Mail) -> Iterator[str]:
    return (each.get("href", "").strip() for each in mail.elements if each.tag in {"a", "area"})


def _link(element: html.HtmlElement, href: str, anchors: set[str | None]) -> Iterator[Finding]:
    if href in {"", "#"}:
        yield _failure("link", "a link leads nowhere", describe(element))
    elif href.startswith("#"):
        if href[1:] not in anchors:
            yield _failure("link", f"a link leads to {href[:40]}, which is not in the mail", describe(element))
    elif not href.lower().startswith(_FINE):
        yield _failure("link", f"a link leads to {href[:60]!r}, which is no address of the web", describe(element))
    elif href.lower().startswith(_WEB):
        yield from _host(element, href)


def _host(element: html.HtmlElement, href: str) -> Iterator[Finding]:
    """Filters take a link that names one site and leads to another for fraud."""
    host = _host_of(href)
    if not host:
        yield _failure("link", f"a link leads to {href[:60]!r}, which has no host", describe(element))
        return
    shown = _LOOKS_LIKE_AN_ADDRESS.fullmatch(" ".join(element.text_content().split())[:300])
    if shown and _base(shown["host"].lower()) != _base(host):
        yield Finding(Severity.WARNING, "link-host", f"a link reads {shown['host'][:60]}, and leads to {host[:60]}")


def _host_of(href: str) -> str:
    try:
        return urlsplit(href).hostname or ""
    except ValueError:
        return ""


def _base(host: str) -> str:
    return ".".join(host.split(".")[-2:])


def _picture(src: str) -> Iterator[Finding]:
    if not src:
        yield _failure("picture", "a picture has no address")
    elif not src.lower().startswith((*_WEB, "cid:", "data:")):
        yield _failure("picture", f"the picture {src[:60]!r} is at no address of the web")


def _same_in_text(mail: Mail) -> Iterator[Finding]:
    if not mail.text.strip():  # which another check says
        return
    words = mail.text.split()
    held = {*words, *map(str.strip, mail.text.splitlines()), *(word.strip("<>()[]{}.,;:!\"'") for word in words)}
    for href in dict.fromkeys(_hrefs(mail)):
        address = href.partition("?")[0].removeprefix("mailto:") if href.startswith("mailto:") else href
        if href.lower().startswith((*_WEB, "mailto:")) and address not in held:
            yield Finding(Severity.WARNING, "text-links", "a link of the HTML is not in the text", address[:80])


def _way_out(mail: Mail) -> Iterator[Finding]:
    ways = unsubscribe_links(read_fields(mail.message.partition(b"\r\n\r\n")[0]))
    if mail.html and not set(ways) & set(_hrefs(mail)):
        yield _failure("unsubscribe", "the HTML has no link to unsubscribe")
    if mail.text.strip() and not any(way in mail.text for way in ways):
        yield _failure("unsubscribe", "the text has no link to unsubscribe")


def _failure(rule: str, said: str, where: str = "") -> Finding:
    return Finding(Severity.FAILURE, rule, said, where)
