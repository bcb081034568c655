import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.model.feed import Picture
from digest.sources import charset as encodings
from digest.sources.confine import decode
from digest.sources.parse import parse_feed
from digest.sources.parsed import Parsed, Unreadable
from digest.sources.worker import answer

FEEDS = Path(__file__).parents[2] / "data" / "feeds"
LOCATION = "https://site.example/feeds/all.xml"


def parse(content: bytes | str, charset: str = "", max_entries: int = 5_000) -> Parsed:
    raw = content.encode() if isinstance(content, str) else content
    return parse_feed(raw, location=LOCATION, charset=charset, max_entries=max_entries)


def rss(items: str, head: str = "<title>T</title>", declaration: str = "") -> str:
    return f'{declaration}<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>{head}{items}</channel></rss>'


def item(**parts: str) -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in parts.items())
    return f"<item>{inner}</item>"


def test_rss_2() -> None:
    parsed = parse((FEEDS / "rss20.xml").read_bytes())
    first, second = parsed.entries
    assert (parsed.title, parsed.language, parsed.notes) == ("Harbour & Hinterland", "en-gb", ())
    assert first.title == "Ferry Aurora returns & sails at dawn"
    assert first.url == "https://harbour.example/news/aurora?id=1&x=2"
    assert first.guid == "harbour-1"
    assert first.published_at == datetime(2026, 11, 2, 6, 30, tzinfo=UTC)
    assert (first.author, first.publisher, first.language) == ("Mira Olsen", "Coast Wire", "en-gb")
    assert first.summary_html == "The ferry is back after a winter in dock."
    assert '<a href="https://harbour.example/news/map"' in first.content_html
    assert "script" not in first.content_html
    assert "onclick" not in first.content_html
    assert first.picture == Picture("https://cdn.harbour.example/large.jpg", credit="Jon Berg", width=1200, height=600)
    assert second.url == "https://harbour.example/plain"
    assert second.published_at is None
    assert second.picture == Picture("https://harbour.example/pictures/quay.png")
    assert second.summary_html == "<p>Short.</p>"


def test_atom() -> None:
    parsed = parse((FEEDS / "atom10.xml").read_bytes())
    first, second = parsed.entries
    assert (parsed.title, parsed.notes) == ("Quelle", ())
    assert first.title == "Wie man <b> schreibt"
    assert first.url == "https://quelle.example/blog/eins.html"
    assert first.guid == "tag:quelle.example,2026:1"
    assert first.author == "Änne Groß"
    assert first.published_at == datetime(2026, 11, 1, 7, tzinfo=UTC)
    assert first.updated_at == datetime(2026, 11, 2, 7, tzinfo=UTC)
    assert first.summary_html == "<p>Eine kurze Anleitung.</p>"
    assert 'href="https://quelle.example/blog/zwei.html"' in first.content_html
    assert first.picture == Picture("https://quelle.example/blog/bild.jpg", alt="Ein Bild", width=640, height=400)
    assert first.language == "de"
    assert (second.language, second.url, second.published_at) == ("fr", None, None)
    assert second.content_html == "<p>Erster Satz &lt; zweiter.</p><p>Neuer Absatz.</p>"


@pytest.mark.parametrize(
    ("name", "title", "guid"), [("rdf10.xml", "First", "https://rdf.example/1"), ("rss091.xml", "One thing", None)]
)
def test_the_old_formats(name: str, title: str, guid: str | None) -> None:
    (entry,) = parse((FEEDS / name).read_bytes()).entries
    assert (entry.title, entry.guid) == (title, guid)


def test_json_feed() -> None:
    parsed = parse((FEEDS / "feed11.json").read_bytes())
    first, second = parsed.entries
    assert (parsed.title, parsed.language) == ("Field notes", "en")
    assert parsed.notes == ("1 of its items is not an object and left out.",)
    assert (first.title, first.guid, first.url) == ("Larks", "f1", "https://field.example/notes/1")
    assert (
        first.content_html == '<p>Larks <a href="https://field.example/notes/2" rel="noopener noreferrer">sing</a>.</p>'
    )
    assert first.summary_html == "<p>Larks &amp; more.</p>"
    assert first.author == "Per Dahl, Åsa Ek"
    assert first.picture == Picture("https://field.example/img/lark.jpg")
    assert first.published_at == datetime(2026, 11, 2, 5, tzinfo=UTC)
    assert (second.guid, second.url, second.author, second.language) == (
        "2",
        "https://other.example/x",
        "Ida Holm",
        "sv",
    )
    assert second.content_html == "<p>First.</p><p>Second &lt;b&gt;.</p>"
    assert second.published_at is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "it is empty"),
        (" \n\t", "it is empty"),
        ("<!doctype html><html><title>x</title></html>", "it is a web page, not a feed; `digest feed add`"),
        ("<!-- hi --><HTML><head></head></HTML>", "web page"),
        ("just words", "neither RSS nor Atom nor JSON Feed"),
        ("<?xml version='1.0'?><opml/>", "neither RSS"),
        ('{"version": "https://jsonfeed.org/version/1.1"}', "without a list of items"),
        ('{"items": []}', "not a JSON Feed"),
        ("[]", "not a JSON Feed"),
        ('{"version": ', "broken"),
        ("\x89PNG\r\n", "neither RSS"),
    ],
)
def test_what_is_no_feed_says_so(content: str, words: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(words)) as failure:
        parse(content)
    assert not str(failure.value).endswith(".")


