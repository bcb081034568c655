"""Takes the pictures of the README and the documents from a demo of its own: `make pictures`."""

import base64
import email
import email.policy
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from digest.demo.show import LIST, Show, opened
from digest.pipeline.report import add_up_finished
from tests.looks.camera import open_browser

HERE = Path(__file__).parent
WIDTH = 1180
SCALE = 1.5  # pixels of a picture for each of the page
PASSWORD = "a quay with three boats"  # noqa: S105  of the demo, which is gone at the end


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder) / "demo", port=8025) as show:
        show.follow_feeds()
        show.refresh()
        show.sign_up()
        issue = show.draft()
        with open_browser() as browser:
            with _desk(browser, show) as desk:
                _take(desk, show, f"/desk/issues/{issue.id}", "desk-issue.jpg", 1180)
                _take(desk, show, f"/desk/issues/{issue.id}/dry-run", "desk-dry-run.jpg", 700)
                _take(desk, show, f"/desk/lists/{LIST}/look?theme=magazine&accent=%230b5394", "desk-look.jpg", 1400)
                with ThreadPoolExecutor(1) as pool:  # Playwright has an event loop in this thread
                    pool.submit(show.send, issue).result()
                list(add_up_finished(show.app.store))
                _take(desk, show, "/desk", "desk-home.jpg", 620)
                _take(desk, show, f"/desk/reports/{issue.id}", "desk-report.jpg", 900)
                _take(desk, show, "/desk/readers", "desk-readers.jpg", 800)
            mail = _issue(Path(folder))
            _side_by_side(browser, mail, HERE / "issue.jpg", 1040)
            _side_by_side(browser, f"{show.app.settings.base_url}/lists/{LIST}", HERE / "sign-up.jpg", 930)


@contextmanager
def _desk(browser: Browser, show: Show) -> Iterator[Page]:
    """Logged in, as a newcomer does it."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 800}, device_scale_factor=SCALE)
    page.goto(show.invite())
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("once more").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").click()
    yield page
    page.close()


def _take(page: Page, show: Show, path: str, name: str, height: int) -> None:
    page.set_viewport_size({"width": WIDTH, "height": height})  # frames below it would not be painted
    page.goto(f"{show.app.settings.base_url}{path}")
    page.wait_for_load_state("networkidle")  # the frames
    page.wait_for_timeout(300)
    page.screenshot(path=HERE / name, type="jpeg", quality=80)


def _issue(folder: Path) -> str:
    """The address of the newest issue's HTML part, as a mail program has it."""
    newest = max((folder / "demo" / "mails").glob("*.eml"), default=None)
    if newest is None:
        sys.exit("The demo has sent nothing.")
    mail = email.message_from_bytes(newest.read_bytes(), policy=email.policy.default)
    body = mail.get_body(("html",))
    part = folder / "issue.html"
    part.write_text(body.get_content() if body else sys.exit(f"{newest} has no HTML part."), encoding="utf-8")
    return part.resolve().as_uri()


def _shot(browser: Browser, address: str, scheme: str, width: int, height: int) -> bytes:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]  # one of the two words
    page.goto(address)
    page.wait_for_timeout(500)
    taken = page.screenshot()
    page.close()
    return taken


def _side_by_side(browser: Browser, address: str, out: Path, height: int) -> None:
    """In the light and in the dark."""
    taken = [_shot(browser, address, scheme, 640, height) for scheme in ("light", "dark")]
    images = "".join(f'<img src="data:image/png;base64,{base64.b64encode(each).decode()}" width=640>' for each in taken)
    page = browser.new_page(viewport={"width": 1280, "height": 100})
    page.set_content(f'<!doctype html><body style="margin:0;display:flex;align-items:flex-start">{images}')
    page.screenshot(path=out, type="jpeg", quality=82, full_page=True)
    page.close()


main()
