"""Whether two articles tell one story: the rule, and what it looks at.

For two articles of different houses:
    * They are copies when their terms agree enough, each weighed by how rare it is among all articles. The longer apart
      they were published, the more must agree: a follow-up repeats what came before.
    * They are copies when one has many of the other's runs of words: agency copy, whatever its headline.
    * They are none when only a number or a date tells their headlines apart ("Weather for Tuesday").
Of one house (a feed, a site) the headline and nearly everything else must agree: nobody tells a story twice, but columns
resemble each other.

The figures were tuned on one half of labelled pairs and measured on another: `make stories` says how well they do.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import chain
from math import log, sqrt

from digest.articles.terms import is_count, terms
from digest.model.article import Article, KeptArticle
from digest.model.web_address import canonical_url

LEAST = 0.25  # how much of one's terms the other has at least; with less nothing else is looked at
LIKE = 0.39  # how much must agree of two articles that came at the same hour
LIKE_A_DAY = 0.2  # and how much more for each day between them
LIKE_HEADLINES = 0.15  # and how much more where there is little but headlines
LIKE_COUNTS = 0.09  # and how much more where each has numbers or dates that the other lacks
LIKE_PATTERN = 0.14  # and how much more where headlines are built alike ("A beats C in final", "B beats C in final")
LIKE_RUNS = 0.35  # how many of the shorter one's runs of words the other has, in agency copy
LIKE_IN_HOUSE = 0.9
ONE_COLUMN = 0.7  # how much of two headlines agrees, numbers and dates aside, when they are one column's
SAME_NEWS_DAYS = 4.0  # what came longer after is another story, in whatever words

_READ = 500  # characters of a text: its news stands at its beginning
_RUN = 3  # terms
_FEW = 12  # terms; fewer are a headline and no text
_SENTENCE = 6  # terms; of fewer it means nothing that they stand elsewhere too
_USUAL = 50  # articles: as if so many others had been counted too, else in a small heap every word is common
_TAG = re.compile(r"<[^>]*>?")


@dataclass(frozen=True, slots=True)
class Portrait:
    """What is compared of an article."""

    kept: KeptArticle
    page: str  # canonical, "" when it has none
    site: str
    title: tuple[str, ...]
    text: tuple[str, ...]  # without the title; empty when it is furniture
    terms: frozenset[str]  # of both
    weight: float  # of all these terms
    published: float


class Scale:
    """How much a term weighs: the rarer, the more."""

    def __init__(self, found: Sequence[frozenset[str]]) -> None:
        counts = Counter(chain.from_iterable(found))
        every = len(found) + _USUAL
        by_count = {count: -log(0.02 + 0.98 * count / every) for count in set(counts.values())}
        self._weights = {term: by_count[count] for term, count in counts.items()}
        shared = sorted((count, term) for term, count in counts.items() if count > 1)
        self._ranks = {term: rank for rank, (_, term) in enumerate(shared)}

    def of(self, term: str) -> float:
        return self._weights[term]

    def sum(self, found: Iterable[str]) -> float:
        return sum(map(self._weights.__getitem__, found))

    def rarest(self, found: Iterable[str], count: int) -> list[str]:
        """The rarest of those that stand in several articles, the rarest first."""
        return sorted(filter(self._ranks.__contains__, found), key=self._ranks.__getitem__)[:count]


def draw(articles: Sequence[KeptArticle]) -> tuple[list[Portrait], Scale]:
    """A portrait of each, in order, and how much the terms in them weigh."""
    texts = [terms(_beginning(kept.article)) for kept in articles]
    furniture = _furniture(articles, texts)
    texts = [() if (kept.feed_id, text) in furniture else text for kept, text in zip(articles, texts, strict=True)]
    titles = [terms(kept.article.title) for kept in articles]
    found = [frozenset(title).union(text) for title, text in zip(titles, texts, strict=True)]
    scale = Scale(found)
    drawn = zip(articles, titles, texts, found, strict=True)
    return [_portrait(kept, title, text, each, scale) for kept, title, text, each in drawn], scale


def is_copy(one: Portrait, other: Portrait, scale: Scale, more: float = 0.0) -> bool:
    """Whether they tell one story. `more` makes it harder."""
    shared = scale.sum(one.terms & other.terms)
    if shared <= LEAST * min(one.weight, other.weight) or _differ_in_counts_alone(one.title, other.title, scale):
        return False
    agreement = shared / sqrt(one.weight * other.weight)
    if _is_one_house(one, other):
        return one.title == other.title and agreement >= LIKE_IN_HOUSE
    days = abs(one.published - other.published) / 86_400
    if days > SAME_NEWS_DAYS:
        return False
    return agreement >= _wanted(one, other, days) + more or _is_agency_copy(one, other)


def _portrait(
    kept: KeptArticle, title: tuple[str, ...], text: tuple[str, ...], found: frozenset[str], scale: Scale
) -> Portrait:
    page = canonical_url(kept.article.url)
    site = page.removeprefix("https://").partition("/")[0]
    return Portrait(kept, page, site, title, text, found, scale.sum(found), kept.article.published_at.timestamp())


def _wanted(one: Portrait, other: Portrait, days: float) -> float:
    brief = min(len(one.terms), len(other.terms)) < _FEW
    apart = one.terms - other.terms, other.terms - one.terms
    counts = all(any(map(is_count, each)) for each in apart)
    return (
        LIKE
        + LIKE_A_DAY * days
        + LIKE_HEADLINES * brief
        + LIKE_COUNTS * counts
        + LIKE_PATTERN * _are_built_alike(one.title, other.title)
    )


def _are_built_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Two pairs of neighbours, and two fifths of all, stand in both headlines, and each has a word of its own."""
    ours, theirs = _runs(one, 2), _runs(other, 2)
    shared = len(ours & theirs)
    words = set(one), set(other)
    own = words[0] - words[1], words[1] - words[0]
    return all(own) and shared >= 2 and shared >= 0.4 * min(len(ours), len(theirs))


