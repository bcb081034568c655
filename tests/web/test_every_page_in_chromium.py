"""Every page and every answer to a form in a real browser: everybody can read it, on any screen, and reach all of it by keyboard.

Pages that are built alike are looked at once. Their pictures are in build/pages.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, Route

from digest.web.pages import STATIC
from tests.doubles.browser import open_page, violations
from tests.looks.camera import open_browser
from tests.web.conftest import BASE_URL
from tests.web.everything import open_coast, walk

PICTURES = Path("build/pages")
#: Language, width, colours.
WAYS = {"en": (1000, "light"), "ar": (360, "dark")}
#: The pages are built alike in all ways; what differs are colours, widths and languages.
RULES: dict[str, dict[str, list[str]]] = {
    "en": {},
    "ar": {"runOnly": ["color-contrast", "html-has-lang", "html-lang-valid", "valid-lang", "target-size"]},
}
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

#: Whatever one can press or fill in, but for what a person does not see; of radio buttons one of each group.
_REACHED = """() => {
    const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')];
    return all.filter(each => each.checkVisibility() && each.tabIndex >= 0 && !each.closest('[aria-hidden=true]'))
        .filter(each => !('reached' in each.dataset) && !(each.type === 'radio'
            && document.querySelector(`[type=radio][name="${each.name}"][data-reached]`)))
        .map(each => each.outerHTML);
}"""
_MARK = """() => {
    document.activeElement.blur();
    window.scrollTo(0, 0);
    document.addEventListener('focusin', event => { event.target.dataset.reached = '' });
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.mark.parametrize("tag", WAYS)
def test_everybody_can_read_and_use_every_page(sqlite_url: str, browser: Browser, tag: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with open_coast(sqlite_url) as coast:
        pages = differently_built(walk(coast, tag).pages)
        styles = {path: coast.client.get(path).text for path in ("/colours.css", "/lists/weekly/colours.css")}
    assert len(pages) > 30
    found = []
    with window(browser, tag, pages, styles) as page:
        for name in pages:
            page.goto(f"{BASE_URL}/{name}")
            for details in page.query_selector_all("summary"):
                details.click()
            found += [f"{name}: {complaint}" for complaint in complaints(page, RULES[tag])]
            page.screenshot(path=PICTURES / f"{name.replace(' ', '-')}-{tag}.jpg", full_page=True, quality=80)
            if tag == "en":
                found += [f"{name}: Tab does not reach {element}" for element in out_of_reach(page)]
    assert found == []


def differently_built(pages: dict[str, httpx2.Response]) -> dict[str, str]:
    """One of each kind, by its tags, classes and roles."""
    kinds: dict[tuple[str, ...], str] = {}
    for name, page in pages.items():
        built = tuple(re.findall(r'<\w+|(?<= )(?:class|role|type|aria-invalid)="[^"]*"', page.text))
        kinds.setdefault(built, name)
    return {name: pages[name].text for name in kinds.values()}


@contextmanager
def window(browser: Browser, tag: str, pages: dict[str, str], styles: dict[str, str]) -> Iterator[Page]:
    width, scheme = WAYS[tag]

    def give(route: Route) -> None:
        path = httpx2.URL(route.request.url).path
        file = STATIC / Path(path).name
        if path[1:] in pages:
            route.fulfill(body=pages[path[1:]], content_type="text/html; charset=utf-8")
        elif path in styles:
            route.fulfill(body=styles[path], content_type="text/css")
        elif path.startswith("/static/") and file.is_file():
            route.fulfill(path=file, content_type=TYPES[file.suffix])
        else:
            route.abort()

    size = {"width": width, "height": 800}
    with open_page(browser, viewport=size, color_scheme=scheme, locale=tag) as page:
        page.route("**/*", give)
        yield page


def complaints(page: Page, rules: dict[str, list[str]]) -> list[str]:
    found = violations(page, **rules)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than its window")
    return found


def out_of_reach(page: Page) -> list[str]:
    """Of what can be pressed or filled in, what the Tab key does not lead to."""
    page.evaluate(_MARK)
    for _ in range(
        page.evaluate("document.querySelectorAll('a, button, input, select, textarea, summary, pre').length") + 2
    ):
        page.keyboard.press("Tab")
    left: list[str] = page.evaluate(_REACHED)
    return left
