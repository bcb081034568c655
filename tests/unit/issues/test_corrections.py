"""What is a correction, and what is only another space."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.issues.corrections import MOST, find_corrections
from digest.model.article import Article, ToldArticle
from digest.model.issue import Correction

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ARTICLE = Article("The bridge is shut", "https://example.org/1", "Until May.", "", 100, NOW, language="en")


def told(number: int = 1, *, minutes: int = 0, **now: str) -> ToldArticle:
    changed = replace(ARTICLE, **now)  # type: ignore[arg-type]  # all of them are texts
    return ToldArticle(number, 11, ("The bridge is shut", "Until May."), changed, NOW - timedelta(minutes=minutes))


def test_another_title_or_summary_is_a_correction() -> None:
    (found,) = find_corrections([told(title="The bridge is open")])
    assert found == Correction(1, 11, "The bridge is open", "Until May.", "https://example.org/1", "en")
    assert find_corrections([told(summary="Until June.")])


@pytest.mark.parametrize(
    "now",
    [
        {},
        {"title": "The  bridge\nis shut "},
        {"summary": "Until\u00a0May."},
        {"body_html": "<p>Other</p>"},
        {"url": "https://example.org/2"},
    ],
)
def test_what_readers_read_alike_is_none(now: dict[str, Any]) -> None:
    assert find_corrections([told(**now)]) == ()


def test_the_last_changed_come_first_and_there_are_never_many() -> None:
    many = [told(number, minutes=number, title="New") for number in range(1, 30)]
    assert [each.article_id for each in find_corrections(reversed(many))] == list(range(1, MOST + 1))
