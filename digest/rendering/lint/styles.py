"""The CSS of a mail, read by tinycss2: declarations in style attributes, and the rules of <style> with the media they are for."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tinycss2

from digest.rendering.lint.selectors import Selector, read_selectors

MOST_RULES = 500  # that are looked at; a mail has a few dozen
LONGEST = 100_000  # characters of CSS that are read

_NESTING = frozenset({"media", "supports", "layer", "container"})
_FEATURE = re.compile(r"\(\s*([\w-]+)\s*(?::\s*([^()]*?)\s*)?\)")
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(px|r?em)")


@dataclass(frozen=True, slots=True)
class Declaration:
    name: str
    value: str
    important: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    selectors: tuple[Selector, ...]
    declarations: tuple[Declaration, ...]
    media: tuple[str, ...] = ()  # the conditions around it; all must hold


@dataclass(frozen=True, slots=True)
class Sheet:
    rules: tuple[Rule, ...] = ()
    at_rules: tuple[tuple[str, str], ...] = ()  # name and what follows it
    whole: bool = True  # False when there was more than is looked at


@dataclass(frozen=True, slots=True)
class Screen:
    """What a mail is seen on."""

    scheme: str  # "light" or "dark"
    width: int  # CSS pixels

    def shows(self, media: Sequence[str]) -> bool:
        """Whether rules under these conditions count here."""
        return all(any(self._fits(query) for query in condition.lower().split(",")) for condition in media)

    def _fits(self, query: str) -> bool:
        kind = query.partition("(")[0].split()
        if "not" in kind or "print" in kind or "speech" in kind:
            return False
        return all(self._has(name, value) for name, value in _FEATURE.findall(query))

    def _has(self, name: str, value: str) -> bool:
        if name == "prefers-color-scheme":
            return value == self.scheme
        length = _LENGTH.fullmatch(value)
        if length is None or name not in {"max-width", "min-width", "max-device-width", "min-device-width"}:
            return False
        pixels = float(length[1]) * (1 if length[2] == "px" else 16)
        return self.width <= pixels if name.startswith("max") else self.width >= pixels


@lru_cache(4_096)
def read_declarations(css: str) -> tuple[Declaration, ...]:
    """Of a style attribute. What cannot be read is left out, as mail clients do."""
    try:
        return tuple(_declarations(tinycss2.parse_blocks_contents(css[:LONGEST], skip_comments=True)))
    except RecursionError:  # brackets in brackets, a thousand deep: nobody's style
        return ()


@lru_cache(16)
def read_sheet(css: str) -> Sheet:
    """Of all that stands in <style>. Never raises. The editions of an issue have the same."""
    try:
        return _read_sheet(css)
    except RecursionError:  # the same
        return Sheet(whole=False)


def _read_sheet(css: str) -> Sheet:
    rules: list[Rule] = []
    at_rules: list[tuple[str, str]] = []
    waiting: list[tuple[Any, tuple[str, ...]]] = [
        (node, ()) for node in reversed(tinycss2.parse_stylesheet(css[:LONGEST], skip_comments=True, skip_whitespace=True))
    ]  # fmt: skip
    while waiting and len(rules) < MOST_RULES:
        node, media = waiting.pop()
        if node.type == "qualified-rule":
            inner = tinycss2.parse_blocks_contents(node.content, skip_comments=True)
            rules.append(Rule(read_selectors(_text(node.prelude)), tuple(_declarations(inner)), media))
        elif node.type == "at-rule":
            at_rules.append((node.lower_at_keyword, _text(node.prelude)))
            if node.lower_at_keyword in _NESTING and node.content is not None:
                around = (*media, at_rules[-1][1]) if node.lower_at_keyword == "media" else (*media, "(unknown)")
                waiting += [(each, around) for each in reversed(tinycss2.parse_rule_list(node.content))]
    return Sheet(tuple(rules), tuple(at_rules), whole=not waiting and len(css) <= LONGEST)


def _declarations(nodes: Iterable[Any]) -> Iterator[Declaration]:
    for node in nodes:
        if node.type == "declaration":
            yield Declaration(node.lower_name, _text(node.value), node.important)


def _text(nodes: Sequence[Any]) -> str:
    return str(tinycss2.serialize(nodes)).strip()
