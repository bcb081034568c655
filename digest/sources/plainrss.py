"""RSS 2.0 as nearly all feeds write it, several times faster than feedparser: its items are read by lxml, the rest by feedparser.

What comes out is what feedparser would have made of it, in its own shape (tests hold the two together). Whatever is unusual, one
element or attribute that is not listed here, makes `read_plain_rss` give up, and feedparser reads the whole.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

from feedparser.datetimes import _parse_date
from feedparser.mixin import _cp1252, _FeedParserMixin
from feedparser.urls import _urljoin
from lxml import etree

from digest.sources.newest import plain_date
from digest.sources.sanitize import is_plain_link

Values = dict[str, Any]

_ITEM = re.compile(r"<item>")
_LAST = "</item>"
#: Outside of items. Inside of them no attribute and no child is passed over, so none of these is either.
_UNUSUAL_MARKS = ("<!DOCTYPE", "xml:lang", "xml:base", "<?")
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_MEDIA = ("{http://search.yahoo.com/mrss/}", "{http://search.yahoo.com/mrss}")
_IGNORED = frozenset(
    {
        "category",
        "comments",
        "{http://purl.org/rss/1.0/modules/slash/}comments",
        "{http://wellformedweb.org/CommentAPI/}commentRss",
        "{http://wellformedweb.org/CommentAPI/}comment",
    }
)
_PARSER: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


class _Unusual(Exception):
    """Feedparser is asked instead."""


def read_plain_rss(text: str, read_rest: Callable[[str], Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """What feedparser makes of `text`, or None when that is not plain. `read_rest` is feedparser, for all but the items."""
    first, last = _ITEM.search(text), text.rfind(_LAST)
    if first is None or last < first.start():
        return None
    around = text[: first.start()] + text[last + len(_LAST) :]
    if any(mark in around for mark in _UNUSUAL_MARKS):
        return None
    try:
        items = _items(text)
        entries = [_entry(item) for item in items]
    except (etree.XMLSyntaxError, _Unusual, ValueError):
        return None
    rest = read_rest(around)
    if rest.get("bozo") or rest.get("version") != "rss20" or rest.get("entries"):
        return None
    return {**rest, "entries": entries}


def _items(text: str) -> list[Any]:
    """The items, which stand one after the other in the only channel of the document."""
    root = etree.fromstring(text.encode(), etree.XMLParser(**_PARSER))
    if (
        root.tag != "rss"
        or set(root.attrib) - {"version"}
        or len(root) != 1
        or root[0].tag != "channel"
        or root[0].attrib
    ):
        raise _Unusual
    places = [number for number, child in enumerate(root[0]) if child.tag == "item"]
    if not places or places[-1] - places[0] + 1 != len(places):
        raise _Unusual
    return list(root[0][places[0] : places[-1] + 1])


def _entry(item: Any) -> Values:
    entry: Values = {}
    seen: set[str] = set()
    if item.attrib:
        raise _Unusual
    for element in item:
        tag = element.tag
        if len(element):
            raise _Unusual
        if tag in _IGNORED:
            continue
        if not isinstance(tag, str) or (tag in seen and tag not in _REPEATED):
            raise _Unusual
        seen.add(tag)
        read = _READERS.get(tag)
        if read is None:
            raise _Unusual
        read(entry, element)
    if "author" in seen and _CREATOR in seen:
        raise _Unusual
    return entry


def _text(element: Any) -> str:
    """As feedparser mends it: UTF-8 that was taken for Latin-1, and the characters of Windows."""
    if element.attrib:
        raise _Unusual
    return _mended((element.text or "").strip())


def _mended(text: str) -> str:
    if text.isascii():
        return text
    with suppress(UnicodeEncodeError, UnicodeDecodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    mended: str = text.translate(_cp1252)
    return mended


def _read_title(entry: Values, element: Any) -> None:
    text = _text(element)
    kind = "text/html" if _FeedParserMixin.looks_like_html((element.text or "").strip()) else "text/plain"
    entry["title"], entry["title_detail"] = text, {"type": kind, "value": text}


def _read_link(entry: Values, element: Any) -> None:
    if element.attrib:
        raise _Unusual
    link = _mended(_resolved((element.text or "").strip()))
    if "&" in link:
        link = re.sub("&([A-Za-z0-9_]+);", r"&\g<1>", link.replace("&amp;", "&"))
    entry["link"] = link
    entry.setdefault("links", []).append({"rel": "alternate", "type": "text/html"} | ({"href": link} if link else {}))


def _read_guid(entry: Values, element: Any) -> None:
    is_link = element.attrib.get("isPermaLink", "true") == "true"
    if set(element.attrib) - {"isPermaLink"}:
        raise _Unusual
    guid = (element.text or "").strip()
    entry["id"] = _mended(_resolved(guid) if is_link else guid)
    if is_link:
        entry.setdefault("link", entry["id"])


def _read_date(entry: Values, element: Any) -> None:
    text = _text(element)
    moment = plain_date(text)
    entry["published_parsed"] = moment.utctimetuple() if moment else _parse_date(text)


def _read_description(entry: Values, element: Any) -> None:
    entry["summary_detail"] = {"type": "text/html", "value": _text(element)}


def _read_content(entry: Values, element: Any) -> None:
    entry["content"] = [{"type": "text/html", "value": _text(element)}]


def _read_author(entry: Values, element: Any) -> None:
    entry["author"] = _text(element)
    entry["authors"] = [{}]
    _FeedParserMixin._sync_author_detail(SimpleNamespace(_get_context=lambda: entry))  # noqa: SLF001  it is what feedparser does


def _read_enclosure(entry: Values, element: Any) -> None:
    values = _attributes(element)
    if "url" in values:
        values["href"] = values.pop("url")
    entry.setdefault("links", []).append(values | {"rel": "enclosure"})


def _read_media_content(entry: Values, element: Any) -> None:
    entry.setdefault("media_content", []).append(_attributes(element))


def _read_media_thumbnail(entry: Values, element: Any) -> None:
    entry.setdefault("media_thumbnail", []).append(_attributes(element))


def _attributes(element: Any) -> Values:
    """Of an element without text."""
    values = {name.lower(): value for name, value in element.attrib.items()}
    if (
        (element.text or "").strip()
        or set(values) & {"lang", "base", "uri", "href"}
        or any("{" in name for name in values)
    ):
        raise _Unusual
    return {name: value.lower() if name in {"rel", "type"} and value else value for name, value in values.items()}


def _resolved(link: str) -> str:
    return link if not link or is_plain_link(link) else str(_urljoin("", link))


_READERS: dict[str, Callable[[Values, Any], None]] = {
    "title": _read_title,
    "link": _read_link,
    "guid": _read_guid,
    "pubDate": _read_date,
    "description": _read_description,
    "author": _read_author,
    "enclosure": _read_enclosure,
    _CONTENT: _read_content,
    _CREATOR: _read_author,
    **{f"{namespace}content": _read_media_content for namespace in _MEDIA},
    **{f"{namespace}thumbnail": _read_media_thumbnail for namespace in _MEDIA},
}
_REPEATED = frozenset(
    {"enclosure", *(f"{namespace}{name}" for namespace in _MEDIA for name in ("content", "thumbnail"))}
)
