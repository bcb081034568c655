"""What we tell feed readers is what the standards ask for, whatever stands in it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from digest.rendering.bulletin import ATOM, Bulletin, BulletinItem, make_id, write_atom, write_json
from tests.doubles.newsreader import check_atom, check_json_feed

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ITEM = BulletinItem(
    id="tag:weekly.example.org,2026-11-23:issues/1",
    title="Rain & <b>fog</b>",
    url="https://news.example.org/lists/weekly/issues/1?a=1&b=2",
    published_at=NOW,
    updated_at=NOW,
    summary="It rained.",
    html='<p>It <a href="https://x.example/?a&amp;b">rained</a>.</p>',
    language="de",
    author="Ann",
    topic="Town & Sea",
    picture="https://news.example.org/pictures/a.jpg",
)
BULLETIN = Bulletin(
    id="tag:weekly.example.org,2026-11-23:issues",
    title="The Weekly",
    subtitle="A line",
    own_url="https://news.example.org/lists/weekly/feed.atom",
    page_url="https://news.example.org/lists/weekly/archive",
    author="The Weekly",
    language="en",
    updated_at=NOW,
    items=(ITEM,),
)


def with_items(*items: BulletinItem) -> Bulletin:
    return replace(BULLETIN, items=items)


def test_atom_is_as_the_standard_wants_it() -> None:
    check_atom(write_atom(BULLETIN))
    check_atom(write_atom(with_items()))


def test_a_reader_of_feeds_finds_everything() -> None:
    read = feedparser.parse(write_atom(BULLETIN))
    assert not read.bozo
    assert (read.version, read.feed.title, read.feed.id) == ("atom10", "The Weekly", BULLETIN.id)
    (entry,) = read.entries
    assert (entry.title, entry.link, entry.summary) == ("Rain & <b>fog</b>", ITEM.url, "It rained.")
    assert entry.title_detail.type == "text/plain"
    assert entry.content[0].value == ITEM.html
    assert entry.tags[0].term == "Town & Sea"
    assert entry.content[0].language == "de"


def test_json_feed_is_as_its_standard_wants_it() -> None:
    check_json_feed(write_json(BULLETIN))
    feed = check_json_feed(write_json(with_items()))
    assert feed["items"] == []


def test_what_is_empty_is_left_out_and_what_must_be_there_is_there() -> None:
    bare = BulletinItem("tag:x.example,2026:1", "", "", NOW, NOW)
    check_atom(write_atom(with_items(bare)))
    (item,) = check_json_feed(write_json(with_items(bare)))["items"]
    assert set(item) == {"id", "content_text", "date_published", "date_modified"}


def test_times_are_in_utc() -> None:
    abroad = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    item = BulletinItem("tag:x.example,2026:1", "T", "https://x.example/", abroad, abroad)
    assert b"2026-11-23T09:00:00Z" in write_atom(with_items(item))
    assert json.loads(write_json(with_items(item)))["items"][0]["date_published"] == "2026-11-23T09:00:00Z"


def test_an_id_outlasts_the_site() -> None:
    assert make_id("weekly.Example.org", NOW, "issues", 12) == "tag:weekly.example.org,2026-11-23:issues/12"


@pytest.mark.parametrize(
    "bad", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\x85", "\u2028", "]]>", "<!--", "<![CDATA["]
)
def test_no_character_breaks_it(bad: str) -> None:
    item = BulletinItem(f"tag:x{bad}", f"a{bad}b", f"https://x.example/{bad}", NOW, NOW, bad, bad, "en", bad, bad)
    etree.fromstring(write_atom(with_items(item)))
    json.loads(write_json(with_items(item)))


@given(st.text(), st.text())
def test_any_words_come_through(title: str, html: str) -> None:
    item = BulletinItem("tag:x.example,2026:1", title, "https://x.example/", NOW, NOW, title, html)
    root = etree.fromstring(write_atom(with_items(item)))
    assert len(root.findall(f".//{{{ATOM}}}*")) <= 20
    json.loads(write_json(with_items(item)))
