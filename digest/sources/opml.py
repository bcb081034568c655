"""OPML 2.0 (opml.org/spec2.opml): a list of feeds as readers of feeds exchange it. Parsing runs in the confined process.

Strangers' bytes: entities are never resolved, a document that declares some is refused, nothing is fetched, and what nests
deeper than libxml2 allows ends the reading.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from digest.model.feed import Feed, FeedKind
from digest.sources import charset as encodings
from digest.sources.parsed import FoundFeed, Parsed, Unreadable
from digest.sources.sanitize import absolute, clean_line

MAX_FEEDS = 10_000
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,300}\?>")
_ENTITIES = re.compile(r"<!ENTITY", re.IGNORECASE)
_SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def parse_opml(content: bytes) -> Parsed:
    """The feeds of the document, each with the names of the outlines that it stands in. Raises Unreadable."""
    text, note = encodings.decode(content)
    if _ENTITIES.search(text):
        raise Unreadable("it declares entities, which no list of feeds needs")
    reader = _Reader()
    try:
        _walk(_DECLARATION.sub("", text, count=1), reader)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"it is not well-formed XML ({clean_line(error.msg or '', 120)})") from None
    if not reader.is_opml:
        raise Unreadable("it is XML, but not OPML")
    notes = (note, f"Only its first {MAX_FEEDS:,} feeds were read." if reader.is_full else "")
    return Parsed(title=reader.title, feeds=tuple(reader.feeds.values()), notes=tuple(filter(None, notes)))


def format_opml(title: str, feeds: Iterable[Feed], now: datetime) -> str:
    """Feeds and pages by topic, in their order. A folder has no address that others could read: it is left out."""
    by_topic: dict[str, list[Feed]] = {}
    for feed in feeds:
        if feed.kind is not FeedKind.FOLDER:
            by_topic.setdefault(feed.topic, []).append(feed)
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<opml version="2.0">']
    lines.append(f"  <head><title>{_escape(title)}</title><dateCreated>{format_datetime(now)}</dateCreated></head>")
    lines.append("  <body>")
    for topic, inside in by_topic.items():
        outlines = [_outline(feed) for feed in inside]
        if topic:
            outlines = [f"<outline text={_quoted(topic)}>", *(f"  {line}" for line in outlines), "</outline>"]
        lines.extend(f"    {line}" for line in outlines)
    return "\n".join([*lines, "  </body>", "</opml>", ""])


class _Reader:
    """What has been read so far."""

    def __init__(self) -> None:
        self.title = ""
        self.feeds: dict[str, FoundFeed] = {}
        self.is_opml = False
        self.is_full = False
        self._folders: list[str] = []

    def start(self, element: Any) -> None:
        name = etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
        self.is_opml = self.is_opml or name == "opml"
        if name == "outline":
            values = {key.lower(): value for key, value in element.attrib.items()}
            self._take(values)
            self._folders.append(clean_line(values.get("text") or values.get("title") or ""))

    def end(self, element: Any) -> None:
        name = etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
        if name == "outline":
            self._folders.pop()
        elif name == "title" and not self.title:
            self.title = clean_line(element.text or "")

    def _take(self, values: dict[str, str]) -> None:
        is_page = values.get("type", "").strip().lower() == "link"
        location = absolute(values.get("xmlurl") or (values.get("url") if is_page else "") or "")
        if location is None or location in self.feeds:
            return
        if len(self.feeds) >= MAX_FEEDS:
            self.is_full = True
            return
        title = clean_line(values.get("title") or values.get("text") or "")
        folders = tuple(filter(None, (*self._folders, *_categories(values.get("category", "")))))
        self.feeds[location] = FoundFeed(location, title, folders, is_page and not values.get("xmlurl"))


def _walk(text: str, reader: _Reader) -> None:
    for event, element in etree.iterparse(BytesIO(text.encode()), events=("start", "end"), **_SAFE):
        if event == "start":
            reader.start(element)
        else:
            reader.end(element)
            element.clear()


def _categories(text: str) -> list[str]:
    """`/Town/Council,Science` → `Town`, `Council`, `Science`."""
    return [clean_line(part) for part in re.split(r"[/,]", text) if part.strip()]


def _outline(feed: Feed) -> str:
    title = _quoted(feed.title or feed.location)
    if feed.kind is FeedKind.PAGE:
        return f'<outline type="link" text={title} url={_quoted(feed.location)}/>'
    return f'<outline type="rss" text={title} title={title} xmlUrl={_quoted(feed.location)}/>'


def _quoted(text: str) -> str:
    return quoteattr(_storable(text))


def _escape(text: str) -> str:
    return _storable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _storable(text: str) -> str:
    """Without what XML cannot hold."""
    return encodings.decode(text.encode("utf-8", "replace"), "utf-8")[0]
