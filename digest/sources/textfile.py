"""One file of a folder feed → one entry: Markdown, HTML, or plain text in the shape of a news page, each with or without
front matter. Runs in the confined process.
"""

import html
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath

from markdown_it import MarkdownIt

from digest.model.feed import Entry, Picture
from digest.sources import charset as encodings
from digest.sources import frontmatter
from digest.sources.frontmatter import FrontMatter
from digest.sources.newspage import parse_news_page
from digest.sources.parsed import Parsed, Unreadable
from digest.sources.picture import first_image
from digest.sources.sanitize import clean_html, clean_line, plain_text

SUFFIXES = (".md", ".markdown", ".html", ".htm", ".txt")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_FIRST_HEADING = re.compile(r"\s*<h([12])>(?P<title>.*?)</h\1>", re.DOTALL)
_DOCUMENT = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)


def parse_file(content: bytes, *, name: str) -> Parsed:
    """`name` is the path below the folder, with slashes; it becomes the guid. Raises Unreadable, with the line if one is to blame."""
    text, note = encodings.decode(content)
    front, body = frontmatter.split(text)
    if not front.values and not body.strip():
        raise Unreadable("it is empty")
    entry = _entry(PurePosixPath(name), front, body)
    return Parsed(entries=(_dressed(entry, front, name),), notes=(note,) if note else ())


def _entry(path: PurePosixPath, front: FrontMatter, body: str) -> Entry:
    """What the body alone says; the title falls back to the file's name."""
    base = front.address("url", "link", "canonical_url") or ""
    if path.suffix.lower() == ".txt":
        entry = _from_text(body)
    elif path.suffix.lower() in {".html", ".htm"}:
        entry = _from_html(body, base)
    else:
        entry = _from_rendered(_MARKDOWN.render(body), base)
    return entry if entry.title or front.text("title") else replace(entry, title=_name_as_title(path))


def _from_text(body: str) -> Entry:
    page = parse_news_page(body)
    return Entry(
        title=clean_line(page.headline),
        summary_html=_paragraph(page.standfirst),
        content_html="\n".join(_paragraph(text) for text in page.paragraphs),
        author=page.author,
        agency=page.agency,
        picture=Picture("", credit=clean_line(page.photo_credit, 200)) if page.photo_credit else None,
    )


def _from_html(body: str, base: str) -> Entry:
    """A whole document is read like an article page; a fragment, or a page without an article, as it stands."""
    if _DOCUMENT.search(body[:2_000]):
        from digest.sources.page import parse_page  # noqa: PLC0415 - brings trafilatura, which most folders do not need

        with suppress(Unreadable):
            return replace(parse_page(body.encode(), location=base, charset="utf-8").entries[0], guid=None)
    return _from_rendered(body, base)


def _from_rendered(source: str, base: str) -> Entry:
    """The first heading, if it comes first, is the title and not part of the text."""
    cleaned = clean_html(source, base)
    heading = _FIRST_HEADING.match(cleaned)
    title = plain_text(heading["title"]) if heading else ""
    content = cleaned[heading.end() :].strip() if heading else cleaned
    return Entry(title=clean_line(title), content_html=content, picture=first_image(content))


def _dressed(entry: Entry, front: FrontMatter, name: str) -> Entry:
    """The front matter goes before whatever the body says."""
    return replace(
        entry,
        guid=name,
        title=clean_line(front.text("title") or entry.title),
        url=front.address("url", "link", "canonical_url") or entry.url,
        summary_html=_paragraph(front.text("summary", "description", "standfirst", "excerpt")) or entry.summary_html,
        published_at=front.moment("date", "published", "published_at") or entry.published_at,
        updated_at=front.moment("updated", "lastmod", "modified") or entry.updated_at,
        author=front.text("author", "authors", "byline") or entry.author,
        publisher=front.text("publisher", "site", "source") or entry.publisher,
        agency=front.text("agency") or entry.agency,
        picture=_picture(entry.picture, front),
        language=front.language() or entry.language,
        topic=front.text("topic"),
    )


def _picture(found: Picture | None, front: FrontMatter) -> Picture | None:
    named = front.address("image", "picture", "cover")
    picture = Picture(named, credit=found.credit if found else "") if named else found
    credit, alt = front.text("credit", "image_credit", "photo_credit"), front.text("image_alt", "alt")
    if picture is None:
        return Picture("", credit=credit) if credit else None
    return replace(picture, credit=credit or picture.credit, alt=alt or picture.alt)


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text, quote=False)}</p>" if text else ""


def _name_as_title(path: PurePosixPath) -> str:
    """`2026-11-02-the-harbour_reopens.md` → `The harbour reopens`."""
    words = re.sub(r"^\d{4}-\d{2}-\d{2}[-_ ]*", "", path.stem).replace("-", " ").replace("_", " ").strip() or path.stem
    return clean_line(words[:1].upper() + words[1:])
