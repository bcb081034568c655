"""Raw <img> tags mended before sanitising, while their classes and data-… attributes are still there.

Lazily loaded pictures get their address, emoji become the letters they stand for, and what is no picture of the story goes:
faces of authors, buttons for sharing, pixels that count readers.
"""

import html
import re

from digest.model.picture import WIDE

_TAG = re.compile(r"<img\b[^<>]{0,4000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z][a-z0-9_-]*)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
#: Where scripts find what they load when a reader scrolls there, in the order of how sure we are.
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-orig-file", "data-large-file", "data-full-url", "data-url")
_LAZY_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_PLACEHOLDER = re.compile(
    r"data:|about:|#|(?:.*/)?(?:(?:blank|spacer|transparent|clear|pixel|1x1|lazy)[-_\dx]*|(?:lazy[-_])?(?:placeholder|loading|loader)[\w-]*)"
    r"\.(?:gif|png|svg|jpe?g)",
    re.IGNORECASE,
)
_CANDIDATE = re.compile(r"(\S+?)\s+(\d{1,5})w(?:,|\s|$)")
_EMOJI = re.compile(r"(?:^|\s)(?:emoji|wp-smiley|twemoji)(?:\s|$)|/(?:emoji|twemoji)/", re.IGNORECASE)
_FACE = re.compile(r"(?:^|\s)(?:avatar|author-?(?:photo|image|avatar)|gravatar|u-photo)(?:[\s-]|$)", re.IGNORECASE)
_WORTHLESS = re.compile(
    r"//[^/]*gravatar\.com/|//(?:feeds|feedads)\.[^/]*/~[a-z]+/|//[^/]*(?:doubleclick|scorecardresearch|quantserve|feedsportal)\."
    r"|//(?:pixel|stats|b|g)\.(?:wp|wordpress)\.com/|//[^/]*google-analytics\.|//s\.w\.org/images/core/emoji/"
    r"|/(?:1x1|pixel|spacer|blank|clear|transparent|tracking|counter|beacon)\.(?:gif|png)|/(?:emoji|twemoji|smilies)/"
    r"|/(?:icon|btn|button|share|follow|social)[-_](?:facebook|twitter|x|linkedin|whatsapp|mail|email|rss|pinterest|reddit)\b"
    r"|/favicon\b|/avatars?/",
    re.IGNORECASE,
)


def mend_images(source: str) -> str:
    """The same HTML, its <img> tags mended. Linear, for strangers' HTML."""
    if "<img" not in source and "<IMG" not in source:
        return source
    return _TAG.sub(lambda match: _mend(match[0]), source)


def is_worthless(url: str) -> bool:
    """Whether an address is plainly of an icon, a face, an emoji or a counter."""
    return _WORTHLESS.search(url) is not None


def _mend(tag: str) -> str:
    values = {name.lower(): html.unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag)}
    source, classes = values.get("src", "").strip(), values.get("class", "")
    if _EMOJI.search(classes) or _EMOJI.search(source):
        return html.escape(values.get("alt", ""))
    if _FACE.search(classes):
        return ""
    found = source if source and not _PLACEHOLDER.match(source) else _lazy(values)
    if found == source:
        return tag
    kept = "".join(
        f' {name}="{html.escape(values[name])}"' for name in ("alt", "title", "width", "height") if name in values
    )
    return f'<img src="{html.escape(found)}"{kept}>' if found else ""


def _lazy(values: dict[str, str]) -> str:
    for name in _LAZY:
        if (value := values.get(name, "").strip()) and not _PLACEHOLDER.match(value):
            return value
    return next((best for name in _LAZY_SETS if (best := _best(values.get(name, "")))), "")


def _best(candidates: str) -> str:
    """Of a srcset the smallest that fills a mail's column on a fine screen, else the largest."""
    sizes = [(int(width), url) for url, width in _CANDIDATE.findall(candidates[:8_000])]
    enough = [size for size in sizes if size[0] >= WIDE]
    return min(enough)[1] if enough else max(sizes)[1] if sizes else ""
