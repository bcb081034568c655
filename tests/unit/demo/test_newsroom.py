import json
import re
from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
import yaml

from digest.demo.newsroom import Newsroom, examples_folder
from digest.demo.stories import split_front_matter
from tests.unit.demo.reading import get

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
XML_FEEDS = ["/lantern/feed.xml", "/fieldnotes/atom.xml", "/slipway/index.rdf", "/quay/rss.xml"]


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(NOW) as running:
        yield running


@pytest.fixture(scope="module")
def entries(newsroom: Newsroom) -> dict[str, list[dict[str, str]]]:
    """Path → title and link of each entry of each feed."""
    found = {path: _xml_entries(newsroom, path) for path in XML_FEEDS}
    items = json.loads(get(f"{newsroom.base_url}/longtable/feed.json").body)["items"]
    found["/longtable/feed.json"] = [{"title": item["title"], "link": item["url"]} for item in items]
    return found


def _xml_entries(newsroom: Newsroom, path: str) -> list[dict[str, str]]:
    feed = feedparser.parse(get(newsroom.base_url + path).body)
    assert not feed.bozo, feed.get("bozo_exception")
    return [{"title": entry.title, "link": entry.link.partition("?")[0]} for entry in feed.entries]


@pytest.mark.parametrize(
    ("path", "kind", "version"),
    [
        ("/lantern/feed.xml", "application/rss+xml", "rss20"),
        ("/fieldnotes/atom.xml", "application/atom+xml", "atom10"),
        ("/slipway/index.rdf", "application/rdf+xml", "rss10"),
        ("/quay/rss.xml", "application/rss+xml", "rss20"),
    ],
)
def test_each_feed_is_well_formed_and_of_its_kind(newsroom: Newsroom, path: str, kind: str, version: str) -> None:
    got = get(newsroom.base_url + path)
    assert got.headers["Content-Type"].startswith(kind)
    assert feedparser.parse(got.body).version == version


def test_the_json_feed_is_one(newsroom: Newsroom) -> None:
    got = get(f"{newsroom.base_url}/longtable/feed.json")
    feed = json.loads(got.body)
    assert got.headers["Content-Type"] == "application/feed+json"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert all(item["content_html"].startswith(("<p>", "<figure>")) for item in feed["items"])


def test_there_are_25_different_articles(
    entries: dict[str, list[dict[str, str]]], newsroom: Newsroom, tmp_path: Path
) -> None:
    links = [entry["link"] for feed in entries.values() for entry in feed]
    page_and_folder = 1 + len(newsroom.write_folder(tmp_path))
    assert (len(links), len(set(links)) + page_and_folder) == (21, 25)


def test_two_stand_in_two_feeds_at_the_same_address(entries: dict[str, list[dict[str, str]]]) -> None:
    links = [entry["link"].partition("/")[2] for feed in entries.values() for entry in feed]
    twice = {link.rpartition("/")[2] for link in links if links.count(link) == 2}
    assert twice == {"rock-pool", "rope-library"}


def test_one_is_old_one_to_come_one_undated_and_the_rest_of_this_week(newsroom: Newsroom) -> None:
    feeds = [feedparser.parse(get(newsroom.base_url + path).body) for path in XML_FEEDS]
    stamps = {
        e.title: dict.get(e, "published_parsed") or dict.get(e, "updated_parsed")
        for feed in feeds
        for e in feed.entries
    }
    ages = {title: NOW - datetime.fromtimestamp(timegm(stamp), UTC) for title, stamp in stamps.items() if stamp}
    assert [title for title, stamp in stamps.items() if not stamp] == ["The accordion in lost property"]
    assert [title for title, age in ages.items() if age > timedelta(days=7)] == ["The old fish hall has a roof again"]
    assert min(ages.values()) > timedelta(0)
    dates = [
        item["date_published"] for item in json.loads(get(f"{newsroom.base_url}/longtable/feed.json").body)["items"]
    ]
    assert [date for date in dates if datetime.fromisoformat(date) > NOW] == ["2026-03-07T12:00:00Z"]


def test_every_address_in_every_page_and_feed_is_answered(newsroom: Newsroom, tmp_path: Path) -> None:
    """Whatever a reader may click or load here is here."""
    starts = [newsroom.base_url + "/"] + [feed.location for feed in newsroom.feeds if feed.location]
    folder = "".join(file.read_text("utf-8") for file in newsroom.write_folder(tmp_path))
    seen, ahead = set(), {*starts, *_addresses(newsroom, folder)}
    while ahead:
        url = ahead.pop()
        seen.add(url)
        got = get(url)
        assert got.status == 200, url
        if not got.headers["Content-Type"].startswith("image/"):
            ahead |= _addresses(newsroom, got.text) - seen
    assert len([url for url in seen if url.endswith(".jpg")]) == len(
        list((examples_folder() / "pictures").glob("*.jpg"))
    )
    assert len(seen) > 40


