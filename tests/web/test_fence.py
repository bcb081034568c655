import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import make_url

from digest.model.errors import DigestError
from digest.store import open_store
from digest.web.fence import HEADERS, MAX_BODY
from tests.pipeline.world import make_world
from tests.web.conftest import Site, open_site
from tests.web.test_reader import confirmed, preferences_link, unsubscribe_link

FILLED = {"name": "weekly", "path": "site.css", "number": "1"}
#: Issues, and feeds of them: their policy is stricter than that of our own pages.
SANDBOXED = ("/v/", "/f/", "/lists/weekly/issues/", "/lists/weekly/feed.")
#: The same for everybody, and no secret: caches on the way may keep these for a while.
PUBLIC = ("/lists/weekly/archive", "/lists/weekly/issues/")


@pytest.fixture
def paths(site: Site) -> list[str]:
    """An address for every route there is, with tokens that work; a new route is found by itself."""
    number = confirmed(site)
    with site.world.app.store.write() as tx:
        tx.watching.beat("scheduler", site.world.clock())
    site.world.add_articles(3)
    issue = site.world.draft()
    site.world.publish(issue)
    edition = site.world.edition(issue)
    assert edition is not None
    site.sign_up("pending@example.org")
    for asked in ({"do": "data"}, {"do": "address", "email": "new@example.org"}):
        site.client.post(preferences_link(site, number), data=asked)
    me, leave = f"/me/{site.fresh_token('your-data')}", unsubscribe_link(site, number)
    working = {
        "/c/{token}": f"/c/{site.token()}",
        "/u/{token}": leave,
        "/u/{token}/less": f"{leave}/less",
        "/u/{token}/why": f"{leave}/why",
        "/p/{token}": preferences_link(site, number),
        "/me/{token}": me,
        "/me/{token}/export": f"{me}/export",
        "/me/{token}/erase": f"{me}/erase",
        "/me/{token}/feed": f"{me}/feed",
        "/address/{token}": f"/address/{site.fresh_token('allow-address')}",
        "/v/{token}": site.path(site.world.app.links.view(edition.id)),
        "/c/{token}/again": f"/c/{site.token()}/again",
        "/f/{token}": site.path(site.world.app.links.feed(number, site.world.mailing_list.id)),
        "/static": "/static/site.css",
    }
    return sorted({working.get(route.path, route.path.format(**FILLED, token="x")) for route in routes(site)})


def routes(site: Site) -> Iterator[Any]:
    """Whatever the router knows; a new route is found by itself."""
    pending = list(site.app.router.routes)
    while pending:
        route = pending.pop()
        pending += getattr(getattr(route, "original_router", None), "routes", ())
        path = getattr(route, "path", "")
        if path and not path.startswith(("/desk", "/api/v1/")):  # the operators': tests/web/admin, tests/web/v1
            yield route


def route_of(site: Site, method: str, path: str) -> tuple[str, str]:
    """The method and the path as its route is written, of a request."""
    known = (each for each in routes(site) if method in (getattr(each, "methods", None) or ()))
    return method, next((each.path for each in known if each.path_regex.fullmatch(path)), "")


def test_every_route_is_known_here(paths: list[str]) -> None:
    assert len(paths) >= 18
    assert {"/", "/healthz", "/api/subscribe", "/subscribe", "/lists/weekly"} <= set(paths)
    assert {"/lists/weekly/archive", "/lists/weekly/issues/1", "/lists/weekly/feed.atom", "/sitemap.xml"} <= set(paths)
    assert [path for path in paths if path.startswith("/f/")]


def test_looking_at_any_page_changes_nothing(site: Site, paths: list[str]) -> None:
    before = site.dump()
    assert len(before) > 30
    for path in [*paths, "/nope", "//", "/lists/weekly/", "/LISTS/weekly"]:
        for method in ("GET", "HEAD", "OPTIONS") * 3:
            response = site.client.request(method, path, headers={"Purpose": "prefetch"})
            assert response.status_code in (200, 404, 405), (method, path)
            assert not response.is_redirect
            assert "set-cookie" not in response.headers
    assert site.dump() == before


def test_every_answer_has_the_headers(site: Site, paths: list[str]) -> None:
    for path in [*paths, "/nope"]:
        for method in ("GET", "HEAD", "POST", "DELETE"):
            response = site.client.request(method, path)
            for name, value in HEADERS.items():
                if name != "Content-Security-Policy" or not path.startswith(SANDBOXED):
                    assert response.headers[name] == value, (method, path)
            policy = response.headers["Content-Security-Policy"]
            assert "script-src" not in policy  # so that what is said of everything holds for scripts
            if path.startswith(SANDBOXED) and method in ("GET", "HEAD"):
                assert "default-src 'none'" in policy
                assert re.search(r"\bsandbox\b(?!.*allow-(scripts|same-origin))", policy)
            assert response.headers["Strict-Transport-Security"]
            assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
            assert response.status_code < 500, (method, path)


