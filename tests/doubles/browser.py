"""A real browser: Debian's Chromium with Debian's fonts. Where it cannot be had, the test is skipped and says why."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.doubles.debian import environment, unpacked

_PACKAGES = ("chromium", "fonts-sil-charis", "fonts-liberation", "fonts-dejavu-core")  # as tests/looks has them
PATIENCE = 60_000  # milliseconds: a busy machine is slow, and how slow is not what is tested


@contextmanager
def open_browser() -> Iterator[Browser]:
    root = unpacked(*_PACKAGES)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=root / "usr/lib/chromium/chromium",
            timeout=PATIENCE,
            args=["--no-sandbox", "--font-render-hinting=none"],
            env={**environment(root)},
        )
        yield browser
        browser.close()


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
