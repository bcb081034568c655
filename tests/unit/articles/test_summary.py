"""What a digest shows of an entry: the headline, and a summary without what feed generators add."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.sentences import columns
from digest.articles.summary import MAX_HEADLINE, MAX_SUMMARY, headline, picture_words, summary, without_boilerplate
from digest.articles.text import tidy
from digest.model.feed import Entry

SENTENCE = "The bakers of the old town agreed on Friday to light one oven for all of them."


def test_the_standfirst_is_the_summary_as_it_stands() -> None:
    entry = Entry(title="Bread", summary_html="<p>Ten bakers, one oven</p>", content_html=f"<p>{SENTENCE}</p>")
    assert summary(entry) == "Ten bakers, one oven"


def test_without_a_standfirst_it_is_the_body_s_first_sentences() -> None:
    body = "<h1>Bread</h1><figure><figcaption>Ann/Agency</figcaption></figure>" + f"<p>{SENTENCE}</p>" * 9
    assert summary(Entry(title="Bread", content_html=body)) == f"{SENTENCE} {SENTENCE} {SENTENCE}"


def test_a_body_in_the_description_is_cut_at_a_sentence() -> None:
    text = summary(Entry(title="Bread", summary_html=f"<p>{SENTENCE} </p>" * 20))
    assert text.endswith("for all of them.")
    assert columns(text) <= MAX_SUMMARY


def test_the_headline_is_not_told_twice() -> None:
    assert summary(Entry(title="Bread", content_html=f"<p>BREAD</p><p>{SENTENCE}</p>")) == SENTENCE


def test_a_description_that_is_all_furniture_gives_way_to_the_body() -> None:
    entry = Entry(title="Bread", summary_html='<a href="x">Comments</a>', content_html=f"<p>{SENTENCE}</p>")
    assert summary(entry) == SENTENCE


@pytest.mark.parametrize(
    "trailer",
    [
        "The post Bread appeared first on The Old Town Baker.",
        "The post Bread first appeared on Example.com",
        "Read more",
        "Read More »",
        "Continue reading →",
        "Continue reading Bread at last",
        "Read the full story.",
        "(Read more…)",
        "[…]",
        "Weiterlesen",
        "Lire la suite →",
        "submitted by /u/baker [link] [comments]",
        "The post Bread appeared first on The Old Town Baker. Read more",
        "Read more The post Bread appeared first on The Old Town Baker.",
    ],
)
@pytest.mark.parametrize("between", [" ", "\n"])
def test_what_generators_add_is_removed(trailer: str, between: str) -> None:
    assert without_boilerplate(SENTENCE + between + trailer) == SENTENCE


@pytest.mark.parametrize(
    "text",
    [
        "Children who eat well want to read more",
        "The post office first appeared on the map in 1900. It has since moved twice.",
        "They continue reading aloud. Nobody minds.",
        "Wait for it!",
    ],
)
def test_prose_with_the_same_words_stays(text: str) -> None:
    assert without_boilerplate(text) == text


@pytest.mark.parametrize("mark", ["[…]", "[...]", "(…)", "…", "...", " […] Continue reading Bread →"])
def test_a_broken_off_text_ends_with_a_sentence_or_says_that_it_goes_on(mark: str) -> None:
    assert without_boilerplate(f"{SENTENCE} Then the {mark}") == SENTENCE
    assert without_boilerplate(f"Then the, {mark}") == "Then the…"


def test_the_headline_is_one_plain_line() -> None:
    assert headline(Entry(title=" Bread\n\u202e rises\x00 ")) == "Bread rises"


def test_a_note_without_a_title_is_headed_by_its_first_words() -> None:
    assert headline(Entry(title=" ", content_html="<p>A note.</p><p>More.</p>")) == "A note."


def test_an_endless_headline_is_cut() -> None:
    assert headline(Entry(title="word " * 100)).endswith("word…")


def test_nothing_gives_nothing() -> None:
    assert (headline(Entry(title="")), summary(Entry(title=""))) == ("", "")


pieces = st.sampled_from(
    ["Read more", "[…]", "...", "The post ", " appeared first on ", "<p>", "</p>", "A b. ", "\n", "…"]
)


@given(st.lists(pieces | st.text(max_size=9), max_size=60).map("".join), st.text(max_size=400))
def test_whatever_comes_it_is_one_short_tidy_line(html: str, title: str) -> None:
    entry = Entry(title=title, summary_html=html, content_html=html)
    assert summary(entry) == tidy(summary(entry))
    assert columns(summary(entry)) <= MAX_SUMMARY
    assert columns(headline(entry)) <= MAX_HEADLINE


def test_a_title_that_nobody_can_see_is_none() -> None:
    assert headline(Entry(title="\u200b\u2060", content_html="<p>Words.</p>")) == "Words."


@pytest.mark.parametrize(
    "alt",
    [
        "",
        " ",
        "IMG_1234.JPG",
        "image",
        "Photo 3",
        "https://x.example/a.jpg",
        "DSC-0012",
        "quay_at_dawn.png",
        "…",
        "2026-11-23",
    ],
)
def test_an_alternative_text_that_says_nothing_is_none(alt: str) -> None:
    assert picture_words(alt) == ""


@pytest.mark.parametrize("alt", ["A quay at dawn", "Photograph of a quay", "Bildhauer", "Default judges", "P. Roe"])
def test_one_that_says_something_stays(alt: str) -> None:
    assert picture_words(alt) == alt
