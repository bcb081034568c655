"""Short links in a feed: where they lead is asked once, over real HTTP, and the article is known by its page."""

from collections.abc import Iterator

import pytest

from digest.model.feed import Entry, FeedFailed, FeedKind, FeedOutcome, FeedRead, FetchLimits
from digest.model.web_address import canonical_url
from digest.pipeline.short_links import lead_on
from tests.doubles.feed_server import FeedServer
from tests.pipeline.world import World

LOOPBACK = FetchLimits(max_seconds=10, allow_private=frozenset({"127.0.0.0/8"}))
PAGE = "https://harbour.example/quay?id=7"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


def reading(*entries: Entry) -> FeedRead:
    return FeedRead("https://harbour.example/feed", FeedKind.SYNDICATION, "Harbour", entries)


def led_on(world: World, server: FeedServer, outcome: FeedOutcome) -> FeedOutcome:
    host = canonical_url(server.url("/")).removeprefix("https://").rstrip("/")
    return lead_on(world.app.store, outcome, LOOPBACK, now=world.clock(), hosts={host})


def test_an_entry_gets_the_address_of_its_page_and_the_link_is_asked_once(world: World, server: FeedServer) -> None:
    link = server.redirect("/x1", PAGE, 301)
    before = reading(Entry("Quay opens", url=link), Entry("Quay closes", guid="7", url=link), Entry("Tide", url=PAGE))
    after = led_on(world, server, before)
    assert isinstance(after, FeedRead)
    assert [(entry.url, entry.guid) for entry in after.entries] == [(PAGE, link), (PAGE, "7"), (PAGE, None)]
    assert led_on(world, server, before) == after
    assert server.paths == ["/x1"]


def test_a_link_that_does_not_answer_stays_and_is_asked_again(world: World, server: FeedServer) -> None:
    link = server.at("/x2", 500)
    before = reading(Entry("Quay opens", url=link))
    assert led_on(world, server, before) == before
    server.redirect("/x2", "/quay", 302)
    after = led_on(world, server, before)
    assert isinstance(after, FeedRead)
    assert after.entries[0].url == server.url("/quay")
    assert "/quay" not in server.paths


def test_what_leads_into_a_private_network_is_not_asked_and_other_readings_pass(
    world: World, server: FeedServer
) -> None:
    failed = FeedFailed("It could not be read.")
    assert led_on(world, server, failed) is failed
    link = server.redirect("/x3", PAGE)
    host = canonical_url(link).removeprefix("https://").partition("/")[0]
    before = reading(Entry("Quay opens", url=link))
    assert lead_on(world.app.store, before, FetchLimits(), now=world.clock(), hosts={host}) == before
    assert server.paths == []
