"""Which declarations win for an element: the cascade of CSS, for the rules of <style> and style attributes."""

from collections import defaultdict
from collections.abc import Iterator

from lxml import html

from digest.rendering.lint.mail import Mail
from digest.rendering.lint.selectors import Selector
from digest.rendering.lint.styles import Declaration, Rule, Screen, read_declarations

MOST_TRIES = 100_000  # of a rule on an element; a mail of sixty articles needs a tenth

Weight = tuple[bool, bool, tuple[int, int, int], int]  # important, inline, specificity, order


class Cascade:
    """Made once for a mail. Rules are found by what their last compound asks for, so most are never tried."""

    def __init__(self, mail: Mail) -> None:
        self._by_key: dict[str, list[tuple[int, Rule, Selector]]] = defaultdict(list)
        for order, rule in enumerate(mail.sheet.rules):
            for selector in rule.selectors:
                self._by_key[_key(selector)].append((order, rule, selector))
        self._tries = 0
        self._matched = {element: self._match(element) for element in mail.elements}
        self._known: dict[tuple[str, tuple[int, ...], Screen], dict[str, str]] = {}

    @property
    def whole(self) -> bool:
        """False when there were too many rules for too many elements, so that some were not applied."""
        return self._tries <= MOST_TRIES

    def values(self, element: html.HtmlElement, screen: Screen) -> dict[str, str]:
        """The winning value of each property that is declared for it. Most elements are like others, and decided once."""
        key = element.get("style", ""), tuple(order for order, *_ in self._matched[element]), screen
        if key not in self._known:
            self._known[key] = self._decide(element, screen)
        return self._known[key]

    def _decide(self, element: html.HtmlElement, screen: Screen) -> dict[str, str]:
        best: dict[str, tuple[Weight, str]] = {}
        for weight, declaration in self._declared(element, screen):
            known = best.get(declaration.name)
            if known is None or known[0] <= weight:
                best[declaration.name] = weight, declaration.value
        # In the order in which they win: a shorthand that comes later overrides what it is short for.
        return {name: value for name, (_, value) in sorted(best.items(), key=lambda each: each[1][0])}

    def _declared(self, element: html.HtmlElement, screen: Screen) -> Iterator[tuple[Weight, Declaration]]:
        for order, rule, specificity in self._matched[element]:
            if screen.shows(rule.media):
                for each in rule.declarations:
                    yield (each.important, False, specificity, order), each
        for order, each in enumerate(read_declarations(element.get("style", ""))):
            yield (each.important, True, (0, 0, 0), order), each

    def _match(self, element: html.HtmlElement) -> list[tuple[int, Rule, tuple[int, int, int]]]:
        keys = [*(f".{name}" for name in set(element.get("class", "").split())), str(element.tag), "*"]
        tried = [each for key in keys for each in self._by_key.get(key, ())]
        self._tries += len(tried)
        if not self.whole:
            return []
        return [(order, rule, selector.specificity) for order, rule, selector in tried if selector.matches(element)]


def _key(selector: Selector) -> str:
    if selector.last.classes:
        return f".{selector.last.classes[0]}"
    return selector.last.tag or "*"
