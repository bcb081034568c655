"""A text as its terms: languages, stems, and what a number or a date is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.terms import fold, is_count, terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Minister resigns", "the ministers resigned"),
        ("Brücken gesperrt", "Brücke gesperrt"),
        ("Élections", "elections"),
        ("العاصفة", "عاصفة"),
        ("والعاصفة", "العاصفة"),
        ("كِتَاب", "كتاب"),
        ("1,200", "1.200"),
        ("２５", "25"),
    ],
)
def test_one_thing_in_several_spellings_is_one_term(one: str, other: str) -> None:
    assert terms(one)
    assert terms(one) == terms(other)


@given(st.text(alphabet="aB09.,:_- '\n", max_size=20))
def test_plain_ascii_has_the_terms_that_it_has_among_other_signs(text: str) -> None:
    assert (*terms(text), "ж") == terms(f"{text} ж")


@pytest.mark.parametrize("text", ["", "…", "The who and the what", "Der, die, das", "il a été", "في من إلى", "_ -"])
def test_what_stands_everywhere_is_no_term(text: str) -> None:
    assert terms(text) == ()


def test_order_and_repeats_stay() -> None:
    assert terms("Rain, rain and wind at 3.30") == ("rain", "rain", "wind", "3.30")


def test_signs_without_spaces_are_taken_two_by_two() -> None:
    assert terms("地震で断水 NHK") == ("地震", "震で", "で断", "断水", "nhk")
    assert terms("雨") == ("雨",)


@pytest.mark.parametrize(
    "text", ["3", "4.2.1", "18", "Tuesday", "Dienstag", "mercredi", "miércoles", "الثلاثاء", "März"]
)
def test_numbers_weekdays_and_months_are_counts(text: str) -> None:
    assert [is_count(term) for term in terms(text)] == [True]


@pytest.mark.parametrize("text", ["market", "Marchers", "Mayor", "Sunflower", "Mittwald"])
def test_other_words_are_none(text: str) -> None:
    assert [is_count(term) for term in terms(text)] == [False]


@given(st.text())
def test_any_text_has_terms_that_fold_to_themselves(text: str) -> None:
    found = terms(text)
    assert all(found)
    assert all(fold(term) == term for term in found)
