"""The lint finds what it is for: each case breaks one thing of a good mail."""

import pytest

from digest.rendering.edition import render_issue
from digest.rendering.lint import lint_html, lint_message
from tests.unit.rendering.week import TIDELINE, compose, make_issue

EDITION = render_issue(make_issue(), TIDELINE)
MESSAGE = compose(EDITION)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (b"\r\n", b"\n", "other than CRLF"),
        (b"ferry", b"fer\0ry", "a NUL"),
        (b"List-Post: NO", b"List-Post: NO" + b"x" * 1000, "are allowed"),
        (b"\r\nTo: ", b"\r\nFrom: x@example.org\r\nTo: ", "the header from stands 2 times"),
        (b"Date: ", b"X-Date: ", "there is no date header"),
        (b"Precedence", "X-Ü: x\r\nPrecedence".encode(), "beyond ASCII"),
        (b"List-Id: The Tideline", b"List-Id: =?utf-8?Q?x?=", "has an encoded word"),
        (b"List-Unsubscribe: ", b"X-Unsubscribe: ", "bulk mail without list-unsubscribe"),
        (b"ferry", "fähre".encode(), "not 7-bit"),
        (b"ferry", b"x" * 77, "longer than 76"),
    ],
)
def test_lint_message(old: bytes, new: bytes, finding: str) -> None:
    assert old in MESSAGE
    assert finding in " / ".join(lint_message(MESSAGE.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ('<html lang="en"', "<html", "does not say its language"),
        ('<div role="article"', "<section><div", "no wrapper"),
        ("<title>", "<title></title><b>", "no <title>"),
        ('name="supported-color-schemes"', 'name="x"', "no <meta name=supported-color-schemes>"),
        ('<table role="presentation"', "<table", "no role=presentation"),
        ('alt="A red lightship under tow at dawn"', "", "no alt text"),
        ("<h1", "<h2", "0 headings of the first level"),
        ("<h2", "<h4", "left out"),
        ("display:none", "", "hidden preheader"),
        ("After ninety-one years", "x" * 200, "inboxes show 40 to 130"),
        (">Unsubscribe<", "><", "has no text"),
        ("</body>", "<script>1</script></body>", "there is a <script>"),
        ("</body>", "x" * 90_000 + "</body>", "Gmail cuts it off"),
    ],
)
def test_lint_html(old: str, new: str, finding: str) -> None:
    assert old in EDITION.html
    assert finding in " / ".join(lint_html(EDITION.html.replace(old, new, 1)))


def test_good_mail_has_no_findings() -> None:
    assert lint_message(MESSAGE) == ()
    assert lint_html(EDITION.html) == ()
