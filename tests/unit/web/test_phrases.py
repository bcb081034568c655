"""How counts, sizes and times are said."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.web.phrases import away, counted, kilobytes, local, percent, span, without_commands

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(days=6, hours=22, minutes=5), "6 days 22 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=2, minutes=5), "2 days"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute"),
        (timedelta(seconds=59), "less than a minute"),
    ],
)
def test_spans(length: timedelta, said: str) -> None:
    assert span(length) == said
    assert away(NOW + length, NOW) == f"in {said}"
    assert away(NOW - length, NOW) == f"{said} ago"


def test_the_rest() -> None:
    assert (counted(1, "reader"), counted(1234, "reader")) == ("1 reader", "1,234 readers")
    assert local(NOW, "Asia/Tokyo") == "Mon 23 Nov, 18:00"
    assert kilobytes(20_499) == "20 kB"
    assert (percent(1, 3), percent(0, 0)) == ("33.3 %", "–")


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("Issue 1 is a draft; `digest issue send 1` does it.", "Issue 1 is a draft."),
        ("It fails its checks: 2 faults. See `digest issue lint 1`, or say --force.", "It fails its checks: 2 faults."),
        ("There is no webhook 7; `digest webhook list` shows those there are.", "There is no webhook 7."),
        (
            "Draft it first with `digest issue draft`, please. It has none.",
            "Draft it first with `digest issue draft`, please. It has none.",
        ),
        ("The theme `x` is none.", "The theme `x` is none."),
        ("Nothing of the kind", "Nothing of the kind"),
        ("", ""),
    ],
)
def test_who_reads_a_page_is_told_of_no_commands(said: str, plain: str) -> None:
    assert without_commands(said) == plain
