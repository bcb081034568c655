"""What an issue gives up so that its mail fits."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from digest.issues.budget import cut_to, ladder
from digest.model.edition import Fit
from digest.model.issue import IssueContent
from tests.unit.issues.test_editions import an_issue


def shown(fit: Fit, count: int) -> tuple[int, int, int, int]:
    """More of anything is larger."""
    return (
        count if fit.shown is None else fit.shown,
        count if fit.full is None else fit.full,
        fit.summary,
        fit.lead_summary,
    )


@given(st.integers(1, 1000))
def test_each_step_gives_up_something_and_takes_nothing_back(count: int) -> None:
    steps = [shown(step, count) for step in ladder(count)]
    assert steps[0] == (count, count, 420, 420)
    assert steps[-1] == (1, 1, 100, 220)
    for before, after in pairwise(steps):
        assert all(less <= more for less, more in zip(after, before, strict=True))


def test_the_content_is_cut_behind_what_is_shown_and_empty_sections_go() -> None:
    content = an_issue(1).content
    cut = cut_to(content, 2)
    assert [item.article_id for item in cut.items] == [10, 11]
    assert [section.title for section in cut.sections] == ["Town"]
    assert cut.lead is content.lead


@given(st.integers(1, 9))
def test_no_more_is_shown_than_there_is(count: int) -> None:
    content: IssueContent = an_issue(1).content
    assert len(cut_to(content, count).items) == min(count, 4)
    assert cut_to(content, None) is content
