"""What an editor's wishes make of an assembled issue: pins and drops at choosing, the rest to what was chosen."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.issues.assemble import assemble
from digest.issues.desk import apply_wishes
from digest.model.article import KeptArticle, Story
from digest.model.issue import IssueContent
from digest.model.mailing_list import MailingList
from digest.model.wish import Wish, Wishes, WishKind
from tests.unit.issues.test_assemble import FROM, LIST, PICTURE, TO, kept

WEEK = [kept(1, topic="Cake"), kept(2, topic="Bread"), kept(3, picture=PICTURE), kept(4, topic="Bread"), kept(5)]


def drafted(
    *wishes: Wish,
    candidates: list[KeptArticle] | None = None,
    stories: Sequence[Story] = (),
    mailing_list: MailingList = LIST,
) -> IssueContent:
    wanted = Wishes(tuple(wishes))
    found = assemble(mailing_list, candidates or WEEK, stories, window_from=FROM, window_to=TO, wishes=wanted)
    assert isinstance(found, IssueContent)
    return found


def shown(content: IssueContent) -> tuple[int, dict[str, list[int]]]:
    assert content.lead
    sections = {section.title: [item.article_id for item in section.items] for section in content.sections}
    return content.lead.article_id, sections


def test_nothing_asked_changes_nothing() -> None:
    assert shown(drafted()) == (3, {"Bread": [2, 4], "Cake": [1], "More": [5]})


def test_what_is_dropped_is_left_out_and_makes_room() -> None:
    small = replace(LIST, max_articles=2)
    assert shown(drafted(mailing_list=small)) == (1, {"Bread": [2]})
    content = drafted(Wish(WishKind.DROP, 1), mailing_list=small)
    assert shown(content) == (3, {"Bread": [2]})
    assert [(out.article_id, out.reason) for out in content.left_out if out.article_id == 1] == [
        (1, "The editor dropped it.")
    ]


def test_what_is_pinned_is_in_whatever_its_age_and_the_caps_and_comes_first() -> None:
    old = kept(9, topic="Bread", hours=24 * 30)
    small = replace(LIST, max_articles=2, max_per_feed=2)
    content = drafted(Wish(WishKind.PIN, 9), candidates=[*WEEK, old], mailing_list=small)
    assert shown(content) == (1, {"Bread": [9]})
    assert next(item for item in content.items if item.article_id == 9).factors.endswith("100 pinned")
    assert shown(drafted(Wish(WishKind.PIN, 4)))[1]["Bread"] == [4, 2]


def test_a_pinned_copy_stands_beside_the_one_that_was_better() -> None:
    copies = [kept(1, title="Bread rises", picture=PICTURE), kept(2, feed=2, title="Bread rises")]
    stories = [Story((1, 2))]
    assert shown(drafted(candidates=copies, stories=stories)) == (1, {})
    content = drafted(Wish(WishKind.PIN, 2), candidates=copies, stories=stories)
    assert shown(content) == (1, {"More": [2]})
    assert content.left_out == ()


def test_a_lead_takes_its_place_and_the_former_one_goes_first_in_its_section() -> None:
    assert shown(drafted(Wish(WishKind.LEAD, 4))) == (4, {"Bread": [2], "Cake": [1], "More": [3, 5]})


def test_an_article_moves_to_a_section_and_a_place() -> None:
    assert shown(drafted(Wish(WishKind.MOVE, 1, "Bread", 2)))[1] == {"Bread": [2, 1, 4], "More": [5]}
    assert shown(drafted(Wish(WishKind.MOVE, 1, "Bread")))[1]["Bread"] == [2, 4, 1]
    assert shown(drafted(Wish(WishKind.MOVE, 1, "Bread", 99)))[1]["Bread"] == [2, 4, 1]


def test_when_the_lead_moves_the_best_of_the_others_leads() -> None:
    assert shown(drafted(Wish(WishKind.MOVE, 3, "More", 1))) == (2, {"Bread": [4], "Cake": [1], "More": [3, 5]})


def test_the_only_article_can_be_moved_and_then_nothing_leads() -> None:
    content = drafted(Wish(WishKind.MOVE, 1, "Bread"), candidates=[kept(1)])
    assert content.lead is None
    assert [item.article_id for item in content.items] == [1]


def test_words_are_edited_in_the_issue_alone() -> None:
    content = drafted(Wish(WishKind.TITLE, 3, "New"), Wish(WishKind.SUMMARY, 2, "Short."))
    words = {item.article_id: (item.article.title, item.article.summary) for item in content.items}
    assert (words[3], words[2], words[1]) == (("New", "Summary 3."), ("Title 2", "Short."), ("Title 1", "Summary 1."))
    assert WEEK[2].article.title == "Title 3"


def test_a_subject_and_an_introduction_are_the_issues() -> None:
    content = drafted(Wish(WishKind.SUBJECT, text="Bread!"), Wish(WishKind.INTRO, text="Dear all."))
    assert (content.subject, content.intro) == ("Bread!", "Dear all.")


def test_a_wish_for_what_is_not_there_does_nothing() -> None:
    gone = [Wish(kind, 77, "Bread") for kind in WishKind if kind not in {WishKind.SUBJECT, WishKind.INTRO}]
    assert drafted(*gone) == drafted()


wishes = st.builds(
    Wish,
    st.sampled_from([WishKind.LEAD, WishKind.MOVE, WishKind.TITLE]),
    st.integers(1, 6),
    st.sampled_from(["Bread", "Cake", "More"]),
    st.integers(0, 4),
)


@given(st.lists(wishes, max_size=6))
def test_whatever_is_moved_every_article_stays_once(asked: list[Wish]) -> None:
    content = drafted(*asked)
    assert sorted(item.article_id for item in content.items) == [1, 2, 3, 4, 5]
    assert content.lead is not None
    assert all(section.items for section in content.sections)


@pytest.mark.parametrize(
    "asked", [Wish(WishKind.LEAD, 4), Wish(WishKind.MOVE, 1, "Bread", 1), Wish(WishKind.TITLE, 3, "N")]
)
def test_a_wish_granted_twice_is_granted_once(asked: Wish) -> None:
    content = drafted(asked)
    assert apply_wishes(content, Wishes((asked,)), LIST.topics) == content
