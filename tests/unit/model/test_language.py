import pytest

from digest.model.language import closest_language, frame_language, name_languages


@pytest.mark.parametrize(
    ("tag", "found"), [("de", "de"), ("DE_at", "de"), ("ar-EG", "ar"), ("arn", None), ("", None), ("  es ", "es")]
)
def test_a_tag_is_spoken_as_its_language(tag: str, found: str | None) -> None:
    assert closest_language(tag) == found


@pytest.mark.parametrize(
    ("wishes", "found"),
    [(("fr", "de"), "fr"), (("", "de-AT"), "de"), (("fi", "ar"), "ar"), (("fi", "sv"), "en"), ((), "en")],
)
def test_the_first_wish_that_we_speak_counts(wishes: tuple[str, ...], found: str) -> None:
    assert frame_language(*wishes) == found


def test_ours_are_named_with_their_tags() -> None:
    assert name_languages().startswith("en (English), de (Deutsch)")
