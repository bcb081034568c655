"""Too many entries: the newest are kept, whichever way round the feed is, and in its order."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.newest import count_whole, newest, read_date, shorten
from digest.sources.parse import parse_feed

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def rss(days_old: list[int | None]) -> str:
    items = "".join(
        f"<item><title>{old}</title>"
        + ("" if old is None else f"<pubDate>{format_datetime(NOW - old * DAY)}</pubDate>")
        + "</item>"
        for old in days_old
    )
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"


def kept(days_old: list[int | None], most: int) -> list[str]:
    return [entry.title for entry in parse_feed(rss(days_old).encode(), location="", max_entries=most).entries]


def test_a_feed_that_is_short_enough_is_left_as_it_is() -> None:
    assert shorten(rss([1, 2]), 2) == (rss([1, 2]), 0)
    assert shorten("", 2) == ("", 0)


@pytest.mark.parametrize(
    ("days_old", "found"),
    [
        ([1, 2, 3, 4, 5], ["1", "2"]),
        ([5, 4, 3, 2, 1], ["2", "1"]),
        ([3, 1, 5, 2, 4], ["1", "2"]),
        ([None, None, None, 1, 2], ["None", "None"]),
        ([None, 3, 1, 2], ["1", "2"]),
    ],
)
def test_the_newest_are_kept_in_the_feed_s_order(days_old: list[int | None], found: list[str]) -> None:
    assert kept(days_old, 2) == found


def test_what_stands_around_the_entries_stays() -> None:
    atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{}<author><name>Ann</name></author></feed>"
    entry = "<entry><title>{0}</title><updated>2026-11-{0}T00:00:00Z</updated></entry>"
    text, left_out = shorten(atom.format(entry.format(10) + entry.format(11)), 1)
    assert (text, left_out) == (atom.format(entry.format(11)), 1)
    assert count_whole(text) == 1


def test_dates_are_read_as_feeds_write_them() -> None:
    assert read_date("2026-11-20T12:00:00Z") == read_date("Fri, 20 Nov 2026 13:00:00 +0100") == NOW
    assert read_date("2026-11-20") == NOW.replace(hour=0)
    assert [read_date(odd) for odd in ("soon", "2026-99-99", "9999-12-31T23:59:59-23:59", "Fri, 99 Nov 2026")] == [
        None
    ] * 4


@given(st.lists(st.none() | st.datetimes(timezones=st.just(UTC))), st.integers(0, 9))
def test_any_dates_give_as_many_places_as_asked_for(dates: list[datetime | None], most: int) -> None:
    places = newest(dates, most)
    assert places == sorted(set(places))
    assert len(places) == min(most, len(dates))


@given(st.text(alphabet="<>/itemn yu ", max_size=200), st.integers(1, 3))
def test_any_text_is_shortened(text: str, most: int) -> None:
    shortened, left_out = shorten(text, most)
    assert len(shortened) <= len(text)
    assert left_out >= 0


def test_json_feeds_keep_the_newest_too() -> None:
    items = ", ".join(f'{{"id": "{day}", "date_published": "2026-11-{day}T00:00:00Z"}}' for day in (10, 12, 11))
    feed = f'{{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{items}, 7]}}'
    parsed = parse_feed(feed.encode(), location="", max_entries=2)
    assert [entry.guid for entry in parsed.entries] == ["12", "11"]
    assert parsed.notes == (
        "It has 3 entries; only the 2 newest were read.",
        "1 of its items is not an object and left out.",
    )
