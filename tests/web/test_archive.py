"""Former issues as pages: which there are, what they say to people, caches and search engines, and what they cost."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from digest.model.errors import WrongState
from digest.model.issue import IssueState
from digest.model.mailing_list import Archive
from digest.pipeline.brake import stop
from digest.pipeline.prune import prune
from digest.pipeline.withdraw import restore, withdraw
from tests.pipeline.world import PERIOD
from tests.web.conftest import Site
from tests.web.newsroom import PICTURE, WIDE, add_issues, change_list, headline, keep_picture, publish_week, set_archive
from tests.web.test_reader import confirmed

ANN = "ann@example.org"
INDEX = "/lists/weekly/archive"
FIRST = "/lists/weekly/issues/1"


@contextmanager
def queries(site: Site) -> Iterator[list[str]]:
    """Those that the database is asked within."""
    asked: list[str] = []
    engine = site.world.app.store._engine

    def note(*told: object) -> None:
        asked.append(str(told[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


# the index


def test_the_index_shows_each_issue_once_newest_first(each_site: Site) -> None:
    site = each_site
    keep_picture(site.world)
    for week in range(3):
        publish_week(site.world, week)
    page = site.client.get(INDEX).text
    assert re.findall(r'<h2[^>]*><a href="([^"]*)">([^<]*)<', page) == [
        (f"/lists/weekly/issues/{week + 1}", headline(week, 0)) for week in (2, 1, 0)
    ]
    assert "Monday 7 December 2026" in page
    assert "What story 20 says in one sentence." in page
    assert f'src="/pictures/{WIDE.sha256}.jpg"' in page  # of the newest, wide
    assert page.count("<img") == 3
    assert (
        '<link rel="alternate" type="application/atom+xml" title="The Weekly" href="/lists/weekly/feed.atom">' in page
    )


def test_a_picture_that_is_not_ours_is_not_asked_for_by_the_index(site: Site) -> None:
    publish_week(site.world, 0)
    assert "<img" not in site.client.get(INDEX).text
    assert PICTURE in site.client.get(FIRST).text  # as in the mail


def test_a_subject_of_the_editors_stands_above_the_headline(site: Site) -> None:
    site.world.add_articles(2)
    issue = site.world.draft()
    with site.world.app.store.write() as tx:
        drafted = tx.issues.get(issue.id)
        tx.issues.fill(
            drafted, replace(drafted.content, subject="A week of rain"), (issue.window_from, issue.window_to)
        )
        issue = tx.issues.get(issue.id)
    site.world.publish(issue)
    page = site.client.get(INDEX).text
    assert re.search(r"<h2[^>]*><a [^>]*>A week of rain</a></h2>\s*<p class=\"second\"[^>]*>Story number", page)


def test_an_empty_archive_says_so(site: Site) -> None:
    page = site.client.get(INDEX)
    assert page.status_code == 200
    assert "No issue has appeared yet." in page.text


def test_many_issues_are_read_in_pages_with_a_few_queries(each_site: Site) -> None:
    site = each_site
    with site.world.app.store.write() as tx:
        add_issues(tx, site.world, 100)
    for page, first in ((1, 100), (2, 80), (5, 20)):
        with queries(site) as asked:
            text = site.client.get(f"{INDEX}?page={page}").text
        assert len([query for query in asked if query.startswith("SELECT")]) <= 4
        assert not any(word in query for query in asked for word in ("editions.html", "editions.web", "body_html"))
        assert [int(number) for number in re.findall(r"/issues/(\d+)\">Issue", text)] == list(
            range(first, first - 20, -1)
        )
        assert len(text) < 30_000
    assert 'rel="next"' not in text
    assert f'rel="prev" href="{INDEX}?page=4"' in text


def test_an_issues_page_is_made_with_a_few_queries_however_many_there_are(site: Site) -> None:
    with site.world.app.store.write() as tx:
        add_issues(tx, site.world, 50)
    with queries(site) as asked:
        assert site.client.get("/lists/weekly/issues/25").status_code == 200
    assert len([query for query in asked if query.startswith("SELECT")]) <= 8


@pytest.mark.parametrize("page", ["2", "0", "-1", "01", "x", "", "1e3", "9" * 40, "²", "%00"])
def test_a_page_that_is_none_leads_back(site: Site, page: str) -> None:
    publish_week(site.world, 0)
    response = site.client.get(f"{INDEX}?page={page}")
    assert response.status_code == 404
    assert f'href="{INDEX}"' in response.text


# an issue


def test_an_issue_is_there_whole_and_nobodys(each_site: Site) -> None:
    site = each_site
    confirmed(site)
    publish_week(site.world, 0)
    response = site.client.get(FIRST)
    assert response.status_code == 200
    assert all(headline(0, place) in response.text for place in range(3))
    assert ANN not in response.text
    assert "You get this because" not in response.text
    assert not re.search(r"Z(UNSUBSCRIBE|PREFERENCES|VIEW|ADDRESS)[A-Z2-7]", response.text)
    assert not re.search(r"/[upvcf]/", response.text)
    assert 'href="#"' not in response.text
    assert "Unsubscribe" not in response.text
    assert 'href="/lists/weekly">Get email updates' in response.text
    assert "1 Quay Street" in response.text
    assert response.text.count("<main>") == 1


def test_what_the_mail_had_no_room_for_is_there_too(site: Site) -> None:
    publish_week(site.world, 0)
    with site.world.app.store.write() as tx:
        tx._connection.exec_driver_sql(
            "UPDATE editions SET web = replace(html, 'What story 2', 'Only on the web: story 2')"
        )
    assert "Only on the web: story 2" in site.client.get(FIRST).text


def test_each_issue_leads_to_its_neighbours(site: Site) -> None:
    for week in range(3):
        publish_week(site.world, week)

    def turns(number: int) -> list[tuple[str, str]]:
        page = site.client.get(f"/lists/weekly/issues/{number}").text
        return re.findall(r'rel="(prev|next)" href="([^"]*)"', page)

    assert turns(1) == [("next", "/lists/weekly/issues/2")]
    assert turns(2) == [("prev", FIRST), ("next", "/lists/weekly/issues/3")]
    assert turns(3) == [("prev", "/lists/weekly/issues/2")]
    assert headline(1, 0) in site.client.get(FIRST).text


@pytest.mark.parametrize("number", ["2", "0", "-1", "01", "x", "1e0", "9" * 40, "²", "%00", "1%2f2"])
def test_an_issue_that_is_none_leads_to_the_newest(site: Site, number: str) -> None:
    publish_week(site.world, 0)
    response = site.client.get(f"/lists/weekly/issues/{number}")
    assert response.status_code == 404
    if "%2f" not in number:
        assert f'href="{FIRST}"' in response.text
        assert f'href="{INDEX}"' in response.text
        assert response.headers["cache-control"] == "no-store"


def test_drafts_held_and_skipped_issues_and_tests_are_not_there(site: Site) -> None:
    publish_week(site.world, 0)
    site.world.add_articles(2)
    draft = site.world.draft(PERIOD + timedelta(7))
    with site.world.app.store.write() as tx:
        edition = tx.editions.get(1)
        trial = tx.editions.keep(replace(edition, skeleton=b"a test", subject="A test"), None, site.world.clock())
    for state in (IssueState.DRAFT, IssueState.HELD, IssueState.APPROVED):
        with site.world.app.store.write() as tx:
            tx.issues.move(draft.id, state)
        assert site.client.get("/lists/weekly/issues/2").status_code == 404
        assert "issues/2" not in site.client.get(INDEX).text
    assert "A test" not in site.client.get(INDEX).text
    assert site.client.get(site.path(site.world.app.links.view(trial.id))).status_code == 200  # its own link works


def test_a_stopped_issue_is_gone_and_its_readers_links_work(site: Site) -> None:
    confirmed(site)
    issue = publish_week(site.world, 0)
    edition = site.world.edition(issue)
    assert edition is not None
    stop(site.world.app.store, issue.id, now=site.world.clock())
    assert site.client.get(FIRST).status_code == 404
    assert headline(0, 0) not in site.client.get(INDEX).text + site.client.get("/lists/weekly/feed.atom").text
    assert "issues/1" not in site.client.get("/sitemap.xml").text
    assert headline(0, 0) in site.client.get(site.path(site.world.app.links.view(edition.id))).text


def test_a_withdrawn_issue_is_gone_from_the_web_and_can_be_put_back(each_site: Site) -> None:
    site, store = each_site, each_site.world.app.store
    number = confirmed(site)
    issue = publish_week(site.world, 0)
    edition = site.world.edition(issue)
    assert edition is not None
    links = site.world.app.links
    view, own = site.path(links.view(edition.id)), site.path(links.feed(number, site.world.mailing_list.id))
    paths = (INDEX, "/lists/weekly/feed.atom", "/lists/weekly/feed.json", own)
    before = [site.client.get(path).content for path in (*paths, FIRST, view)]
    withdraw(store, issue.id, now=site.world.clock())
    for path in paths:
        assert headline(0, 0) not in site.client.get(path).text
    assert site.client.get(FIRST).status_code == 404
    gone = site.client.get(view)
    assert (gone.status_code, "was withdrawn" in gone.text, headline(0, 0) in gone.text) == (410, True, False)
    restore(store, issue.id, now=site.world.clock())
    assert [site.client.get(path).content for path in (*paths, FIRST, view)] == before


def test_what_was_never_published_cannot_be_withdrawn(site: Site) -> None:
    site.world.add_articles(1)
    with pytest.raises(WrongState, match="is draft: it never was in the archive"):
        withdraw(site.world.app.store, site.world.draft().id, now=site.world.clock())


def test_pruning_leaves_the_archive_as_it_was_for_years(site: Site) -> None:
    keep_picture(site.world)
    issue = publish_week(site.world, 0)
    with site.world.app.store.write() as tx:
        tx.pictures.need(issue.id, [PICTURE], site.world.clock())
    paths = (INDEX, FIRST, "/lists/weekly/feed.atom", "/lists/weekly/feed.json", f"/pictures/{WIDE.sha256}.jpg")
    before = [site.client.get(path).content for path in paths]
    site.world.clock.forward(days=3 * 365)
    prune(site.world.app.store, now=site.world.clock())
    assert [site.client.get(path).content for path in paths] == before


def test_an_archive_goes_on_without_the_feed_that_filled_it(site: Site) -> None:
    publish_week(site.world, 0)
    before = site.client.get(INDEX).content, site.client.get(FIRST).content
    with site.world.app.store.write() as tx:
        tx.feeds.remove(site.world.mailing_list.id, "https://news.example.org/feed.xml")
    assert (site.client.get(INDEX).content, site.client.get(FIRST).content) == before


# who finds it


def test_an_archive_that_is_off_is_no_page_and_looks_like_no_list(site: Site) -> None:
    publish_week(site.world, 0)
    set_archive(site.world, Archive.OFF)
    for page in ("archive", "issues/1", "feed.atom", "feed.json"):
        response, unknown = (site.client.get(f"/lists/{name}/{page}") for name in ("weekly", "nope"))
        assert (response.status_code, response.text) == (unknown.status_code, unknown.text)
        assert response.status_code == 404
    assert "archive" not in site.client.get("/lists/weekly").text + site.client.get("/").text
    assert "/archive" not in site.client.get("/sitemap.xml").text


@pytest.mark.parametrize("archive", [Archive.PUBLIC, Archive.NOINDEX, Archive.UNLISTED])
def test_our_pages_and_search_engines_are_told_what_the_list_says(site: Site, archive: Archive) -> None:
    publish_week(site.world, 0)
    set_archive(site.world, archive)
    site.add_list("evening", "The Evening")
    is_public = archive is Archive.PUBLIC
    for path in (INDEX, FIRST, "/lists/weekly/feed.atom", "/lists/weekly/feed.json"):
        response = site.client.get(path)
        assert response.status_code == 200
        assert ("X-Robots-Tag" not in response.headers) is is_public
        if response.headers["content-type"].startswith("text/html"):
            assert ('<meta name="robots" content="noindex">' not in response.text) is is_public
    for path in ("/lists/weekly", "/"):
        assert (f'href="{INDEX}"' in site.client.get(path).text) is archive.is_linked
    assert ("feed.atom" in site.client.get("/lists/weekly").text) is archive.is_linked
    assert ("weekly/archive" in site.client.get("/sitemap.xml").text) is is_public


def test_a_page_says_what_it_is_to_whoever_shows_a_link_to_it(site: Site) -> None:
    keep_picture(site.world)
    publish_week(site.world, 0)
    for path in (INDEX, FIRST):
        response = site.client.get(path)
        said = dict(re.findall(r'<meta property="([^"]*)" content="([^"]*)">', response.text))
        assert said["og:url"] == f"https://news.example.org{path}"
        assert said["og:image"] == f"https://news.example.org/pictures/{WIDE.sha256}.jpg"
        assert said["og:site_name"] == "The Weekly"
        assert response.headers["link"] == f'<https://news.example.org{path}>; rel="canonical"'
        assert re.search(r'<meta name="description" content="[^"]+">', response.text)
    assert said["og:type"] == "article"
    assert said["og:title"].startswith(headline(0, 0))
    assert said["og:description"] == "What story 0 says in one sentence."
    assert said["article:published_time"] == "2026-11-23T09:00:00Z"


def test_pages_speak_the_askers_language_and_say_that_they_do(site: Site) -> None:
    publish_week(site.world, 0)
    for path in (INDEX, FIRST):
        arabic = site.client.get(path, headers={"Accept-Language": "ar"})
        assert 'lang="ar" dir="rtl"' in arabic.text
        assert arabic.headers["vary"] == "Accept-Language"
        assert arabic.headers["etag"] != site.client.get(path).headers["etag"]


# caches


@pytest.mark.parametrize("path", [INDEX, FIRST])
def test_a_page_is_sent_once(each_site: Site, path: str) -> None:
    site = each_site
    publish_week(site.world, 0)
    first = site.client.get(path)
    assert first.headers["last-modified"] == "Mon, 23 Nov 2026 09:00:00 GMT"
    for method in ("GET", "HEAD"):
        again = site.client.request(method, path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["cache-control"] == first.headers["cache-control"]
        assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    head = site.client.head(path)
    assert head.status_code == 200
    assert head.content == b""
    of_its_own = {"date", "x-request-id"}
    assert {k: v for k, v in head.headers.items() if k not in of_its_own} == {
        k: v for k, v in first.headers.items() if k not in of_its_own
    }
    publish_week(site.world, 1)
    later = site.client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert later.status_code == 200  # its page leads to the next one
    assert later.headers["last-modified"] == "Mon, 30 Nov 2026 09:00:00 GMT"


# by a reader's own link


def test_an_issue_in_the_browser_is_nobodys_and_in_no_cache(site: Site) -> None:
    confirmed(site)
    issue = publish_week(site.world, 0)
    edition = site.world.edition(issue)
    assert edition is not None
    path = site.path(site.world.app.links.view(edition.id))
    response = site.client.get(path)
    assert response.status_code == 200
    assert headline(0, 0) in response.text
    assert ANN not in response.text
    assert not re.search(r"/[upcvf]/", response.text)
    assert response.headers["cache-control"] == "private, no-store"
    assert response.headers["x-robots-tag"] == "noindex"
    assert "etag" not in response.headers
    assert f'href="{INDEX}"' in response.text
    set_archive(site.world, Archive.OFF)
    assert "archive" not in site.client.get(path).text


def test_only_issues_can_be_viewed(site: Site) -> None:
    site.sign_up(ANN)
    assert site.client.get(site.path(site.world.app.links.view(1))).status_code == 404
    assert site.client.get(site.path(site.world.app.links.view(4711))).status_code == 404


def test_a_mail_says_where_the_archive_is_unless_there_is_none(site: Site) -> None:
    issue = publish_week(site.world, 0)
    edition = site.world.edition(issue)
    assert edition is not None
    assert b"List-Archive: <https://news.example.org/lists/weekly/archive>" in edition.skeleton
    change_list(site.world, archive=Archive.OFF)
    edition = site.world.edition(publish_week(site.world, 1))
    assert edition is not None
    assert b"List-Archive" not in edition.skeleton
