"""What a segment may ask, and what is refused with the words that there are (security S15)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.search import split_condition
from digest.model.errors import BadInput
from digest.model.segment import Aim, Compare, Field, comparisons, read_condition, read_filter, read_segment

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (("joined", "since", "30 days"), "joined since 30 days"),
        (("joined", "not since", "007d"), "joined not since 7 days"),
        (("reached", "since", "20261123"), "reached since 2026-11-23"),
        (("domain", "is", "@Example.ORG"), "domain is example.org"),
        (("topic", "is not", " Town  Hall "), "topic is not Town Hall"),
        (("rhythm", "is", "weekly"), "rhythm is weekly"),
    ],
)
def test_what_can_be_asked(said: tuple[str, str, str], kept: str) -> None:
    assert str(read_condition(*said)) == kept


@pytest.mark.parametrize(
    "said",
    [
        ("password", "is", "x"),
        ("joined", "is", "2026-11-23"),
        ("language", "since", "30 days"),
        ("joined", "since", "yesterday"),
        ("joined", "since", "-1 days"),
        ("rhythm", "is", "daily"),
        ("form", "is", "html' OR 1=1"),
        ("topic", "is", ""),
        ("topic", "is", "x" * 201),
        ("topic", "is", "a\x00b"),
        ("domain", "is", "a b"),
    ],
)
def test_what_cannot(said: tuple[str, str, str]) -> None:
    with pytest.raises(BadInput):
        read_condition(*said)


@given(st.text(), st.text(), st.text())
def test_nothing_that_is_typed_raises_anything_else(field: str, compare: str, value: str) -> None:
    for asked in (field, *Field):
        for compared in (compare, *Compare):
            try:
                condition = read_condition(asked, compared, value)
            except BadInput:
                continue
            assert condition.compare in comparisons(condition.field)
            assert read_condition(*split_condition(str(condition))) == condition


def test_days_count_from_now_and_a_day_begins_at_midnight() -> None:
    assert read_condition("joined", "since", "2 days").since(NOW) == NOW - timedelta(days=2)
    assert read_condition("joined", "since", "2026-11-20").since(NOW) == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_segment_has_a_name_and_a_condition() -> None:
    said = [("language", "is", "de"), ("form", "is", "text")]
    assert str(read_segment("Plain Germans", said)) == "language is de and form is text"
    assert str(read_segment("Either", said, "any")) == "language is de or form is text"
    for name, conditions, match in (("", said, "all"), ("x", [], "all"), ("x", said, "most"), ("x", said * 11, "all")):
        with pytest.raises(BadInput):
            read_segment(name, conditions, match)


def test_an_aim_in_words() -> None:
    segment = read_segment("Germans", [("language", "is", "de")])
    assert str(Aim()) == ""
    assert str(Aim(segment, segment)) == "only Germans (language is de), without Germans (language is de)"
    assert str(read_filter([])) == "everybody"