def _is_agency_copy(one: Portrait, other: Portrait) -> bool:
    """The shorter text's runs of words stand in the other; of a single sentence all of them must."""
    fewer = min(len(one.text), len(other.text))
    if fewer < _SENTENCE:
        return False
    ours, theirs = _runs(one.text, _RUN), _runs(other.text, _RUN)
    wanted = LIKE_RUNS if fewer >= _FEW else LIKE_IN_HOUSE
    return len(ours & theirs) >= wanted * min(len(ours), len(theirs))


def _runs(found: tuple[str, ...], length: int) -> set[tuple[str, ...]]:
    return set(zip(*(found[at:] for at in range(length)), strict=False))


def _differ_in_counts_alone(first: tuple[str, ...], second: tuple[str, ...], scale: Scale) -> bool:
    one, other = frozenset(first), frozenset(second)
    if not (any(map(is_count, one - other)) and any(map(is_count, other - one))):
        return False
    ours, theirs = (frozenset(term for term in title if not is_count(term)) for title in (one, other))
    return scale.sum(ours & theirs) >= ONE_COLUMN * max(scale.sum(ours), scale.sum(theirs))


def _is_one_house(one: Portrait, other: Portrait) -> bool:
    """One feed's own articles, or one site's."""
    if one.kept.feed_id == other.kept.feed_id and one.kept.article.publisher == other.kept.article.publisher:
        return True
    return bool(one.site) and one.site == other.site


def _furniture(
    articles: Sequence[KeptArticle], texts: Sequence[tuple[str, ...]]
) -> frozenset[tuple[int, tuple[str, ...]]]:
    """What a feed says under several headlines ("for subscribers only"), with the feed's number."""
    headlines: defaultdict[tuple[int, tuple[str, ...]], set[str]] = defaultdict(set)
    for kept, text in zip(articles, texts, strict=True):
        headlines[kept.feed_id, text].add(kept.article.title)
    return frozenset(place for place, titles in headlines.items() if len(titles) > 1)


def _beginning(article: Article) -> str:
    """Of the summary and the text, whichever says more."""
    body = unescape(_TAG.sub(" ", article.body_html[: 2 * _READ]))
    return max(article.summary, body, key=lambda text: len(text[:_READ]))[:_READ]
