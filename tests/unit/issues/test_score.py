"""A score is a product that one can check by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.issues.score import Score, coverage, figure, freshness, score
from digest.model.article import Article, KeptArticle

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def kept(hours: float, weight: float = 1.0) -> KeptArticle:
    article = Article("Title", "https://example.org/1", "", "", 100, NOW - timedelta(hours=hours))
    return KeptArticle(1, 1, "", NOW, article, weight)


@pytest.mark.parametrize(("hours", "fresh"), [(0, 1.0), (72, 0.5), (144, 0.25), (-5, 1.0)])
def test_freshness_halves_with_each_half_life(hours: float, fresh: float) -> None:
    assert freshness(timedelta(hours=hours), 72) == pytest.approx(fresh)


@pytest.mark.parametrize(("outlets", "factor"), [(0, 1.0), (1, 1.0), (2, 1.25), (4, 1.5), (16, 2.0), (1000, 2.0)])
def test_coverage_grows_slowly_and_ends(outlets: int, factor: float) -> None:
    assert coverage(outlets) == pytest.approx(factor)


def test_a_score_is_the_product_of_its_factors_and_tells_them() -> None:
    found = score(kept(72, weight=0.8), at=NOW, half_life_hours=72, outlets=2)
    assert found.value == pytest.approx(0.5 * 0.8 * 1.25)
    assert str(found) == "0.5 fresh × 0.8 weight × 1.25 coverage (2 outlets)"


def test_a_pin_outweighs_every_other_factor() -> None:
    best = Score(1.0, 1.0, outlets=16)
    assert Score(0.03, 1.0, pinned=True).value > best.value
    assert str(Score(1.0, 1.0, pinned=True)) == "1 fresh × 1 weight × 100 pinned"


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (0.001, "<0.01"), (0.625, "0.62"), (1.0, "1"), (100.0, "100")]
)
def test_figures_are_short(value: float, shown: str) -> None:
    assert figure(value) == shown
