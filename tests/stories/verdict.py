"""What the rule says about labelled articles, beside what people said: all in one heap, and each pair alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from digest.articles.similarity import stories
from tests.stories.corpus import Labelled, pairs

Pair = tuple[Labelled, Labelled]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`strays` are articles of different blocks that were taken for one story; nobody labelled them, and all are wrong."""

    found: tuple[Pair, ...]
    wrong: tuple[Pair, ...]
    missed: tuple[Pair, ...]
    strays: tuple[Pair, ...]

    @property
    def precision(self) -> float:
        """Of the pairs that were taken for one story, how many are one."""
        return len(self.found) / max(1, len(self.found) + len(self.wrong) + len(self.strays))

    @property
    def recall(self) -> float:
        """Of the pairs that are one story, how many were found."""
        return len(self.found) / max(1, len(self.found) + len(self.missed))


def judge_heap(articles: list[Labelled]) -> Verdict:
    """As in an issue: all articles at once."""
    told = {key: story for story in stories([each.kept for each in articles]) for key in story.article_ids}

    def together(one: Labelled, other: Labelled) -> bool:
        return one.kept.id in told and told[one.kept.id] is told.get(other.kept.id)

    strangers = (pair for pair in combinations(articles, 2) if pair[0].block != pair[1].block)
    return _verdict(articles, together, tuple(pair for pair in strangers if together(*pair)))


def judge_alone(articles: list[Labelled]) -> Verdict:
    """Each pair as if nothing else had come: then no word is known to be rare."""
    return _verdict(articles, lambda one, other: bool(stories([one.kept, other.kept])), ())


def _verdict(
    articles: list[Labelled], together: Callable[[Labelled, Labelled], bool], strays: tuple[Pair, ...]
) -> Verdict:
    judged = [(pair, pair[0].story == pair[1].story, together(*pair)) for pair in pairs(articles)]

    def those(same: bool, taken: bool) -> Iterator[Pair]:
        return (pair for pair, is_same, is_taken in judged if (is_same, is_taken) == (same, taken))

    return Verdict(tuple(those(True, True)), tuple(those(False, True)), tuple(those(True, False)), strays)
