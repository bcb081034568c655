"""A bulletin: what we have published, for feed readers, as Atom (RFC 4287) or JSON Feed 1.1. *Feed* is what we read ourselves.

Pure: the same bulletin always gives the same bytes.
"""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from typing import Any

from lxml import etree

ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
NOTHING = "…"  # a title or a content must not be empty
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2


@dataclass(frozen=True, slots=True)
class BulletinItem:
    """Texts are plain, but for `html`. Times are aware; links are absolute."""

    id: str  # a URI that never changes
    title: str
    url: str  # "" when it has no page
    published_at: datetime
    updated_at: datetime
    summary: str = ""
    html: str = ""
    language: str = ""  # BCP 47
    author: str = ""
    topic: str = ""
    picture: str = ""  # its address


@dataclass(frozen=True, slots=True)
class Bulletin:
    """As its items."""

    id: str
    title: str
    subtitle: str
    own_url: str  # where the bulletin itself is found
    page_url: str  # what it tells of
    author: str
    language: str
    updated_at: datetime
    items: tuple[BulletinItem, ...]


def make_id(list_id: str, since: datetime, *what: object) -> str:
    """A tag URI (RFC 4151) below a List-Id, which is nobody else's since the list was made: it outlasts a change of address."""
    return f"tag:{list_id.lower()},{since:%Y-%m-%d}:{'/'.join(map(str, what))}"


def write_atom(bulletin: Bulletin) -> bytes:
    feed = etree.Element(f"{{{ATOM}}}feed", {_LANG: _clean(bulletin.language)}, nsmap={None: ATOM})
    _add(feed, "id", bulletin.id)
    _add(feed, "title", bulletin.title)
    if bulletin.subtitle:
        _add(feed, "subtitle", bulletin.subtitle)
    _add(feed, "updated", _say(bulletin.updated_at))
    _add(_add(feed, "author"), "name", bulletin.author)
    _add(feed, "link", rel="self", type="application/atom+xml", href=bulletin.own_url)
    _add(feed, "link", rel="alternate", type="text/html", href=bulletin.page_url)
    _add(feed, "generator", "digest")
    for item in bulletin.items:
        _add_entry(feed, _printable(item))
    return etree.tostring(feed, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _add_entry(feed: etree._Element, item: BulletinItem) -> None:
    entry = _add(feed, "entry")
    if item.language:
        entry.set(_LANG, _clean(item.language))
    _add(entry, "id", item.id)
    _add(entry, "title", item.title or NOTHING)
    _add(entry, "published", _say(item.published_at))
    _add(entry, "updated", _say(item.updated_at))
    if item.author:
        _add(_add(entry, "author"), "name", item.author)
    if item.url:
        _add(entry, "link", rel="alternate", type="text/html", href=item.url)
    if item.topic:
        _add(entry, "category", term=item.topic)
    if item.summary:
        _add(entry, "summary", item.summary)
    if item.html or not item.url:  # RFC 4287 §4.1.2: what leads nowhere must say something itself
        _add(entry, "content", item.html or escape(item.summary or item.title or NOTHING), type="html")


def _printable(item: BulletinItem) -> BulletinItem:
    """Without what XML cannot hold, so that what is nothing else counts as empty."""
    return replace(
        item,
        title=_clean(item.title),
        summary=_clean(item.summary),
        html=_clean(item.html),
        author=_clean(item.author),
        topic=_clean(item.topic),
    )


def _clean(text: str) -> str:
    return _NO_XML.sub("", text).strip()


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    kept = {key: _NO_XML.sub("", value) for key, value in attributes.items()}
    element = etree.SubElement(parent, f"{{{ATOM}}}{name}", kept)
    element.text = _NO_XML.sub("", text) or None
    return element


def write_json(bulletin: Bulletin) -> bytes:
    feed = {
        "version": JSON_FEED,
        "title": bulletin.title,
        "home_page_url": bulletin.page_url,
        "feed_url": bulletin.own_url,
        "description": bulletin.subtitle,
        "language": bulletin.language,
        "authors": [{"name": bulletin.author}],
        "items": [_without_empty(_to_json(item)) for item in bulletin.items],
    }
    return json.dumps(_without_empty(feed) | {"items": feed["items"]}, ensure_ascii=False, indent=1).encode(
        "utf-8", "replace"
    )


def _to_json(item: BulletinItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_html": item.html,
        "content_text": "" if item.html else item.summary or item.title or NOTHING,  # one of the two is required
        "summary": item.summary,
        "image": item.picture,
        "date_published": _say(item.published_at),
        "date_modified": _say(item.updated_at),
        "authors": [{"name": item.author}] if item.author else [],
        "tags": [item.topic] if item.topic else [],
        "language": item.language,
    }


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _say(at: datetime) -> str:
    """RFC 3339."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
