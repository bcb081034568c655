"""Reading the labelled articles of tests/data/stories; README.md there says how they are written down."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

from digest.model.article import Article, KeptArticle

DATA = Path(__file__).parents[1] / "data" / "stories"
HALVES = ("tuned", "held")
START = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article and the story that it tells: its block and its letter there."""

    kept: KeptArticle
    block: str
    letter: str

    @property
    def story(self) -> tuple[str, str]:
        return self.block, self.letter


def read_half(name: str) -> list[Labelled]:
    feeds: dict[str, int] = {}
    found: list[Labelled] = []
    block, first = "", ""
    for line in (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            block, first = line.removeprefix("## "), ""
        elif line and not line.startswith("#"):
            head, title, text = (part.strip() for part in line.split("|"))
            letter, feed, hours = head.split()
            text = _written_out(text, first)
            first = first or text
            number = feeds.setdefault(feed, len(feeds) + 1)
            kept = _article(len(found) + 1, number, feed, float(hours), title=title, text=text)
            found.append(Labelled(kept, block, letter))
    return found


def pairs(articles: list[Labelled]) -> Iterator[tuple[Labelled, Labelled]]:
    """Those that a person has judged: all within a block."""
    return (pair for pair in combinations(articles, 2) if pair[0].block == pair[1].block)


def _written_out(text: str, first: str) -> str:
    if text == "^-":
        return re.split(r"(?<=[.!?]) ", first)[0]
    return text.replace("^", first, 1) if text.startswith("^") else text


def _article(number: int, feed: int, publisher: str, hours: float, *, title: str, text: str) -> KeptArticle:
    published = START + timedelta(hours=hours)
    article = Article(
        title=title,
        url=f"https://{feed}.example.org/{number}",
        summary=text,
        body_html="",
        word_count=len(text.split()),
        published_at=published,
        publisher=publisher.replace("-", " "),
    )
    return KeptArticle(number, feed, "", published, article)
