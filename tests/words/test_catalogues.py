"""No sentence of ours is without its translations, and none of them would break where it is said. `make words` mends the first."""

import re
from gettext import c2py

import pytest
from babel.messages.catalog import Catalog, Message

from digest.words import words_in
from tests.words.catalogues import bring_up_to_date, file_of, plain, read, sentences, spoken, translated

_PLACES = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module", params=translated())
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def catalogue(language: str) -> Catalog:
    return read(language)


def test_the_catalogue_is_as_make_words_writes_it(language: str) -> None:
    assert file_of(language).read_bytes() == bring_up_to_date(language), "say: make words"


def test_every_sentence_has_a_translation(catalogue: Catalog) -> None:
    assert len(catalogue) == len(sentences())
    assert [message.id for message in catalogue if message.id and not all(spoken(message))] == []
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_every_sentence_has_all_plural_forms_of_its_language(catalogue: Catalog) -> None:
    short = [each.id for each in catalogue if each.pluralizable and len(spoken(each)) != catalogue.num_plurals]
    assert short == []


def test_every_translation_has_the_places_of_its_sentence(catalogue: Catalog) -> None:
    assert [message.id for message in catalogue if message.id and not _has_its_places(message, catalogue)] == []


def test_no_translation_has_a_stray_percent(catalogue: Catalog) -> None:
    stray = [each.id for each in catalogue for form in spoken(each) if each.id and "%" in _PLACES.sub("", form)]
    assert stray == []


def test_sentences_end_as_they_do_in_english(catalogue: Catalog) -> None:
    """With a full stop, a colon or nothing; and no blank gets lost at either end."""
    odd = [
        (message.id, form)
        for message in catalogue
        for form in spoken(message)
        if message.id and _end(form) != _end(plain(message)[-1])
    ]
    assert [each for each in odd if each[0] != ("%(num)d min", "%(num)d min")] == []  # "Min." in German


def test_the_program_finds_them(language: str) -> None:
    words = words_in(language)
    assert words.gettext("Unsubscribe") != "Unsubscribe"
    assert words.gettext("") == ""


def test_numbers_are_counted_as_each_language_does() -> None:
    said = {
        tag: [words_in(tag).ngettext("%(num)d min", "%(num)d min", n) for n in (1, 2, 3, 11, 100)]
        for tag in ("de", "ar")
    }
    assert said["de"] == ["1 Min.", "2 Min.", "3 Min.", "11 Min.", "100 Min."]
    assert said["ar"] == ["دقيقة واحدة", "دقيقتان", "3 دقائق", "11 دقيقة", "100 دقيقة"]


def _has_its_places(message: Message, catalogue: Catalog) -> bool:
    """A form that goes with one number alone may say it in a word: "an hour", "two hours"."""
    wanted = set(_PLACES.findall(plain(message)[-1]))
    alone = _of_one_number(catalogue) if message.pluralizable else set()
    forms = enumerate(map(set, map(_PLACES.findall, spoken(message))))
    return all(found == wanted or (form in alone and found == wanted - {"num"}) for form, found in forms)


def _of_one_number(catalogue: Catalog) -> set[int]:
    rule = c2py(catalogue.plural_expr)  # as the program itself reads it
    forms = [rule(number) for number in range(200)]
    return {form for form in set(forms) if forms.count(form) == 1}


def _end(sentence: str) -> str:
    last = sentence[-1:]
    blank = "blank" if sentence != sentence.strip() and sentence not in {", ", "، "} else ""
    return blank + (last if last in ".:" else "?" if last in "?؟" else "")
