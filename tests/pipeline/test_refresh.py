"""Following feeds and refreshing them, over real HTTP: what is kept, what is said, and what one feed cannot do to another."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.model.article import KeptArticle
from digest.model.errors import BadInput, NotFound
from digest.model.feed import Feed, FeedState, FetchLimits
from digest.pipeline.follow import follow
from digest.pipeline.plan import ListChange, change_list
from digest.pipeline.refresh import FeedReport, refresh
from tests.doubles.feed_server import Asked, FeedServer, Route, plain
from tests.pipeline.world import World

LOOPBACK = FetchLimits(max_seconds=10, allow_private=frozenset({"127.0.0.0/8"}))
TEXT = "The harbour council met on Monday and heard what the harbour master had to say about the new quay."


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


def rss(*titles: str, summary: str = TEXT) -> str:
    """A feed whose entries are recognised by their page, `/1`, `/2` and so on."""
    items = "".join(
        f"<item><title>{title}</title><link>https://harbour.example/{number}</link><description>{summary}</description>"
        f"<pubDate>Sun, 22 Nov 2026 10:00:00 GMT</pubDate></item>"
        for number, title in enumerate(titles, 1)
    )
    return f"<rss version='2.0'><channel><title>Harbour Post</title>{items}</channel></rss>"


def add(world: World, location: str, topic: str = "") -> Feed:
    return follow(
        world.app.store, world.mailing_list.name, location, topic=topic, limits=LOOPBACK, now=world.clock()
    ).feed


def read_all(world: World) -> dict[int, FeedReport]:
    return {report.feed.id: report for report in refresh(world.app.store, LOOPBACK, now=world.clock)}


def read_one(world: World) -> FeedReport:
    (report,) = read_all(world).values()
    return report


def kept(world: World) -> list[KeptArticle]:
    with world.app.store.read() as tx:
        return tx.articles.candidates(world.mailing_list.id, datetime(2000, 1, 1, tzinfo=UTC), world.clock(), None)


def titles(world: World) -> list[str]:
    return sorted(article.article.title for article in kept(world))


def feeds(world: World) -> list[Feed]:
    with world.app.store.read() as tx:
        return tx.feeds.of_list(world.mailing_list.id)


# Refreshing


def test_new_articles_are_kept(world: World, server: FeedServer) -> None:
    add(world, server.at("/feed", body=rss("Quay opens", "Quay closes")))
    assert read_one(world).new == 2
    assert titles(world) == ["Quay closes", "Quay opens"]
    assert feeds(world)[0].last_ok_at == world.clock()


def test_an_unchanged_feed_is_told_by_304_and_adds_nothing(world: World, server: FeedServer) -> None:
    add(world, server.conditional("/feed", rss("Quay opens")))
    read_all(world)
    again = read_one(world)
    assert (again.unchanged, again.new, again.changed) == (True, 0, 0)
    assert server.requests[-1].headers["if-none-match"] == '"one"'
    assert titles(world) == ["Quay opens"]


def test_the_same_bytes_without_a_304_add_nothing(world: World, server: FeedServer) -> None:
    add(world, server.at("/feed", body=rss("Quay opens")))
    read_all(world)
    again = read_one(world)
    assert (again.new, again.changed) == (0, 0)
    assert titles(world) == ["Quay opens"]


def test_an_edited_article_is_changed_and_not_a_second_one(world: World, server: FeedServer) -> None:
    add(world, server.at("/feed", body=rss("Quay opens")))
    read_all(world)
    (before,) = kept(world)
    server.at("/feed", body=rss("Quay opens late"))
    world.clock.forward(hours=1)
    assert (read_one(world).changed, titles(world)) == (1, ["Quay opens late"])
    (after,) = kept(world)
    assert (after.id, after.first_seen_at) == (before.id, before.first_seen_at)


def test_the_same_page_in_two_feeds_is_one_article(world: World, server: FeedServer) -> None:
    add(world, server.at("/one", body=rss("Quay opens")))
    add(world, server.at("/two", body=rss("Quay opens")))
    assert sorted(report.new for report in read_all(world).values()) == [0, 1]
    assert titles(world) == ["Quay opens"]


def test_one_broken_feed_does_not_stop_the_other(world: World, server: FeedServer) -> None:
    broken = add(world, server.at("/broken", body=rss("Lost")))
    good = add(world, server.at("/good", body=rss("Quay opens")))
    server.at("/broken", status=500)
    reports = read_all(world)
    assert reports[good.id].new == 1
    assert broken.location in reports[broken.id].error
    assert feeds(world)[0].last_error == reports[broken.id].error
    assert feeds(world)[1].last_error == ""


def test_a_good_reading_clears_the_error(world: World, server: FeedServer) -> None:
    add(world, server.at("/feed", body=rss("Quay opens")))
    server.at("/feed", status=503)
    read_all(world)
    assert feeds(world)[0].last_error
    server.at("/feed", body=rss("Quay opens"))
    read_all(world)
    assert feeds(world)[0].last_error == ""


def test_a_304_clears_the_error_too(world: World, server: FeedServer) -> None:
    add(world, server.conditional("/feed", rss("Quay opens")))
    read_all(world)
    server.at("/feed", status=503)
    read_all(world)
    assert feeds(world)[0].last_error
    server.conditional("/feed", rss("Quay opens"))
    assert read_one(world).unchanged
    assert feeds(world)[0].last_error == ""


def test_a_410_stops_the_feed_for_good(world: World, server: FeedServer) -> None:
    add(world, server.at("/feed", body=rss("Quay opens")))
    server.at("/feed", status=410)
    assert "gone for good" in read_one(world).error
    assert feeds(world)[0].state is FeedState.GONE
    asked = len(server.requests)
    assert read_all(world) == {}
    assert len(server.requests) == asked


def test_a_301_is_remembered(world: World, server: FeedServer) -> None:
    add(world, server.at("/old", body=rss("Quay opens")))
    new = server.at("/new", body=rss("Quay opens"))
    server.redirect("/old", "/new", 301)
    read_all(world)
    assert feeds(world)[0].location == new
    read_all(world)
    assert server.paths[-2:] == ["/new", "/new"]


def test_a_feed_that_moves_to_one_we_read_keeps_its_address(world: World, server: FeedServer) -> None:
    old = add(world, server.at("/old", body=rss("Quay opens")))
    new = add(world, server.at("/new", body=rss("Quay opens")))
    server.redirect("/old", "/new", 301)
    read_all(world)
    assert [feed.location for feed in feeds(world)] == [old.location, new.location]
    assert titles(world) == ["Quay opens"]


def test_a_feed_removed_while_it_is_read_does_not_stop_the_others(world: World, server: FeedServer) -> None:
    removed = add(world, server.at("/removed", body=rss("Lost")))
    other = add(world, server.at("/other", body=rss("Quay opens")))

    def remove(_: Asked) -> Route:
        with world.app.store.write() as tx:
            tx.feeds.remove(removed.list_id, removed.location)
        return plain(200, rss("Lost", "Lost too").encode())

    server.answer("/removed", remove)
    reports = read_all(world)
    assert reports[other.id].error == ""
    assert "removed" in reports[removed.id].error
    assert titles(world) == ["Quay opens"]


def test_only_the_feeds_of_the_list_that_is_named_are_read(world: World, server: FeedServer) -> None:
    add(world, server.at("/feed", body=rss("Quay opens")))
    assert list(refresh(world.app.store, LOOPBACK, now=world.clock, list_id=world.mailing_list.id + 1)) == []
    assert titles(world) == []


def test_the_topic_of_a_text_counts_more_than_its_folders(world: World, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "own.md").write_text(f"---\ntitle: Own\ntopic: Science\n---\n{TEXT}\n")
    (tmp_path / "texts" / "plain.md").write_text(f"---\ntitle: Plain\n---\n{TEXT}\n")
    add(world, str(tmp_path / "texts"), topic="Town")
    read_all(world)
    assert {one.article.title: one.topic for one in kept(world)} == {"Own": "Science", "Plain": "Town"}


# Following


def test_a_topic_that_the_list_lacks_is_refused_before_anybody_is_asked(world: World, server: FeedServer) -> None:
    change_list(world.app.store, "weekly", ListChange(topics="Town, Science"), now=world.clock())
    with pytest.raises(BadInput, match=r"no topic 'Sport'; it has Town, Science"):
        add(world, server.at("/feed", body=rss("Quay opens")), topic="Sport")
    assert server.requests == []
    assert add(world, server.url("/feed"), topic="Town").topic == "Town"


def test_the_same_address_twice_is_refused(world: World, server: FeedServer) -> None:
    url = server.at("/feed", body=rss("Quay opens"))
    add(world, url)
    with pytest.raises(BadInput, match=r"reads .*/feed already"):
        add(world, url)
    assert len(feeds(world)) == 1


def test_the_feed_of_a_home_page_is_found(world: World, server: FeedServer) -> None:
    feed = server.at("/news.xml", body=rss("Quay opens"))
    link = '<link rel="alternate" type="application/rss+xml" href="/news.xml">'
    home = server.at("/", body=f"<html><head><title>Home</title>{link}</head><body>Welcome</body></html>")
    found = add(world, home)
    assert (found.location, found.title) == (feed, "Harbour Post")
    assert read_one(world).new == 1


def test_a_list_that_there_is_not_is_named(sqlite_world: World) -> None:
    with pytest.raises(NotFound, match="no list named 'daily'"):
        follow(
            sqlite_world.app.store,
            "daily",
            "https://harbour.example/",
            topic="",
            limits=LOOPBACK,
            now=sqlite_world.clock(),
        )
