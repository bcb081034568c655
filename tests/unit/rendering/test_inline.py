"""The fence around premailer: links to the letter, nothing fetched, no rule lost."""

import re
import socket
import sys
from collections.abc import Iterator
from html import escape, unescape

import css_inline
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from digest.model.brand import NO_BRAND
from digest.model.errors import DigestError
from digest.model.mailing_list import FRONT_PAGE
from digest.rendering.context import clean, view_issue, view_list
from digest.rendering.environment import render_template
from digest.rendering.frame import view_frame
from digest.rendering.inline import inline_css
from digest.rendering.look import make_look
from digest.rendering.slots import Part, make_slot_tokens
from digest.words import words_in
from tests.unit.rendering.week import SALT, TIDELINE, make_issue

URLS = [
    "https://example.org/?a=1&b=2&amp;c=3&copy=4",
    "https://example.org/ein weg/über/straße?q=日本語&e=🦀",
    "https://example.org/{{ unsubscribe }}/{% x %}",
    "https://example.org/\"quoted\"/'single'/<angle>",
    "https://example.org/100%/%7B%7B/%C3%BC/%zz",
    "HTTPS://EXAMPLE.ORG/#top",
    "https://example.org/a|b\\c^d`e",
]
_watched: list[str] = []
_watching = False


def _watch(event: str, args: tuple[object, ...]) -> None:
    if _watching and (event == "open" or event.startswith("socket.")):
        _watched.append(f"{event} {args!r}")


sys.addaudithook(_watch)


@pytest.fixture
def watched() -> Iterator[list[str]]:
    """What was opened or connected to meanwhile."""
    inline_css(page("warm up: lazily imported modules are files, too"), SALT)
    globals()["_watching"] = True
    _watched.clear()
    yield _watched
    globals()["_watching"] = False


def page(body: str, css: str = "p { color: red; }") -> str:
    return f"<!DOCTYPE html>\n<html lang=en><head><title>t</title><style>{css}</style></head><body>{body}</body></html>"


def read_links(document: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'\s(?:href|src)="([^"]*)"', document)]


@pytest.mark.parametrize("url", URLS)
def test_link_comes_out_to_the_letter(url: str) -> None:
    body = f'<p><a href="{escape(url)}">x</a><img src="{escape(url)}" alt=""></p>'
    assert read_links(inline_css(page(body), SALT)) == [url, url]


@settings(deadline=None)  # premailer's first run imports a great deal
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_link_comes_out_to_the_letter(url: str) -> None:
    assert read_links(inline_css(page(f'<a href="{escape(url)}">x</a>'), SALT)) == [url]


def test_link_in_single_quotes_comes_out_to_the_letter() -> None:
    assert read_links(inline_css(page("<a href='https://example.org/\"ü x'>x</a>"), SALT)) == [
        'https://example.org/"ü x'
    ]


def test_text_that_looks_like_a_link_is_left_alone() -> None:
    assert 'say href="ü x" & go' in unescape(inline_css(page('<p>say href="ü x" &amp; go</p>'), SALT))


def test_rules_are_inlined_and_marked_ones_kept() -> None:
    kept = (
        '<style data-premailer="ignore">@media (prefers-color-scheme: dark) { p { color: white !important } }</style>'
    )
    result = inline_css(page("<p class='x'>a</p>").replace("</head>", f"{kept}</head>"), SALT)
    assert '<p class="x" style="color:red">a</p>' in result
    assert "prefers-color-scheme: dark) { p { color: white !important } }" in result
    assert "data-premailer" not in result


@pytest.mark.parametrize(
    "foreign",
    [
        '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        '<link rel=stylesheet href="/etc/passwd">',
        "<style>@import url(http://127.0.0.1:9/x.css);</style>",
        "<style>@import '/etc/passwd'; p { background: url(file:///etc/passwd) }</style>",
        '<p style="background:url(http://127.0.0.1:9/x.png)">x</p>',
        '<base href="http://127.0.0.1:9/"><script src="http://127.0.0.1:9/x.js"></script>',
        '<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/">',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><p>&e;</p>',
    ],
)
def test_foreign_html_opens_and_connects_nothing(foreign: str, watched: list[str]) -> None:
    result = inline_css(page(f"<p>before</p>{foreign}<p>after</p>"), SALT)
    assert watched == []
    assert "root:" not in result
    assert not re.search(r"<link|<script|<base|<style>@import|http-equiv", result)
    assert '<p style="color:red">after</p>' in result


def test_watch_sees_a_file_and_a_socket(watched: list[str]) -> None:
    with open(__file__, encoding="utf-8"), socket.socket():  # noqa: PTH123  the plainest way to open
        pass
    assert len(watched) >= 2


@pytest.mark.parametrize("rule", ["@import url(x.css);", "@IMPORT 'x'", "@namespace x url(y);"])
def test_own_style_that_would_fetch_is_refused(rule: str) -> None:
    with pytest.raises(DigestError, match="a mail cannot fetch styles"):
        inline_css(page("<p>x</p>", css=f"{rule} p {{ color: red }}"), SALT)


def _styles(document: str) -> list[dict[str, str]]:
    """Each element's declarations, written alike. An HTML 5 parser adds <tbody>."""
    tree = lxml_html.document_fromstring(document)
    return [
        _declarations(element.get("style", ""))
        for element in tree.xpath("//body/descendant-or-self::*[name()!='tbody']")
    ]


_LONG = re.compile(r"#([0-9a-f])\1([0-9a-f])\2([0-9a-f])\3(?![0-9a-f])")  # cssutils writes #ffffff as #fff


def _declarations(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in style.split(";") if part.strip())
    return {name.strip(): _LONG.sub(r"#\1\2\3", re.sub(r"[\s'\"]+", "", value)) for name, _, value in pairs}


@pytest.mark.parametrize("mail", ["issue", "confirm-subscription", "welcome", "unsubscribed"])
def test_second_inliner_finds_no_rule_that_premailer_lost(mail: str) -> None:
    extra = {
        "issue": view_issue(make_issue(), "en"),
        "titles": ("A",),
        "hours": 48,
        "archive_url": "https://a.example",
        "signup_url": "",
        "best": (),
    }
    values = clean(view_list(TIDELINE), SALT)
    look = make_look(FRONT_PAGE, NO_BRAND, TIDELINE.title)
    ours_in = {"lang": "en", "frame": view_frame(words_in("en"))}
    context = {**extra, **ours_in, "list": values, "look": look, "subject": "s"}
    context["slot"] = make_slot_tokens(Part.HTML, SALT)
    source = render_template(f"{mail}/body.html", context)
    ours = _styles(inline_css(source, SALT))
    other = _styles(
        css_inline.CSSInliner(load_remote_stylesheets=False).inline(source.replace("data-premailer", "data-css-inline"))
    )
    assert ours == other
