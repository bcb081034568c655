"""Takes the pictures of the README from a demo that is running: `make demo` in one terminal, `make pictures` in another."""

import base64
import email
import email.policy
import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.looks.camera import open_browser

HERE = Path(__file__).parent
DEMO = Path("demo")
PAGES = "http://127.0.0.1:8025"


def main() -> None:
    with open_browser() as browser:
        issue = _issue()
        light = _shot(browser, issue, "light", 640, 1040)
        dark = _shot(browser, issue, "dark", 640, 1040)
        _side_by_side(browser, light, dark, HERE / "issue.jpg")
        sign_up = f"{PAGES}/lists/coast-weekly"
        _side_by_side(
            browser,
            _shot(browser, sign_up, "light", 640, 930),
            _shot(browser, sign_up, "dark", 640, 930),
            HERE / "sign-up.jpg",
        )


def _issue() -> str:
    """The address of the newest issue's HTML part, as a mail program has it."""
    newest = max((DEMO / "mails").glob("*.eml"), default=None)
    if newest is None:
        sys.exit("There are no mails in ./demo; run `make demo` first.")
    mail = email.message_from_bytes(newest.read_bytes(), policy=email.policy.default)
    body = mail.get_body(("html",))
    part = DEMO / "issue.html"
    part.write_text(body.get_content() if body else sys.exit(f"{newest} has no HTML part."), encoding="utf-8")
    return part.resolve().as_uri()


def _shot(browser: Browser, address: str, scheme: str, width: int, height: int) -> bytes:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]  # one of the two words
    page.goto(address)
    page.wait_for_timeout(500)
    taken = page.screenshot()
    page.close()
    return taken


def _side_by_side(browser: Browser, left: bytes, right: bytes, out: Path) -> None:
    images = "".join(
        f'<img src="data:image/png;base64,{base64.b64encode(taken).decode()}" width=640>' for taken in (left, right)
    )
    page = browser.new_page(viewport={"width": 1280, "height": 100})
    page.set_content(f'<!doctype html><body style="margin:0;display:flex;align-items:flex-start">{images}')
    page.screenshot(path=out, type="jpeg", quality=82, full_page=True)
    page.close()


main()
