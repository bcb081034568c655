"""Which picture stands for an entry: one that the feed names for it, else the first of its text that is one.

Counters, icons, emoji and faces are none. Of the sizes that a feed offers it is the smallest that fills a mail's column on a
fine screen, else the largest; what is known to be tiny gives way to a larger one that stands elsewhere.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from digest.model.feed import Picture
from digest.model.picture import THUMB, WIDE
from digest.sources.lazy import is_worthless
from digest.sources.sanitize import absolute, clean_html, clean_line, plain_text

SMALLEST = 3  # pixels; whatever is said to be smaller only counts readers
MAX_CAPTION = 250  # characters
ICON = 48  # pixels; what is said to be no larger either way is one
_IMAGE = re.compile(r"<img((?:\s+[a-z-]+=\"[^\"]*\")*)\s*/?>")
_ATTRIBUTE = re.compile(r"([a-z-]+)=\"([^\"]*)\"")
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:[?#]|$)", re.IGNORECASE)


def from_feedparser(entry: Mapping[str, Any], base: str, content: str) -> Picture | None:
    """Enclosure, then media:content, media:thumbnail, itunes:image, and the first image of `content` (raw HTML) last."""
    credit, alt = _credit(entry), _caption(entry)
    named = [
        Picture(address, alt=alt, credit=credit, width=width, height=height)
        for url, width, height in _named(entry)
        if (address := absolute(url, base) if url else None) and not is_none(address, width, height)
    ]
    chosen = _first_large(named)
    if chosen and not _is_small(chosen):
        return chosen
    in_text = first_image(clean_html(content, base)) if "<img" in content.lower() else None
    larger = _first_large([one for one in (chosen, in_text) if one])
    return replace(larger, credit=larger.credit or credit) if larger else None


def first_image(cleaned: str) -> Picture | None:
    """The first image of sanitised HTML that is http(s) and no icon or counter; a small one only when there is no other."""
    return _first_large(list(_images(cleaned)))


def is_none(url: str, width: int | None, height: int | None) -> bool:
    """Whether it is plainly no picture of a story."""
    sides = [side for side in (width, height) if side is not None]
    tiny = any(side < SMALLEST for side in sides) or (len(sides) == 2 and max(sides) <= ICON)
    return tiny or is_worthless(url)


def _images(cleaned: str) -> Iterator[Picture]:
    for match in _IMAGE.finditer(cleaned):
        values = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(match[1])}
        url = absolute(values.get("src", ""))
        width, height = _pixels(values.get("width")), _pixels(values.get("height"))
        if url and not is_none(url, width, height):
            yield Picture(url, alt=clean_line(values.get("alt", "")), width=width, height=height)


def _first_large(pictures: list[Picture]) -> Picture | None:
    """The first that is not known to be small, else the widest."""
    large = next((one for one in pictures if not _is_small(one)), None)
    return large or max(pictures, key=lambda one: one.width or 0, default=None)


def _is_small(picture: Picture) -> bool:
    return picture.width is not None and picture.width < THUMB[0]


def _named(entry: Mapping[str, Any]) -> Iterator[tuple[str, int | None, int | None]]:
    for link in entry.get("links") or ():
        if link.get("rel") == "enclosure" and _is_image(link, str(link.get("href") or "")):
            yield str(link.get("href") or ""), None, None
    media = [part for part in entry.get("media_content") or () if _is_image(part, str(part.get("url") or ""))]
    for part in [*_by_size(media), *_by_size(entry.get("media_thumbnail") or ())]:
        yield str(part.get("url") or ""), _pixels(part.get("width")), _pixels(part.get("height"))
    yield str((entry.get("image") or {}).get("href") or ""), None, None


def _by_size(parts: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The smallest that is wide enough first, then the others from the widest down; of unknown ones, as they stand."""
    return sorted(
        parts, key=lambda part: (_width(part) < WIDE, _width(part) if _width(part) >= WIDE else -_width(part))
    )


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


def _caption(entry: Mapping[str, Any]) -> str:
    """What the feed says that the picture shows; a long text is no caption but the story."""
    caption = plain_text(str(dict.get(entry, "media_caption") or "")) if isinstance(entry, dict) else ""
    return caption if len(caption) <= MAX_CAPTION else ""


def _credit(entry: Mapping[str, Any]) -> str:
    given = entry.get("media_credit") or ()
    return clean_line(", ".join(str(one.get("content") or "") for one in given if one.get("content")), 200)
