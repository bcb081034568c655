"""Feeds of issues for everybody, and a reader's own of articles: valid, kept, and harmless."""

from dataclasses import replace

import feedparser
import pytest
from lxml import etree

from digest.model.article import Article
from digest.model.choices import ChoiceChange
from digest.model.mailing_list import Archive
from digest.model.subscriber import SubscriptionState
from tests.doubles.newsreader import check_atom, check_json_feed
from tests.web.conftest import Site
from tests.web.newsroom import WIDE, change_list, headline, keep_picture, publish_week, set_archive
from tests.web.test_person import data_link
from tests.web.test_reader import confirmed, unsubscribe_link

ANN = "ann@example.org"
ATOM = "/lists/weekly/feed.atom"
JSON = "/lists/weekly/feed.json"


def own_feed(site: Site, number: int, renewed: int = 0) -> str:
    return site.path(site.world.app.links.feed(number, site.world.mailing_list.id, renewed))


def test_issues_as_atom(each_site: Site) -> None:
    site = each_site
    keep_picture(site.world)
    for week in range(2):
        publish_week(site.world, week)
    response = site.client.get(ATOM)
    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    check_atom(response.content)
    read = feedparser.parse(response.content)
    assert not read.bozo
    assert [entry.link for entry in read.entries] == [
        f"https://news.example.org/lists/weekly/issues/{n}" for n in (2, 1)
    ]
    assert read.entries[0].title.startswith(headline(1, 0))
    assert all(headline(1, place) in read.entries[0].content[0].value for place in range(3))
    assert f"/pictures/{WIDE.sha256}.jpg" in read.entries[0].content[0].value
    assert read.feed.updated == read.entries[0].updated == "2026-11-30T09:00:00Z"
    assert read.entries[0].id == "tag:weekly.example.org,2026-11-23:issues/2"


def test_issues_as_json_feed(each_site: Site) -> None:
    site = each_site
    keep_picture(site.world)
    publish_week(site.world, 0)
    response = site.client.get(JSON)
    assert response.headers["content-type"] == "application/feed+json; charset=utf-8"
    feed = check_json_feed(response.content)
    assert feed["feed_url"] == f"https://news.example.org{JSON}"
    assert feed["home_page_url"] == "https://news.example.org/lists/weekly/archive"
    (item,) = feed["items"]
    assert item["url"] == "https://news.example.org/lists/weekly/issues/1"
    assert item["image"] == f"https://news.example.org/pictures/{WIDE.sha256}.jpg"
    assert headline(0, 2) in item["content_html"]


def test_feeds_without_an_issue_are_feeds(site: Site) -> None:
    check_atom(site.client.get(ATOM).content)
    assert check_json_feed(site.client.get(JSON).content)["items"] == []
    check_atom(site.client.get(own_feed(site, confirmed(site))).content)


def test_what_was_told_keeps_its_id_and_its_time(site: Site) -> None:
    publish_week(site.world, 0)
    (before,) = feedparser.parse(site.client.get(ATOM).content).entries
    publish_week(site.world, 1)
    change_list(site.world, title="Another title", tagline="Another line")
    after = feedparser.parse(site.client.get(ATOM).content).entries[1]
    assert (before.id, before.updated, before.content) == (after.id, after.updated, after.content)


@pytest.mark.parametrize("path", [ATOM, JSON])
def test_a_feed_is_sent_once_in_whatever_language_one_asks(site: Site, path: str) -> None:
    publish_week(site.world, 0)
    first = site.client.get(path)
    assert first.headers["cache-control"] == "public, max-age=300"
    assert first.headers["last-modified"] == "Mon, 23 Nov 2026 09:00:00 GMT"
    for asked in ({"If-None-Match": first.headers["etag"]}, {"If-Modified-Since": first.headers["last-modified"]}):
        again = site.client.get(path, headers=asked | {"Accept-Language": "ar"})
        assert (again.status_code, again.content) == (304, b"")
    head = site.client.head(path)
    assert head.content == b""
    assert head.headers["content-length"] == str(len(first.content))
    publish_week(site.world, 1)
    assert site.client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


NASTY = (
    '"><script>alert(1)</script>',
    "</title><img src=x onerror=alert(1)>",
    "]]><script>alert(1)</script><![CDATA[",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x0b\x00\x1f\ud83d",
    "<!--",
)


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_that_strangers_wrote_breaks_a_feed_or_gets_a_tag_into_it(site: Site, nasty: str) -> None:
    def spoil(article: Article) -> Article:
        return replace(article, title=nasty, summary=nasty, publisher=nasty, author=nasty, url=f"{article.url}?{nasty}")

    change_list(site.world, topics=("".join(filter(str.isprintable, nasty[:40])) or "x",))
    number = confirmed(site)
    publish_week(site.world, 0, change=spoil, topics=(nasty[:40],))
    for path in (ATOM, own_feed(site, number)):
        root = check_atom(site.client.get(path).content)
        names = {etree.QName(element).localname for element in root.iter()}
        assert not names & {"script", "img", "b"}
    for item in check_json_feed(site.client.get(JSON).content)["items"]:
        assert "<script" not in item["content_html"]
        assert "<img" not in item["content_html"]


