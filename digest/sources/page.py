"""An article page's HTML → one entry (trafilatura), and the feeds that a page names. Runs in the confined process."""

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import Document

from digest.model.feed import Entry, Picture
from digest.sources import charset as encodings
from digest.sources.lazy import is_worthless
from digest.sources.parsed import FoundFeed, Parsed, Unreadable
from digest.sources.sanitize import absolute, clean_html, clean_line, language_tag, plain_text

MAX_FEEDS = 50
MIN_WORDS = 25  # fewer are no article
_FEED_TYPES = {
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/json",
}
_ARTICLE_TYPES = {
    "Article",
    "NewsArticle",
    "BlogPosting",
    "ReportageNewsArticle",
    "OpinionNewsArticle",
    "AnalysisNewsArticle",
    "Report",
}
_DATES = {"original_date": True, "extensive_search": False}


def parse_page(content: bytes, *, location: str, charset: str = "") -> Parsed:
    """The page as one article. Raises Unreadable when there is no article on it. `location` may be "" for a file."""
    text, note = encodings.decode(content, charset)
    url = location or None
    document = _document(text, url)
    body = trafilatura.extract(
        text, url=url, include_comments=False, output_format="html", include_formatting=True, include_links=True
    )
    if not isinstance(document, Document) or not body or len(plain_text(body).split()) < MIN_WORDS:
        raise Unreadable("there is no article on the page that can be told from the rest")
    entry = _entry(document, _tree(text), clean_html(_inner(body), location), location)
    return Parsed(title=entry.publisher, language=entry.language, entries=(entry,), notes=(note,) if note else ())


def _document(text: str, url: str | None) -> object:
    """What trafilatura finds; of a page so odd that the search for its date fails (htmldate asserts), without a date."""
    try:
        return trafilatura.bare_extraction(
            _tree(text), url=url, include_comments=False, with_metadata=True, date_extraction_params=dict(_DATES)
        )
    except AssertionError:
        return trafilatura.bare_extraction(_tree(text), url=url, include_comments=False, with_metadata=False)


def parse_links(content: bytes, *, location: str, charset: str = "") -> Parsed:
    """What a page says about itself: its title, whether it is one article, and the feeds it names."""
    text, _ = encodings.decode(content, charset)
    tree = _tree(text)
    found: dict[str, FoundFeed] = {}
    for feed in _named_feeds(tree, _base(tree, location)):
        found.setdefault(feed.location, feed)
    return Parsed(
        title=clean_line(_meta(tree, "og:site_name") or str(tree.findtext(".//title") or "")),
        language=_language(tree),
        feeds=tuple(sorted(found.values(), key=_is_for_comments)[:MAX_FEEDS]),
        is_article=_says_article(tree),
    )


def parse_card(content: bytes, *, location: str, charset: str = "") -> Parsed:
    """What a page shows of itself when it is linked to: one entry with its title and the picture that it names, if any."""
    text, _ = encodings.decode(content, charset)
    tree = _tree(text)
    title = _meta(tree, "og:title") or str(tree.findtext(".//title") or "")
    return Parsed(title="", entries=(Entry(title=clean_line(title), picture=_picture(tree, location)),))


def _tree(text: str) -> HtmlElement:
    tree = trafilatura.load_html(text)
    if tree is None:
        raise Unreadable("it is not HTML")
    found: HtmlElement = tree
    return found


def _entry(document: Document, tree: HtmlElement, content: str, location: str) -> Entry:
    url = _canonical(tree, location) or absolute(location)
    return Entry(
        title=clean_line(_meta(tree, "og:title") or document.title or ""),
        guid=url,
        url=url,
        summary_html=_paragraph(clean_line(html.unescape(document.description or ""), 2_000)),
        content_html=content,
        published_at=_published(tree) or _moment(document.date),
        updated_at=_moment(_meta(tree, "article:modified_time")),
        author=clean_line((document.author or "").replace(";", ","), 200),
        publisher=clean_line(_meta(tree, "og:site_name") or document.sitename or ""),
        picture=_picture(tree, location, document.image or ""),
        language=_language(tree),
    )


