from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.model.feed import Picture
from digest.sources.page import parse_card, parse_links, parse_page
from digest.sources.parsed import FoundFeed, Unreadable
from digest.sources.worker import answer
from tests.unit.sources.test_newspage import HEADLINE, STANDFIRST, STORY
from tests.unit.sources.test_sanitize import is_harmless

LOCATION = "https://tamar.example/news/bridge?ref=home"
PAGE = f"""<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{HEADLINE} | Tamar Post</title>
<link rel="canonical" href="/news/bridge"><meta property="og:type" content="article"><meta property="og:title" content="{HEADLINE}">
<meta property="og:site_name" content="Tamar Post"><meta property="og:image" content="/img/bridge.jpg"><meta property="og:image:width" content="1200">
<meta property="og:image:height" content="800"><meta property="og:image:alt" content="The bridge at dawn"><meta name="author" content="Tom Ashe">
<meta name="description" content="{STANDFIRST}"><meta property="article:published_time" content="2026-11-02T07:30:00+01:00">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
<link rel="alternate" type="application/rss+xml" title="All news" href="/feed"><link rel="ALTERNATE" type="application/feed+json; charset=utf-8" href="//json.tamar.example/f">
<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1"><link rel="alternate" hreflang="de" href="/de"><link rel="stylesheet" href="/feed.css">
</head><body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>{HEADLINE}</h1>
{"".join(f"<p onclick='x()'>{text} <a href='/toll'>toll</a></p>" for text in STORY)}<script>alert(1)</script></article>
<footer>Imprint and cookies</footer></body></html>"""


def test_an_article() -> None:
    parsed = parse_page(PAGE.encode(), location=LOCATION)
    (entry,) = parsed.entries
    assert (entry.title, entry.publisher, entry.author, entry.language) == (HEADLINE, "Tamar Post", "Tom Ashe", "en-GB")
    assert entry.url == entry.guid == "https://tamar.example/news/bridge"
    assert entry.summary_html == f"<p>{STANDFIRST}</p>"
    assert entry.published_at == datetime(2026, 11, 2, 6, 30, tzinfo=UTC)
    assert entry.picture == Picture(
        "https://tamar.example/img/bridge.jpg", alt="The bridge at dawn", width=1200, height=800
    )
    assert STORY[0].split(",", maxsplit=1)[0] in entry.content_html
    assert 'href="https://tamar.example/toll"' in entry.content_html
    assert is_harmless(entry.content_html)
    assert not any(word in entry.content_html for word in ("Imprint", "Sport", "alert"))


def test_a_canonical_address_that_is_the_home_page_is_a_mistake() -> None:
    page = PAGE.replace('href="/news/bridge"', 'href="https://tamar.example/"')
    assert parse_page(page.encode(), location=LOCATION).entries[0].url == LOCATION


def test_the_date_from_linked_data() -> None:
    data = '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "datePublished": "2026-11-01T10:00:00Z"}]}</script>'
    page = PAGE.replace('<meta property="article:published_time" content="2026-11-02T07:30:00+01:00">', data)
    assert parse_page(page.encode(), location=LOCATION).entries[0].published_at == datetime(2026, 11, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("content", ["<html><body><p>Too short.</p></body></html>", "<html></html>", "x", "", "{}"])
def test_no_article(content: str) -> None:
    with pytest.raises(Unreadable):
        parse_page(content.encode(), location=LOCATION)


def test_the_feeds_that_a_page_names() -> None:
    found = parse_links(PAGE.encode(), location=LOCATION)
    assert found.feeds == (
        FoundFeed("https://tamar.example/feed", "All news"),
        FoundFeed("https://json.tamar.example/f"),
        FoundFeed("https://tamar.example/comments/feed", "Comments"),
    )
    assert (found.title, found.is_article) == ("Tamar Post", True)


def test_a_home_page_is_no_article() -> None:
    page = PAGE.replace('content="article"', 'content="website"')
    assert not parse_links(page.encode(), location=LOCATION).is_article


def test_a_base_element_counts() -> None:
    page = '<html><head><base href="https://b.example/x/"><link rel="alternate" type="application/atom+xml" href="f"></head></html>'
    assert parse_links(page.encode(), location=LOCATION).feeds == (FoundFeed("https://b.example/x/f"),)


@settings(max_examples=40, deadline=None)
@example(0, "<svg><style>", 1)  # at which htmldate asserts
@given(
    st.integers(0, len(PAGE)),
    st.sampled_from(["", "<", "<table><td colspan=99999999>", "<script", "\0", '"', "<svg><style>", "]]>", "</body>"]),
    st.integers(1, 400),
)
def test_a_damaged_page_gives_a_value_or_a_reason(at: int, what: str, length: int) -> None:
    damaged = (PAGE[:at] + what + PAGE[at + length :]).encode()
    for task in ("page", "links"):
        reply = answer(task, damaged, {"location": LOCATION})
        assert not str(reply.get("error", "")).startswith("it confuses"), reply
        for entry in reply.get("parsed", {}).get("entries", ()):
            assert is_harmless(entry["content_html"])


@pytest.mark.parametrize(
    "content",
    [
        "<div>" * 5_000 + "x",
        "<table><tr><td colspan=2000000000 rowspan=2000000000>x" * 50,
        "<a " + "x" * 200_000,
        "<p>" + "word " * 50_000,
    ],
)
def test_hostile_pages(content: str) -> None:
    reply = answer("page", f"<html><body>{content}</body></html>".encode(), {"location": LOCATION})
    assert set(reply) <= {"error", "parsed", "spent"}


def test_the_picture_that_a_page_names_whatever_else_is_on_it() -> None:
    (card,) = parse_card(PAGE.encode(), location=LOCATION).entries
    assert card.title == HEADLINE
    assert card.picture == Picture(
        "https://tamar.example/img/bridge.jpg", alt="The bridge at dawn", width=1200, height=800
    )


@pytest.mark.parametrize(
    "head",
    [
        "",
        '<meta property="og:image" content="">',
        '<meta property="og:image" content="javascript:alert(1)">',
        '<meta property="og:image" content="https://tamar.example/pixel.gif">',
    ],
)
def test_a_page_that_names_no_picture(head: str) -> None:
    (card,) = parse_card(
        f"<html><head><title>Tide</title>{head}</head><body><p>Low</p></body></html>".encode(), location=LOCATION
    ).entries
    assert (card.title, card.picture) == ("Tide", None)
