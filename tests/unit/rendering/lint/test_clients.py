"""What mail clients cannot do is said by the facts of caniemail, for the clients that were asked for."""

import json
import re
from pathlib import Path

import pytest

from digest.model.errors import BadSetting
from digest.model.finding import Finding, Severity
from digest.rendering.lint.allowances import PROGRESSIVE
from digest.rendering.lint.clients import CLIENTS, check, find_clients, load_table
from digest.rendering.lint.styles import Declaration
from digest.rendering.lint.usage import features_of, find_uses
from tests.data.caniemail import TABLE, condense, write
from tests.unit.rendering.lint.good import GOOD, page

ROOT = Path(__file__).parents[4]


def found(body: str, *clients: str, style: str = "") -> list[Finding]:
    return list(check(page(body, style), find_clients(clients or CLIENTS)))


def said(findings: list[Finding], severity: Severity = Severity.WARNING) -> list[str]:
    return [finding.said for finding in findings if finding.severity is severity]


def test_what_a_client_does_not_know_is_a_warning_that_names_it() -> None:
    assert said(found("<p style='position:fixed'>x</p>", "gmail.ios")) == ["position does nothing in Gmail (iOS)"]
    assert said(found("<p style='position:fixed'>x</p>", "apple-mail.macos")) == []


def test_only_the_clients_that_were_asked_for_count() -> None:
    assert said(found("<p style='display:flex'>x</p>", "outlook.windows")) == [
        "display:flex does nothing in Outlook (Windows)"
    ]
    assert said(found("<p style='display:flex'>x</p>", "apple-mail")) == []


def test_what_falls_back_gracefully_is_a_note_with_its_reason() -> None:
    findings = found("<p style='border-radius:3px'>x</p>", "outlook.windows")
    assert said(findings) == []
    assert "border-radius does nothing in Outlook (Windows): corners are square" in said(findings, Severity.NOTE)


def test_what_works_in_part_is_a_note() -> None:
    notes = said(found("<p style='padding:3px'>x</p>", "outlook.windows"), Severity.NOTE)
    assert "padding works in part in Outlook (Windows)" in notes


def test_many_clients_are_counted() -> None:
    (warning,) = said(found("<p style='position:fixed'>x</p>"))
    assert re.fullmatch(r"position does nothing in (.+, ){2}.+ and \d+ more", warning)


def test_what_caniemail_does_not_know_is_said() -> None:
    (note,) = [
        text for text in said(found("<p style='voice-family:x'>x</p>"), Severity.NOTE) if "knows nothing" in text
    ]
    assert "voice-family" in note


def test_clients_and_families_are_known_by_name() -> None:
    assert find_clients(["gmail.ios", "gmail"])[0] == "gmail.ios"
    assert len(find_clients(["gmail.ios", "gmail"])) == len(find_clients(["gmail"])) > 2
    with pytest.raises(BadSetting, match="lint_clients has 'eudora', which caniemail does not know; it knows aol, "):
        find_clients(["eudora"])


@pytest.mark.parametrize(
    ("name", "value", "features"),
    [
        ("border-top-left-radius", "3px", {"css-border-radius", "css-unit-px"}),
        ("border-start-end-radius", "3px", {"css-border-radius-logical", "css-unit-px"}),
        ("border-inline-end", "0", {"css-border-inline-block-longhand"}),
        ("border-top", "1px solid", {"css-border", "css-unit-px"}),
        ("margin-left", "50%", {"css-margin", "css-unit-percent"}),
        ("display", "inline-flex", {"css-display-flex"}),
        ("display", "none", {"css-display-none"}),
        ("display", "block", {"css-display"}),
        ("width", "calc(100% - 3em)", {"css-width", "css-unit-calc", "css-unit-percent", "css-unit-em"}),
        ("width", "fit-content", {"css-width", "css-intrinsic-size"}),
        ("background", "linear-gradient(#fff, rgba(0,0,0,.5))", {"css-background", "css-linear-gradient", "css-rgba"}),
        ("background", "url('12px.png')", {"css-background"}),
        ("--brand", "#fff", {"css-variables"}),
        ("color", "var(--brand)", {"", "css-variables"}),
        ("white-space", "nowrap", set()),
        ("white-space", "pre-line", {"css-white-space"}),
        ("top", "0", {"css-left-right-top-bottom"}),
        ("row-gap", "0", {"css-gap"}),
        ("mso-line-height-rule", "exactly", set()),
        ("-webkit-text-size-adjust", "100%", set()),
        ("font-family", "system-ui", {"css-font-family", "css-sytem-ui"}),
    ],
)
def test_what_a_declaration_asks_of_a_client(name: str, value: str, features: set[str]) -> None:
    assert set(features_of(Declaration(name, value))) == features


