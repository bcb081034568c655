"""Windows of a real browser (tests/looks/camera.py opens it), whose pages may complain of nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

PATIENCE = 60_000  # milliseconds: a busy machine is slow, and how slow is not what is tested


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
