"""Windows of a real browser (tests/looks/camera.py opens it), whose pages may complain of nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

VIOLATIONS = {"resultTypes": ["violations"]}  # for axe: what is well need not be told at length
PATIENCE = 60_000  # milliseconds: a busy machine is slow, and how slow is not what is tested


def violations(page: Page, **options: object) -> list[str]:
    """What axe minds on a page, a line each."""
    found: list[dict[str, Any]] = Axe().run(page, options=VIOLATIONS | options).response["violations"]
    return [f"{each['id']} {each['nodes'][0]['html'][:200]}" for each in found]


@contextmanager
def open_page(browser: Browser, **window: object) -> Iterator[Page]:
    """In a window of its own, that knows of no other: no cookies, no cache. Fails when the page complains of anything."""
    context = browser.new_context(**window)  # type: ignore[arg-type]  # as Playwright takes them
    context.set_default_timeout(PATIENCE)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []
