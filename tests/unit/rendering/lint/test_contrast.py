"""Text that cannot be read is found, in each scheme, and what can be read is not."""

import pytest

from digest.model.finding import Severity
from digest.rendering.lint.colours import BLACK, WHITE, Colour, contrast, find_colour, read_colour
from digest.rendering.lint.contrast import check
from tests.unit.rendering.lint.good import page

DARK = "@media (prefers-color-scheme: dark)"


def schemes(body: str, style: str = "", root: str = "") -> set[str]:
    """In which schemes something cannot be read."""
    found = [finding.said for finding in check(page(body, style, root))]
    return {scheme for scheme in ("light", "dark") for said in found if f"the {scheme} scheme" in said}


def test_the_figures_of_wcag() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == 1
    grey = read_colour("#767676", "light")
    assert grey is not None
    assert contrast(grey, WHITE) == pytest.approx(4.54, abs=0.01)  # the lightest grey that passes on white


@pytest.mark.parametrize(
    ("body", "style", "found"),
    [
        ("<p>plain</p>", "", set()),
        ("<p style='color:#999'>x</p>", "", {"light"}),
        ("<p style='color:#777'>x</p>", "", {"light", "dark"}),
        ("<p style='color:#222'>x</p>", "", {"dark"}),
        ("<div style='background:#222'><p style='color:#eee'>x</p></div>", "", set()),
        ("<div style='background:#222'><p>x</p></div>", "", {"light"}),  # ink inherited from afar
        ("<div style='color:#fff'><p style='background-color:#fff'>x</p></div>", "", {"light", "dark"}),
        ("<table bgcolor='#ffffff'><tr><td>x</td></tr></table>", "", {"dark"}),
        ("<p><font color='#dddddd'>x</font></p>", "", {"light"}),
        ("<p style='color:#949494'>x</p>", "", {"light"}),
        ("<p style='color:#949494;font-size:24px'>x</p>", "", set()),  # large
        ("<p style='color:#949494;font-size:18.7px'><b>x</b></p>", "", set()),  # large as it is bold
        ("<p style='color:#949494;font-size:18.7px'>x</p>", "", {"light"}),
        ("<p style='color:#949494;font:bold 19px/2 Arial'>x</p>", "", set()),
        ("<h1 style='color:#949494'>x</h1>", "", set()),
        ("<p style='color:#fff;display:none'>x</p>", "", set()),
        ("<div style='visibility:hidden'><p style='color:#fff'>x</p></div>", "", set()),
        ("<p style='color:#fff;font-size:0'>x</p>", "", set()),
        ("<p style='color:#fff'>&nbsp;·&#8203;</p>", "", set()),  # nothing to read
        ("<p style='color:#fff;background:url(x.png)'>x</p>", "", set()),  # nobody knows
        ("<p style='color:var(--x)'>x</p>", "", set()),
        ("<p style='color:rgba(0,0,0,.3)'>x</p>", "", {"light", "dark"}),
        ("<p style='color:light-dark(#000,#fff)'>x</p>", "", set()),
        ("<img alt='words' style='background:#fff;color:#eee'>", "", {"light", "dark"}),
        ("<img alt='' style='background:#fff;color:#eee'>", "", set()),
        ("<a href='x'>x</a>", "", set()),
        ("<div style='background:#00f'><a href='x'>x</a></div>", "", {"light", "dark"}),
        ("<p class=a>x</p>", ".a { color: #999 }", {"light"}),
        ("<p class=a style='color:#000'>x</p>", ".a { color: #999 }", {"dark"}),  # a style attribute wins
        ("<p class=a style='color:#000'>x</p>", ".a { color: #999 !important }", {"light"}),  # but not over this
        ("<p class=a style='color:#000'>x</p>", DARK + "{ .a { color: #fff !important } }", set()),
        ("<p class=a style='color:#000'>x</p>", DARK + "{ .a { color: #fff } }", {"dark"}),
        ("<p class='a b'>x</p>", ".a.b { color: #666 } .b { color: #fff }", {"dark"}),  # the more specific wins
        ("<p class=a>x</p>", ".a { color: #666 } .a { color: #fff }", {"light"}),  # then the later
        ("<p class=a>x</p>", "@media print { .a { color: #fff } }", set()),
        ("<p class=a>x</p>", "@media (max-width: 400px) { .a { color: #fff } }", {"light"}),
        ("<p class=a>x</p>", ".a:hover { color: #fff }", set()),
    ],
)
def test_what_cannot_be_read_is_found(body: str, style: str, found: set[str]) -> None:
    assert schemes(body, style) == found


def test_a_mail_that_knows_no_dark_scheme_stays_light() -> None:
    mail = page("<p style='color:#222'>x</p>")
    html = mail.html.replace("<meta name=color-scheme content='light dark'>", "")
    assert list(check(type(mail)(b"", "", html))) == []


def test_what_nobody_can_read_is_a_failure_and_the_rest_a_warning() -> None:
    found = check(page("<p style='color:#fafafa'>x</p><p style='color:#888'>y</p>"))
    light = {finding.severity for finding in found if "light" in finding.said}
    assert light == {Severity.FAILURE, Severity.WARNING}


def test_colours() -> None:
    assert read_colour("#fff", "light") == WHITE
    assert read_colour("rgb(0 0 0 / 50%)", "light") == Colour(0, 0, 0, 0.5)
    assert read_colour("hsl(0, 0%, 100%)", "light") == WHITE
    assert read_colour("currentColor", "light") is None
    assert read_colour("12px", "light") is None
    assert find_colour("url(x.png) no-repeat #fff", "light") == WHITE
    assert find_colour("none", "light") is None
    assert str(Colour(0, 0, 0, 0.5).over(WHITE)) == "#808080"
