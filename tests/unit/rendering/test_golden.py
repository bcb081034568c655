"""Whole mails as they were looked at by a person. When one should change:

    UPDATE_GOLDEN=1 pytest tests/unit/rendering/test_golden.py

then open tests/golden/*.html in a browser, read the difference, and commit both.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.model.alert import Alert, AlertKind
from digest.model.edition import Edition, Slot
from digest.rendering.alert import render_alerts
from digest.rendering.care import FeedView, render_care
from digest.rendering.compose import fill_html, fill_text
from digest.rendering.edition import (
    render_confirmation,
    render_issue,
    render_letter,
    render_unsubscribed,
    render_welcome,
)
from digest.rendering.ready import render_draft_ready
from tests.unit.rendering.week import LINKS, READER, SALT, THEN, TIDELINE, compose, make_edited_issue, make_issue

GOLDEN = Path(__file__).parents[2] / "golden"
ARCHIVE = "https://news.example.org/tideline"
DUE = datetime(2026, 11, 30, 7, tzinfo=UTC)
FEEDS = (
    FeedView(
        3,
        "The Slipway",
        "https://slipway.example/index.rdf",
        "dead",
        "Reading it failed 96 times since 2026-11-27 07:30 UTC: https://slipway.example/index.rdf could not be read:"
        " its server cannot be reached.",
    ),
    FeedView(
        11,
        "https://old.quay.example/feeds/all-of-it.xml",
        "https://old.quay.example/feeds/all-of-it.xml",
        "gone",
        "It is gone for good (410 Gone) and is not read any more; remove it or find its successor.",
    ),
    FeedView(
        5,
        "دفتر الميناء",
        "https://daftar.example/feed",
        "silent",
        "Nothing new came for 23 days, longer than it used to take.",
    ),
)
ALERTS = (
    Alert(
        AlertKind.ISSUE_LATE,
        "paused-7",
        "Issue 7 of The Tideline is paused: the mail relay refused the sender. `digest campaign resume 7` lets it go on, "
        "`digest campaign stop 7` ends it.",
    ),
    Alert(AlertKind.BACKUP_OLD, "backup", "The last backup is of 2026-11-20 03:10 UTC; `digest backup` makes one."),
    Alert(AlertKind.FEED_SILENT, "5", "دفتر الميناء: Nothing new came for 23 days; `digest feed show 5` tells more."),
)
MAILS: dict[str, Callable[[], Edition]] = {
    "issue": lambda: render_issue(make_issue(), TIDELINE, archive_url=ARCHIVE),
    "issue-edited": lambda: render_issue(make_edited_issue(), TIDELINE, archive_url=ARCHIVE),
    "draft-ready": lambda: render_draft_ready(make_edited_issue(), TIDELINE, goes_out=THEN, size=61_234),
    "confirm-subscription": lambda: render_confirmation(TIDELINE, ["The Tideline", "Harbour Notices"], salt=SALT),
    "welcome": lambda: render_welcome(TIDELINE, salt=SALT, archive_url=ARCHIVE),
    "welcome-best": lambda: render_welcome(TIDELINE, salt=SALT, best=make_issue().content.items[:3]),
    "feeds-need-care": lambda: render_care(TIDELINE, DUE, FEEDS, salt=SALT),
    "alert": lambda: render_alerts(TIDELINE, ALERTS[:2], ALERTS[2:], salt=SALT),
    "your-data": lambda: render_letter("your-data", TIDELINE, salt=SALT),
    "allow-address": lambda: render_letter("allow-address", TIDELINE, salt=SALT),
    "confirm-address": lambda: render_letter("confirm-address", TIDELINE, salt=SALT),
    "address-changed": lambda: render_letter("address-changed", TIDELINE, salt=SALT),
    "unsubscribed": lambda: render_unsubscribed(TIDELINE, salt=SALT, signup_url=ARCHIVE),
}


@pytest.mark.parametrize("mail", MAILS)
@pytest.mark.parametrize("kind", ["html", "txt", "eml"])
def test_mail_is_as_it_was_looked_at(mail: str, kind: str) -> None:
    file = GOLDEN / f"{mail}.{kind}"
    made = _make(MAILS[mail](), kind)
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_bytes(made)
    assert made.decode().splitlines() == file.read_bytes().decode().splitlines()
    assert made == file.read_bytes()


def _make(edition: Edition, kind: str) -> bytes:
    filled = {**LINKS, Slot.ADDRESS: str(READER.address)}
    if kind == "eml":
        return compose(edition)
    return (fill_html(edition, filled) if kind == "html" else fill_text(edition, filled)).encode()