def _inner(document: str) -> str:
    match = re.search(r"<body[^>]*>(.*)</body>", document, re.DOTALL)
    return match[1] if match else document


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text, quote=False)}</p>" if text else ""


def _picture(tree: HtmlElement, location: str, otherwise: str = "") -> Picture | None:
    said = _meta(tree, "og:image", "og:image:url", "twitter:image") or otherwise
    url = absolute(said, location) if said else None
    if url is None or is_worthless(url):
        return None
    width, height = (_number(_meta(tree, f"og:image:{side}")) for side in ("width", "height"))
    return Picture(url, alt=clean_line(_meta(tree, "og:image:alt", "twitter:image:alt")), width=width, height=height)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 2 < int(text[:6]) < 20_000 else None


def _published(tree: HtmlElement) -> datetime | None:
    """The exact time, which trafilatura cuts to a day."""
    said = _meta(tree, "article:published_time", "datepublished", "dc.date.issued", "date")
    return _moment(said) or _moment(next((str(thing.get("datePublished") or "") for thing in _linked_data(tree)), ""))


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((text or "").strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _meta(tree: HtmlElement, *names: str) -> str:
    """The content of the first <meta> of the first of these names (property, name or itemprop) that is there."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").strip().lower()
        found.setdefault(name, (meta.get("content") or "").strip())
    return next((found[name] for name in names if found.get(name)), "")


def _language(tree: HtmlElement) -> str:
    return language_tag(tree.get("lang")) or language_tag(_meta(tree, "og:locale"))


def _canonical(tree: HtmlElement, location: str) -> str | None:
    """What the page calls itself (RFC 6596); a page that calls itself the home page is mistaken."""
    named = [link.get("href") for link in tree.iter("link") if (link.get("rel") or "").strip().lower() == "canonical"]
    for link in (*named, _meta(tree, "og:url")):
        url = absolute(str(link), location) if link else None
        if url and (urlsplit(url).path.strip("/") or not urlsplit(location).path.strip("/")):
            return url
    return None


def _base(tree: HtmlElement, location: str) -> str:
    base = next((element.get("href") for element in tree.iter("base") if element.get("href")), "")
    return absolute(str(base), location) or location


def _named_feeds(tree: HtmlElement, base: str) -> Iterator[FoundFeed]:
    for link in tree.iter("link", "a"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if kind not in _FEED_TYPES or not {"alternate", "feed"} & set(relations):
            continue
        if kind == "application/json" and "wp-json" in (link.get("href") or ""):  # WordPress names its API so
            continue
        if url := absolute(link.get("href") or "", base):
            yield FoundFeed(url, clean_line(link.get("title") or "", 200))


def _is_for_comments(feed: FoundFeed) -> bool:
    """Sites name the feed of their comments too; it is never the one that is meant."""
    return "comment" in f"{feed.location} {feed.title}".lower()


def _says_article(tree: HtmlElement) -> bool:
    if _meta(tree, "og:type").lower() in {"article", "news.article", "blog"} or _meta(tree, "article:published_time"):
        return _meta(tree, "og:type").lower() != "website"
    return any(kind in _ARTICLE_TYPES for thing in _linked_data(tree) for kind in _kinds(thing))


def _kinds(thing: dict[str, Any]) -> list[Any]:
    kind = thing.get("@type")
    return kind if isinstance(kind, list) else [kind]


def _linked_data(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """The objects at the top of a page's JSON-LD (schema.org)."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            data = json.loads(script.text or "", strict=False)
        except ValueError:
            continue
        things = data.get("@graph", data) if isinstance(data, dict) else data
        for thing in things if isinstance(things, list) else [things]:
            if isinstance(thing, dict):
                yield thing
