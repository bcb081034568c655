from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from digest.demo.stories import date_functions, moment, read_stories, read_story, split_front_matter
from digest.model.errors import DigestError

NOW = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
TEXT = "---\ntitle: A boat\nstandfirst: It floats.\nauthor: Ann\ndays_ago: 2\nhour: 9\n---\nOne *fine* <b>boat</b>.\n"


def test_a_story_is_read() -> None:
    story = read_story("lantern", "boat", TEXT)
    assert (story.path, story.title, story.standfirst, story.author) == ("/lantern/boat", "A boat", "It floats.", "Ann")
    assert story.html == "<p>One <em>fine</em> &lt;b&gt;boat&lt;/b&gt;.</p>\n"
    assert story.when == {"days_ago": 2, "hour": 9}


@pytest.mark.parametrize("text", ["no front matter", "---\ntitle: only\n---\n\n", "---\nauthor: Ann\n---\nText"])
def test_half_a_story_is_refused_by_name(text: str) -> None:
    with pytest.raises(DigestError, match=r"lantern/boat\.md needs front matter with a title"):
        read_story("lantern", "boat", text)


def test_text_without_front_matter_is_all_text() -> None:
    assert split_front_matter("a\n---\nb") == ({}, "a\n---\nb")


def test_the_newest_comes_first_and_the_undated_last(tmp_path: Path) -> None:
    for slug, when in (
        ("none", ""),
        ("old", "days_ago: 3"),
        ("late", "days_ago: 1\nhour: 9"),
        ("early", "days_ago: 1\nhour: 8"),
    ):
        (tmp_path / "desk").mkdir(exist_ok=True)
        (tmp_path / "desk" / f"{slug}.md").write_text(f"---\ntitle: T\n{when}\n---\nText\n")
    assert [story.slug for story in read_stories(tmp_path)] == ["late", "early", "old", "none"]


def test_days_are_counted_back_in_utc() -> None:
    assert moment(NOW, days_ago=1, hour=9, minute=5) == datetime(2026, 2, 28, 9, 5, tzinfo=UTC)
    assert moment(NOW, days_ago=-3) == datetime(2026, 3, 4, tzinfo=UTC)
    west = NOW.astimezone(timezone(timedelta(hours=-8)))  # still February there
    assert moment(west, days_ago=0) == datetime(2026, 3, 1, tzinfo=UTC)


def test_dates_as_the_formats_write_them() -> None:
    dates = date_functions(NOW)
    assert dates["rfc822"](days_ago=1, hour=9) == "Sat, 28 Feb 2026 09:00:00 +0000"
    assert dates["iso"](days_ago=1, hour=9) == "2026-02-28T09:00:00Z"
    assert dates["day"](days_ago=0) == "Sunday 1 March 2026"
