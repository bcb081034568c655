"""Every page and every answer to a form, in every language: nothing English is left, it runs its own way, and it is small.

A route whose page is not looked at here is found by the router.
"""

import re
from collections.abc import Iterator

import pytest

from digest.words import LANGUAGES, words_in
from tests.web.conftest import Site
from tests.web.everything import open_coast, walk
from tests.web.test_fence import route_of, routes
from tests.words.heard import english_in, latin_words, seen

#: Names, the same in any language: what to copy, time zones, kinds of feeds, languages.
NAMES = re.compile(
    r'<pre class="snippet".*?</pre>|<select id="zone".*?</select>|<datalist.*?</datalist>|placeholder="[\w/]+"|Europe/Vienna|'
    r'<option value="\w\w" lang="\w\w"[^>]*>[^<]*|<option value="fi" selected>fi|\bAtom\b|\bJSON Feed\b|\bJSON\b|\bUTC\b|weekly|'
    r'hreflang="\w\w"[^>]*>[^<]*|Issue of [\d-]+',
    re.DOTALL,
)
#: What strangers' programs ask for, or what is no page.
NO_PAGES = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/robots.txt",
    "/sitemap.xml",
    "/api/openapi.json",
    "/api/challenge",
    "/api/subscribe",
}
NO_PAGES |= {
    "/colours.css",
    "/lists/{name}/colours.css",
    "/pictures/{name}",
    "/static",
    "/lists/{name}/feed.atom",
    "/lists/{name}/feed.json",
    "/me/{token}/export",
}


@pytest.fixture
def coast(sqlite_url: str) -> Iterator[Site]:
    with open_coast(sqlite_url) as opened:
        yield opened


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_page_speaks_one_language_and_runs_its_way(coast: Site, tag: str) -> None:
    pages = walk(coast, tag).pages
    for name, page in pages.items():
        assert page.headers["content-type"] == "text/html; charset=utf-8", name
        issue = name in {"issue", "in the browser"}  # which are of the list, with words of ours around them
        words = words_in(tag)
        ours = '<header class="ar-bar"' if issue else "<html"
        assert f'{ours} lang="{tag}" dir="{words.direction}">' in page.text, name
        assert issue or not re.search(r'(?:src|href|action)="(?!/|#)', page.text), name  # nothing of another site
        assert len(re.findall("<h1", page.text)) == 1, name
        assert issue or len(page.content) < 30_000, name
        text = NAMES.sub(" ", page.text)
        if issue:
            text = text.partition("<main>")[0] + text.partition("</main>")[2]
        assert (name, english_in(seen(text), tag) if tag != "en" else []) == (name, [])
        assert (name, latin_words(seen(text)) if tag == "ar" else []) == (name, [])
    titles = [re.findall("<title>(.*?)</title>", page.text, re.DOTALL) for page in pages.values()]
    assert all(len(each) == 1 and each[0].strip() for each in titles)
    asked = {route_of(coast, page.request.method, page.request.url.path) for page in pages.values()}
    wanted = {(method, path) for method, path in routes_with_methods(coast) if path not in NO_PAGES}
    assert wanted - asked == set()


def routes_with_methods(site: Site) -> Iterator[tuple[str, str]]:
    for route in routes(site):
        yield from ((method, route.path) for method in getattr(route, "methods", ()) or () if method in ("GET", "POST"))
