"""Which picture stands for an entry: one that the feed names for it, else the first of its text. A tracking pixel is none."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from digest.model.feed import Picture
from digest.sources.sanitize import absolute, clean_html, clean_line, plain_text

SMALLEST = 3  # CSS pixels; whatever is said to be smaller only counts readers
_IMAGE = re.compile(r"<img((?:\s+[a-z-]+=\"[^\"]*\")*)\s*/?>")
_ATTRIBUTE = re.compile(r"([a-z-]+)=\"([^\"]*)\"")
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:[?#]|$)", re.IGNORECASE)


def from_feedparser(entry: Mapping[str, Any], base: str, content: str) -> Picture | None:
    """Enclosure, then media:content, media:thumbnail, itunes:image, and the first image of `content` (raw HTML) last."""
    credit, alt = _credit(entry), plain_text(str(entry.get("media_description") or ""))
    for url, width, height in _named(entry):
        address = absolute(url, base) if url else None
        if address and not _is_pixel(width, height):
            return Picture(address, alt=alt, credit=credit, width=width, height=height)
    return first_image(clean_html(content, base)) if "<img" in content.lower() else None


def first_image(cleaned: str) -> Picture | None:
    """The first image of sanitised HTML that is http(s) and no pixel."""
    for match in _IMAGE.finditer(cleaned):
        values = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(match[1])}
        url = absolute(values.get("src", ""))
        width, height = _pixels(values.get("width")), _pixels(values.get("height"))
        if url and not _is_pixel(width, height):
            return Picture(url, alt=clean_line(values.get("alt", "")), width=width, height=height)
    return None


def _named(entry: Mapping[str, Any]) -> Iterator[tuple[str, int | None, int | None]]:
    for link in entry.get("links") or ():
        if link.get("rel") == "enclosure" and _is_image(link, str(link.get("href") or "")):
            yield str(link.get("href") or ""), None, None
    media = [part for part in entry.get("media_content") or () if _is_image(part, str(part.get("url") or ""))]
    for part in [*sorted(media, key=_width, reverse=True), *(entry.get("media_thumbnail") or ())]:
        yield str(part.get("url") or ""), _pixels(part.get("width")), _pixels(part.get("height"))
    yield str((entry.get("image") or {}).get("href") or ""), None, None


def _is_image(part: Mapping[str, Any], url: str) -> bool:
    kind = str(part.get("type") or "")
    if kind or part.get("medium"):
        return kind.startswith("image/") or (not kind and part.get("medium") == "image")
    return _IMAGE_FILE.search(url) is not None


def _width(part: Mapping[str, Any]) -> int:
    return _pixels(part.get("width")) or 0


def _pixels(value: object) -> int | None:
    text = str(value or "").strip().removesuffix("px")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else None


def _is_pixel(width: int | None, height: int | None) -> bool:
    return any(side is not None and side < SMALLEST for side in (width, height))


def _credit(entry: Mapping[str, Any]) -> str:
    given = entry.get("media_credit") or ()
    return clean_line(", ".join(str(one.get("content") or "") for one in given if one.get("content")), 200)
