"""What is odd about a reading is said in a sentence, and what is not odd is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.articles.decide import decide_all
from digest.articles.remarks import remarks
from digest.model.article import KnownArticle
from digest.model.feed import Entry, Feed, FeedKind

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
FEED = Feed(7, 1, "https://example.org/feed", FeedKind.SYNDICATION, last_ok_at=NOW - timedelta(hours=1))


def entry(name: str, **changes: object) -> Entry:
    whole = Entry(title=name, guid=name, url=f"https://example.org/{name}", published_at=NOW - timedelta(days=1))
    return replace(whole, **changes)  # type: ignore[arg-type]  # a test's shorthand


def said(*entries: Entry, known: dict[str, KnownArticle] | None = None, feed: Feed = FEED) -> tuple[str, ...]:
    decisions = decide_all(entries, feed=feed, known=known or {}, now=NOW)
    return remarks(entries, decisions, feed=feed, known=known or {}, now=NOW)


def test_a_good_reading_has_no_remark() -> None:
    assert said(entry("a"), entry("b"), Entry(title="c")) == ()


def test_shared_guids_are_named() -> None:
    assert said(entry("a", guid="x"), entry("b", guid="x"), entry("c")) == (
        "It has 2 entries that share the GUID 'x': they were told apart by their addresses and headlines.",
    )
    (many,) = said(*(entry(name, guid=name.upper()[0]) for name in ("aa", "ab", "ba", "bb")))
    assert many.startswith("It has 4 entries that share 2 GUIDs, such as 'A'")


def test_dates_in_the_future_are_counted() -> None:
    tomorrow = NOW + timedelta(days=1)
    assert said(entry("a", published_at=tomorrow), entry("b", published_at=None, updated_at=tomorrow), entry("c")) == (
        "It has 2 entries dated in the future: each counts from when it was first seen.",
    )


def test_changed_guids_are_said_of_a_feed_that_was_read_before_and_of_articles_that_we_have() -> None:
    kept = KnownArticle(1, FEED.id, "", NOW, NOW)
    known = {"url:https://example.org/a": kept, "url:https://example.org/b": kept}
    (remark,) = said(entry("a"), entry("b"), known=known)
    assert remark.startswith("All its GUIDs have changed; 2 articles were recognised")
    assert said(entry("a"), entry("b")) == ()
    assert said(entry("a"), entry("b"), known=known, feed=replace(FEED, last_ok_at=None)) == ()
    assert said(entry("a"), entry("b"), known=known | {"guid:7:b": kept}) == ()
