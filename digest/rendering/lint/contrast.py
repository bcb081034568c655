"""Whether all text can be read on what lies below it, in the light and in the dark scheme, on wide and narrow screens.

Walks the tree with inherited colours, as a mail client draws it: 4.5:1, and 3:1 for large text (WCAG 2.2 §1.4.3). The words of a
picture count too: many readers see them in its place. Text on a picture, or in a colour that cannot be told, is passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import html

from digest.model.finding import Finding, Severity
from digest.rendering.lint.cascade import Cascade
from digest.rendering.lint.colours import BLACK, TRANSPARENT, WHITE, Colour, contrast, find_colour, read_colour
from digest.rendering.lint.mail import Mail, describe
from digest.rendering.lint.styles import Screen

ENOUGH, ENOUGH_FOR_LARGE, READABLE = 4.5, 3.0, 3.0  # below the last nobody can be asked to read it
LARGE, LARGE_IF_BOLD = 24.0, 18.66  # CSS pixels: 18 and 14 points
SCREENS = tuple(Screen(scheme, width) for scheme in ("light", "dark") for width in (600, 360))

_UNSEEN = frozenset({"head", "style", "script", "title", "template", "noscript", "option", "textarea"})
_BOLD = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "th"})
_SIZES = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67, "small": 0.83, "big": 1.2}
_NAMED_SIZES = {"xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0}  # fmt: skip
_UNITS = {"px": 1.0, "pt": 4 / 3, "rem": 16.0, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?|\.\d+)([a-z%]+)")
_SHOWN = re.compile(r"[^\W_]")
_DARK_PAPER = Colour(18 / 255, 18 / 255, 18 / 255)  # what browsers paint below a dark page
_LINK = {"light": Colour(0, 0, 238 / 255), "dark": Colour(158 / 255, 158 / 255, 1)}


@dataclass(frozen=True, slots=True)
class Drawn:
    """How an element's text is drawn; `ink` or `paper` is None where it cannot be told."""

    ink: Colour | None
    paper: Colour | None
    size: float = 16.0
    bold: bool = False
    hidden: bool = False


def check(mail: Mail) -> Iterator[Finding]:
    if mail.tree is None:
        return
    cascade = Cascade(mail)
    if not cascade.whole:
        yield Finding(Severity.WARNING, "styles", "the <style> has too many rules for it to be seen what can be read")
        return
    found: dict[tuple[html.HtmlElement, str], Finding] = {}
    for screen in SCREENS:
        drawn = _draw(mail, cascade, screen)
        for element in mail.elements:
            if _has_text(element) and (finding := _judge(element, drawn[element], screen.scheme)):
                found[element, finding.said] = finding
    yield from found.values()


def _judge(element: html.HtmlElement, drawn: Drawn, scheme: str) -> Finding | None:
    if drawn.hidden or drawn.ink is None or drawn.paper is None:
        return None
    ink = drawn.ink.over(drawn.paper)
    ratio = contrast(ink, drawn.paper)
    is_large = drawn.size >= (LARGE_IF_BOLD if drawn.bold else LARGE)
    wanted = ENOUGH_FOR_LARGE if is_large else ENOUGH
    if ratio >= wanted:
        return None
    severity = Severity.WARNING if ratio >= READABLE else Severity.FAILURE
    words = f"{ink} on {drawn.paper} has a contrast of {int(ratio * 10) / 10}:1 in the {scheme} scheme"
    return Finding(severity, "contrast", f"{words}, and {wanted:g}:1 is needed", describe(element))


def _has_text(element: html.HtmlElement) -> bool:
    words = [element.text or "", *(child.tail or "" for child in element)]
    if element.tag == "img":
        words.append(element.get("alt", ""))
    return any(_SHOWN.search(word) for word in words)


