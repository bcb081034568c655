"""What an editor saw, as a mark."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from digest.issues.mark import mark_of, mark_of_words, refuse_outdated
from digest.model.errors import Outdated
from digest.model.issue import Issue, IssueContent, IssueItem, IssueState, Section
from tests.pipeline.world import an_article

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ITEMS = tuple(IssueItem(number, "", an_article(number, NOW)) for number in range(3))
CONTENT = IssueContent(ITEMS[0], (Section("", ITEMS[1:]),), subject="This week")
ISSUE = Issue(
    *(1, 1, date(2026, 11, 23), 1, IssueState.DRAFT, "", CONTENT),
    window_from=NOW,
    window_to=NOW,
    salt="5a17",
    created_at=NOW,
)
CHANGED = {
    "order": replace(CONTENT, sections=(Section("", ITEMS[:0:-1]),)),
    "drop": replace(CONTENT, sections=(Section("", ITEMS[1:2]),)),
    "words": replace(CONTENT, intro="Good morning."),
}


@pytest.mark.parametrize("what", CHANGED)
def test_it_differs_when_anything_does(what: str) -> None:
    other = replace(ISSUE, content=CHANGED[what])
    assert mark_of(other) != mark_of(ISSUE)
    assert (mark_of_words(other) != mark_of_words(ISSUE)) == (what == "words")
    with pytest.raises(Outdated, match="changed while you looked"):
        refuse_outdated(other, mark_of(ISSUE))


def test_it_is_the_same_for_as_long_as_nothing_does() -> None:
    later = replace(ISSUE, announced_at=NOW)
    assert mark_of(later) == mark_of(ISSUE)
    refuse_outdated(later, mark_of(ISSUE))
    refuse_outdated(later, "")
    assert mark_of(replace(ISSUE, state=IssueState.HELD)) != mark_of(ISSUE)
