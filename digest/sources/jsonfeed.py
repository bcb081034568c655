"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), which feedparser does not read. Runs in the confined process."""

import html
import json
from datetime import UTC, datetime
from typing import Any

from digest.model.feed import Entry, Picture
from digest.sources.lazy import is_worthless
from digest.sources.newest import left_out, newest
from digest.sources.parsed import Parsed, Unreadable
from digest.sources.picture import first_image
from digest.sources.sanitize import absolute, clean_html, clean_line, language_tag

_VERSION = "https://jsonfeed.org/version/1"


def parse_json_feed(text: str, *, location: str, max_entries: int) -> Parsed:
    """Raises Unreadable. An item that is no object is left out, with a note."""
    feed = _load(text)
    items = feed.get("items")
    if not isinstance(items, list):
        raise Unreadable("it is a JSON Feed without a list of items")
    good = [item for item in items if isinstance(item, dict)]
    odd, too_many = len(items) - len(good), max(len(good) - max_entries, 0)
    if too_many:
        good = [good[index] for index in newest([_date(item.get("date_published")) for item in good], max_entries)]
    language = language_tag(feed.get("language"))
    base = absolute(_text(feed.get("home_page_url")), location) or location
    return Parsed(
        title=clean_line(_text(feed.get("title"))),
        language=language,
        entries=tuple(_entry(item, base, language, _authors(feed)) for item in good),
        notes=tuple(filter(None, (left_out(too_many, max_entries), _odd(odd)))),
    )


def _load(text: str) -> dict[str, Any]:
    try:
        feed = json.loads(text, strict=False)
    except ValueError as error:
        raise Unreadable(f"it begins like JSON but is broken ({clean_line(str(error), 120)})") from None
    if not isinstance(feed, dict) or not _text(feed.get("version")).replace("http:", "https:").startswith(_VERSION):
        raise Unreadable("it is JSON, but not a JSON Feed")
    return feed


def _odd(count: int) -> str:
    return f"{count} of its items {'is' if count == 1 else 'are'} not an object and left out." if count else ""


def _entry(item: dict[str, Any], base: str, language: str, feed_authors: str) -> Entry:
    url = absolute(_text(item.get("url")), base) if item.get("url") else None
    content = clean_html(_text(item.get("content_html")) or _paragraphs(_text(item.get("content_text"))), url or base)
    return Entry(
        title=clean_line(_text(item.get("title"))),
        guid=clean_line(_text(item.get("id")), 1_000) or None,
        url=url or absolute(_text(item.get("external_url")), base),
        summary_html=_paragraphs(_text(item.get("summary"))),
        content_html=content,
        published_at=_date(item.get("date_published")),
        updated_at=_date(item.get("date_modified")),
        author=_authors(item) or feed_authors,
        picture=_picture(item, url or base, content),
        language=language_tag(item.get("language")) or language,
    )


def _picture(item: dict[str, Any], base: str, content: str) -> Picture | None:
    for name in ("image", "banner_image"):
        url = absolute(_text(item.get(name)), base) if item.get(name) else None
        if url and not is_worthless(url):
            return Picture(url)
    for attachment in _images(item):
        if url := absolute(_text(attachment.get("url")), base):
            return Picture(url, alt=clean_line(_text(attachment.get("title"))))
    return first_image(content)


def _images(item: dict[str, Any]) -> list[dict[str, Any]]:
    attachments = item.get("attachments")
    objects = [one for one in attachments if isinstance(one, dict)] if isinstance(attachments, list) else []
    return [one for one in objects if _text(one.get("mime_type")).startswith("image/")]


def _authors(thing: dict[str, Any]) -> str:
    """1.1 has `authors`, 1.0 had `author`."""
    authors = thing.get("authors") if isinstance(thing.get("authors"), list) else [thing.get("author")]
    names = [_text(author.get("name")) for author in authors or () if isinstance(author, dict)]
    return clean_line(", ".join(name for name in names if name), 200)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(part.strip(), quote=False)}</p>" for part in text.split("\n\n") if part.strip())


def _date(value: object) -> datetime | None:
    """RFC 3339; one without an offset is taken as UTC."""
    try:
        moment = datetime.fromisoformat(_text(value).strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str:
    """A number as an id is common, and wrong, and harmless."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
