"""OPML as other programs write it, as nobody should, and as we write it ourselves."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from digest.model.feed import Feed, FeedKind
from digest.sources import read_opml
from digest.sources.opml import MAX_FEEDS, format_opml, parse_opml
from digest.sources.parsed import FoundFeed, Parsed, Unreadable
from digest.sources.worker import answer

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
NESTED = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.1"><head><title>Reading</title></head><body>
 <outline text="Town">
  <outline text="Council" title="Council news" type="rss" xmlUrl="https://town.example/feed"/>
  <outline text="Deep"><outline text="Harbour" xmlUrl="//harbour.example/feed" category="/Sea/Boats,Ferries"/></outline>
 </outline>
 <outline text="Alone" xmlurl="http://alone.example/rss"/>
 <outline type="link" text="One page" url="https://page.example/story"/>
 <outline type="link" text="A reader's own" xmlUrl="https://own.example/feed" url="https://own.example/"/>
 <outline text="Town again" xmlUrl="https://town.example/feed"/>
 <outline text="No address"/><outline xmlUrl="javascript:alert(1)"/><outline xmlUrl="file:///etc/passwd"/>
</body></opml>"""


def feeds(*locations: str) -> str:
    outlines = "".join(f'<outline xmlUrl="{location}"/>' for location in locations)
    return f'<opml version="2.0"><body>{outlines}</body></opml>'


def test_feeds_are_found_at_any_depth_with_the_outlines_around_them() -> None:
    parsed = parse_opml(NESTED.encode("latin-1"))
    assert parsed.title == "Reading"
    assert parsed.feeds == (
        FoundFeed("https://town.example/feed", "Council news", ("Town",)),
        FoundFeed("https://harbour.example/feed", "Harbour", ("Town", "Deep", "Sea", "Boats", "Ferries")),
        FoundFeed("http://alone.example/rss", "Alone"),
        FoundFeed("https://page.example/story", "One page", is_page=True),
        FoundFeed("https://own.example/feed", "A reader's own"),
    )


def test_what_we_write_we_read() -> None:
    listed = [
        Feed(1, 1, "https://a.example/?x=1&y=<2>", FeedKind.SYNDICATION, title='“A” & <b>"B"', topic="Town & Sea"),
        Feed(2, 1, "https://page.example/", FeedKind.PAGE, title="Page"),
        Feed(3, 1, "/srv/texts", FeedKind.FOLDER, title="texts"),
        Feed(4, 1, "https://c.example/feed", FeedKind.SYNDICATION, topic="Town & Sea"),
    ]
    parsed = parse_opml(format_opml("The <Weekly>", listed, NOW).encode())
    assert parsed.title == "The <Weekly>"
    assert parsed.feeds == (
        FoundFeed("https://a.example/?x=1&y=<2>", '“A” & <b>"B"', ("Town & Sea",)),
        FoundFeed("https://c.example/feed", "https://c.example/feed", ("Town & Sea",)),
        FoundFeed("https://page.example/", "Page", is_page=True),
    )


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            f'<!DOCTYPE opml [<!ENTITY l0 "ha">{LAUGHS}]><opml><body><outline text="&l9;"/></body></opml>',
            "declares entities",
        ),
        (
            '<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><outline text="&x;"/></opml>',
            "declares entities",
        ),
        ('<opml><body><outline text="&undeclared;"/></body></opml>', "not well-formed"),
        ("<opml><body><outline></body></opml>", "not well-formed"),
        ("<rss/>", "not OPML"),
        ("", "not well-formed"),
        ("\0\0", "not well-formed"),
        ("<opml>" + "<outline text='a'>" * 100_000, "not well-formed"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(content: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        parse_opml(content.encode())


def test_a_hundred_thousand_outlines_are_read_in_the_confined_process() -> None:
    parsed = read_opml(feeds(*(f"https://x.example/{number}" for number in range(100_000))).encode(), "big.opml")
    assert len(parsed.feeds) == MAX_FEEDS
    assert parsed.notes == ("Only its first 10,000 feeds were read.",)


def test_a_document_type_without_entities_is_harmless() -> None:
    assert (
        len(
            parse_opml(
                b'<!DOCTYPE opml SYSTEM "http://x.example/opml.dtd">' + feeds("https://a.example/").encode()
            ).feeds
        )
        == 1
    )


@given(st.binary(max_size=300) | st.text(alphabet="<>/=\"' opmlutinexU&;![]", max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    found = answer("opml", content, {})
    assert "parsed" in found or "confuses" not in found["error"]


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_any_titles_can_be_written(named: list[tuple[str, str]]) -> None:
    listed = [
        Feed(number, 1, f"https://x.example/{number}", FeedKind.SYNDICATION, title=title, topic=topic)
        for number, (title, topic) in enumerate(named)
    ]
    document = format_opml("T", listed, NOW).encode()
    etree.fromstring(document)
    parsed: Parsed = parse_opml(document)
    assert {feed.location for feed in parsed.feeds} == {feed.location for feed in listed}
