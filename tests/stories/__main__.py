"""Prints how well copies of a story are found among the labelled articles: precision, recall, and the pairs judged wrongly."""

import sys

from tests.stories.corpus import HALVES, pairs, read_half
from tests.stories.verdict import Pair, Verdict, judge_alone, judge_heap

ROW = "{:<22}{:>9}{:>8}{:>11}{:>8}{:>11}{:>8}"


def main() -> None:
    _say(ROW.format("", "articles", "pairs", "one story", "found", "precision", "recall"))
    for half in HALVES:
        articles = read_half(half)
        judged = list(pairs(articles))
        same = sum(one.story == other.story for one, other in judged)
        for name, verdict in ((half, judge_heap(articles)), (f"{half}, pair by pair", judge_alone(articles))):
            figures = f"{verdict.precision:.3f}", f"{verdict.recall:.3f}"
            _say(ROW.format(name, len(articles), len(judged), same, len(verdict.found), *figures))
    for half in HALVES:
        _tell(half, judge_heap(read_half(half)))


def _tell(half: str, verdict: Verdict) -> None:
    for what, found in (
        ("taken for one story", verdict.wrong),
        ("taken for one story, from different blocks", verdict.strays),
        ("not found to be one story", verdict.missed),
    ):
        if found:
            _say(f"\n{half}: {what}")
            _say(*map(_line, found))


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _line(pair: Pair) -> str:
    one, other = pair
    return f"  {one.kept.article.title}\n    {other.kept.article.title}  [{one.block}]"


if __name__ == "__main__":
    main()
