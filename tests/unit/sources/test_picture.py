"""Which picture of an entry stands for it, from whole feeds; and which of those that strangers offer is none."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.feed import Entry, Picture
from digest.sources.lazy import is_worthless, mend_images
from digest.sources.parse import parse_feed
from digest.sources.sanitize import clean_html

SITE = "https://harbour.example"


def chosen(inside: str, text: str = "") -> Picture | None:
    """Of one RSS item with these elements, and this HTML in its description."""
    feed = (
        "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>"
        f"<channel><title>Harbour</title><link>{SITE}/</link><item><title>Quay</title><link>{SITE}/quay</link>{inside}"
        f"<description>{html.escape(text)}</description></item></channel></rss>"
    )
    return parse_feed(feed.encode(), location=f"{SITE}/feed").entries[0].picture


def url(picture: Picture | None) -> str:
    return picture.url.removeprefix(f"{SITE}/") if picture else ""


def media(*widths: int | None) -> str:
    said = {width: f"width='{width}'" if width else "" for width in widths}
    sizes = (f"<media:content url='{SITE}/{width}.jpg' medium='image' {said[width]}/>" for width in widths)
    return f"<media:group>{''.join(sizes)}</media:group>"


@pytest.mark.parametrize(
    ("widths", "best"),
    [
        ((140, 700, 1200, 1056, 2000), 1056),
        ((140, 460, 700), 700),
        ((2000, 1200), 1200),
        ((None, 300), 300),
        ((None, None), None),
    ],
)
def test_of_several_sizes_the_smallest_that_is_wide_enough(widths: tuple[int | None, ...], best: int | None) -> None:
    assert url(chosen(media(*widths))) == f"{best}.jpg"


@pytest.mark.parametrize(
    ("inside", "text", "best"),
    [
        ("<enclosure url='/a.jpg' type='image/jpeg' length='1'/>" + media(1200), "", "a.jpg"),
        ("<enclosure url='/a.mp3' type='audio/mpeg' length='1'/>" + media(1200), "", "1200.jpg"),
        ("<media:thumbnail url='/t.jpg'/>", "<img src='/b.jpg'>", "t.jpg"),
        ("<media:thumbnail url='/t.jpg' width='144' height='81'/>", "<img src='/b.jpg'>", "b.jpg"),
        ("<media:thumbnail url='/t.jpg' width='144' height='81'/>", "<img src='/b.jpg' width='90'>", "t.jpg"),
        ("<media:thumbnail url='/t.jpg' width='144' height='81'/>", "", "t.jpg"),
        ("<itunes:image href='/i.jpg'/>", "<img src='/b.jpg'>", "i.jpg"),
        (
            "<media:content url='https://secure.gravatar.com/avatar/1?s=96' medium='image'/>",
            "<img src='/b.jpg'>",
            "b.jpg",
        ),
        ("", "<img src='/s.png' width='20' height='20'><img src='/b.jpg'>", "b.jpg"),
        ("", "<img src='/thumb.png' width='100'><img src='/b.jpg' width='800'>", "b.jpg"),
        ("", "<img src='https://pixel.wp.com/b.gif?v=noscript'><p>Text</p>", ""),
        ("", "<img class='avatar avatar-48' src='/ann.jpg'><img src='/b.jpg'>", "b.jpg"),
        ("", "<img class='wp-smiley' alt='🙂' src='/smile.png'><p>Text</p>", ""),
        ("", "<img src='data:image/gif;base64,R0' data-src='/late.jpg'>", "late.jpg"),
        ("", "<img src='/assets/placeholder.gif' data-lazy-src='/late.jpg'>", "late.jpg"),
        ("", "<img data-srcset='/s.jpg 300w, /m.jpg 1200w, /l.jpg 2400w'>", "m.jpg"),
        ("", "<img srcset='/s.jpg 300w, /m.jpg 800w'>", "m.jpg"),
        ("", "<img src='/real.jpg' data-src='/other.jpg'>", "real.jpg"),
    ],
)
def test_the_best_of_what_an_entry_has(inside: str, text: str, best: str) -> None:
    assert url(chosen(inside, text)) == best


def test_a_named_picture_brings_its_words_and_credit() -> None:
    described = "<media:description>Boats at dawn</media:description><media:credit>Ann Roe</media:credit>"
    picture = chosen(
        f"<media:content url='/a.jpg' medium='image' width='1200' height='800'>{described}</media:content>"
    )
    assert picture == Picture(f"{SITE}/a.jpg", "Boats at dawn", "Ann Roe", 1200, 800)


def test_a_caption_is_not_taken_for_the_story_unless_there_is_nothing_else() -> None:
    caption = "<media:content url='/a.jpg' medium='image'><media:description>%s</media:description></media:content>"
    feed = "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><item><title>Quay</title>%s</item></channel></rss>"

    def read(inside: str) -> Entry:
        return parse_feed((feed % inside).encode(), location=f"{SITE}/feed").entries[0]

    for inside in (
        caption % "Boats" + "<description>Text</description>",
        "<description>Text</description>" + caption % "Boats",
    ):
        entry = read(inside)
        assert (entry.summary_html, entry.content_html) == ("Text", "")
        assert entry.picture == Picture(f"{SITE}/a.jpg", "Boats")
    entry = read(caption % ("What the video shows. " * 20))
    assert entry.summary_html.startswith("<p>What the video shows.")
    assert entry.picture == Picture(f"{SITE}/a.jpg")


def test_a_lazy_picture_keeps_its_words_and_size() -> None:
    tag = '<img class="lazy" data-src=\'/a.jpg?x=1&amp;y=2\' alt=\'He said "no"\' width=600 height="400">'
    assert clean_html(tag, SITE) == (
        f'<img src="{SITE}/a.jpg?x=1&amp;y=2" alt="He said &quot;no&quot;" width="600" height="400">'
    )


def test_an_emoji_becomes_its_letter_and_an_avatar_goes() -> None:
    text = "<p>Fine <img class='emoji' alt='🌊' src='https://s.w.org/images/core/emoji/1.png'><img class='avatar' src='/a'></p>"
    assert clean_html(text, SITE) == "<p>Fine 🌊</p>"


@pytest.mark.parametrize(
    "address",
    [
        "https://harbour.example/photos/social-housing.jpg",
        "https://harbour.example/counter-protest.jpg",
        "https://harbour.example/2026/blank-pages-of-history.jpg",
        "https://harbour.example/pixel-phone-review.jpg",
        "https://harbour.example/share-prices-fall.png",
    ],
)
def test_a_picture_of_a_story_about_such_things_is_one(address: str) -> None:
    assert not is_worthless(address)
    assert url(chosen("", f"<img src='{address}'>")) == address.removeprefix(f"{SITE}/")


@pytest.mark.parametrize(
    "hostile", ["javascript:alert(1)", "data:text/html,x", '"><script>alert(1)</script>', "//evil.example/x"]
)
def test_nothing_gets_in_by_the_lazy_door(hostile: str) -> None:
    cleaned = clean_html(f"<img data-src='{hostile}' alt='x'>", SITE)
    assert "script" not in cleaned
    assert "data:" not in cleaned
    assert clean_html(cleaned, SITE) == cleaned


@given(st.text(max_size=300), st.text(alphabet="<>img src=\"'data-srcset w,/&;", max_size=400))
def test_whatever_comes_is_mended_without_an_error_and_cleaned_once(some: str, more: str) -> None:
    cleaned = clean_html(mend_images(some + "<img " + more + ">"), SITE)
    assert "<img" not in cleaned or "src=" in cleaned
