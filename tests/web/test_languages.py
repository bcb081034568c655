"""Pages say what they say in the reader's language, and errors too."""

import re
from dataclasses import replace

import pytest

from digest.model.errors import BadInput, NotFound, TryLater
from digest.rendering.edition import render_issue
from digest.web.answers import by_status, judge
from digest.web.desk import Desk
from digest.web.neutral import make_neutral
from digest.words import LANGUAGES, words_in
from tests.looks.issue import RTL, TIDE
from tests.unit.rendering.week import SALT
from tests.web.conftest import Site
from tests.words.heard import latin_words, seen


@pytest.mark.parametrize("path", ["/nothing-here", "/u/none", "/p/none", "/v/none", "/a/none"])
def test_what_is_not_there_is_said_without_a_latin_word_in_arabic(site: Site, path: str) -> None:
    response = site.client.get(path, headers={"Accept-Language": "ar-EG, en;q=0.5"})
    assert response.status_code == 404
    assert '<html lang="ar" dir="rtl">' in response.text
    assert latin_words(seen(response.text)) == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_page_runs_as_its_language(site: Site, tag: str) -> None:
    page = site.client.get(f"/nothing-here?lang={tag}", headers={"Accept-Language": "fr"}).text
    assert f'<html lang="{tag}" dir="{words_in(tag).direction}">' in page
    assert f"<h1>{words_in(tag).gettext('There is no such page')}</h1>" in page


def test_a_language_that_we_do_not_speak_is_not_asked_for(site: Site) -> None:
    assert '<html lang="fr"' in site.client.get("/nothing-here?lang=fi", headers={"Accept-Language": "fr"}).text


@pytest.mark.parametrize("status", [404, 405, 408, 413, 418, 500, 503])
def test_every_trouble_is_said_in_every_language(status: int) -> None:
    for tag in LANGUAGES:
        title, detail = by_status(status).said(words_in(tag))
        assert (latin_words(title + detail) == []) == (tag == "ar")


@pytest.mark.parametrize("error", [TryLater("The database is locked."), ZeroDivisionError()])
def test_what_goes_wrong_inside_is_said_in_every_language(error: Exception) -> None:
    trouble = judge(None, error)  # type: ignore[arg-type]  # which only a wrong method asks for
    assert latin_words("".join(trouble.said(words_in("ar")))) == []


def test_an_error_is_filled_in_after_it_is_translated() -> None:
    error = NotFound("There is no list named %(name)s.", name="'%s'")
    assert judge(None, error).said(words_in("de")) == (  # type: ignore[arg-type]  # the same
        "Diese Seite gibt es nicht",
        "Es gibt keinen Newsletter mit dem Namen '%s'.",
    )
    assert str(error) == "There is no list named '%s'."


def test_a_sentence_without_translation_is_said_as_it_stands() -> None:
    error = BadInput("100% of nothing, %(sic)s.")
    assert judge(None, error).said(words_in("de"))[1] == "100% of nothing, %(sic)s."  # type: ignore[arg-type]  # the same


def test_the_api_says_it_in_the_askers_language_too(site: Site) -> None:
    wanted = {"email": "ann", "lists": ["weekly"]}
    answer = site.client.post("/api/subscribe", json=wanted, headers={"Accept-Language": "es"})
    assert answer.json()["title"] == "No ha funcionado"
    sentence = "“%(typed)s” is not an e-mail address. One looks like ann@example.org."
    assert answer.json()["detail"] == words_in("es").gettext(sentence, typed="ann")
    assert "correo" in answer.json()["detail"]
    assert answer.headers["content-language"] == "es"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_an_issue_on_the_web_has_no_link_of_one_reader_in_any_language(tag: str) -> None:
    edition = render_issue(RTL, replace(TIDE, language="en"), language=tag)
    assert edition.salt == SALT
    page = make_neutral(edition)
    assert not {words_in(tag).gettext(each) for each in ("Preferences", "Unsubscribe")} & set(
        re.findall(r">([^<]+)</a>", page)
    )


def test_a_page_of_one_reader_speaks_to_them_unless_another_language_is_asked_for(site: Site) -> None:
    desk: Desk = site.app.state.desk
    assert desk.speaking_to("de-AT").pages.words.tag == "de"
    assert desk.speaking_to("fi").pages.words.tag == "en"
    assert replace(desk, asked="fr").speaking_to("de").pages.words.tag == "en"  # as `desk_of` has set it