def _draw(mail: Mail, cascade: Cascade, screen: Screen) -> dict[html.HtmlElement, Drawn]:
    """Parents come before their children in the document, so each finds what it inherits."""
    drawn: dict[html.HtmlElement, Drawn] = {}
    ground = _ground(mail, cascade, screen)
    for element in mail.elements:
        parent = element.getparent()
        around = ground if parent is None else drawn[parent]
        drawn[element] = (
            around if around.hidden else _draw_one(element, around, cascade.values(element, screen), screen)
        )
    return drawn


def _ground(mail: Mail, cascade: Cascade, screen: Screen) -> Drawn:
    """What a client paints before the mail: dark only for one that says that it can be."""
    assert mail.tree is not None
    schemes = [cascade.values(mail.tree, screen).get("color-scheme", "")]
    schemes += mail.tree.xpath("//meta[@name='color-scheme']/@content")
    is_dark = screen.scheme == "dark" and any("dark" in words for words in schemes)
    return Drawn(WHITE, _DARK_PAPER) if is_dark else Drawn(BLACK, WHITE)


def _draw_one(element: html.HtmlElement, around: Drawn, values: dict[str, str], screen: Screen) -> Drawn:
    if element.tag in _UNSEEN or _is_hidden(values):
        return replace(around, hidden=True)
    size = _size(element, around, values)
    return Drawn(
        ink=_ink(element, around, values, screen.scheme),
        paper=_paper(element, around, values, screen.scheme),
        size=size,
        bold=_is_bold(element, around, values),
        hidden=size < 2,
    )


def _is_hidden(values: dict[str, str]) -> bool:
    return values.get("display") == "none" or values.get("visibility") == "hidden" or values.get("opacity") == "0"


def _ink(element: html.HtmlElement, around: Drawn, values: dict[str, str], scheme: str) -> Colour | None:
    value = values.get("color")
    if value is not None:
        inherits = value.lower() in {"inherit", "currentcolor", "unset"}
        return around.ink if inherits else read_colour(value, scheme)
    if element.tag == "font" and element.get("color"):
        return read_colour(element.get("color"), scheme)
    if element.tag == "a" and element.get("href") is not None:
        return _LINK["dark" if around.paper and around.paper.luminance < 0.2 else "light"]
    return around.ink


def _paper(element: html.HtmlElement, around: Drawn, values: dict[str, str], scheme: str) -> Colour | None:
    painted = read_colour(element.get("bgcolor", ""), scheme) or TRANSPARENT
    for name, value in values.items():
        if name == "background-color" and value.lower() not in {"inherit", "initial", "unset", "none"}:
            if (colour := read_colour(value, scheme)) is None:
                return None
            painted = colour
        elif name in {"background", "background-image"} and re.search(r"url\(|gradient\(|image-set\(", value):
            return None  # a picture may have any colour
        elif name == "background":
            painted = find_colour(value, scheme) or TRANSPARENT
    if element.get("background"):
        return None
    if painted.alpha == 1:
        return painted
    return painted.over(around.paper) if around.paper else None


def _size(element: html.HtmlElement, around: Drawn, values: dict[str, str]) -> float:
    for name, value in reversed(values.items()):
        if name == "font-size":
            return _pixels(value, around.size)
        if name == "font" and (found := _NUMBER.search(value.lower())):
            return _pixels(found[0], around.size)
    factor = _SIZES.get(str(element.tag))
    return around.size * factor if factor else around.size


def _pixels(value: str, inherited: float) -> float:
    word = value.strip().lower()
    number = _NUMBER.fullmatch(word)
    if number is None:
        return 0.0 if word == "0" else _NAMED_SIZES.get(word, inherited)
    amount, unit = float(number[1]), number[2]
    if unit in {"em", "%"}:
        return inherited * amount / (100 if unit == "%" else 1)
    return amount * _UNITS.get(unit, 1.0)


def _is_bold(element: html.HtmlElement, around: Drawn, values: dict[str, str]) -> bool:
    for name, value in reversed(values.items()):
        if name in {"font-weight", "font"} and value.lower() not in {"inherit", "unset"}:
            return re.search(r"\b(?:bolder|bold|[6-9]00)\b", value.lower()) is not None
    return element.tag in _BOLD or around.bold
