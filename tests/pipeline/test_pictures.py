"""Pictures of an issue over real HTTP: fetched once, shown from our own address or in the mail, and never in its way."""

import email
import email.policy
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from digest.articles.decide import content_hash
from digest.model.edition import Edition
from digest.model.feed import FetchLimits, Picture
from digest.model.issue import Issue
from digest.model.picture import KeptPicture, MissingPicture, PictureWay
from digest.pipeline.pictures import PictureDesk
from digest.pipeline.prune import prune
from digest.pipeline.trial import preview
from digest.sources import read_picture
from tests.doubles.feed_server import FeedServer
from tests.pipeline.world import PERIOD, World, a_feed, an_article, with_relay

LOOPBACK = FetchLimits(max_seconds=10, allow_private=frozenset({"127.0.0.0/8"}))


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


def photo(size: tuple[int, int] = (1200, 800), colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def showing(world: World, way: PictureWay) -> World:
    return with_relay(world, "smtp://127.0.0.1:1?tls=none", pictures=way, private_networks=("127.0.0.0/8",))


def add_article(world: World, url: str, number: int = 0, credit: str = "") -> None:
    with world.app.store.write() as tx:
        feeds = tx.feeds.of_list(world.mailing_list.id)
        feed = feeds[0] if feeds else tx.feeds.add(a_feed(world.mailing_list.id))
        article = replace(
            an_article(number, world.clock() - timedelta(hours=1 + number)), picture=Picture(url, "A quay", credit)
        )
        tx.articles.add_keys(
            feed.list_id, tx.articles.add(feed, article, content_hash(article), world.clock()), [f"url:{article.url}"]
        )


def desk(world: World) -> PictureDesk:
    assert world.app.pictures
    return world.app.pictures


def rendered(world: World, issue: Issue) -> Edition:
    return world.app.render(issue, world.mailing_list)


def kept(world: World, url: str) -> KeptPicture:
    with world.app.store.read() as tx:
        found = tx.pictures.of([url])[url]
    assert isinstance(found, KeptPicture)
    return found


# Reading one


def test_a_picture_is_read_through_the_guard(server: FeedServer) -> None:
    url = server.at("/a.jpg", body=photo())
    assert isinstance(read_picture(url, LOOPBACK), KeptPicture)
    assert server.requests[0].headers["accept"].startswith("image/")
    refused = read_picture(url, FetchLimits())
    assert isinstance(refused, MissingPicture)
    assert "private network" in refused.reason
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, b"", "it answered 404 Not Found"),
        (410, b"", "it is gone for good (410 Gone)"),
        (200, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "it is no JPEG, PNG, GIF, WebP or AVIF picture"),
        (200, photo()[:500], "it is damaged or cut off"),
        (200, b"x" * 15_000_001, "it is larger than 15,000,000 bytes"),
    ],
)
def test_why_a_picture_cannot_be_had_is_said(server: FeedServer, status: int, body: bytes, reason: str) -> None:
    assert read_picture(server.at("/a.jpg", status, body), LOOPBACK) == MissingPicture(reason)


def test_a_redirect_into_a_private_network_is_refused(server: FeedServer) -> None:
    url = server.redirect("/a.jpg", "http://10.0.0.1/a.jpg")
    outcome = read_picture(url, LOOPBACK)
    assert isinstance(outcome, MissingPicture)
    assert "private network" in outcome.reason


# Of an issue


def test_by_link_nothing_is_fetched(world: World, server: FeedServer) -> None:
    url = server.at("/a.jpg", body=photo())
    add_article(world, url)
    assert world.app.pictures is None
    assert f'src="{url}"' in rendered(world, world.draft()).html
    assert server.requests == []


def test_stored_it_is_fetched_once_and_shown_from_our_address(world: World, server: FeedServer) -> None:
    world = showing(world, PictureWay.STORED)
    url = server.at("/a.jpg", body=photo())
    add_article(world, url)
    issue = world.draft()
    assert desk(world).fetch(issue) == ()
    assert desk(world).fetch(issue) == ()
    first, second = rendered(world, issue), rendered(world, issue)
    assert server.paths == ["/a.jpg"]
    assert first == second
    wide = kept(world, url).wide
    assert f'src="https://news.example.org/pictures/{wide.sha256}.' in first.html
    assert url not in first.html
    assert 'class="lead-picture" src="https://news.example.org/pictures/' in first.html
    assert b"multipart/related" not in first.skeleton


