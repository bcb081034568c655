"""Strangers' HTML and text made harmless: an allow-list by nh3, links made absolute, text cleaned for headers (security S17)."""

import html
import re
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import nh3

from digest.sources.lazy import mend_images

MAX_HTML = 400_000  # characters of one entry; a longer one is cut, not lost
MAX_DEPTH = 200  # nh3 takes time that grows with the square of the depth
MAX_LINK = 4_000
MAX_LINE = 500

_TAG_NAMES = (
    "a abbr b blockquote br caption cite code dd del dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li"
    " mark ol p pre q s samp small span strong sub sup table tbody td tfoot th thead time tr u ul var"
)
_TAGS = set(_TAG_NAMES.split())
_DROPPED_NAMES = (
    "script style form svg math iframe object embed applet noscript template textarea select button title head audio video"
    " canvas frameset noframes xmp plaintext"
)
_DROPPED_WITH_CONTENT = set(_DROPPED_NAMES.split())
_ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href", "title", "hreflang"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "time": {"datetime"},
}
_NUMBERS = {"width", "height", "colspan", "rowspan", "start"}

_PLAIN = re.compile(r"[\n\t !-%'-;=?-~]*")  # ASCII text that is the same as HTML, without <, > and &
_SIMPLE = re.compile(  # an absolute address in which there is nothing to mend
    r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*/[A-Za-z0-9/._~%=&+,:-]*(?:\?[A-Za-z0-9/._~%=&+,:-]+)?"
)
_RELATIVE = re.compile(r"(?:href|src)(?!\s*=\s*[\"']?(?:https?://|mailto:))")  # links, or what may be
_IMAGE = re.compile(r'<img(?:\s+[a-z-]+="[^"]*")*\s*/?>')
_PIXEL = re.compile(r'\s(?:width|height)="[01]"')
_BLOCK = re.compile(
    r"<(?=/?(?:p|div|br|hr|li|ul|ol|h[1-6]|blockquote|tr|td|th|dt|dd|figure|figcaption|pre)\b)", re.IGNORECASE
)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)  # as in model.address
_CLOSING_NAMES = "area base br col embed hr img input link meta p li dt dd tr td th option source track wbr"
_SELF_CLOSING = set(_CLOSING_NAMES.split())
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


def clean_html(source: str, base: str = "") -> str:
    """Safe HTML with absolute links; `base` is what relative links are relative to, "" drops them. Same in, same out."""
    source = source[:MAX_HTML]
    if _PLAIN.fullmatch(source):
        return source.strip()
    source = mend_images(source)
    if _depth(source) > MAX_DEPTH:
        return f"<p>{html.escape(clean_line(_without_tags(source), MAX_HTML), quote=False)}</p>"
    cleaned = _clean(source, base)
    return _IMAGE.sub(lambda match: "" if _is_useless(match[0]) else match[0], cleaned).strip()


def plain_text(source: str) -> str:
    """The words of some HTML on one line."""
    source = source[:MAX_HTML]
    if "<" not in source:
        return clean_line(html.unescape(source), MAX_HTML)
    if _depth(source) > MAX_DEPTH:
        return clean_line(_without_tags(source), MAX_HTML)
    bare = nh3.clean(_BLOCK.sub(" <", source), tags=set(), clean_content_tags=_DROPPED_WITH_CONTENT)
    return clean_line(html.unescape(bare), MAX_HTML)


def clean_line(text: str, limit: int = MAX_LINE) -> str:
    """One line without control, bidirectional-control or unpaired characters, so that it may go into a header."""
    if text.isascii() and text.isprintable() and "  " not in text:  # as most lines are: the same as below
        line = text.strip()
    else:
        line = _FORBIDDEN.sub("", " ".join(text.split())).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def absolute(link: str, base: str = "") -> str | None:
    """An absolute http(s) address without credentials, or None. `//host/…` becomes https."""
    if is_plain_link(link):
        return link
    link = re.sub(r"[\x00-\x1f\x7f]", "", link).strip().replace(" ", "%20")
    link = f"https:{link}" if link.startswith("//") else link
    with suppress(ValueError):
        whole = urljoin(base, link) if base else link
        parts = urlsplit(whole)
        if parts.scheme in {"http", "https"} and parts.hostname and not parts.username and len(whole) <= MAX_LINK:
            return None if _FORBIDDEN.search(whole) else whole
    return None


def is_plain_link(link: str) -> bool:
    """Whether it is an absolute address in which there is nothing to mend."""
    return _SIMPLE.fullmatch(link) is not None and len(link) <= MAX_LINK


def language_tag(text: object) -> str:
    """A BCP 47 tag as claimed, or ""."""
    tag = str(text or "").strip()
    return tag.replace("_", "-") if _LANGUAGE.fullmatch(tag) else ""


def _clean(source: str, base: str) -> str:
    if _may_be_relative(source.lower()) and absolute(base):
        with suppress(ValueError):  # a base that nh3 does not take for one
            return nh3.Cleaner(**_OPTIONS, url_relative=("rewrite_with_base", base)).clean(source)
    return _cleaner().clean(source)


def _may_be_relative(source: str) -> bool:
    return ("href" in source or "src" in source) and _RELATIVE.search(source) is not None


@cache
def _cleaner() -> nh3.Cleaner:
    """For what has no relative links; made once, which takes longer than cleaning most texts."""
    return nh3.Cleaner(**_OPTIONS, url_relative="deny")


def _filter(_tag: str, name: str, value: str) -> str | None:
    """A value, mended or dropped. Called before nh3 makes links absolute."""
    if name in {"href", "src"} and value.strip().startswith("//"):
        return f"https:{value.strip()}"
    if name in _NUMBERS:
        return value if value.isascii() and value.isdigit() and len(value) <= (4 if "span" not in name else 2) else None
    if name == "dir":
        return value if value.lower() in {"ltr", "rtl", "auto"} else None
    return value


_OPTIONS: dict[str, Any] = {
    "tags": _TAGS,
    "clean_content_tags": _DROPPED_WITH_CONTENT,
    "attributes": _ATTRIBUTES,
    "attribute_filter": _filter,
    "url_schemes": {"http", "https", "mailto"},
}


def _is_useless(image: str) -> bool:
    """A picture without a source, or one that only counts readers."""
    return ' src="' not in image or _PIXEL.search(image) is not None


def _depth(source: str) -> int:
    """How deep the tags nest, if they may be too deep; roughly, in linear time. Tags that close themselves do not count."""
    if source.count("<") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for match in _TAG.finditer(source):
        if match[2].lower() not in _SELF_CLOSING:
            depth += -1 if match[1] else 1
            deepest = max(deepest, depth)
            depth = max(depth, 0)
    return deepest


def _without_tags(source: str) -> str:
    return html.unescape(re.sub(r"<[^<>]*>", " ", source)).replace("<", " ")
