"""Invented pages in the shape in which a news site's article page comes out of a copy."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sources.agencies import is_photo_credit, take
from digest.sources.newspage import NewsPage, parse_news_page
from digest.sources.trailers import remove

CREDIT = "Lena Vargas/NPX"
HEADLINE = "Bridge over the Tamar reopens after two years of repairs"
STANDFIRST = "Engineers replaced every cable while trains kept running below, the county said"
STORY = (
    "The old suspension bridge over the Tamar carried its first cars in two years on Monday, a month earlier than the county had promised.",
    'Council leader Joan Pike said the work had been "the most patient piece of engineering" that the region had seen since the war.',
    "About 14,000 vehicles crossed every day before the closure, which sent lorries on a detour of forty minutes through three villages.",
    "Share prices of the toll company rose. Find out more at the public meeting on Thursday, which residents of both banks may attend.",
)
AGENCY = "Tamar Post and wire services"
TRAILER = (
    "Related News",
    "Find Tamar Post on your TV",
    "Get email updates from Tamar Post",
    "Sign up for our weekly newsletter",
)

WHOLE = NewsPage(HEADLINE, STANDFIRST, STORY, CREDIT, AGENCY)


def page(*blocks: str, between: str = "\n\n") -> str:
    return between.join(blocks)


FULL = page(CREDIT, HEADLINE, STANDFIRST, *STORY, AGENCY, *TRAILER, "", *TRAILER[2:])


def test_a_full_page() -> None:
    assert parse_news_page(FULL) == WHOLE


@pytest.mark.parametrize(
    "changed",
    [
        FULL.replace("\n", "\r\n"),
        FULL.replace("\n", "\r"),
        FULL.replace("\n\n", "\n"),
        FULL.replace("\n\n", "\n \u00a0\n\t\n"),
        FULL.replace(" ", "\u00a0"),
        FULL.replace(" ", "  "),
        "\ufeff" + FULL,
        "\n\n\n" + FULL + "\n\n \n",
        FULL.replace("Joan", "Jo\u00adan").replace("Pike", "Pi\u200bke"),
        FULL + "\n\n" + page(*TRAILER) + "\n" + page(*TRAILER),
        FULL + "".join(TRAILER),
        page(CREDIT, HEADLINE, STANDFIRST, *STORY, f"{AGENCY} {' '.join(TRAILER)}"),
        page(CREDIT, HEADLINE, STANDFIRST, *STORY[:-1], f"{STORY[-1]} {AGENCY} {''.join(TRAILER)}"),
        page(CREDIT, HEADLINE, STANDFIRST, *STORY, AGENCY + "".join(TRAILER)),
        page(CREDIT, HEADLINE, STANDFIRST, *STORY, f"({AGENCY})", *TRAILER),
        page(CREDIT, HEADLINE, STANDFIRST, *STORY, f"— {AGENCY}.", *TRAILER),
        page(
            CREDIT,
            HEADLINE,
            STANDFIRST,
            "Share",
            *STORY[:2],
            "ADVERTISEMENT",
            "Read more: The bridge in pictures",
            *STORY[2:],
            AGENCY,
        ),
        page(
            CREDIT,
            HEADLINE,
            STANDFIRST,
            *STORY,
            AGENCY,
            "Related Stories",
            "Lorry stuck in lane for a night",
            "Ferry to sail again",
            *TRAILER,
        ),
        page(HEADLINE, STANDFIRST, CREDIT, *STORY, AGENCY),
    ],
    ids=lambda text: repr(text[-40:]),
)
def test_the_same_page_in_other_clothes(changed: str) -> None:
    assert parse_news_page(changed) == WHOLE


PARTS = [(CREDIT,), (HEADLINE, STANDFIRST), STORY, (AGENCY,), TRAILER]


def test_without_photo_credit() -> None:
    found = parse_news_page(page(HEADLINE, STANDFIRST, *STORY, AGENCY, *TRAILER))
    assert found == NewsPage(HEADLINE, STANDFIRST, STORY, "", AGENCY)


def test_without_standfirst() -> None:
    found = parse_news_page(page(CREDIT, HEADLINE, *STORY, AGENCY, *TRAILER))
    assert found == NewsPage(HEADLINE, "", STORY, CREDIT, AGENCY)


def test_without_agency() -> None:
    assert parse_news_page(page(CREDIT, HEADLINE, STANDFIRST, *STORY, *TRAILER)) == NewsPage(
        HEADLINE, STANDFIRST, STORY, CREDIT
    )


def test_without_trailer() -> None:
    assert parse_news_page(page(CREDIT, HEADLINE, STANDFIRST, *STORY, AGENCY)) == WHOLE


def test_headline_and_story_alone() -> None:
    assert parse_news_page(page(HEADLINE, *STORY)) == NewsPage(HEADLINE, "", STORY)


def test_story_alone() -> None:
    assert parse_news_page(page(*STORY)) == NewsPage("", "", STORY)


def test_headline_alone() -> None:
    assert parse_news_page(HEADLINE) == NewsPage(HEADLINE)


@pytest.mark.parametrize("text", ["", " \r\n ", "\ufeff"])
def test_nothing(text: str) -> None:
    assert parse_news_page(text) == NewsPage()


def test_a_short_sentence_after_the_headline_belongs_to_the_story() -> None:
    found = parse_news_page(page(HEADLINE, "It is open.", *STORY))
    assert (found.standfirst, found.paragraphs) == ("", ("It is open.", *STORY))


def test_bylines_and_stamps_are_no_story() -> None:
    found = parse_news_page(
        page(CREDIT, HEADLINE, STANDFIRST, "By Tom Ashe and Ruth Ley", "November 2, 2026 5:00PM ET", *STORY)
    )
    assert found == NewsPage(HEADLINE, STANDFIRST, STORY, CREDIT, "", "Tom Ashe and Ruth Ley")


def test_a_bare_name_over_headline_and_standfirst_is_the_photographer() -> None:
    assert parse_news_page(page("Lena Vargas", HEADLINE, STANDFIRST, *STORY)).photo_credit == "Lena Vargas"


def test_a_short_headline_is_no_photographer() -> None:
    found = parse_news_page(page("Bridge reopens", STANDFIRST, *STORY))
    assert (found.headline, found.photo_credit) == ("Bridge reopens", "")


def test_a_paragraph_that_an_editor_wrapped_is_one() -> None:
    wrapped = "The old suspension bridge over the Tamar carried its first\ncars in two years on Monday, a month earlier than the\ncounty had promised to anyone who asked."
    assert parse_news_page(page(HEADLINE, wrapped)).paragraphs == (wrapped.replace("\n", " "),)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Ana Ruiz/AP",
            "Ana Ruiz / Reuters",
            "Ana María de la Cruz/AFP/Getty Images",
            "Kai O'Neil/NPX via AP",
            "AP Photo/Ana Ruiz",
            "Handout/Reuters",
        ),
        *(
            "Photo: Ana Ruiz",
            "Photograph by Ana Ruiz",
            "Photo by Ana Ruiz/Tamar Post",
            "Image credit: Ana Ruiz",
            "Credit: Ana Ruiz/AFP",
            "Foto: Jörg Weiß/dpa",
        ),
        *(
            "© 2026 Ana Ruiz",
            "Courtesy of Tamar County",
            "Getty Images",
            "Reuters",
            "Ana Ruiz | AP",
            "Ana Ruiz – Reuters",
            "Ana Ruiz (AFP)",
            "Ana Ruiz for NPR/AP",
        ),
    ],
)
def test_photo_credits(line: str) -> None:
    assert is_photo_credit(line)
    found = parse_news_page(page(line, HEADLINE, STANDFIRST, *STORY))
    assert found.headline == HEADLINE
    assert found.photo_credit


@pytest.mark.parametrize(
    "line",
    [
        HEADLINE,
        STANDFIRST,
        "Photo shows bridge in new light",
        "Credit rules tighten",
        "Talks in Rome/Athens end without result",
        "Image problems",
    ],
)
def test_headlines_are_no_photo_credits(line: str) -> None:
    assert not is_photo_credit(line)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Tamar Post and wire services",
            "Wire services",
            "Staff and agencies",
            "With AP",
            "With Reuters and AFP",
            "AFP",
            "AP, Reuters",
            "dpa/AFP",
            "(Reuters)",
        ),
        *(
            "With files from The Canadian Press",
            "The Associated Press contributed to this report.",
            "Reuters contributed reporting from Lisbon.",
        ),
        *(
            "Additional reporting by Tom Ashe",
            "Reporting by Tom Ashe; editing by Ruth Ley",
            "Source: AFP",
            "Compiled from wire reports",
            "News agencies",
        ),
        *(
            "With reporting by Tom Ashe and Reuters",
            "Tamar Post, AP and Reuters",
            "mit Agenturen",
            "Avec AFP",
            "Con información de EFE",
            "Tamar Post with AFP",
        ),
        *("News agencies contributed to this report", "© 2026 AFP", "From news services"),
    ],
)
def test_agency_credits(line: str) -> None:
    story, agency = take([HEADLINE, *STORY, line])
    assert story == [HEADLINE, *STORY]
    assert agency == line.strip("().")


@pytest.mark.parametrize(
    "line",
    [
        *STORY,
        "Police and rescue services are still at work.",
        "He thanked the agencies.",
        "The bank said it would open with AP machines.",
        "She was taken to hospital with reporting injuries and later died.",
        "That was all.",
    ],
)
def test_last_sentences_are_no_agency_credits(line: str) -> None:
    assert take([HEADLINE, line]) == ([HEADLINE, line], "")


def test_two_agency_lines() -> None:
    assert take([HEADLINE, "Additional reporting by Tom Ashe", "With AP"]) == (
        [HEADLINE],
        "Additional reporting by Tom Ashe; With AP",
    )


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Related News",
            "Related Stories",
            "RELATED ARTICLES:",
            "More stories from Tamar",
            "Most read",
            "You may also like",
            "Recommended for you",
            "Trending",
        ),
        *(
            "Get email updates from Tamar Post",
            "Get the latest news from Tamar Post",
            "Get our daily newsletter",
            "Receive email alerts from Tamar",
        ),
        *(
            "Sign up for our weekly newsletter",
            "Sign up for the Tamar Morning newsletter",
            "Sign up to our free daily newsletter here",
            "Subscribe to our newsletter",
        ),
        *(
            "Find Tamar Post on your TV",
            "Follow us on Twitter",
            "Follow Tamar Post on Facebook and Instagram",
            "Like us on Facebook",
            "Share",
            "Share this article",
        ),
        *(
            "Share on Facebook",
            "Tweet",
            "Print",
            "Facebook Twitter Email",
            "Read more: The bridge in pictures",
            "READ ALSO: Tolls",
            "Comments",
            "12 comments",
            "Leave a comment",
        ),
        *(
            "Download the Tamar Post app",
            "Back to top",
            "© 2026 Tamar Post",
            "All rights reserved.",
            "Tags: bridge, Tamar",
            "#bridge #tamar",
            "Enter your email address",
            "Subscribe",
        ),
        *(
            "Privacy Policy",
            "Have a tip? Write to us",
            "Advertisement",
            "Editors' picks",
            "Don't miss",
            "Related: Tolls to rise",
        ),
    ],
)
def test_trailer_lines(line: str) -> None:
    assert remove([HEADLINE, *STORY, line]) == [HEADLINE, *STORY]


@pytest.mark.parametrize(
    "sentence",
    [
        "Sign up for the race closed on Friday, the club said.",
        "Get out of the valley, police told residents.",
        "Follow the money, she said.",
        "Related costs of 4 million will be paid by the county.",
        "Find the bridge on any map and you will see why.",
        "Share values fell.",
        "More than 40 stories about the bridge have been told since it was built in 1871 by the engineer whose name it still carries today.",
        "Most people were pleased.",
    ],
)
def test_sentences_that_only_begin_like_a_trailer_stay(sentence: str) -> None:
    assert remove([HEADLINE, *STORY, sentence]) == [HEADLINE, *STORY, sentence]
    assert parse_news_page(page(HEADLINE, STANDFIRST, STORY[0], sentence, STORY[1])).paragraphs == (
        STORY[0],
        sentence,
        STORY[1],
    )


def test_the_first_block_is_never_a_trailer() -> None:
    assert remove(["Related News"]) == ["Related News"]


@settings(max_examples=80, deadline=None)
@given(st.permutations(range(len(PARTS))), st.sampled_from(["\n", "\n\n", " ", "", "\r\n\r\n"]))
def test_no_order_or_glue_loses_a_paragraph(order: list[int], glue: str) -> None:
    text = glue.join(glue.join(PARTS[index]) for index in order)
    found = parse_news_page(text)
    everything = " ".join([found.headline, found.standfirst, *found.paragraphs, found.photo_credit, found.agency])
    for paragraph in STORY:
        assert paragraph in everything


@settings(max_examples=80, deadline=None)
@given(
    st.text(max_size=400)
    | st.lists(
        st.sampled_from(["Share", "\n", "\n\n", "Related News", "AP", "A b c.", "/", "By Ann", "x" * 60, " and "]),
        max_size=30,
    ).map("".join)
)
def test_any_text_gives_a_value(text: str) -> None:
    parse_news_page(text)


@pytest.mark.parametrize(
    "text",
    [
        "a/" * 100_000,
        "Related" * 50_000,
        "Share " * 50_000,
        "and " * 50_000,
        "A. " * 50_000,
        "\n" * 200_000,
        "By " * 50_000,
    ],
)
def test_odd_texts_take_little_time(text: str) -> None:
    parse_news_page(text)
    parse_news_page(f"{HEADLINE}\n\n{text}\n\n{text}")
