import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from digest.articles.gist import gist_of
from digest.model.feed import FeedFailed, FeedGone, FeedKind, FeedOutcome, FeedRead, FeedUnchanged, FetchLimits
from digest.sources import read_feed
from tests.doubles.feed_server import FeedServer
from tests.unit.sources.conftest import feed_at
from tests.unit.sources.test_page import PAGE

RSS = (Path(__file__).parents[2] / "data" / "feeds" / "rss20.xml").read_bytes()


def failure(outcome: FeedOutcome) -> str:
    assert isinstance(outcome, FeedFailed), outcome
    assert outcome.reason.endswith(".")
    assert "\n" not in outcome.reason
    return outcome.reason


def test_a_feed_and_then_the_same_feed(server: FeedServer, limits: FetchLimits) -> None:
    url = server.conditional("/feed", RSS)
    first = read_feed(feed_at(url), limits)
    assert isinstance(first, FeedRead)
    assert (first.location, first.kind, first.title, len(first.entries)) == (
        url,
        FeedKind.SYNDICATION,
        "Harbour & Hinterland",
        2,
    )
    assert (first.etag, first.language, first.notes) == ('"one"', "en-gb", ())
    assert read_feed(feed_at(url, etag=first.etag, last_modified=first.last_modified), limits) == FeedUnchanged()


@pytest.mark.parametrize(("kind", "body"), [(FeedKind.SYNDICATION, RSS), (FeedKind.PAGE, PAGE)])
def test_the_gist_is_told_where_entries_are_parsed(
    server: FeedServer, limits: FetchLimits, kind: FeedKind, body: bytes
) -> None:
    feed = feed_at(server.at("/news/bridge", body=body), kind)
    plain, told = read_feed(feed, limits), read_feed(feed, limits, gist_of)
    assert isinstance(plain, FeedRead)
    assert isinstance(told, FeedRead)
    assert told.entries == tuple(replace(entry, gist=gist_of(entry)) for entry in plain.entries)


def test_relative_links_count_from_where_the_feed_came_from(server: FeedServer, limits: FetchLimits) -> None:
    server.at(
        "/new/feed",
        body="<rss version='2.0'><channel><title>T</title><item><title>A</title><link>a</link></item></channel></rss>",
    )
    found = read_feed(feed_at(server.redirect("/old", "/new/feed", 301)), limits)
    assert isinstance(found, FeedRead)
    assert (found.location, found.entries[0].url) == (server.url("/new/feed"), server.url("/new/a"))


def test_a_page(server: FeedServer, limits: FetchLimits) -> None:
    found = read_feed(feed_at(server.at("/news/bridge", body=PAGE), FeedKind.PAGE), limits)
    assert isinstance(found, FeedRead)
    assert [entry.guid for entry in found.entries] == [server.url("/news/bridge")]


@pytest.mark.parametrize(("status", "known_by"), [(301, "/old"), (308, "/old"), (302, "/news/bridge")])
def test_a_page_that_moved_for_good_is_known_by_both_addresses(
    server: FeedServer, limits: FetchLimits, status: int, known_by: str
) -> None:
    server.at("/news/bridge", body=PAGE)
    found = read_feed(feed_at(server.redirect("/old", "/news/bridge", status), FeedKind.PAGE), limits)
    assert isinstance(found, FeedRead)
    assert [(entry.url, entry.guid) for entry in found.entries] == [(server.url("/news/bridge"), server.url(known_by))]


def test_gone(server: FeedServer, limits: FetchLimits) -> None:
    url = server.at("/feed", 410)
    assert read_feed(feed_at(url), limits) == FeedGone(
        f"{url} is gone for good (410 Gone) and will not be asked again."
    )


def test_html_says_what_to_do(server: FeedServer, limits: FetchLimits) -> None:
    reason = failure(read_feed(feed_at(server.at("/feed", body=PAGE)), limits))
    assert reason.startswith(
        f"{server.url('/feed')} could not be read: it is a web page, not a feed; `digest feed add`"
    )


def test_notes_name_the_feed(server: FeedServer, limits: FetchLimits) -> None:
    url = server.at("/feed", body=RSS)
    found = read_feed(feed_at(url), replace(limits, max_entries=1))
    assert isinstance(found, FeedRead)
    assert found.notes == (f"{url}: It has 2 entries; only the 1 newest were read.",)


@pytest.mark.parametrize(
    "location", ["/etc/passwd", "file:///etc/passwd", "", "http://[", "ftp://x/", "https://a:secret@example.org/"]
)
def test_odd_locations_are_one_sentence(limits: FetchLimits, location: str) -> None:
    reason = failure(read_feed(feed_at(location), limits))
    assert "root:" not in reason
    assert "secret" not in reason


def test_one_broken_feed_never_stops_the_others(server: FeedServer, limits: FetchLimits) -> None:
    limits = replace(limits, max_seconds=2)
    bad = [
        server.at("/404", 404),
        server.at("/html", body=PAGE),
        server.at("/empty"),
        server.gzip_bomb("/bomb"),
        server.endless("/endless", start=b"<rss version='2.0'><channel>"),
        server.drip("/slow", RSS, pause=0.1),
        server.redirect("/loop", "/loop"),
        server.cut_off("/cut", RSS),
        server.garbage("/garbage", b"\0\1\2"),
        "http://10.0.0.1/feed",
        "http://nowhere.invalid/",
    ]
    good = [server.at(f"/good{number}", body=RSS) for number in range(5)]
    with ThreadPoolExecutor(8) as threads:
        outcomes = dict(
            zip(bad + good, threads.map(lambda url: read_feed(feed_at(url), limits), bad + good), strict=True)
        )
    for url in bad:
        assert failure(outcomes[url]).startswith(url)
    assert all(isinstance(outcomes[url], FeedRead) for url in good)
    assert threading.active_count() < 40


def test_looking_at_the_face_loads_nothing_heavy() -> None:
    code = "import sys, digest.sources; print([name for name in ('feedparser', 'trafilatura', 'httpx2', 'lxml', 'nh3', 'yaml') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