def test_rendering_fetches_what_drafting_did_not(world: World, server: FeedServer) -> None:
    world = showing(world, PictureWay.STORED)
    add_article(world, server.at("/a.jpg", body=photo()))
    assert "/pictures/" in rendered(world, world.draft()).html
    assert server.paths == ["/a.jpg"]


def test_a_story_beside_gets_the_thumb(world: World, server: FeedServer) -> None:
    world = showing(world, PictureWay.STORED)
    add_article(world, server.at("/0.jpg", body=photo()), 0)
    url = server.at("/1.jpg", body=photo(colour="red"))
    add_article(world, url, 1)
    html = rendered(world, world.draft()).html
    assert kept(world, url).thumb.sha256 in html
    assert kept(world, url).wide.sha256 not in html


def test_embedded_the_mail_carries_it_and_the_web_edition_does_not(world: World, server: FeedServer) -> None:
    world = showing(world, PictureWay.EMBEDDED)
    url = server.at("/a.jpg", body=photo())
    add_article(world, url)
    issue = world.draft()
    files = preview(world.app.store, issue.id, world.app.render, world.app.links, now=world.clock())
    message = email.message_from_bytes(files["message.eml"], policy=email.policy.SMTP)
    (picture,) = (part for part in message.walk() if part.get_content_maintype() == "image")
    assert picture.get_content() == kept(world, url).wide.content
    assert b"/pictures/" in files["body.html"]


def test_what_cannot_be_had_stays_a_link_is_said_and_tried_again_later(world: World, server: FeedServer) -> None:
    world = showing(world, PictureWay.STORED)
    url = server.at("/a.jpg", 503)
    add_article(world, url)
    issue = world.draft()
    said = f"The picture {url} could not be had: it answered 503 Service Unavailable. The mail links to it."
    assert desk(world).fetch(issue) == (said,)
    world.clock.forward(minutes=50)
    assert desk(world).fetch(issue) == (said,)
    assert f'src="{url}"' in rendered(world, issue).html
    assert server.paths == ["/a.jpg"]
    server.at("/a.jpg", body=photo())
    world.clock.forward(minutes=11)
    assert desk(world).fetch(issue) == ()
    assert url not in rendered(world, issue).html


def test_one_that_counts_readers_is_left_out_and_its_credit_stays(world: World, server: FeedServer) -> None:
    world = showing(world, PictureWay.STORED)
    url = server.at("/pixel.gif", body=photo((1, 1)))
    add_article(world, url, credit="Ann Roe")
    issue = world.draft()
    assert desk(world).fetch(issue) == (f"The picture {url} is left out: it is too small to be a picture.",)
    html = rendered(world, issue).html
    assert "<img" not in html
    assert "Ann Roe" in html


def test_a_published_issue_has_its_pictures_and_pruning_leaves_them(world: World, server: FeedServer) -> None:
    world = showing(world, PictureWay.STORED)
    url = server.at("/a.jpg", body=photo())
    add_article(world, url)
    world.subscribe(1)
    campaign = world.publish()
    assert campaign.audience == 1
    world.clock.forward(days=400)
    prune(world.app.store, now=world.clock())
    assert kept(world, url)


def test_pictures_of_no_issue_are_pruned_after_a_week(world: World, server: FeedServer) -> None:
    world = showing(world, PictureWay.STORED)
    with world.app.store.write() as tx:
        tx.pictures.keep(server.at("/a.jpg"), read_picture(server.at("/a.jpg", body=photo()), LOOPBACK), world.clock())
    world.clock.forward(days=6)
    assert prune(world.app.store, now=world.clock()) == 0
    world.clock.forward(days=2)
    assert prune(world.app.store, now=world.clock()) == 1


def test_an_issue_of_two_days_shares_what_is_kept(world: World, server: FeedServer) -> None:
    world = showing(world, PictureWay.STORED)
    add_article(world, server.at("/a.jpg", body=photo()))
    rendered(world, world.draft())
    rendered(world, world.draft(PERIOD + timedelta(days=1)))
    assert server.paths == ["/a.jpg"]
