"""The editor's desk as an editor uses it: numbers from `issue show`, a wish, and the issue as it is then."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Place
from tests.doubles.smtp_server import SmtpServer


def draft(place: Place) -> str:
    place.good("refresh")
    place.good("issue", "draft", "weekly")
    return str(json.loads(place.good("issue", "list", "--json"))[0]["id"])


def shown(place: Place, issue: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(place.good("issue", "show", issue, "--json"))
    return found


def articles(place: Place, issue: str) -> dict[str, str]:
    """Headline → number, in reading order."""
    return {each["title"]: str(each["article"]) for each in shown(place, issue)["articles"]}


def test_the_score_and_its_factors_are_shown(place: Place) -> None:
    place.good("feed", "set", "weekly", "stories", "--weight", "0.5")
    out = place.good("issue", "show", draft(place))
    assert "0.50 = 1 fresh × 0.5 weight" in out


def test_articles_are_dropped_pinned_moved_and_edited(place: Place) -> None:
    issue = draft(place)
    first, second = articles(place, issue).values()
    assert "Dropped article " in place.good("issue", "drop", issue, first)
    found = shown(place, issue)
    assert [each["article"] for each in found["articles"]] == [int(second)]
    assert [(left["article"], left["reason"]) for left in found["left_out"]] == [(int(first), "The editor dropped it.")]
    assert f"wishes  drop {first}\n" in place.good("issue", "show", issue)
    place.good("issue", "drop", issue, first, "--undo")
    place.good("issue", "pin", issue, first, second)
    place.good("issue", "move", issue, second, "--lead")
    place.good("issue", "edit", issue, second, "--title", "In other  words", "--summary", "Short.")
    place.good("issue", "edit", issue, "--subject", "Read this")
    found = shown(place, issue)
    assert (found["lead"], found["subject"]) == ("In other words", "Read this")
    place.good("issue", "edit", issue, second, "--undo")
    assert shown(place, issue)["lead"] != "In other words"


@pytest.mark.parametrize("how", ["text", "file"])
def test_an_introduction_reaches_the_preview(place: Place, how: str) -> None:
    issue = draft(place)
    (place.path / "intro.txt").write_text("Dear all.\n\nSpring is late.\n")
    given = {"text": "Dear all.\n\nSpring is late.", "file": "intro.txt"}[how]
    assert "The introduction is set" in place.good("issue", "intro", issue, f"--{how}", given)
    place.good("issue", "preview", issue, "--out", "out")
    assert "Spring is late." in (place.path / "out/body.txt").read_text()
    assert "The introduction is gone" in place.good("issue", "intro", issue, "--text", "")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("pin", "1", "99"), "weekly has no article 99; `digest issue show 1` shows their numbers."),
        (("move", "1", "1", "--lead", "--position", "2"), "An article leads, or it has a place in a section"),
        (("edit", "1"), "Say what to edit"),
        (("edit", "1", "1", "--subject", "x"), "Of an article --title and --summary can be edited"),
        (("intro", "1"), "Say what the introduction is"),
        (("intro", "1", "--file", "nowhere.txt"), "nowhere.txt cannot be read"),
        (("drop", "77", "1"), "There is no issue 77"),
    ],
)
def test_what_cannot_be_is_one_sentence(place: Place, words: tuple[str, ...], sentence: str) -> None:
    draft(place)
    done = place.run("issue", *words)
    assert done.code == 2
    assert sentence in done.sentence


def test_a_held_issue_waits_and_an_approved_one_is_what_is_sent(place: Place) -> None:
    place.good("subscriber", "add", "ann@example.org", "--list", "weekly", "--confirmed", "--consent", "By hand.")
    issue = draft(place)
    assert "is held: for the picture" in place.good("issue", "hold", issue, "--reason", "for the picture")
    assert shown(place, issue)["state"] == "held"
    place.good("issue", "approve", issue)
    assert shown(place, issue)["state"] == "approved"
    number = next(iter(articles(place, issue).values()))
    assert "It was approved before this" in place.good("issue", "pin", issue, number)
    place.good("issue", "approve", issue)
    with SmtpServer() as server:
        place.environment["DIGEST_SMTP_URL"] = f"smtp://127.0.0.1:{server.port}?tls=none"
        place.good("issue", "send", issue, "--yes")
    assert len(server.messages) == 1
    done = place.run("issue", "hold", issue)
    assert done.code == 1
    assert "`digest campaign pause` stops it" in done.sentence


def test_a_published_issue_is_withdrawn_from_the_web_and_put_back(place: Place) -> None:
    place.good("subscriber", "add", "ann@example.org", "--list", "weekly", "--confirmed", "--consent", "By hand.")
    issue = draft(place)
    assert "it never was in the archive" in place.run("issue", "withdraw", issue).sentence
    with SmtpServer() as server:
        place.environment["DIGEST_SMTP_URL"] = f"smtp://127.0.0.1:{server.port}?tls=none"
        place.good("issue", "send", issue, "--yes")
    assert "is withdrawn from the web" in place.good("issue", "withdraw", issue)
    assert shown(place, issue)["withdrawn_at"] is not None
    assert "is in the archive again" in place.good("issue", "withdraw", issue, "--undo")
    assert shown(place, issue)["withdrawn_at"] is None


def test_a_list_s_rules_of_choosing_are_settings_of_it(place: Place) -> None:
    place.good(
        *("list", "set", "weekly", "--max-per-topic", "4", "--half-life", "24", "--too-few", "carry"),
        *("--corrections", "--draft-ahead", "6", "--editor", "ed@example.org, sub@example.org"),
    )
    found = json.loads(place.good("list", "show", "weekly", "--json"))
    assert (found["max_per_topic"], found["half_life_hours"], found["too_few"]) == (4, 24, "carry")
    assert (found["corrections"], found["draft_ahead_hours"]) == (True, 6)
    assert found["editors"] == ["ed@example.org", "sub@example.org"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("list", "set", "weekly", "--too-few", "cry"), "'cry' is no answer to too few articles"),
        (("list", "set", "weekly", "--draft-ahead", "-1"), "draft ahead hours is -1; it must be 0 or more."),
        (("list", "set", "weekly", "--half-life", "0"), "half life hours is 0; it must be 1 or more."),
        (("list", "set", "weekly", "--editor", "nobody"), "'nobody' is not an address"),
        (("feed", "set", "weekly", "stories", "--weight", "nan"), "A weight of nan is none"),
        (("feed", "set", "weekly", "stories", "--weight", "11"), "A weight of 11 is none; it must be from 0.01 to 10."),
        (("feed", "set", "weekly", "9", "--weight", "1"), "The list has no feed '9'"),
    ],
)
def test_a_wrong_setting_is_one_sentence(place: Place, words: tuple[str, ...], sentence: str) -> None:
    done = place.run(*words)
    assert done.code == 2
    assert sentence in done.sentence


def test_a_file_that_is_no_text_is_refused(place: Place, tmp_path: Path) -> None:
    issue = draft(place)
    (tmp_path / "intro.bin").write_bytes(b"\xff\xfe\x00")
    assert "is not in UTF-8" in place.run("issue", "intro", issue, "--file", str(tmp_path / "intro.bin")).sentence