def test_what_a_mail_uses() -> None:
    style = "a.b > p + i, [x] ~ *, #d:hover { color: red } @media (prefers-color-scheme: dark) { } @font-face { }"
    body = (
        "<ul><li role=x><a href='mailto:x@y.example'>x</a></ul><img src='a.webp?x=1' srcset='b' loading=lazy>"
        "<article><video></video></article><a href='#top'>x</a><h3 align=left>x</h3>"
    )
    uses = set(find_uses(page(body, style)))
    for words in [
        "html-lists",
        "html-role",
        "html-mailto-links",
        "image-webp",
        "html-srcset",
        "html-loading-attribute",
        "html-semantics",
        "html-video",
        "html-anchor-links",
        "html-h1-h6",
        "html-align",
        "html-style",
        "css-selector-class",
        "css-selector-child",
        "css-selector-type",
        "css-selector-adjacent-sibling",
        "css-selector-attribute",
        "css-selector-general-sibling",
        "css-selector-universal",
        "css-selector-id",
        "css-selector-grouping",
        "css-pseudo-class-hover",
        "css-at-media",
        "css-at-media-prefers-color-scheme",
        "css-at-font-face",
    ]:
        assert words in uses


def test_where_a_feature_is_used_is_said() -> None:
    (warning,) = [
        each for each in found("<p class=a style='position:fixed'>Some words</p>") if "position does" in each.said
    ]
    assert warning.where == "<p class=a> Some words"


def test_every_allowance_is_for_a_feature_that_there_is() -> None:
    assert set(PROGRESSIVE) - set(load_table().features) == set()


def test_nearly_all_that_our_mails_use_is_in_the_table() -> None:
    (note,) = [each.said for each in check(GOOD, find_clients(CLIENTS)) if "knows nothing" in each.said]
    assert set(note.partition(" of ")[2].split(", ")) <= {
        "font-family", "font-style", "pseudo-class-root", "supported-color-schemes",
    }  # fmt: skip


def test_the_table_says_where_it_is_from_and_is_whole() -> None:
    held = json.loads(TABLE.read_text())
    assert held["licence"] == "MIT"
    assert "caniemail" in held["source"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", held["date"])
    assert "Avi Goldman" in held["copyright"]
    assert "caniemail" in (ROOT / "NOTICE").read_text()
    assert len(held["features"]) > 300
    assert {len(letters) for _, letters in held["features"].values()} == {len(held["clients"])}
    assert set("".join(letters for _, letters in held["features"].values())) <= set("yanu")
    assert TABLE.read_text() == write(held)


def test_the_newest_version_of_a_client_counts() -> None:
    stats = {"outlook": {"windows": {"2007": "n #1", "2019": "a #2"}}, "hey": {"desktop-webmail": {"2020": "y"}}}
    feature = {"slug": "css-x", "title": " x ", "category": "css", "stats": stats}
    other = {"slug": "css-y", "title": "y", "category": "css", "stats": {"hey": {"desktop-webmail": {"2020": "n"}}}}
    amp = {"slug": "amp", "title": "AMP", "category": "others", "stats": stats}
    names = {"family": {"outlook": "Outlook"}, "platform": {"windows": "Windows"}}
    assert condense({"data": [other, feature, amp], "nicenames": names}) == {
        "clients": {"hey.desktop-webmail": "hey (web)", "outlook.windows": "Outlook (Windows)"},
        "features": {"css-x": ["x", "ya"], "css-y": ["y", "nu"]},
    }
