"""What the JSON endpoints refuse is said in sentences of ours, in the asker's language: none is the library's own."""

import json
import re

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from digest.web.answers import judge
from digest.web.api import Subscription
from digest.words import LANGUAGES, words_in
from tests.web.conftest import Site
from tests.words.heard import english_in, latin_words

GOOD: dict[str, object] = {"email": "ann@example.org", "lists": ["weekly"]}
#: What is wrong, and how the sentence about it begins in English.
WRONG: list[tuple[dict[str, object], str]] = [
    ({"email": None}, "email must be a text"),
    ({"email": "x" * 321}, "email is too long (characters at most: 320)"),
    ({"lists": "weekly"}, "lists must be a list"),
    ({"lists": [7]}, "lists.0 must be a text"),
    ({"lists": ["weekly"] * 51}, "lists has too many entries (at most: 50)"),
    ({"name": "x" * 501}, "name is too long"),
    ({"hour": 24}, "hour must be a whole number from 0 to 23"),
    ({"hour": -1}, "hour must be a whole number"),
    ({"hour": 7.5}, "hour must be a whole number"),
    ({"hour": "seven"}, "hour must be a whole number"),
    ({"choices": []}, "choices must be an object"),
    ({"choices": {"weekly": "all"}}, "choices.weekly must be an object"),
    ({"choices": {"weekly": {"topics": "Town"}}}, "choices.weekly.topics must be a list"),
    ({"choices": {"x" * 500: 1}}, "choices.xxxx"),
    ({"choices": {"\ud800": 1}}, "choices"),
    ({"email": "\ud800"}, "email is no text that can be read"),
]

FIELDS = re.compile(
    r"\b(?:email|lists|name|hour|choices|weekly|topics|JSON|x{50,})\b"
)  # names, the same in any language


def ask(site: Site, body: object, language: str = "en") -> dict[str, str]:
    raw = (
        body if isinstance(body, bytes) else json.dumps(body).encode()
    )  # in ASCII, so that lone surrogates get through
    headers = {"Content-Type": "application/json", "Accept-Language": language}
    response = site.client.post("/api/subscribe", content=raw, headers=headers)
    assert response.status_code == 422
    problem: dict[str, str] = response.json()
    return problem


@pytest.mark.parametrize(("change", "begins"), WRONG)
def test_a_refusal_names_the_field_and_what_to_do(site: Site, change: dict[str, object], begins: str) -> None:
    said = ask(site, GOOD | change)["detail"]
    assert said.startswith(begins)
    assert said.endswith(".")
    assert len(said) < 200


@pytest.mark.parametrize("missing", ["email", "lists"])
def test_what_is_missing_is_named(site: Site, missing: str) -> None:
    assert (
        ask(site, {key: value for key, value in GOOD.items() if key != missing})["detail"] == f"{missing} is missing."
    )


def test_a_box_of_several_lists_with_none_ticked_is_answered_as_our_own_form_is(site: Site) -> None:
    for tag in LANGUAGES:
        said = ask(site, GOOD | {"lists": []}, tag)["detail"]
        assert said == words_in(tag).gettext("No newsletter was chosen. Choose at least one.")


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "en"])
def test_every_refusal_is_said_in_the_asker_s_language(site: Site, tag: str) -> None:
    bodies: list[object] = [GOOD | change for change, _ in WRONG[:-3]] + [{}, b"", b"{", b"[]"]
    for body in bodies:
        problem = ask(site, body, tag)
        together = FIELDS.sub("", f"{problem['title']} {problem['detail']}")
        assert english_in(together, tag) == []
        assert tag != "ar" or latin_words(together) == []


def test_no_sentence_of_the_library_gets_out() -> None:
    """Whatever kind of error it may think of next."""
    bodies: tuple[object, ...] = ([], {}, "x", 7, {"email": [], "lists": {}, "hour": [], "choices": 1, "altcha": 2})
    for body in bodies:
        with pytest.raises(ValidationError) as caught:
            TypeAdapter(Subscription).validate_python(body)
        for error in caught.value.errors():
            for kind in (error["type"], "a_kind_of_tomorrow"):
                trouble = judge(None, RequestValidationError([error | {"loc": ("body", *error["loc"]), "type": kind}]))  # type: ignore[arg-type]  # which only a wrong method asks for
                assert error["msg"].lower() not in "".join(trouble.said(words_in("en"))).lower()
