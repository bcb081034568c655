from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from digest.rendering.phrasing import make_preheader, see_direction, shorten, tell_moment


def test_a_moment_is_told_the_same_everywhere() -> None:
    local = datetime(2026, 11, 23, 7, 5, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert tell_moment(local, "Asia/Tokyo") == "Monday 23 November 2026, 07:05 (Asia/Tokyo)"


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("short enough", 12, "short enough"),
        ("cut between the words, please", 23, "cut between the words…"),
        ("spaces \n are  one", 40, "spaces are one"),
        ("Donaudampfschifffahrt", 10, "Donaudamp…"),
        ("", 5, ""),
    ],
)
def test_shorten(text: str, width: int, short: str) -> None:
    assert shorten(text, width) == short
    assert len(short) <= width


def test_preheader_tells_the_lead_and_what_else_there_is() -> None:
    line = make_preheader(
        "The red hull was towed home.", ["Seals claim the channel", "Oysters remember", "Kelp can hear " * 9]
    )
    assert line.startswith("The red hull was towed home. · Seals claim the channel · Oysters remember · Kelp can hear")
    assert len(line) <= 130


def test_preheader_of_nothing_is_empty() -> None:
    assert make_preheader("", []) == ""


@pytest.mark.parametrize(
    ("text", "otherwise", "direction"),
    [
        ("“Kelp”", "rtl", "ltr"),
        ("7 أيام", "ltr", "rtl"),
        ("«שלום» said he", "rtl", "ltr"),
        ("1988 …", "ltr", "ltr"),
        ("1988 …", "rtl", "rtl"),
        ("iPhone الجديد يصل إلى الأسواق", "ltr", "rtl"),
        ("OpenStreetMap wird zwanzig", "ltr", "ltr"),
        ("COP31 תיפתח ביום שני בעיר", "ltr", "rtl"),
        ("الجزيرة buys a stake in the port", "rtl", "ltr"),
        ("Tesla تشتري", "rtl", "rtl"),
        ("Tesla تشتري", "ltr", "ltr"),
        ("تشتري Tesla", "ltr", "rtl"),
        ("", "rtl", "rtl"),
    ],
)
def test_direction_of_a_text_is_that_of_most_of_its_words(text: str, otherwise: str, direction: str) -> None:
    assert see_direction(text, otherwise) == direction
