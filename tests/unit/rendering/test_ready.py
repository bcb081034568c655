"""The mail to an editor: what is in a draft and what was left out, bounded, in words."""

from dataclasses import replace

from digest.model.edition import Edition
from digest.model.issue import Issue, IssueContent, LeftOut
from digest.rendering.lint import lint_message
from digest.rendering.ready import MOST_LEFT_OUT, render_draft_ready
from tests.unit.rendering.week import THEN, TIDELINE, compose, make_edited_issue


def ready(issue: Issue, trouble: str = "", size: int = 61_234) -> Edition:
    return render_draft_ready(issue, TIDELINE, goes_out=THEN, size=size, trouble=trouble)


def words(edition: Edition) -> str:
    return " ".join(edition.text.split())


def test_it_says_what_is_in_it_and_when_it_goes_out() -> None:
    edition = ready(make_edited_issue())
    assert edition.subject == "Draft of The Tideline 12: The last lightship comes home, and a town turns out to meet it"
    said = words(edition)
    assert "It has 5 articles, and each mail 61 kB." in said
    assert "It goes out by itself: Monday 23 November 2026, 07:00 (Europe/Vienna)." in said
    assert "digest issue hold 7 --reason" in said
    assert "Article 14 · Lead · 0.90 = 0.9 fresh × 1 weight" in said
    assert "Parking at the quay Article 40 · The editor dropped it." in said


def test_too_little_is_said_with_its_reason() -> None:
    short = make_edited_issue()
    edition = ready(replace(short, reason="Only 1 article came.", content=IssueContent(None, ())), size=0)
    assert edition.subject == "Draft of The Tideline 12: not enough yet"
    assert "Only 1 article came." in words(edition)
    assert "approve" not in words(edition)


def test_why_it_cannot_go_out_is_said() -> None:
    assert "As things are it cannot go out. A template is wrong." in words(
        ready(make_edited_issue(), "A template is wrong.")
    )


def test_a_long_list_of_what_was_left_out_is_cut_and_counted() -> None:
    issue = make_edited_issue()
    out = tuple(LeftOut(f"Out {number}", "Too old.", number) for number in range(1, 1001))
    edition = ready(replace(issue, content=replace(issue.content, left_out=out)))
    assert f"Out {MOST_LEFT_OUT} " in words(edition)
    assert f"Out {MOST_LEFT_OUT + 1}" not in words(edition)
    assert f"And {1000 - MOST_LEFT_OUT} more" in words(edition)


def test_a_stranger_s_headline_stays_text() -> None:
    issue = make_edited_issue()
    out = (LeftOut('<script>alert("x")</script>', "Too old.", 1),)
    html = ready(replace(issue, content=replace(issue.content, left_out=out))).html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_it_passes_our_own_checks() -> None:
    assert lint_message(compose(ready(make_edited_issue()))) == ()