# a reader's own


def test_a_readers_own_feed_has_the_articles_of_their_topics(each_site: Site) -> None:
    site = each_site
    change_list(site.world, topics=("Town", "Science", "Sport"))
    number = confirmed(site)
    with site.world.app.store.write() as tx:
        from digest.model.choices import Choices, choose  # noqa: PLC0415  used here only

        chosen = choose(site.world.mailing_list, Choices(), ChoiceChange(topics="Town, Sport"))
        tx.audiences.choose(number, site.world.mailing_list.id, chosen, None)
    for week in range(2):
        publish_week(site.world, week, topics=("Town", "Science", "Sport"))
    response = site.client.get(own_feed(site, number))
    check_atom(response.content)
    read = feedparser.parse(response.content)
    assert [entry.tags[0].term for entry in read.entries] == ["Town", "Sport"] * 2
    assert read.entries[0].link == "https://news.example.org/stories/10"
    assert read.feed.subtitle == "Your topics: Town and Sport"
    assert len({entry.id for entry in read.entries}) == 4


def test_who_chose_nothing_gets_all(site: Site) -> None:
    number = confirmed(site)
    publish_week(site.world, 0)
    assert len(feedparser.parse(site.client.get(own_feed(site, number)).content).entries) == 3


def test_a_readers_own_feed_is_theirs_alone(site: Site) -> None:
    number = confirmed(site)
    publish_week(site.world, 0)
    response = site.client.get(own_feed(site, number))
    assert ANN not in response.text
    assert "/u/" not in response.text
    assert "/p/" not in response.text
    assert response.headers["cache-control"] == "private, no-cache"
    assert response.headers["x-robots-tag"] == "noindex"
    again = site.client.get(own_feed(site, number), headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, "private, no-cache")


def test_nothing_can_be_done_by_it(site: Site) -> None:
    link = own_feed(site, confirmed(site))
    token = link.rpartition("/")[2]
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        response = site.client.request(method, link, data={"List-Unsubscribe": "One-Click"})
        assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")
    for purpose in "upvac":
        assert site.client.get(f"/{purpose}/{token}").status_code == 404
        assert site.client.post(f"/{purpose}/{token}").status_code in (404, 405)
    assert site.state(ANN) is SubscriptionState.CONFIRMED


def test_it_ends_when_its_reader_leaves_or_is_erased(site: Site) -> None:
    number = confirmed(site)
    link = own_feed(site, number)
    site.client.post(unsubscribe_link(site, number))
    left = site.client.get(link)
    assert left.status_code == 410
    with site.world.app.store.write() as tx:
        tx.subscribers.erase(number)
    erased = site.client.get(link)
    assert (erased.status_code, erased.text) == (410, left.text)


def test_it_works_where_there_is_no_archive(site: Site) -> None:
    number = confirmed(site)
    publish_week(site.world, 0)
    set_archive(site.world, Archive.OFF)
    assert len(feedparser.parse(site.client.get(own_feed(site, number)).content).entries) == 3


def test_a_changed_link_is_none(site: Site) -> None:
    link = own_feed(site, confirmed(site))
    for changed in (link[:-1], f"{link}A", "/f/", "/f/x", "/f/%00"):
        assert site.client.get(changed).status_code == 404


def test_a_reader_gives_their_feed_another_address_and_the_old_one_ends(each_site: Site) -> None:
    site, number = each_site, confirmed(each_site)
    publish_week(site.world, 0)
    me = data_link(site, number)
    for renewed in range(3):
        assert f'href="{own_feed(site, number, renewed)}"' in site.client.get(me).text
        assert site.client.get(own_feed(site, number, renewed)).status_code == 200
        page = site.client.post(f"{me}/feed", data={"list": "weekly"})
        assert "another address" in page.text
        for old in range(renewed + 1):
            assert site.client.get(own_feed(site, number, old)).status_code == 410
    assert site.client.get(own_feed(site, number, 4)).status_code == 410  # no address of tomorrow works today
    check_atom(site.client.get(own_feed(site, number, 3)).content)


def test_another_address_is_for_who_holds_the_fresh_link_and_reads_the_list(site: Site) -> None:
    number = confirmed(site)
    me = data_link(site, number)
    before = site.dump()
    for fields in ({}, {"list": "nope"}, {"list": ""}):
        assert site.client.post(f"{me}/feed", data=fields).status_code == 422
    assert site.client.post("/me/nothing/feed", data={"list": "weekly"}).status_code == 410
    assert site.dump() == before
    assert site.client.get(own_feed(site, number)).status_code == 200
