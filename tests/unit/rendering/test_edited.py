"""An editor's words and corrections, as readers get them."""

from dataclasses import replace

from digest.model.issue import Correction
from digest.rendering.context import view_issue
from digest.rendering.edition import render_issue
from digest.rendering.lint import lint_message
from digest.rendering.phrasing import split_paragraphs
from tests.unit.rendering.week import TIDELINE, compose, make_edited_issue


def test_an_editor_s_subject_is_the_whole_subject() -> None:
    assert render_issue(make_edited_issue(), TIDELINE).subject == "The sea gave something back"


def test_the_introduction_stands_above_the_lead_in_both_parts() -> None:
    edition = render_issue(make_edited_issue(), TIDELINE)
    for body in (edition.html, edition.text):
        assert body.index("We went down to the quay") < body.index("The last lightship")
        assert body.index("Corrected since our issue No. 11") > body.index("mackerel")


def test_corrections_link_to_the_article_as_it_is_now() -> None:
    edition = render_issue(make_edited_issue(), TIDELINE)
    assert 'href="https://harbourpost.example/bridge"' in edition.html
    assert "https://harbourpost.example/bridge" in edition.text
    assert lint_message(compose(edition)) == ()


def test_an_introduction_is_text_and_nothing_else() -> None:
    issue = make_edited_issue()
    edition = render_issue(
        replace(issue, content=replace(issue.content, intro="<b>Bold</b> {{ slot.unsubscribe }}")), TIDELINE
    )
    assert "&lt;b&gt;Bold&lt;/b&gt; {{ slot.unsubscribe }}" in edition.html


def test_only_web_links_reach_a_correction() -> None:
    issue = make_edited_issue()
    bad = (Correction(1, 2, "Title", "", "javascript:alert(1)"),)
    (seen,) = view_issue(replace(issue, content=replace(issue.content, corrections=bad)), "en").corrections
    assert seen.url == ""


def test_paragraphs_are_what_stands_between_empty_lines() -> None:
    assert split_paragraphs(" One\nline.\n\n \n\nTwo.\r\n\r\nThree. ") == ("One line.", "Two.", "Three.")
    assert split_paragraphs(" \n ") == ()
