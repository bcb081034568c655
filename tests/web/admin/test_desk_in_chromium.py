"""The desk in a real browser, over real SMTP: a newcomer's first issue, two editors at once, stopping, and who may not be kept out."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from digest.app import App
from digest.model.issue import CampaignState
from digest.model.operator import Role
from digest.operators.accounts import add_operator
from digest.pipeline.deliver import deliver
from digest.pipeline.report import add_up_finished
from digest.web import running
from tests.doubles.browser import PATIENCE, open_page, violations
from tests.doubles.smtp_server import SmtpServer
from tests.looks.camera import open_browser
from tests.web.admin.conftest import Office, open_office
from tests.web.admin.pages import NO_PAGES, PAGES, furnish
from tests.web.admin.test_gate import routes_of
from tests.web.admin.week import HEADLINES, Week, start_week

expect.set_options(timeout=PATIENCE)
PASSWORD = "a quay with three boats"


@dataclass
class Newsroom:
    """The desk on a port, a mail server, and a browser."""

    office: Office
    app: App
    url: str
    browser: Browser
    mails: SmtpServer

    def cookie(self, role: Role) -> Any:
        value = self.office.seat(role).cookies["__Host-digest"]
        return {"name": "digest_session", "value": value, "url": self.url}

    def send(self) -> None:
        """What the scheduler does. In a thread, for Playwright has an event loop in this one."""
        with ThreadPoolExecutor(1) as pool:
            pool.submit(deliver, self.app.sender()).result()
        list(add_up_finished(self.app.store))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def newsroom(sqlite_url: str, browser: Browser) -> Iterator[Newsroom]:
    with ExitStack() as open_:
        office = open_office(sqlite_url)
        open_.callback(office.world.app.close)
        mails = open_.enter_context(SmtpServer())
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        said = {"base_url": url, "smtp_url": f"smtp://{mails.host}:{mails.port}?tls=none"}
        settings = office.world.app.settings
        app = App(type(settings)(**settings.model_dump() | said), office.world.app.store, office.world.app.keys)
        object.__setattr__(app, "now", office.world.clock)
        open_.enter_context(running(app, port=port))
        yield Newsroom(office, app, url, browser, mails)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def test_from_the_first_link_to_the_first_report(newsroom: Newsroom) -> None:
    app, week = newsroom.app, Week(newsroom.office)
    newsroom.office.world.subscribe(3)
    week.add_articles(4)
    added = add_operator(
        app.store, app.keys, "ann@example.org", Role.EDITOR, name="Ann", now=app.now(), nonce=app.nonce()
    )
    with open_page(newsroom.browser) as page:
        page.goto(f"{newsroom.url}/desk/welcome/{added.token}")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("once more").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button").click()
        page.get_by_role("button", name="Draft it now").click()
        expect(page.get_by_role("heading", name="The Weekly, No. 1")).to_be_visible()

        article = page.locator(".articles > li").filter(has_text=HEADLINES[1])
        article.locator("summary").click()
        article.get_by_label("Headline").fill("What the editor wrote")
        article.get_by_role("button", name="Set these words").click()
        expect(page.get_by_role("link", name="What the editor wrote")).to_be_visible()
        mail = page.frame_locator("iframe[title=HTML]").get_by_text("What the editor wrote")
        expect(mail.first).to_be_attached()

        page.get_by_role("button", name="Test to me").click()
        expect(page.get_by_role("status")).to_contain_text("1 test on the way to ann@example.org")
        newsroom.send()
        assert [each.recipient for each in newsroom.mails.messages] == ["ann@example.org"]
        assert b"What the editor wrote" in newsroom.mails.messages[0].content

        page.get_by_role("link", name="Dry run").click()
        expect(page.get_by_role("definition").first).to_have_text("3")
        page.get_by_role("link", name="Send it now").click()
        page.get_by_role("button", name="Send it to 3 readers").click()
        progress = page.locator("#progress")
        expect(progress).to_contain_text("0 of 3")
        newsroom.send()
        expect(progress).to_contain_text("3 of 3")  # by itself
        expect(progress).to_contain_text("It is out.")
        page.get_by_role("link", name="Report", exact=True).click()
        expect(page.get_by_text("100.0 %")).to_be_visible()
    assert len(newsroom.mails.messages) == 4


def test_two_editors_a_double_click_and_stop(newsroom: Newsroom) -> None:
    week = start_week(newsroom.office)
    with open_page(newsroom.browser) as one, open_page(newsroom.browser) as other:
        for page, role in ((one, Role.EDITOR), (other, Role.OWNER)):
            page.context.add_cookies([newsroom.cookie(role)])
        one.goto(f"{newsroom.url}/desk/issues/1/send")
        other.goto(f"{newsroom.url}/desk/issues/1")
        other.get_by_role("button", name=f"Drop: {HEADLINES[3]}").click()
        expect(other.get_by_text("The editor dropped it")).to_be_visible()
        one.get_by_role("button", name="Send it to 3 readers").click()
        expect(one.get_by_role("alert")).to_contain_text("was changed while you looked at it")
        one.get_by_role("link", name="Send it now").click()
        one.get_by_role("button", name="Send it to 3 readers").dblclick()
        expect(one.locator("#progress")).to_contain_text("0 of 3")
        assert sum(week.account().counts.values()) == 3
        other.goto(f"{newsroom.url}/desk/campaigns/1")
        other.get_by_text("Stop it for good").click()
        other.get_by_role("button", name="Stop it", exact=True).click()
        expect(other.get_by_role("status")).to_contain_text("3 readers will not get it")
        expect(one.locator("#progress")).to_contain_text("Stopped")  # without a hand on it
    with newsroom.app.store.read() as tx:
        assert tx.campaigns.get(1).state is CampaignState.STOPPED
    newsroom.send()
    assert newsroom.mails.messages == []


def test_each_page_is_looked_at(sqlite_url: str) -> None:
    office = open_office(sqlite_url)
    found = {route.path.removeprefix("/desk") for route in routes_of(office.site) if "GET" in route.methods}
    office.world.app.close()
    assert found - NO_PAGES == set(PAGES)


def test_no_page_bars_the_way(newsroom: Newsroom) -> None:
    """At a desk in the light; and in the dark, on a telephone, where only colours and widths differ."""
    week = start_week(newsroom.office)
    newsroom.office.world.publish(week.issue())
    newsroom.send()
    furnish(week)
    found = []
    with open_page(newsroom.browser, viewport=DESK, bypass_csp=True) as page:  # axe is a script
        page.context.add_cookies([newsroom.cookie(Role.OWNER)])
        for path in PAGES.values():
            answer = page.goto(f"{newsroom.url}/desk{path}")
            assert answer is not None
            assert answer.status == (404 if "unknown" in path else 200), path
            page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
            found += [f"{path}, {said}" for said in violations(page, iframes=False)]
            page.emulate_media(color_scheme="dark")
            page.set_viewport_size(TELEPHONE)
            found += [
                f"{path} in the dark, {said}" for said in violations(page, iframes=False, runOnly=["color-contrast"])
            ]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{path}: wider than a telephone")
            page.emulate_media(color_scheme="light")
            page.set_viewport_size(DESK)
    assert "\n".join(found) == ""


DESK, TELEPHONE = ViewportSize(width=1200, height=800), ViewportSize(width=360, height=800)
