"""Articles whose feed has no picture for them get the one that their own page names, over real HTTP, asked once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.articles.decide import content_hash
from digest.model.issue import Issue
from digest.pipeline.prune import ASKED_FOR, prune
from tests.doubles.feed_server import FeedServer
from tests.pipeline.world import World, a_feed, an_article, with_relay


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


def page(picture: str) -> bytes:
    return f'<html><head><title>Quay</title><meta property="og:image" content="{picture}"></head><body><p>Low tide</p></body></html>'.encode()


def asking(world: World) -> World:
    return with_relay(world, "smtp://127.0.0.1:1?tls=none", page_pictures=True, private_networks=("127.0.0.0/8",))


def draft_of(world: World, *pages: str) -> Issue:
    with world.app.store.write() as tx:
        feed = tx.feeds.add(a_feed(world.mailing_list.id))
        for number, url in enumerate(pages):
            article = replace(an_article(number, world.clock() - timedelta(hours=1 + number)), url=url, picture=None)
            tx.articles.add(feed, article, content_hash(article), world.clock())
    return world.draft()


def html(world: World, issue: Issue) -> str:
    return world.app.render(issue, world.mailing_list).html


def test_a_page_is_asked_once(world: World, server: FeedServer) -> None:
    world = asking(world)
    url = server.at("/quay", body=page("/quay.jpg"))
    issue = draft_of(world, url)
    shown = html(world, issue)
    assert url.replace("/quay", "/quay.jpg") in shown
    assert html(world, issue) == shown
    assert [each.path for each in server.requests] == ["/quay"]
    prune(world.app.store, now=world.clock() + ASKED_FOR + timedelta(days=1))
    html(world, issue)
    assert len(server.requests) == 2


def test_what_names_none_or_cannot_be_read_stops_nothing_and_the_latter_is_asked_again(
    world: World, server: FeedServer
) -> None:
    world = asking(world)
    plain = server.at("/plain", body=b"<html><head><title>Plain</title></head><body><p>Words</p></body></html>")
    broken = server.at("/broken", status=500)
    issue = draft_of(world, plain, broken)
    assert "Story number 1" in html(world, issue)
    assert sorted(each.path for each in server.requests) == ["/broken", "/plain"]
    world.clock.forward(hours=2)
    server.at("/broken", body=page("https://news.example.org/late.jpg"))
    assert "https://news.example.org/late.jpg" in html(world, issue)
    assert sorted(each.path for each in server.requests) == ["/broken", "/broken", "/plain"]


def test_nobody_is_asked_unless_the_settings_say_so(world: World, server: FeedServer) -> None:
    html(world, draft_of(world, server.at("/quay", body=page("/quay.jpg"))))
    assert server.requests == []