def test_an_empty_feed_is_a_good_one() -> None:
    assert parse(rss("")).entries == ()


def test_a_cut_off_feed_gives_its_whole_entries_only() -> None:
    whole = rss(item(title="One") + item(title="Two") + item(title="Three"))
    parsed = parse(whole[: whole.index("Three") + 2])
    assert [entry.title for entry in parsed.entries] == ["One", "Two"]
    assert "not well-formed" in parsed.notes[0]


def test_a_longer_feed_than_we_read() -> None:
    parsed = parse(rss("".join(item(title=str(number)) for number in range(30))), max_entries=10)
    assert [entry.title for entry in parsed.entries] == [str(number) for number in range(10)]
    assert parsed.notes == ("It has 30 entries; only the 10 newest were read.",)


def test_a_hundred_thousand_entries_cost_no_more_than_those_we_read() -> None:
    parsed = parse(rss(item(title="x") * 100_000), max_entries=100)
    assert len(parsed.entries) == 100


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("//other.example/a", "https://other.example/a"),
        ("a/b", "https://site.example/feeds/a/b"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("  https://site.example/x\n ", "https://site.example/x"),
    ],
)
def test_links(link: str, url: str | None) -> None:
    assert parse(rss(item(title="A", link=link))).entries[0].url == url


@pytest.mark.parametrize(
    ("inner", "url"),
    [
        ('<enclosure url="/a.jpg" type="image/jpeg"/><media:thumbnail url="/b.jpg"/>', "https://site.example/a.jpg"),
        (
            '<media:thumbnail url="/b.jpg" width="1" height="1"/><media:thumbnail url="/c.jpg"/>',
            "https://site.example/c.jpg",
        ),
        (
            '<media:group><media:content url="/m.mp4" medium="video"/><media:content url="/m.jpg" type="image/jpeg"/></media:group>',
            "https://site.example/m.jpg",
        ),
        (
            '<itunes:image href="/i.jpg"/><description>&lt;img src="/z.jpg"&gt;</description>',
            "https://site.example/i.jpg",
        ),
        (
            '<description>&lt;img src="data:x"&gt;&lt;img src="/p" width="1"&gt;&lt;img src="/z.jpg"&gt;</description>',
            "https://site.example/z.jpg",
        ),
        ('<enclosure url="javascript:x" type="image/png"/>', None),
        ('<enclosure url="/talk.mp3" type="audio/mpeg"/>', None),
    ],
)
def test_pictures(inner: str, url: str | None) -> None:
    picture = parse(rss(f"<item><title>A</title>{inner}</item>")).entries[0].picture
    assert (picture.url if picture else None) == url


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("ann@example.org (Ann Roe)", "Ann Roe"),
        ("Ann Roe &lt;ann@example.org&gt;", "Ann Roe"),
        ("ann@example.org", ""),
        ("Ann Roe", "Ann Roe"),
    ],
)
def test_authors(author: str, name: str) -> None:
    assert parse(rss(item(title="A", author=author))).entries[0].author == name


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Tue, 03 Nov 2026 10:00:00 EST", datetime(2026, 11, 3, 15, tzinfo=UTC)),
        ("2026-11-03T10:00:00", datetime(2026, 11, 3, 10, tzinfo=UTC)),
        ("2026-11-03", datetime(2026, 11, 3, tzinfo=UTC)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", datetime(1970, 1, 1, tzinfo=UTC)),
        ("", None),
        ("32 Foo 2026", None),
    ],
)
def test_dates(date: str, moment: datetime | None) -> None:
    assert parse(rss(item(title="A", pubDate=date))).entries[0].published_at == moment


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-1", "windows-1252"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1", "us-ascii", "utf-16", "utf-7", "martian", "rot13"])
def test_whatever_is_declared_the_words_are_right(encoding: str, declared: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = rss(
        item(title="Café – Größe".replace("–", "-") if encoding == "iso-8859-1" else "Café – Größe"),
        declaration=declaration,
    )
    title = parse(text.encode(encoding)).entries[0].title
    assert title in {"Café – Größe", "Café - Größe"} or (declared == "iso-8859-1" and encoding == "windows-1252")


@pytest.mark.parametrize(
    ("charset", "encoding", "words"),
    [
        ("shift_jis", "shift_jis", "日本"),
        ("", "utf-8", "日本"),
        ("koi8-r", "koi8-r", "Привет"),
        ("iso-2022-jp", "iso-2022-jp", "日本"),
    ],
)
def test_the_charset_of_the_header(charset: str, encoding: str, words: str) -> None:
    parsed = parse(rss(item(title=words)).encode(encoding), charset=charset)
    assert parsed.entries[0].title == words


def test_a_wrong_declaration_is_noted() -> None:
    text = rss(item(title="Größe"), declaration='<?xml version="1.0" encoding="us-ascii"?>')
    assert parse(text.encode()).notes == ("It says that it is in us-ascii, but it is in utf-8.",)


def test_control_characters_do_not_stop_a_feed() -> None:
    parsed = parse(rss(item(title="a\x0bb\x00c\ufffe")))
    assert parsed.entries[0].title == "abc"
    assert parsed.notes == ()


@given(st.text(alphabet="ab\n\t\x00\x0b\x1f\x7f\ufeff\ufffe\uffff\ue000é€", max_size=12))
def test_what_xml_cannot_hold_is_left_out_and_nothing_else(text: str) -> None:
    kept = "".join(char for char in text if char not in "\x00\x0b\x1f\x7f\ufeff\ufffe\uffff")
    assert encodings.decode(b"text: " + text.encode()) == (f"text: {kept}", "")


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + ']><rss version="2.0"><channel><title>&m;</title><item><title>&m;</title></item></channel></rss>'
)
QUADRATIC = f'<!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]>' + rss(item(title="&a;" * 5_000))
EXTERNAL = (
    '<!DOCTYPE rss [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd">%p;]>'
    + rss(item(title="a&e;b"))
)
DEEP = rss("<item><title>A</title>" + "<x>" * 3_000 + "</x>" * 3_000 + "</item>")


