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


# OPML

OPML = """<opml version="2.0"><body><outline text="town"><outline text="Post" xmlUrl="https://post.example/feed"/></outline>
<outline text="Alone" xmlUrl="https://alone.example/feed"/></body></opml>"""


def test_feeds_go_out_as_opml_and_come_back_with_their_topics(place: Place) -> None:
    place.good("list", "set", "weekly", "--topics", "Town, Science")
    (place.path / "in.opml").write_text(OPML)
    assert "Added 2 feeds to weekly." in place.good("feed", "import", "weekly", "in.opml")
    again = place.run("feed", "import", "weekly", "in.opml")
    assert (again.code, again.out) == (4, "")
    done = place.run("feed", "export", "weekly", "--out", "out.opml")
    assert (done.code, done.out) == (0, "")
    assert "1 folder left out" in done.err
    place.good("list", "add", "daily", "--from", "x@example.org", "--topics", "Town")
    place.good("feed", "import", "daily", "out.opml")
    told = {
        feed["location"]: (feed["title"], feed["topic"])
        for feed in json.loads(place.good("feed", "list", "daily", "--json"))
    }
    assert told == {"https://post.example/feed": ("Post", "Town"), "https://alone.example/feed": ("Alone", "")}
    assert place.good("feed", "export", "daily").startswith('<?xml version="1.0" encoding="utf-8"?>\n<opml')


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<rss/>", "in.opml could not be read: it is XML, but not OPML."),
        ("<opml><body/></opml>", "in.opml names no feed with a web address."),
    ],
)
def test_what_is_no_list_of_feeds_is_refused(place: Place, content: str, said: str) -> None:
    (place.path / "in.opml").write_text(content)
    done = place.run("feed", "import", "weekly", "in.opml")
    assert (done.code, done.sentence) == (2, said)


def test_files_that_cannot_be_read_or_written_are_named(place: Place) -> None:
    done = place.run("feed", "import", "weekly", "none.opml")
    assert (done.code, done.sentence) == (2, "none.opml cannot be read: No such file or directory.")
    done = place.run("feed", "export", "weekly", "--out", "none/out.opml")
    assert (done.code, done.sentence) == (1, "none/out.opml cannot be written: No such file or directory.")
