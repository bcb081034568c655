"""An edited article is never a second article, and two articles are never one."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from digest.articles.identity import MAX_KEY, canonical_url, identity_keys
from digest.model.feed import Entry

ENTRY = Entry(title="Bread rises", guid="tag:example.org,2026:1", url="https://example.org/bread?utm_source=rss")


def shares_a_key(one: Entry, other: Entry) -> bool:
    return bool(set(identity_keys(one, 7)) & set(identity_keys(other, 7)))


def test_the_page_and_the_guid_are_keys_the_page_first() -> None:
    assert identity_keys(ENTRY, 7) == ("url:https://example.org/bread", "guid:7:tag:example.org,2026:1")


def test_any_edit_leaves_a_key_in_common() -> None:
    later = datetime(2026, 11, 23, tzinfo=UTC)
    edits = [
        replace(ENTRY, title="Bread rises again", content_html="<p>More.</p>", published_at=later),
        replace(ENTRY, guid="tag:example.org,2026:2"),
        replace(ENTRY, guid=None),
        replace(ENTRY, url="https://example.org/bread-rises"),
        replace(ENTRY, url=None),
    ]
    assert all(shares_a_key(ENTRY, edit) for edit in edits)


def test_a_guid_counts_in_its_own_feed_only() -> None:
    one, other = Entry(title="A", guid="1"), Entry(title="B", guid="1")
    assert set(identity_keys(one, 7)).isdisjoint(identity_keys(other, 8))


def test_a_page_counts_in_every_feed() -> None:
    assert set(identity_keys(ENTRY, 7)) & set(identity_keys(ENTRY, 8))


def test_a_guid_that_is_an_address_is_a_page_too() -> None:
    entry = Entry(title="A", guid="https://example.org/?p=12", url="https://example.org/a")
    assert identity_keys(entry, 7) == (
        "url:https://example.org/a",
        "url:https://example.org/?p=12",
        "guid:7:https://example.org/?p=12",
    )


def test_the_site_s_home_page_is_no_article() -> None:
    entries = [Entry(title=name, guid=name, url="https://status.example.org/") for name in "ab"]
    assert not shares_a_key(*entries)


def test_an_anchor_counts_where_the_feed_tells_its_entries_apart_by_it() -> None:
    pages = [f"https://example.org/changes#{version}" for version in ("v1", "v2")]
    entries = [Entry(title="Release", guid=page, url=page) for page in pages]
    assert not shares_a_key(*entries)
    assert not shares_a_key(entries[0], replace(ENTRY, url="https://example.org/changes"))


def test_a_fragment_that_counts_clicks_is_no_anchor() -> None:
    page = "https://example.org/a#xtor=RSS-1"
    assert identity_keys(Entry(title="A", guid=page, url=page), 7)[0] == "url:https://example.org/a"


def test_without_address_and_guid_the_title_is_the_key_whatever_its_case_and_spaces() -> None:
    one, other = Entry(title="Bread  rises "), Entry(title="BREAD rises")
    assert identity_keys(one, 7) == identity_keys(other, 7) == ("title:7:bread rises",)


def test_without_a_title_either_the_first_words_are() -> None:
    assert identity_keys(Entry(title="", content_html="<p>A note.</p>"), 7) == ("title:7:a note.",)


def test_an_address_of_no_web_page_is_no_key() -> None:
    assert identity_keys(Entry(title="A", url="javascript:alert(1)"), 7) == ("title:7:a",)


def test_long_keys_are_cut_and_stay_apart() -> None:
    keys = [identity_keys(Entry(title="A", guid="x" * 5000 + end), 7)[0] for end in "12"]
    assert keys[0] != keys[1]
    assert all(len(key) <= MAX_KEY for key in keys)


@given(st.builds(Entry, title=st.text(), guid=st.none() | st.text(), url=st.none() | st.text()))
def test_every_entry_has_keys_that_a_database_takes(entry: Entry) -> None:
    keys = identity_keys(entry, 7)
    assert keys
    assert len(set(keys)) == len(keys)
    assert not any("\0" in key for key in keys)
    assert all(key.encode() for key in keys)


def test_canonical_url_is_at_hand_here() -> None:
    assert canonical_url("HTTP://example.org/a/") == "https://example.org/a"
