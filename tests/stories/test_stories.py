"""Copies of a story are found as well as when the figures of the rule were settled; `make stories` prints the rest."""

import pytest

from tests.stories.corpus import HALVES, pairs, read_half
from tests.stories.verdict import judge_alone, judge_heap


def test_there_are_enough_pairs_of_both_kinds_in_several_languages() -> None:
    judged = [pair for half in HALVES for pair in pairs(read_half(half))]
    same = sum(one.story == other.story for one, other in judged)
    assert len(judged) >= 600
    assert 150 <= same <= len(judged) / 2
    for half in HALVES:
        languages = {each.block.rpartition("(")[2].rstrip(")") for each in read_half(half)}
        assert languages >= {"en", "de", "fr", "es", "ar", "ja"}


@pytest.mark.parametrize("half", HALVES)
def test_in_a_heap_nothing_is_hidden_and_most_copies_are_found(half: str) -> None:
    verdict = judge_heap(read_half(half))
    assert verdict.precision >= 0.98, verdict.wrong + verdict.strays
    assert verdict.recall >= 0.8, verdict.missed


@pytest.mark.parametrize("half", HALVES)
def test_pair_by_pair_hardly_anything_is_hidden(half: str) -> None:
    verdict = judge_alone(read_half(half))
    assert verdict.precision >= 0.97, verdict.wrong
    assert verdict.recall >= 0.75, verdict.missed
