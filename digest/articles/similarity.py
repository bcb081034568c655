"""Which articles tell one story: the same page, the same text, or the same news in other words.

    articles ─▶ best copy first ─▶ each beside the few stories that share its rarest terms ─▶ those whose copy it is

What makes two of them copies is `likeness`. An article is compared with the copy that leads a story, and less easily with
the next few, so that a chain of follow-ups does not become one story; an article that is a copy of two stories makes them
one. Pure and deterministic: the order of the articles does not matter. Cost grows with their number, because a term that
stands in many stories is not looked up.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from digest.articles.likeness import Portrait, Scale, draw, is_copy
from digest.model.article import KeptArticle, Story

FULL = 400  # words; beyond this, length says nothing about which copy is best
LIKE_ANOTHER = 0.15  # how much more must agree where it is not the leading copy that is alike, but another one

_RAREST = 20  # terms of an article by which it is looked for
_CROWDED = 40  # stories; a term of more tells nothing
_SOME = 0.15  # how much of these terms a story has at least that it is compared with
_CLOSEST = 6  # stories that an article is compared with
_COPIES = 4  # copies of a story that others are compared with


def stories(articles: Sequence[KeptArticle]) -> tuple[Story, ...]:
    """The stories of several articles, each with its best copy first. An article in none of them stands for itself."""
    portraits, scale = draw(sorted(articles, key=best_copy_first))
    shelf = _Shelf(scale)
    for portrait in portraits:
        shelf.put(portrait)
    return tuple(shelf.stories())


def best_copy_first(kept: KeptArticle) -> tuple[bool, int, bool, float, int]:
    """Our own feed's, then the longest up to 400 words, then one with a picture, then the first that was published."""
    article = kept.article
    pictured = article.picture is not None and bool(article.picture.url)
    return not kept.own, -min(article.word_count, FULL), not pictured, article.published_at.timestamp(), kept.id


class _Shelf:
    """The stories so far, and the places of their terms, pages and texts."""

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._told: list[list[Portrait]] = []  # by place; empty where a story became part of another
        self._became: list[int] = []  # the place itself, or the one where its copies are now
        self._by_term: defaultdict[str, list[int]] = defaultdict(list)
        self._by_page: dict[str, int] = {}
        self._by_text: dict[tuple[str, ...], int] = {}

    def put(self, portrait: Portrait) -> None:
        rarest = self._scale.rarest(portrait.terms, _RAREST)
        found = self._find(portrait, rarest)
        place = min(found, default=len(self._told))
        if not found:
            self._told.append([])
            self._became.append(place)
        for other in sorted(found - {place}):
            self._told[place] += self._told[other]
            self._told[other], self._became[other] = [], place
        self._told[place].append(portrait)
        self._index(portrait, rarest, place)

    def stories(self) -> Iterator[Story]:
        for told in self._told:
            if len(told) > 1:
                best = sorted((portrait.kept for portrait in told), key=best_copy_first)
                yield Story(tuple(kept.id for kept in best))

    def _find(self, portrait: Portrait, rarest: list[str]) -> set[int]:
        """The stories that it tells; of several it shows that they are one."""
        found = {place for place in self._near(portrait, rarest) if self._is_told(portrait, self._told[place])}
        same = self._by_page.get(portrait.page)
        return found if same is None else found | {self._now(same)}

    def _is_told(self, portrait: Portrait, story: list[Portrait]) -> bool:
        lead, *others = story[:_COPIES]
        return is_copy(portrait, lead, self._scale) or any(
            is_copy(portrait, other, self._scale, LIKE_ANOTHER) for other in others
        )

    def _near(self, portrait: Portrait, rarest: list[str]) -> list[int]:
        """The stories that share most, by what the rarest terms weigh, and one with the same text."""
        shared: dict[int, float] = {}  # a defaultdict is asked for its first 0.0 by most, and takes twice as long
        for term in rarest:
            places = self._by_term[term]
            if len(places) < _CROWDED:
                weight = self._scale.of(term)
                for place in places:
                    shared[place] = shared[place] + weight if place in shared else weight
        if (same := self._by_text.get(portrait.text)) is not None:
            shared[same] = shared.get(same, 0.0) + portrait.weight
        least = _SOME * self._scale.sum(rarest)
        closest = sorted([(-weight, place) for place, weight in shared.items() if weight > least])[:_CLOSEST]
        return list(dict.fromkeys(self._now(place) for _, place in closest))

    def _now(self, place: int) -> int:
        while self._became[place] != place:
            place = self._became[place]
        return place

    def _index(self, portrait: Portrait, rarest: list[str], place: int) -> None:
        if portrait.page:
            self._by_page.setdefault(portrait.page, place)
        if portrait.text:
            self._by_text.setdefault(portrait.text, place)
        if len(self._told[place]) <= _COPIES:
            for term in rarest:
                places = self._by_term[term]
                if len(places) < _CROWDED and place not in places:
                    places.append(place)
