"""Plain RSS read quickly is RSS as feedparser reads it, to the last value; what is not plain is left to feedparser."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.parse import _feedparser, _parsed
from digest.sources.parsed import Parsed
from digest.sources.plainrss import read_plain_rss

YEARS = ("2026", "1994", "1969", "0001", "9999", "26")
FEEDS = Path(__file__).parents[2] / "data" / "feeds"
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"'
)


def rss(items: str, head: str = "<title>T</title><link>https://x.example/</link><language>en-gb</language>") -> str:
    return f'<rss version="2.0" {NAMESPACES}><channel>{head}{items}</channel></rss>'


def both(text: str) -> tuple[Parsed | None, Parsed]:
    quick = read_plain_rss(text, _feedparser)
    location = "https://x.example/feed"
    slow = _parsed(_feedparser(text), text, location, ())
    return None if quick is None else _parsed(quick, text, location, ()), slow


def same(text: str) -> Parsed:
    quick, slow = both(text)
    assert quick == slow
    return slow


@pytest.mark.parametrize(
    "item",
    [
        "<title>Plain &amp; simple</title><link>https://x.example/1</link><guid>1</guid>",
        "<title><![CDATA[<b>Bold</b> &amp; more]]></title><guid isPermaLink='false'> 2 </guid><link>/3?a=1&amp;b=2</link>",
        "<title>A &lt;b&gt;b&lt;/b&gt;</title><guid isPermaLink='true'>http:////x.example/4</guid>",
        "<guid>https://x.example/5</guid><link/><title/>",
        "<link>https://x.example/6?a=1&amp;amp;copy=2</link><pubDate>Mon, 23 Nov 2026 08:00:00 +0100</pubDate>",
        "<pubDate>yesterday</pubDate><description>&lt;p onclick=x&gt;One&lt;/p&gt;</description>",
        "<description>Text only, nothing else.</description><content:encoded><![CDATA[<p>Body <img src='/a.png'></p>]]></content:encoded>",
        "<content:encoded>&lt;p&gt;Body&lt;/p&gt;</content:encoded><description>Late</description>",
        "<author>ann@x.example (Ann Lee)</author><category domain='d'>a</category><category>b</category>",
        "<dc:creator><![CDATA[Ann Lee]]></dc:creator><slash:comments>7</slash:comments><comments>https://x.example/c</comments>",
        "<title>Caf\u00c3\u00a9 \u0093quoted\u0094 \u20ac</title><description>Caf\u00e9</description>",
        "<title>P</title><enclosure url='/a.JPG' type='Image/JPEG' length='1'/><enclosure url='/b.mp3' type='audio/mpeg'/>",
        "<title>M</title><media:content url='/a.jpg' medium='image' width='640'/><media:content url='/b.jpg' medium='image' width='900'/>",
        "<title>N</title><media:thumbnail url='/a.jpg' width='640' height='480'/>",
        "<title>X</title><content:encoded><![CDATA[<?xml version='1.0'?><p xml:lang='de'>Ja</p>]]></content:encoded>",
        "<title>Y</title><description>&lt;!DOCTYPE html&gt;&lt;p xml:base='/a'&gt;No</description>",
    ],
)
def test_items_are_read_as_feedparser_reads_them(item: str) -> None:
    same(rss(f"<item>{item}</item>"))
    same(rss(f"<item><title>Other</title></item>\n<item>\n{item}\n</item>"))


@pytest.mark.parametrize("day", ["Mon, 23", "9", "31", "0"])
@pytest.mark.parametrize("month", ["Nov", "Feb", "Mai"])
@pytest.mark.parametrize("time", ["08:00:00 +0100", "23:59:60 +0000", "24:00:00 -0030", "08:00 GMT", "00:00:01 -9959"])
def test_dates_are_read_as_feedparser_reads_them(day: str, month: str, time: str) -> None:
    same(rss("".join(f"<item><title>T</title><pubDate>{day} {month} {year} {time}</pubDate></item>" for year in YEARS)))


def test_nearly_all_of_that_is_read_quickly() -> None:
    text = rss(
        "<item><title>A</title><link>/1</link><dc:creator>Ann</dc:creator><content:encoded>x</content:encoded></item>"
    )
    assert read_plain_rss(text, _feedparser) is not None


@pytest.mark.parametrize(
    "text",
    [
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>",
        rss("<item><title>A</title><title>B</title></item>"),
        rss("<item><title>A</title><unknown/></item>"),
        rss("<item><title>A<b>b</b></title></item>"),
        rss("<item><title>A</title><category>B<title>C</title></category></item>"),
        rss("<item><title type='html'>A</title></item>"),
        rss("<item xml:lang='de'><title>A</title></item>"),
        rss("<item><title xml:base='/a/'>A</title></item>"),
        rss("<item><title>A<?b c?>d</title></item>"),
        rss("<item><title>A</title><?b c?></item>"),
        rss("<item><title>A</title></item><?b c?><item><title>B</title></item>"),
        rss("<item><enclosure url='/a.jpg' xml:base='/a/'/></item>"),
        rss("<item><title>A</title></item><ttl>1</ttl><item><title>B</title></item>"),
        rss("<item><title>A &nbsp; B</title></item>"),
        rss("<item><title>A</item>"),
        rss("<item><title>A</title></item>", head="<title>T</title></channel><channel>"),
        "<!DOCTYPE rss>" + rss("<item><title>A</title></item>"),
        rss("<!-- <item> --><item><title>A</title></item>"),
        rss("<item><title>A</title></item>").replace("2.0", "0.92"),
        rss("<item><author>a</author><dc:creator>b</dc:creator></item>"),
        rss(""),
        "",
    ],
)
def test_what_is_not_plain_is_left_to_feedparser(text: str) -> None:
    assert read_plain_rss(text, _feedparser) is None


@pytest.mark.parametrize("path", sorted(FEEDS.rglob("*.xml")), ids=lambda path: path.name)
def test_our_test_feeds_are_read_alike(path: Path) -> None:
    quick, slow = both(path.read_text(encoding="utf-8"))
    assert quick in {None, slow}


PIECES = st.sampled_from(
    [
        *"<>&;\"'/ a\u00e9\u0093\u4e2d",
        "&amp;",
        "&lt;",
        "&gt;",
        "<![CDATA[",
        "]]>",
        "<b>",
        "</b>",
        "&#169;",
        "https://x.example/",
    ]
)
TAGS = st.sampled_from(
    ["title", "link", "guid", "pubDate", "description", "content:encoded", "dc:creator", "author", "category"]
)


@given(
    st.lists(st.lists(st.tuples(TAGS, st.lists(PIECES, max_size=8).map("".join)), max_size=5), min_size=1, max_size=3)
)
def test_whatever_is_read_quickly_is_read_alike(items: list[list[tuple[str, str]]]) -> None:
    inner = ("".join(f"<{tag}>{text}</{tag}>" for tag, text in item) for item in items)
    quick, slow = both(rss("".join(f"<item>{item}</item>" for item in inner)))
    assert quick is None or quick == slow
