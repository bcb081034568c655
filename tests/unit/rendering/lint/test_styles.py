"""CSS is read and applied as mail clients do."""

import pytest
from lxml import html

from digest.rendering.lint.selectors import read_selectors
from digest.rendering.lint.styles import Declaration, Screen, read_declarations, read_sheet

TREE = html.document_fromstring(
    "<html><body><div id=a class='x y' lang=de-AT><p>1</p><span>2</span><p class=z>3</p></div></body></html>"
)


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("p", ["1", "3"]),
        ("*", None),
        (".z", ["3"]),
        ("#a p", ["1", "3"]),
        ("body .x.y > p.z", ["3"]),
        ("body > p", []),
        ("p + span", []),
        ("p ~ p", []),
        ("span + p, div > span", ["2"]),
        ("[class]", ["3"]),
        ("[lang|=de] p", ["1", "3"]),
        ("[lang^='de'] > .z", ["3"]),
        ("[class~=y] > [class=z]", ["3"]),
        ("[lang$=AT] [class*=z]", ["3"]),
        ("[class~=w] p", []),
        ("p:hover", []),
        (":root p", ["1", "3"]),
        ("p::before", []),
        ("P.z", ["3"]),
    ],
)
def test_selectors(selector: str, found: list[str] | None) -> None:
    (those, *others) = read_selectors(selector)
    matched = [
        each.text for each in TREE.iter() if any(one.matches(each) for one in (those, *others)) and not len(each)
    ]
    assert found is None or matched == found


@pytest.mark.parametrize("selector", ["", ">", "p >", "p,,p" * 900, "p !", " ".join("p" * 20), "[", "p:not(:is(a))"])
def test_what_cannot_be_read_is_left_out(selector: str) -> None:
    assert read_selectors(selector) == ()


def test_specificity() -> None:
    texts = ["*", "p", "p span", ".a", "p.a", ".a.b", "#a", "#a.b p"]
    found = [read_selectors(text)[0].specificity for text in texts]
    assert found == sorted(found)
    assert found[-1] == (1, 1, 1)


def test_declarations() -> None:
    assert read_declarations("color: Red !important; ; bad; PADDING:0") == (
        Declaration("color", "Red", important=True),
        Declaration("padding", "0"),
    )


def test_rules_know_the_media_around_them() -> None:
    sheet = read_sheet("@media screen { @media (max-width: 9px) { a { b: c } } } d { e: f } @import url(x);")
    assert [rule.media for rule in sheet.rules] == [("screen", "(max-width: 9px)"), ()]
    assert [name for name, _ in sheet.at_rules] == ["media", "media", "import"]
    assert sheet.whole


@pytest.mark.parametrize(
    ("media", "shown"),
    [
        ("screen", True),
        ("print", False),
        ("not all", False),
        ("only screen and (max-width: 480px)", False),
        ("only screen and (max-width: 40em)", True),
        ("(min-width: 500px)", True),
        ("(prefers-color-scheme: dark)", True),
        ("(prefers-color-scheme:light)", False),
        ("print, (prefers-color-scheme: dark)", True),
        ("(orientation: portrait)", False),
        ("(max-width)", False),
    ],
)
def test_media(media: str, shown: bool) -> None:
    assert Screen("dark", 600).shows((media,)) == shown
    assert Screen("dark", 600).shows(())


def test_too_much_of_it_is_not_looked_at() -> None:
    assert len(read_sheet("a{b:c}" * 2_000).rules) == 500
    assert not read_sheet("a{b:c}" * 2_000).whole
    assert not read_sheet("a" * 300_000).whole
    assert read_sheet("a{b:" + "(" * 100_000).rules == read_sheet("").rules
    assert read_declarations("b:" + "[" * 100_000) == ()
