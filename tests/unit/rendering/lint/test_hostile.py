"""Whatever a mail holds, every check ends, with findings that are sentences."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.rendering.lint import Mail, lint_mail, read_mail, web_links
from digest.rendering.lint.mail import MOST_CHARACTERS
from digest.rendering.lint.styles import Screen, read_declarations, read_sheet
from tests.unit.rendering.lint.good import GOOD

SCRAPS = [
    "<html>", "<body", " style='", "color:", "rgb(", "var(--x", "#fff", "calc(", "}", "{", "@media (", ")", "'>", '">', "<!--", "-->",
    "<p", "<table", "<a href='", "<img src=", " alt=", "javascript:", "http://[::1", "https://\udc80", "{{", "}}", "\0", "\x1b", "<style>",
    "</style>", "font:", "font-size:1e999px", "lab(", "color(xyz ", "hwb(0 0 0", "<svg>", "<![CDATA[", "&#0;", "&#xD800;", "<h9>", "dir=",
    "a>b~c+d *", ":not(", "[x=", "\\", "\u202e", "/*", ";", "!important", "light-dark(", "hsl(none none none)", "display:none", "%%", "*|",
]  # fmt: skip


def check(mail: Mail) -> None:
    for finding in lint_mail(mail):
        assert finding.said
        assert finding.rule
        assert str(finding)
    assert isinstance(web_links(mail), dict)


@settings(deadline=None)
@given(st.lists(st.sampled_from(SCRAPS) | st.text(max_size=8), max_size=40).map("".join))
def test_any_html(html: str) -> None:
    check(Mail(b"", "", html))


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from(SCRAPS), max_size=10).map("".join))
def test_any_scrap_in_a_good_mail(html: str) -> None:
    check(replace(GOOD, html=GOOD.html.replace("</body>", html)))


@settings(deadline=None)
@given(
    st.binary(max_size=300)
    | st.lists(st.sampled_from(GOOD.message.splitlines(keepends=True)), max_size=60).map(b"".join)
)
def test_any_message(message: bytes) -> None:
    check(read_mail(message))


@settings(deadline=None)
@given(st.text() | st.lists(st.sampled_from(SCRAPS), max_size=60).map("".join))
def test_any_css(css: str) -> None:
    read_declarations(css)
    for rule in read_sheet(css).rules:
        Screen("dark", 600).shows(rule.media)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 5_000 + "x",
        "<b><i>" * 3_000 + "x",
        "<b>x</b>" * 30_000,
        "<table><tr><td>" * 1_000 + "x",
        "<p style='" + "color:(" * 5_000 + "'>x",
        "<style>" + "@media x{" * 2_000 + "a{b:c}</style><p>x",
        "<style>" + ",".join(["a " * 7 + "a"] * 150) + "{color:red}</style>" + "<a>" * 300 + "x",
        "<style>" + "a{color:red}" * 3_000 + "</style>" + "<a href=x>x</a>" * 500,
        "<style>p~p~p~p~p~p{color:red}</style>" + "<p>x</p>" * 500,
        "{{" * 20_000,
        "<a href='" + "(" * 20_000 + "'>" + "a." * 10_000 + "</a>",
        "<p lang='" + "a-" * 20_000 + "'>x",
        "<!-- x -->",
        "<?xml version='1.0' encoding='utf-16'?><p>x",
        "x" * (MOST_CHARACTERS + 1),
        "\ud800\udfff",
    ],
    ids=lambda html: html[:12].encode("ascii", "replace").decode(),
)
def test_what_is_made_to_take_long_ends(html: str) -> None:
    check(Mail(b"", "", html))