@pytest.mark.parametrize("content", [BOMB, QUADRATIC, EXTERNAL, DEEP], ids=["laughs", "quadratic", "external", "deep"])
def test_bombs_come_to_a_small_value(content: str) -> None:
    reply = answer("feed", content.encode(), {"location": LOCATION})
    assert len(str(reply)) < 50_000
    assert "root:" not in str(reply)


SEEDS = [path.read_bytes() for path in sorted(FEEDS.glob("*.*"))]


def check(content: bytes, charset: str = "") -> None:
    """Whatever the bytes: a value, and no way to run anything in it."""
    reply = answer("feed", content, {"location": LOCATION, "charset": charset})
    if "error" in reply:
        assert not reply["error"].startswith("it confuses"), reply
        return
    for entry in decode(reply["parsed"]).entries:
        for text in (entry.summary_html, entry.content_html):
            assert not re.search(r"<script|<[^>]*\son\w+=|(?:href|src)=.?javascript:", text, re.IGNORECASE)
        for address in (entry.url, entry.picture and entry.picture.url):
            assert not address or address.startswith(("http://", "https://"))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_feed_cut_anywhere_gives_a_value(seed: bytes) -> None:
    for end in range(0, len(seed), 61):
        check(seed[:end])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(SEEDS),
    st.lists(
        st.tuples(
            st.integers(0, 3_000),
            st.sampled_from(
                [b"", b"<", b">", b"&", b"\0", b"\xff", b"]]>", b"<script>", b"\x80", b"{", b'"', b"<item>"]
            ),
        ),
        max_size=12,
    ),
    st.sampled_from(["", "utf-16", "iso-8859-1", "shift_jis", "utf-7", "nonsense"]),
)
def test_a_damaged_feed_gives_a_value(seed: bytes, damage: list[tuple[int, bytes]], charset: str) -> None:
    content = bytearray(seed)
    for at, what in damage:
        content[at : at + 1] = what
    check(bytes(content), charset)


@settings(max_examples=40, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(
        [b"", b"<rss version='2.0'><channel><item>", b'{"version":"https://jsonfeed.org/version/1","items":[']
    ),
)
def test_any_bytes_give_a_value(noise: bytes, start: bytes) -> None:
    check(start + noise)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "url", "mime_type"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_FIELDS = [
    "id",
    "url",
    "title",
    "content_html",
    "content_text",
    "summary",
    "image",
    "attachments",
    "authors",
    "author",
    "date_published",
    "language",
    "external_url",
]


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(_FIELDS), _JSON))
def test_any_types_in_a_json_feed_give_a_value(fields: dict[str, object]) -> None:
    check(json.dumps({"version": "https://jsonfeed.org/version/1", "items": [fields], **fields}).encode())
