"""RSS 0.9x/1.0/2.0, RDF and Atom by feedparser, JSON Feed by `jsonfeed`: bytes → entries. Runs in the confined process.

feedparser is given bytes in a BytesIO only: a str it would open as a path or fetch as a URL (security S20). Its own clean-up
of HTML is off because ours follows; so is its resolving of links, because ours knows the entry's address.
"""

import calendar
import io
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import feedparser

from digest.model.feed import Entry
from digest.sources import charset as encodings
from digest.sources.jsonfeed import parse_json_feed
from digest.sources.newest import count_whole, left_out, shorten
from digest.sources.parsed import Parsed, Unreadable
from digest.sources.picture import from_feedparser
from digest.sources.plainrss import read_plain_rss
from digest.sources.sanitize import absolute, clean_html, clean_line, language_tag, plain_text

MAX_GUID = 1_000  # characters
IS_HTML = (
    "it is a web page, not a feed; `digest feed add` with the address of the site finds the site's feeds,"
    " and with the address of an article reads that article"
)
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,300}\?>")
_CAPTION = re.compile(r"(?<=<)(/?)media:description\b")  # feedparser takes it for the entry's own description
_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_E_MAIL = re.compile(r"\s*[^\s@()<>]+@[^\s@()<>]+\s*\((?P<name>[^()]+)\)\s*|(?P<other>.*?)\s*<[^<>@]+@[^<>]+>\s*")


def parse_feed(content: bytes, *, location: str, charset: str = "", max_entries: int = 5_000) -> Parsed:
    """Raises Unreadable when this is no feed. `charset` is what HTTP declared, `location` what links are relative to."""
    text, note = encodings.decode(content, charset)
    if not text.strip():
        raise Unreadable("it is empty")
    if text.lstrip().startswith(("{", "[")):
        return parse_json_feed(text, location=location, max_entries=max_entries)
    shortened, too_many = shorten(_DECLARATION.sub("", text, count=1), max_entries)
    result = read_plain_rss(shortened, _feedparser) or _feedparser(shortened)
    if not result.get("version"):
        raise Unreadable(IS_HTML if _HTML.match(text) else "it is neither RSS nor Atom nor JSON Feed")
    return _parsed(result, shortened, location, notes=(note, left_out(too_many, max_entries)))


def _feedparser(text: str) -> Mapping[str, Any]:
    """Without a base: what is relative stays so, unless the feed itself has an xml:base."""
    headers = {"content-type": "application/xml; charset=utf-8"}
    found: Mapping[str, Any] = feedparser.parse(
        io.BytesIO(_CAPTION.sub(r"\1media:caption", text).encode()),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return found


def _parsed(result: Mapping[str, Any], text: str, location: str, notes: tuple[str, ...]) -> Parsed:
    about = result.get("feed", {})
    entries = list(result.get("entries", ()))
    if result.get("bozo"):
        entries = entries[: count_whole(text)]  # an entry that is cut off is not news yet
        notes = (*notes, f"It is not well-formed ({_why(result)}); it was read as far as it makes sense.")
    language = language_tag(about.get("language"))
    base = absolute(str(about.get("link") or ""), location) or location
    return Parsed(
        title=_title(about),
        language=language,
        entries=tuple(_entry(entry, base, location, language) for entry in entries),
        notes=tuple(note for note in notes if note),
    )


def _why(result: Mapping[str, Any]) -> str:
    error = result.get("bozo_exception")
    line = getattr(error, "getLineNumber", lambda: None)()
    message = clean_line(str(getattr(error, "getMessage", lambda: error)()), 120)
    return f"line {line}: {message}" if line else message


def _entry(entry: Mapping[str, Any], base: str, location: str, language: str) -> Entry:
    url = _link(entry, base)
    summary, content = _texts(entry)
    return Entry(
        title=_title(entry),
        guid=_guid(entry),
        url=url,
        summary_html=_html(summary, url or base, location),
        content_html=_html(content, url or base, location),
        published_at=moment(_plain_get(entry, "published_parsed")),
        updated_at=moment(_plain_get(entry, "updated_parsed")),
        author=_author(entry),
        publisher=clean_line(plain_text(str((_plain_get(entry, "source") or {}).get("title") or ""))),
        picture=from_feedparser(entry, url or base, content=_value(content) or _value(summary)),
        language=_language(entry, content, summary) or language,
    )


def _language(entry: Mapping[str, Any], *texts: Mapping[str, Any]) -> str:
    """By the xml:lang that holds for its text, or for its title."""
    details = (*texts, _plain_get(entry, "title_detail") or {})
    return next((tag for detail in details if (tag := language_tag(detail.get("language")))), "")


def _title(thing: Mapping[str, Any]) -> str:
    """Plain text. RSS does not say whether a title is HTML, so feedparser guesses; entities are resolved either way."""
    detail = _plain_get(thing, "title_detail") or {}
    text = str(_plain_get(thing, "title") or "")
    if "html" in str(detail.get("type", "")):
        return clean_line(plain_text(text))
    return clean_line(plain_text(text.replace("<", "&lt;")))


def _guid(entry: Mapping[str, Any]) -> str | None:
    guid = clean_line(str(_plain_get(entry, "id") or ""), MAX_GUID)
    return guid or None


def _link(entry: Mapping[str, Any], base: str) -> str | None:
    for name in ("feedburner_origlink", "link"):
        if link := _plain_get(entry, name):
            return absolute(str(link), base)
    return None


def _texts(entry: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The summary's and the content's details. Of several contents the longest that is text counts."""
    contents = [
        part for part in _plain_get(entry, "content") or () if str(part.get("type", "")).startswith(("text/", "appl"))
    ]
    content: Mapping[str, Any] = max(contents, key=lambda part: len(_value(part)), default={})
    summary = _plain_get(entry, "summary_detail") or {}
    if not _value(summary) and not _value(content):  # a video's page tells only there what it is about
        summary = {"type": "text/plain", "value": str(_plain_get(entry, "media_caption") or "")}
    return ({} if _value(summary) == _value(content) else summary), content


def _value(detail: Mapping[str, Any]) -> str:
    return str(detail.get("value") or "")


def _html(detail: Mapping[str, Any], base: str, location: str) -> str:
    """Sanitised. An xml:base in the feed goes before the entry's own address."""
    value = _value(detail)
    if detail.get("type") == "text/plain":
        value = "".join(f"<p>{part}</p>" for part in re.split(r"\n\s*\n", _escaped(value)) if part.strip())
    own_base = str(detail.get("base") or "")
    return clean_html(value, (absolute(own_base, location) if own_base else None) or base)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def moment(parsed: time.struct_time | None) -> datetime | None:
    """What feedparser understood of a date, which is UTC; None when it is no date of this calendar."""
    with suppress(ValueError, OverflowError, TypeError, OSError):
        if parsed is not None:
            return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    return None


def _author(entry: Mapping[str, Any]) -> str:
    names = [clean_line(str(one.get("name") or "")) for one in _plain_get(entry, "authors") or () if one]
    text = ", ".join(dict.fromkeys(name for name in names if name)) or clean_line(
        str(_plain_get(entry, "author") or "")
    )
    if match := _E_MAIL.fullmatch(text):
        text = match["name"] or match["other"] or ""
    return clean_line("" if "@" in text and " " not in text else text, 200)


def _plain_get(thing: Mapping[str, Any], name: str) -> Any:
    """Without feedparser's own mapping of one name to another, which warns and guesses."""
    return dict.get(thing, name) if isinstance(thing, dict) else thing.get(name)