def _addresses(newsroom: Newsroom, text: str) -> set[str]:
    return set(re.findall(rf"{newsroom.base_url}/[^\s\"&<>?#\\]*", text))


def test_nothing_points_anywhere_else(newsroom: Newsroom) -> None:
    allowed = ("http://www.w3.org/", "http://purl.org/", "http://search.yahoo.com/mrss/", "https://jsonfeed.org/")
    for path in [
        *XML_FEEDS,
        "/longtable/feed.json",
        "/",
        "/quay/",
        "/candlehead/lamp-by-hand",
        "/slipway/rope-library",
    ]:
        for url in re.findall(r"https?://[^\s\"'<>]+", get(newsroom.base_url + path).text):
            assert url.startswith((newsroom.base_url, *allowed)), f"{path}: {url}"


def test_a_feed_that_has_not_changed_is_304(newsroom: Newsroom) -> None:
    url = f"{newsroom.base_url}/fieldnotes/atom.xml"
    assert get(url, If_None_Match=get(url).headers["ETag"]).status == 304


def test_the_home_page_leads_to_its_feed(newsroom: Newsroom) -> None:
    assert (
        '<link rel="alternate" type="application/rss+xml" title="Quay Street" href="rss.xml">'
        in get(f"{newsroom.base_url}/quay/").text
    )


def test_the_article_page_has_everything_around_its_story(newsroom: Newsroom) -> None:
    page = get(f"{newsroom.base_url}/candlehead/lamp-by-hand").text
    for piece in (
        'property="og:title"',
        'property="og:image"',
        "<nav",
        "<aside",
        "<footer",
        'class="cookies"',
        "ninety-one steps",
    ):
        assert piece in page


def test_the_lists_feeds_cover_the_four_topics(newsroom: Newsroom) -> None:
    assert list(dict.fromkeys(feed.topic for feed in newsroom.feeds)) == ["The Town", "Science", "Culture", "The Table"]
    assert [feed.folder for feed in newsroom.feeds if not feed.location] == ["weather-and-water"]


def test_the_folder_is_written_twice_without_harm(newsroom: Newsroom, tmp_path: Path) -> None:
    first = newsroom.write_folder(tmp_path / "deep" / "folder")
    assert newsroom.write_folder(tmp_path / "deep" / "folder") == first
    assert sorted(file.suffix for file in first) == [".html", ".md", ".md", ".txt", ".txt"]


def test_the_folders_files_are_of_this_week_and_lead_here(newsroom: Newsroom, tmp_path: Path) -> None:
    for file in newsroom.write_folder(tmp_path):
        text = file.read_text("utf-8")
        assert "{{" not in text
        assert timedelta(0) < NOW - datetime.fromtimestamp(file.stat().st_mtime, UTC) <= timedelta(days=1)
        if file.suffix == ".md":
            front, _ = split_front_matter(text)
            assert timedelta(0) < NOW - front["date"] < timedelta(days=7)
            assert get(front["url"]).status == 200


def test_the_text_files_have_the_shape_of_a_copied_page(newsroom: Newsroom, tmp_path: Path) -> None:
    for file in newsroom.write_folder(tmp_path):
        if file.suffix == ".txt":
            text = file.read_text("utf-8")
            credit, headline, standfirst, *_ = text.split("\n\n")
            assert "/" in credit
            assert not headline.endswith(".")
            assert len(standfirst.split()) > 12
            assert text.count("Sign up for our weekly newsletter") == 2


def test_every_picture_is_small_and_described() -> None:
    pictures = list((examples_folder() / "pictures").glob("*.jpg"))
    assert len(pictures) >= 14
    assert all(picture.read_bytes()[:3] == b"\xff\xd8\xff" for picture in pictures)
    assert max(picture.stat().st_size for picture in pictures) <= 60_000
    assert sum(picture.stat().st_size for picture in pictures) <= 900_000
    for file in (examples_folder() / "stories").glob("*/*.md"):
        front = yaml.safe_load(file.read_text("utf-8").split("---\n")[1])
        assert ("picture" in front) == ("alt" in front) == ("credit" in front), file.name


def test_every_story_is_a_whole_one() -> None:
    for file in (examples_folder() / "stories").glob("*/*.md"):
        front, body = split_front_matter(file.read_text("utf-8"))
        assert 120 <= len(body.split()) <= 500, file.name
        assert 12 <= len(front["standfirst"].split()) <= 60, file.name
        assert front["author"], file.name
