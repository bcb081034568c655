"""Finding which articles tell one story, in a realistic heap, and in heaps made to be slow."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate
from pathlib import Path

from bench.measure import Step, Subject
from bench.world import NOW, an_article
from digest.articles.likeness import draw
from digest.articles.similarity import stories
from digest.model.article import KeptArticle

FEEDS = 200
SYLLABLES = [
    "ba",
    "cor",
    "den",
    "fel",
    "gra",
    "hin",
    "jo",
    "kel",
    "lo",
    "mar",
    "nes",
    "or",
    "pil",
    "rus",
    "sto",
    "ta",
    "ul",
]
WORDS = [f"{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in ("", *SYLLABLES)]
ODDS = list(accumulate(1 / (rank + 3) for rank in range(len(WORDS))))  # as in languages: the second half as common, …


@contextmanager
def _open(size: int, _place: Path) -> Iterator[Sequence[Subject]]:
    heap = a_heap(size)
    few = a_heap(size, words=200)
    template = [_with(kept, title="Weather for Tuesday") for kept in few]
    copies = [_with(kept, summary=heap[0].article.summary) for kept in heap]
    yield (
        Subject("group", lambda: _group(heap)),
        Subject("of it: reading the articles", lambda: len(draw(heap)[0])),
        Subject("all out of 200 words", lambda: _group(few)),
        Subject("all under one headline, out of 200 words", lambda: _group(template)),
        Subject("all with one text, under other headlines", lambda: _group(copies)),
    )


def a_heap(size: int, words: int = len(WORDS)) -> list[KeptArticle]:
    """Invented articles of 110 words; every fourth is a copy of an earlier one in which every sixth word is another."""
    dice = random.Random(size)
    texts: list[list[str]] = []
    for number in range(size):
        text = dice.choices(WORDS[:words], cum_weights=ODDS[:words], k=120)
        if number % 4 == 3:
            before = texts[dice.randrange(number)]
            text = [new if at % 6 == 0 else old for at, (new, old) in enumerate(zip(text, before, strict=True))]
        texts.append(text)
    return [_article(number, text) for number, text in enumerate(texts)]


def _article(number: int, text: list[str]) -> KeptArticle:
    article = replace(
        an_article(number),
        title=" ".join(text[:9]).capitalize(),
        url=f"https://{number % FEEDS}.example.org/{number}",
        summary=" ".join(text[9:]).capitalize(),
        body_html="",
        published_at=NOW - timedelta(minutes=number % 8_000),
        publisher=f"Feed {number % FEEDS}",
    )
    return KeptArticle(number + 1, number % FEEDS, "", NOW, article)


def _with(kept: KeptArticle, **changes: str) -> KeptArticle:
    return replace(kept, article=replace(kept.article, **changes))  # type: ignore[arg-type]  # only fields of text


def _group(heap: list[KeptArticle]) -> int:
    """How many articles were judged."""
    together = sum(len(story.article_ids) for story in stories(heap))
    assert together <= len(heap)
    return len(heap)


STEP = Step("group", "articles", (1_000, 5_000, 20_000), (100, 500), _open)
