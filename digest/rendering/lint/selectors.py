"""Selectors of CSS, as far as mails use them: read, and matched against elements in time that grows with how deep these lie.

Types, classes, ids, attributes, :root, descendants and children are matched. Other pseudo-classes are states that a mail at rest
is not in, and siblings are what hardly a client looks at: they never match. What cannot be read at all is left out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import html

LONGEST = 2_000  # characters of what stands before a rule's brace
MOST_COMPOUNDS = 8

_PIECE = re.compile(
    r"""(?P<combinator>\s*[>+~]\s*|\s+)
    |(?P<tag>[a-z][\w-]*|\*)
    |\#(?P<id>[\w-]+)
    |\.(?P<class>[\w-]+)
    |\[\s*(?P<attribute>[\w-]+)\s*(?:(?P<operator>[~|^$*]?=)\s*["']?(?P<value>[^"'\]]*)["']?\s*[is]?\s*)?\]
    |(?P<pseudo>::?[\w-]+)(?:\([^()]*\))?""",
    re.IGNORECASE | re.VERBOSE,
)
_COMMA = re.compile(r",(?![^(\[]*[)\]])")

_ATTRIBUTE: dict[str, Callable[[str, str], bool]] = {
    "=": lambda held, asked: held == asked,
    "~=": lambda held, asked: asked in held.split(),
    "|=": lambda held, asked: held == asked or held.startswith(f"{asked}-"),
    "^=": lambda held, asked: bool(asked) and held.startswith(asked),
    "$=": lambda held, asked: bool(asked) and held.endswith(asked),
    "*=": lambda held, asked: bool(asked) and asked in held,
}


@dataclass(frozen=True, slots=True)
class Compound:
    """`td.lead[dir=rtl]:hover`."""

    tag: str = ""  # "" where none is said, "*" for any
    ids: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str, str], ...] = ()  # name, operator ("" for none), value
    pseudos: tuple[str, ...] = ()

    def matches(self, element: html.HtmlElement) -> bool:
        return (
            self.tag in {"", "*", element.tag}
            and all(pseudo == ":root" and element.getparent() is None for pseudo in self.pseudos)
            and all(element.get("id") == asked for asked in self.ids)
            and set(self.classes) <= set(element.get("class", "").split())
            and all(_has(element, *asked) for asked in self.attributes)
        )


@dataclass(frozen=True, slots=True)
class Selector:
    """Compounds, outermost first, with a combinator between each two."""

    compounds: tuple[Compound, ...]
    combinators: tuple[str, ...]

    @property
    def last(self) -> Compound:
        return self.compounds[-1]

    @property
    def specificity(self) -> tuple[int, int, int]:
        """W3C Selectors 4 §17."""
        ids = sum(len(each.ids) for each in self.compounds)
        middle = sum(len(each.classes) + len(each.attributes) + len(each.pseudos) for each in self.compounds)
        return ids, middle, sum(each.tag not in {"", "*"} for each in self.compounds)

    def matches(self, element: html.HtmlElement) -> bool:
        """From the inside out, with all elements at once that a compound may stand for: nothing is tried twice."""
        if not self.last.matches(element):
            return False
        found = [element]
        for compound, combinator in zip(self.compounds[-2::-1], self.combinators[::-1], strict=True):
            found = [each for each in _around(found, combinator) if compound.matches(each)]
        return bool(found)


def read_selectors(text: str) -> tuple[Selector, ...]:
    """Those of a group that can be read."""
    if len(text) > LONGEST:
        return ()
    found = (_read(part.strip()) for part in _COMMA.split(text))
    return tuple(selector for selector in found if selector)


def _read(text: str) -> Selector | None:
    compounds: list[Compound] = []
    combinators: list[str] = []
    pieces: list[re.Match[str]] = []
    at = 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            return None
        at = piece.end()
        if piece["combinator"] is None:
            pieces.append(piece)
        else:
            compounds.append(_compound(pieces))
            combinators.append(piece["combinator"].strip() or " ")
            pieces = []
    compounds.append(_compound(pieces))
    whole = all(each != Compound() for each in compounds) and len(compounds) <= MOST_COMPOUNDS
    return Selector(tuple(compounds), tuple(combinators)) if whole else None


def _compound(pieces: list[re.Match[str]]) -> Compound:
    def named(group: str) -> tuple[str, ...]:
        return tuple(piece[group] for piece in pieces if piece[group])

    attributes = ((piece["attribute"].lower(), piece["operator"] or "", piece["value"] or "") for piece in pieces if piece["attribute"])  # fmt: skip
    tag = "".join(named("tag")).lower()
    pseudos = tuple(name.lower() for name in named("pseudo"))
    return Compound(tag, named("id"), named("class"), tuple(attributes), pseudos)


def _has(element: html.HtmlElement, name: str, operator: str, value: str) -> bool:
    held = element.get(name)
    return held is not None and (not operator or _ATTRIBUTE[operator](held, value))


def _around(found: list[html.HtmlElement], combinator: str) -> list[html.HtmlElement]:
    """What may stand before the combinator. All that was found lies on one way to the root, the innermost first."""
    if combinator == " ":
        return list(found[0].iterancestors()) if found else []
    parents = (each.getparent() for each in found) if combinator == ">" else ()
    return [parent for parent in parents if parent is not None]
