from datetime import date

import pytest

from digest.words import negotiate, read_direction, words_in


@pytest.mark.parametrize(
    ("tag", "spoken"), [("de", "de"), ("DE_at", "de"), ("fr-CA", "fr"), ("arn", "en"), ("", "en"), ("zz", "en")]
)
def test_the_closest_language_we_speak(tag: str, spoken: str) -> None:
    assert words_in(tag).tag == spoken


@pytest.mark.parametrize(
    ("wishes", "spoken"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        ("pt, es;q=0.4, de;q=0.5", "de"),
        ("de;q=0, pl", "es"),
        ("", "es"),
        (";;;q=1e9,q,,=", "es"),
        ("de;q=" + "9" * 500, "de"),
    ],
)
def test_what_a_browser_wishes_for(wishes: str, spoken: str) -> None:
    assert negotiate(wishes, otherwise="es").tag == spoken


@pytest.mark.parametrize(
    ("language", "direction"),
    [("en", "ltr"), ("", "ltr"), ("ar", "rtl"), ("he-IL", "rtl"), ("az-Arab", "rtl"), ("fa_IR", "rtl"), ("arn", "ltr")],
)
def test_direction_of_a_language(language: str, direction: str) -> None:
    assert read_direction(language) == direction


def test_dates_and_lists_are_written_as_each_language_has_them() -> None:
    day = date(2026, 11, 23)
    assert words_in("en").long_date(day) == "Monday 23 November 2026"
    assert words_in("de").long_date(day) == "Montag, 23. November 2026"
    assert [words_in(tag).join(["a", "b", "c"]) for tag in ("en", "fr")] == ["a, b and c", "a, b et c"]
    assert words_in("es").weekday(0) == "lunes"
