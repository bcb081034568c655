from dataclasses import replace
from pathlib import Path

import pytest

from digest.model.errors import BadInput, TryLater
from digest.model.feed import FeedKind, FetchLimits
from digest.sources import Discovered, discover
from digest.sources.parsed import FoundFeed
from tests.doubles.feed_server import FeedServer
from tests.unit.sources.test_page import PAGE

RSS = "<rss version='2.0'><channel><title>Tamar Post</title><item><title>A</title></item></channel></rss>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Tamar Atom</title></feed>"
LOCAL_PAGE = PAGE.replace("//json.tamar.example/f", "/json")
HOME = "<html><head><title>Home</title>{}</head><body><p>Welcome</p></body></html>"


def link(href: str, title: str = "", kind: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" title="{title}">'


def test_a_feed(server: FeedServer, limits: FetchLimits) -> None:
    url = server.at("/feed", body=RSS, headers={"Content-Type": "text/html"})  # the bytes count
    assert discover(url, limits) == Discovered(FeedKind.SYNDICATION, url, "Tamar Post")
    assert discover(f"feed:{url}", limits).location == url
    assert discover(f" {url}\n", limits).location == url


def test_a_json_feed(server: FeedServer, limits: FetchLimits) -> None:
    url = server.at("/feed", body='{"version": "https://jsonfeed.org/version/1", "title": "J", "items": []}')
    assert discover(url, limits) == Discovered(FeedKind.SYNDICATION, url, "J")


def test_a_feed_that_moved_for_good(server: FeedServer, limits: FetchLimits) -> None:
    new = server.at("/new", body=RSS)
    assert discover(server.redirect("/old", "/new", 301), limits).location == new
    assert discover(server.redirect("/now", "/new", 302), limits).location == server.url("/now")


def test_an_article_with_the_feeds_of_its_site(server: FeedServer, limits: FetchLimits) -> None:
    url = server.at("/news/bridge", body=LOCAL_PAGE)
    found = discover(url, limits)
    assert (found.kind, found.location) == (FeedKind.PAGE, url)
    assert found.title.startswith("Bridge over the Tamar")
    assert found.others[0] == FoundFeed(server.url("/feed"), "All news")


def test_a_home_page_that_names_its_feeds(server: FeedServer, limits: FetchLimits) -> None:
    server.at("/rss", body=RSS)
    server.at("/atom", body=ATOM)
    url = server.at(
        "/", body=HOME.format(link("/dead") + link("rss", "RSS") + link("/atom", "Atom", "application/atom+xml"))
    )
    found = discover(url, limits)
    assert found == Discovered(
        FeedKind.SYNDICATION,
        server.url("/rss"),
        "Tamar Post",
        (FoundFeed(server.url("/dead")), FoundFeed(server.url("/atom"), "Atom")),
    )


@pytest.mark.parametrize("place", ["/feed", "/rss.xml", "/atom.xml", "/blog/feed", "/blog/index.xml"])
def test_a_site_that_names_none(server: FeedServer, limits: FetchLimits, place: str) -> None:
    server.at(place, body=ATOM)
    found = discover(server.at("/blog/", body=HOME.format("")), limits)
    assert found == Discovered(FeedKind.SYNDICATION, server.url(place), "Tamar Atom")


def test_an_article_that_does_not_say_so(server: FeedServer, limits: FetchLimits) -> None:
    url = server.at(
        "/x",
        body=LOCAL_PAGE.replace('content="article"', 'content=""')
        .replace("article:published_time", "x")
        .replace('rel="alternate"', "")
        .replace('rel="ALTERNATE"', ""),
    )
    assert discover(url, limits).kind is FeedKind.PAGE


def test_a_page_with_nothing(server: FeedServer, limits: FetchLimits) -> None:
    url = server.at("/x", body=HOME.format(""))
    with pytest.raises(BadInput, match="is neither a feed nor an article, and the page names no feed") as failure:
        discover(url, limits)
    assert str(failure.value).startswith(url)
    assert len(server.requests) <= 20


@pytest.mark.parametrize("body", [b"", b"\x89PNG\r\n\x1a\n\0\0", b"%PDF-1.7"])
def test_what_is_neither_feed_nor_page(server: FeedServer, limits: FetchLimits, body: bytes) -> None:
    with pytest.raises(BadInput):
        discover(server.at("/x", body=body), limits)


@pytest.mark.parametrize(
    ("status", "kind"), [(404, BadInput), (410, BadInput), (403, BadInput), (503, TryLater), (429, TryLater)]
)
def test_refusals(server: FeedServer, limits: FetchLimits, status: int, kind: type[Exception]) -> None:
    url = server.at("/x", status)
    with pytest.raises(kind, match=str(status)) as failure:
        discover(url, limits)
    assert str(failure.value).startswith(url)
    assert str(failure.value).endswith(".")


def test_nobody_there(limits: FetchLimits) -> None:
    with FeedServer() as server:
        url = server.url()
    with pytest.raises(TryLater, match="cannot be reached"):
        discover(url, limits)


def test_a_private_address(server: FeedServer, limits: FetchLimits) -> None:
    with pytest.raises(BadInput, match="private network"):
        discover(server.at("/x", body=RSS), replace(limits, allow_private=frozenset()))
    assert server.connections == 0


def test_without_a_scheme(server: FeedServer, limits: FetchLimits) -> None:
    """https comes first; a server that does not speak it is asked in the clear."""
    server.at("/feed", body=RSS)
    found = discover(f"127.0.0.1:{server.port}/feed", replace(limits, max_seconds=1))
    assert found.location == server.url("/feed")


def test_a_password_is_not_repeated(limits: FetchLimits) -> None:
    with pytest.raises(BadInput) as failure:
        discover("https://ann:secret@example.org/", limits)
    assert "secret" not in str(failure.value)


def test_a_folder(tmp_path: Path, limits: FetchLimits, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "our news"
    folder.mkdir()
    expected = Discovered(FeedKind.FOLDER, str(folder), "our news")
    monkeypatch.chdir(tmp_path)
    for name in (
        str(folder),
        f"{folder}/",
        folder.as_uri(),
        "our news",
        "./our news",
        "../" + tmp_path.name + "/our news",
    ):
        assert discover(name, limits) == expected


def test_a_file_is_no_folder(tmp_path: Path, limits: FetchLimits) -> None:
    (tmp_path / "a.md").write_text("x")
    with pytest.raises(BadInput, match="is a file; give the folder that it is in"):
        discover(str(tmp_path / "a.md"), limits)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "/no/such/folder",
        "./nothing",
        "~/no-such-folder",
        "file:///no/such",
        "nothing",
        "two words",
        "ftp://example.org/",
        "\0",
        "http://",
        "javascript:alert(1)",
        "~nobody-here/x",
    ],
)
def test_what_cannot_be_read(limits: FetchLimits, text: str) -> None:
    with pytest.raises(BadInput) as failure:
        discover(text, limits)
    assert str(failure.value).endswith(".")
