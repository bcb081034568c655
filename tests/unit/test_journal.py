"""A line of the log: its fields by name, and nothing in it that must not be there."""

import json
import logging

import pytest

from digest.journal import HIDDEN, JsonLines, Redaction, TextLines, answering, fields_of


def record(template: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("digest.x", logging.WARNING, "x.py", 1, template, values, None)


@pytest.mark.parametrize(
    ("template", "values", "fields"),
    [
        ("action=start", (), {"action": "start"}),
        ("action=issue issue=%d said=%s", (7, "It is sent."), {"action": "issue", "issue": 7, "said": "It is sent."}),
        ("action=slot list=%s said=Issue %d is held: %s", ("weekly", 7, "no"), None),
        ("action=account issue=%d %s", (7, "audience 1"), {"action": "account", "issue": 7, "message": "audience 1"}),
        ("action=%s error=%s", ("tick", "no=way"), {"action": "tick", "error": "no=way"}),
        ("Invalid HTTP request received.", (), {"message": "Invalid HTTP request received."}),
        ("100% sure", (), {"message": "100% sure"}),
    ],
)
def test_fields_are_those_that_the_template_names(
    template: str, values: tuple[object, ...], fields: dict[str, object] | None
) -> None:
    made = record(template, *values)
    assert fields_of(made) == (fields or {"message": made.getMessage()})


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("550 <ann.lee+x@example.org> unknown", f"550 <{HIDDEN}@example.org> unknown"),
        ("GET /u/AQIDBAUGBwgJCgsMDQ4PEA HTTP", f"GET /u/{HIDDEN} HTTP"),
        ("page=/u/{token}/less status=200", "page=/u/{token}/less status=200"),
        ("token=Zm9vYmFyYmF6cXV4MTIzNDU2", f"token={HIDDEN}"),
        ("smtp://digest:s3cret@mail.example.org", f"smtp://digest:{HIDDEN}@mail.example.org"),
        ("the password hunter2 was refused", f"the password {HIDDEN} was refused"),
        ("Issue 7 of weekly is published to 1000 readers.", "Issue 7 of weekly is published to 1000 readers."),
        (
            "The mail relay mail.example.org:587 cannot be reached",
            "The mail relay mail.example.org:587 cannot be reached",
        ),
    ],
)
def test_addresses_tokens_and_secrets_are_hidden(said: str, written: str) -> None:
    assert Redaction(["hunter2", ""])(said) == written


def test_both_formats_hide_and_name_the_request() -> None:
    made = record("action=failed error=%s", "ann@example.org hunter2")
    with answering("5eed"):
        text, line = TextLines(Redaction(["hunter2"])).format(made), JsonLines(Redaction(["hunter2"])).format(made)
    assert text.endswith(f"WARNING action=failed error={HIDDEN}@example.org {HIDDEN} request=5eed")
    said = json.loads(line)
    assert said | {"at": ""} == {
        "at": "",
        "level": "warning",
        "logger": "digest.x",
        "action": "failed",
        "error": f"{HIDDEN}@example.org {HIDDEN}",
        "request": "5eed",
    }
    assert said["at"].endswith("Z")


def test_a_traceback_is_one_line_of_json_without_secrets() -> None:
    made = record("action=failed")
    made.exc_info = (ValueError, ValueError("hunter2 of ann@example.org"), None)
    (line,) = JsonLines(Redaction(["hunter2"])).format(made).splitlines()
    assert "ValueError" in json.loads(line)["traceback"]
    assert "hunter2" not in line
    assert "ann@" not in line
