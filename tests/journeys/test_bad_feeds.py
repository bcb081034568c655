"""Feeds as they should not be: each is read over HTTP beside a good one, the issue still goes out, and the feed has its note."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from digest.model.feed import Feed, FeedKind, FetchLimits
from digest.pipeline.checkup import check_feeds
from digest.pipeline.refresh import FeedReport, refresh
from digest.pipeline.trial import preview
from tests.corpus.harm import find_harm
from tests.doubles.feed_server import FeedServer
from tests.pipeline.world import NOW, World, make_world

BAD = Path(__file__).parents[1] / "data" / "feeds" / "bad"
LOOPBACK = FetchLimits(max_seconds=30, allow_private=frozenset({"127.0.0.0/8"}))
GOOD = "<rss version='2.0'><channel><title>Good Post</title><item><title>A good story</title><link>https://good.example/1</link></item></channel></rss>"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


@pytest.fixture
def town(sqlite_url: str, server: FeedServer) -> Iterator[World]:
    world = make_world(sqlite_url)
    add(world, server.at("/good", body=GOOD))
    yield world
    world.app.close()


def add(world: World, location: str) -> Feed:
    with world.app.store.write() as tx:
        return tx.feeds.add(Feed(0, world.mailing_list.id, location, FeedKind.SYNDICATION))


def read(world: World) -> dict[int, FeedReport]:
    return {report.feed.id: report for report in refresh(world.app.store, LOOPBACK, now=world.clock)}


def issue(world: World) -> dict[str, bytes]:
    """The issue's mail; it has the good feed's story whatever the bad one did, and nothing that could do harm."""
    files = preview(world.app.store, world.draft().id, world.app.render, world.app.links, now=world.clock())
    assert b"A good story" in files["body.txt"]
    assert find_harm(files["body.html"].decode()) == []
    return files


def note(world: World, feed: Feed) -> str:
    with world.app.store.read() as tx:
        return next(checkup.said for one, checkup in check_feeds(tx, None, world.clock()) if one.id == feed.id)


def rss(count: int, item: Callable[[int], str]) -> str:
    return f"<rss version='2.0'><channel><title>Bad Post</title>{''.join(map(item, range(count)))}</channel></rss>"


def dated(number: int, guid: str, days_old: float = 1) -> str:
    date = format_datetime(NOW - timedelta(days=days_old))
    return (
        f"<item><title>Bad story {number}</title><guid isPermaLink='false'>{guid}</guid><pubDate>{date}</pubDate>"
        f"<description>What bad story {number} says.</description></item>"
    )


def test_repeated_guids(town: World, server: FeedServer) -> None:
    bad = add(town, server.at("/bad", body=rss(3, lambda number: dated(number, "0"))))
    assert read(town)[bad.id].new == 3
    text = issue(town)["body.txt"].decode()
    assert all(f"Bad story {number}" in text for number in range(3))
    assert note(town, bad).startswith("It has 3 entries that share the GUID '0'")


def test_all_guids_change_at_once_and_nothing_is_told_again(town: World, server: FeedServer) -> None:
    bad = add(town, server.at("/bad", body=rss(3, lambda number: dated(number, f"old-{number}"))))
    read(town)
    town.publish()
    server.at("/bad", body=rss(4, lambda number: dated(number, f"new-{number}")))
    town.clock.forward(days=1)
    assert (read(town)[bad.id].new, note(town, bad)[:27]) == (1, "All its GUIDs have changed;")
    files = preview(
        town.app.store, town.draft(NOW.date() + timedelta(days=1)).id, town.app.render, town.app.links, now=town.clock()
    )
    text = files["body.txt"].decode()
    assert "Bad story 3" in text
    assert "Bad story 0" not in text


def test_everything_is_dated_tomorrow(town: World, server: FeedServer) -> None:
    bad = add(town, server.at("/bad", body=rss(3, lambda number: dated(number, str(number), days_old=-1))))
    read(town)
    assert b"Bad story 1" in issue(town)["body.txt"]
    assert note(town, bad) == "It has 3 entries dated in the future: each counts from when it was first seen."


def test_a_hundred_thousand_entries(town: World, server: FeedServer) -> None:
    """Oldest first, one a minute: what is kept are the newest."""

    def item(number: int) -> str:
        return f"<item><title>N{number}</title><pubDate>{format_datetime(NOW - timedelta(minutes=100_000 - number))}</pubDate></item>"

    body = rss(100_000, item)
    assert len(body) < LOOPBACK.max_bytes
    bad = add(town, server.at("/bad", body=body))
    assert read(town)[bad.id].new == LOOPBACK.max_entries
    assert b"N99999" in issue(town)["body.txt"]
    assert "It has 100,000 entries; only the 5,000 newest were read." in note(town, bad)


def test_more_bytes_than_we_read(town: World, server: FeedServer) -> None:
    bad = add(town, server.at("/bad", body=rss(90_000, lambda number: dated(number, str(number)))))
    read(town)
    issue(town)
    assert "it is larger than 10,000,000 bytes" in note(town, bad)


@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [
        (
            "scripts.xml",
            ["The quay opens on Monday, after a winter of repairs."],
            ["<script", "evil.example", "Log in"],
        ),
        (
            "links.xml",
            [
                "https://odd.example/without",
                "/relative%20story",
                "The first sentence of the story.",
                "https://cdn.odd.example/a.jpg",
            ],
            ["count.example", "https:///"],
        ),
        (
            "scripts-of-the-world.xml",
            [
                "الميناء يفتح أبوابه يوم الاثنين",
                "港が再び開く",
                "Emoji 👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 and zero width",
                "What has no title is called by its first words.",
            ],
            ["\u202e", "\u200b", "\u2060"],
        ),
    ],
)
def test_what_a_feed_carries(town: World, server: FeedServer, name: str, shown: list[str], hidden: list[str]) -> None:
    add(town, server.at("/feeds/bad", body=(BAD / name).read_bytes()))
    read(town)
    html = issue(town)["body.html"].decode()
    assert [words for words in shown if words not in html] == []
    assert [words for words in hidden if words in html] == []


def test_each_entry_has_its_own_language_and_direction(town: World, server: FeedServer) -> None:
    add(town, server.at("/bad", body=(BAD / "scripts-of-the-world.xml").read_bytes()))
    read(town)
    html = issue(town)["body.html"].decode()
    for language, direction in (("ar", "rtl"), ("he", "rtl"), ("ja", "ltr")):
        assert f'lang="{language}" dir="{direction}"' in html
