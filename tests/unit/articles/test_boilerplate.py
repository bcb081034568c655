"""Summaries of whole entries (tests/data/snippets): the story's own sentences stay, what sites put around them goes."""

import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.boilerplate import is_furniture, without_furniture, without_source
from digest.articles.summary import summary
from digest.model.feed import Entry

CORPUS = Path(__file__).parents[2] / "data/snippets"


class Case(NamedTuple):
    entry: Entry
    expected: str


def cases() -> dict[str, Case]:
    found = {}
    for file in sorted(CORPUS.glob("*.toml")):
        for each in tomllib.loads(file.read_text("utf-8"))["entry"]:
            entry = Entry(each["title"], summary_html=each.get("summary", ""), content_html=each.get("content", ""))
            found[f"{file.stem}: {each['title']}"] = Case(entry, each["expected"])
    return found


@pytest.mark.parametrize("case", cases().values(), ids=cases().keys())
def test_a_summary_is_the_story_s_own_words(case: Case) -> None:
    assert summary(case.entry) == case.expected


def test_what_is_cleaned_is_clean() -> None:
    for case in cases().values():
        assert summary(Entry("", summary_html=f"<p>{case.expected}</p>")) == case.expected


def test_enough_is_enough() -> None:
    assert without_furniture(["one", "Comments", "two", "three"], 6) == ["one", "two"]


pieces = st.sampled_from(
    [
        "Subscribe ",
        "newsletter",
        "The post ",
        " appeared first on ",
        "cookies ",
        "We use ",
        "Photo: ",
        ". ",
        "! ",
        "said ",
        "\n",
    ]
)


@given(st.lists(pieces | st.text(max_size=9), max_size=80).map("".join))
def test_whatever_comes_nothing_is_added(text: str) -> None:
    (kept,) = without_furniture([text], 1) or [""]
    assert len(kept) <= len(text)
    assert without_source(text) == text[: len(without_source(text))]
    assert isinstance(is_furniture(text), bool)