def test_pages_are_small_and_ask_nothing_of_other_hosts(site: Site, paths: list[str]) -> None:
    for path in paths:
        page = site.client.get(path)
        if path.startswith(SANDBOXED) or not page.headers["content-type"].startswith("text/html"):
            continue
        assert len(page.content) < 30_000
        scripts = re.findall(r"<script[^>]*>", page.text)
        assert all(re.fullmatch(r'<script src="/static/embed\.js[?\w]*" (?:defer|async)>', each) for each in scripts)
        assert not re.search(r"<[^>]*\s(?:on\w+|style)=", page.text)  # nothing that the policy would refuse
        assert not re.search(r'(?:src|href|action)="(?!/|#)', page.text), path
        assert '<html lang="en" dir="ltr">' in page.text
        assert len(re.findall("<h1", page.text)) == 1
        assert page.headers["cache-control"] == ("public, max-age=300" if path.startswith(PUBLIC) else "no-store")


def test_a_cache_on_the_way_may_keep_what_is_for_everybody_and_nothing_else(site: Site, paths: list[str]) -> None:
    kept = {path for path in paths if "public" in site.client.get(path).headers.get("cache-control", "")}
    feeds = {"/lists/weekly/feed.atom", "/lists/weekly/feed.json", "/sitemap.xml", "/robots.txt"}
    sheets = {"/static/site.css", "/colours.css", "/lists/weekly/colours.css"}
    assert kept == {"/lists/weekly/archive", "/lists/weekly/issues/1"} | sheets | feeds
    for path in kept:
        assert "example.org" not in site.client.get(path).text.replace("news.example.org", "").replace(
            "weekly.example.org", ""
        ), path  # no reader's address


def test_a_wrong_method_is_told_the_right_ones(site: Site) -> None:
    assert site.client.put("/u/x").headers["allow"] == "GET, HEAD, POST"
    assert site.client.get("/api/subscribe").headers["allow"] == "OPTIONS, POST"
    assert site.client.get("/api/subscribe").headers["content-type"] == "application/problem+json"


def test_a_poisoned_host_changes_no_link(site: Site, paths: list[str]) -> None:
    hostile = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    hostile |= {
        "Forwarded": "host=evil.example",
        "X-Original-URL": "//evil.example",
        "Referer": "https://evil.example/",
    }
    for path in [*paths, "/lists/weekly/", "/nope"]:
        for method in ("GET", "HEAD", "POST", "PUT"):
            response = site.client.request(method, path, headers=hostile)
            assert "evil" not in response.text + str(response.headers), (method, path)


#: Wherever a page might look for where to go next (security S24).
ELSEWHERE = dict.fromkeys(("next", "url", "to", "return", "redirect", "target", "continue", "lang"), "//evil.example/x")


def test_no_page_leads_to_another_site(site: Site, paths: list[str]) -> None:
    """There is no click tracking, so nothing redirects at all, and no link is made from what a request says."""
    for path in paths:
        for method in ("GET", "POST"):
            response = site.client.request(method, path, params=ELSEWHERE, data=ELSEWHERE if method == "POST" else None)
            assert not response.is_redirect, (method, path)
            assert "location" not in response.headers
            assert "refresh" not in response.headers
            assert "evil" not in response.text, (method, path)
            assert 'http-equiv="refresh"' not in response.text.lower()


def test_too_much_is_refused_before_it_is_read(site: Site) -> None:
    big = b"x" * (MAX_BODY + 1)
    assert site.client.post("/lists/weekly", content=big).status_code == 413
    assert site.client.post("/api/subscribe", content=big).json()["status"] == 413
    assert site.client.post("/lists/weekly", content=iter([big])).status_code == 413  # of no announced length
    assert site.client.post("/lists/weekly", content=b"", headers={"Content-Length": "-1"}).status_code == 413


def test_a_locked_database_is_busy_for_a_while(sqlite_url: str) -> None:
    world = make_world(sqlite_url)
    hasty = replace(world.app, store=open_store(sqlite_url, busy_seconds=0.05))
    site = open_site(replace(world, app=hasty))
    link = unsubscribe_link(site, confirmed(site))
    with world.app.store.write():
        response = site.client.post(link)
        problem = site.client.post("/api/subscribe", json={"email": "x@example.org", "lists": ["weekly"]})
        assert site.client.get(link).status_code == 200  # looking goes on
    for answer in (response, problem):
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "30"
        assert str(make_url(sqlite_url).database) not in answer.text
    assert site.client.post(link).status_code == 200
    hasty.close()
    world.app.close()


@pytest.mark.parametrize("error", [DigestError("The database /secret/place is no good."), RuntimeError("boom")])
def test_whatever_breaks_is_one_sentence_with_all_headers(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr("digest.web.public.choose_lists", broken)
    response = site.client.get("/lists/weekly")
    assert response.status_code == 500
    assert "not your fault" in response.text
    assert "secret" not in response.text
    assert "boom" not in response.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_the_log_names_pages_and_never_a_token(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        site.sign_up("ann@example.org")
        token = site.token()
        site.client.post(f"/c/{token}")
        site.client.get("/c/nothing-of-ours")
    assert "action=request method=POST page=/c/{token} status=200" in caplog.text
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(("digest", "uvicorn")))
    assert token not in ours
    assert "nothing-of-ours" not in ours
    assert "ann@example.org" not in ours
