"""What templates see: plain, clean, and without a link that is no link."""

from dataclasses import replace

import pytest

from digest.model.edition import Slot
from digest.model.feed import Picture
from digest.model.issue import Also, IssueContent, IssueItem
from digest.rendering.context import ALSO, AlsoView, ArticleView, clean, view_issue, view_list
from digest.rendering.slots import Part, make_token
from tests.unit.rendering.week import LEAD, SALT, TIDELINE, make_article, make_issue, make_picture


def view(**changes: object) -> ArticleView:
    lead = view_issue(make_issue(replace(LEAD, **changes)), "en").lead  # type: ignore[arg-type]  # any field of an article
    assert lead
    return lead


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//example.org/x", "vbscript:x", " https://x.example", ""]
)
def test_only_web_links_reach_a_template(url: str) -> None:
    assert view(url=url).url == ""
    assert view(picture=Picture(url)).picture is None


def test_publisher_falls_back_to_the_site() -> None:
    assert view(publisher="", url="https://www.skarn.example/a").publisher == "skarn.example"
    assert view(publisher="", url="https://[broken/").publisher == ""


def test_the_first_few_others_who_tell_a_story_are_named_the_rest_counted() -> None:
    others = tuple(Also(f"Paper\n{number}", f"https://paper{number}.example/a") for number in range(ALSO + 3))
    content = IssueContent(IssueItem(1, "", LEAD, also=(Also("Radio", "javascript:alert(1)"), *others)), ())
    lead = view_issue(make_issue(content=content), "en").lead
    assert lead
    assert lead.also[:2] == (AlsoView("Radio", ""), AlsoView("Paper 0", "https://paper0.example/a"))
    assert (len(lead.also), lead.also_more) == (ALSO, 4)


def test_agency_is_not_said_twice() -> None:
    assert view(agency="The Harbour Post").agency == ""
    assert view(agency="Wire").agency == "Wire"


@pytest.mark.parametrize(("words", "minutes"), [(0, None), (119, None), (120, 1), (2300, 10)])
def test_reading_time_is_only_told_when_we_have_the_text(words: int, minutes: int | None) -> None:
    assert view(word_count=words).minutes == minutes


def test_picture_without_words_is_described_by_the_headline() -> None:
    picture = view(picture=make_picture("a", "")).picture
    assert picture
    assert picture.alt == LEAD.title


@pytest.mark.parametrize(
    ("size", "shown", "height", "tall"),
    [
        ((1200, 800), 528, 352, False),
        ((300, 200), 300, 200, False),
        ((600, 900), 528, None, True),
        ((9000, 1), 528, 1, False),
        (None, 528, None, False),
    ],
)
def test_picture_is_never_blown_up_and_an_upright_one_is_known(
    size: tuple[int, int] | None, shown: int, height: int | None, tall: bool
) -> None:
    picture = view(picture=make_picture("a", "x", size=size)).picture
    assert picture
    assert (picture.shown_width, picture.shown_height, picture.tall) == (shown, height, tall)


@pytest.mark.parametrize(
    ("thumb", "shown"), [("", "whole"), ("https://x.example/t", "thumb"), ("javascript:1", "whole")]
)
def test_the_small_one_is_the_same_where_there_is_no_smaller(thumb: str, shown: str) -> None:
    picture = view(picture=replace(make_picture("a", "x"), thumb=thumb)).picture
    assert picture
    assert picture.thumb == {"whole": picture.url, "thumb": thumb}[shown]


def test_article_runs_its_own_way() -> None:
    assert view(title="عودة السفينة", language="").direction == "rtl"
    assert view(title="Kelp", language="ar").direction == "ltr"


def test_clean_drops_what_cannot_be_printed_and_what_looks_like_a_slot() -> None:
    token = make_token(Slot.UNSUBSCRIBE, Part.TEXT, SALT)
    dirty = replace(view(), title=f"a\0b\x1b\u202ec\ud800{token}d", language="x\r")
    assert clean(dirty, SALT).title == "abcd"
    assert clean((f"{token}", 7, None), SALT) == ("", 7, None)


def test_clean_keeps_what_people_write() -> None:
    text = "Zoë – 👩‍🚀 «שלום» \u2067x\u2069 line\n\tnext"
    assert clean(text, SALT) == text


def test_list_view() -> None:
    shown = view_list(replace(TIDELINE, language="he", postal_address="One\n\n Two "))
    assert (shown.direction, shown.postal_lines, shown.sender) == ("rtl", ("One", "Two"), "The Tideline")


def test_issue_without_anything_can_be_shown() -> None:
    shown = view_issue(make_issue(None, {"Empty": ()}), "en")
    assert (shown.count, shown.headline, shown.preheader, shown.sections, shown.lead) == (0, "", "", (), None)


def test_what_has_no_topic_of_the_lists_is_named_by_the_frame_unless_the_list_has_a_topic_of_that_name() -> None:
    issue = make_issue(None, {"Sea": (make_article("First"),), "More": (make_article("Second"),)})
    assert [(each.title, each.rest) for each in view_issue(issue, "en", topics=("Sea",)).sections] == [
        ("Sea", False),
        ("", True),
    ]
    assert view_issue(issue, "en", topics=("Sea", "More")).sections[1].title == "More"


def test_headline_is_the_first_when_there_is_no_lead() -> None:
    assert view_issue(make_issue(None, {"": (make_article("First"), make_article("Second"))}), "en").headline == "First"
