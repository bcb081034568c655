"""`digest feed` as an operator sees it: how feeds fare, at a glance and one by one."""

import json
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Place
from tests.doubles.feed_server import FeedServer

ENTRIES = "".join(
    f"<item><title>Story {n}</title><guid>same</guid><link>https://x.example/{n}</link></item>" for n in "ab"
)
RSS = f"<rss version='2.0'><channel><title>Harbour Post</title>{ENTRIES}</channel></rss>"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


@pytest.fixture
def followed(place: Place, server: FeedServer) -> Place:
    place.good("feed", "add", "weekly", server.at("/feed", body=RSS))
    return place


def test_the_list_says_how_each_feed_fares(followed: Place, server: FeedServer) -> None:
    assert "unread" in followed.good("feed", "list")
    followed.good("refresh")
    listed = followed.good("feed", "list", "weekly")
    assert [line.split()[:2] for line in listed.splitlines()] == [["feed", "list"], ["1", "weekly"], ["2", "weekly"]]
    assert "well" in listed
    assert "odd" in listed
    assert "share the GUID 'same'" in listed
    server.at("/feed", status=503)
    assert followed.run("refresh").code == 3
    listed = followed.good("feed", "list")
    assert "failing" in listed
    assert "503" in listed


def test_one_feed_is_shown_with_all_that_is_known_of_it(followed: Place, server: FeedServer) -> None:
    server.redirect("/feed", "/new", 301)
    server.at("/new", body=RSS)
    followed.good("refresh")
    shown = followed.good("feed", "show", "2")
    assert f"moved from       {server.url('/feed')}" in shown
    assert f"address          {server.url('/new')}" in shown
    assert "articles a week  0.5" in shown
    assert "- It has 2 entries that share the GUID 'same'" in shown
    told = json.loads(followed.good("feed", "show", "2", "--json"))
    assert (told["health"], told["articles_a_week"], told["rhythm"]) == ("moved", 0.5, None)
    assert told == next(feed for feed in json.loads(followed.good("feed", "list", "--json")) if feed["id"] == 2)


def test_a_feed_that_is_gone_says_so_and_what_to_do(followed: Place, server: FeedServer) -> None:
    server.at("/feed", status=410)
    assert followed.run("refresh").code == 3
    assert "remove it" in followed.good("feed", "show", "2")
    assert followed.good("feed", "list").count("gone") >= 1


def test_a_feed_that_there_is_not(place: Place) -> None:
    done = place.run("feed", "show", "9")
    assert (done.code, done.sentence) == (2, "There is no feed 9; `digest feed list` shows those there are.")
