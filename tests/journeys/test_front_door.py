"""Readers come in by a real browser, with and without scripts: real HTTP, real proof of work, real SMTP, the mail read from a mailbox."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from digest.demo.mailbox import Mailbox
from digest.demo.serving import Answer, LocalServer
from digest.demo.visitor import find_link
from digest.model.address import Address
from digest.model.choices import Choices
from digest.model.mailing_list import Rhythm
from digest.model.subscriber import Subscription, SubscriptionState
from digest.pipeline.deliver import deliver
from digest.web import running
from digest.web.embed import make_snippet
from digest.web.pages import Pages
from tests.doubles.browser import PATIENCE, open_page
from tests.looks.camera import open_browser
from tests.pipeline.world import NOW, Clock, World, make_world, with_relay

ADA = "ada@reader.example"
PHONE = {"width": 360, "height": 740}


class RunningClock(Clock):
    """Goes on, as browsers' clocks do."""

    def __init__(self) -> None:
        super().__init__(NOW - timedelta(seconds=time.monotonic()))

    def __call__(self) -> datetime:
        return self.time + timedelta(seconds=time.monotonic())


@dataclass
class Town:
    """A list with its pages, its readers' mailbox, and a newspaper's page on another site."""

    world: World
    mailbox: Mailbox
    url: str
    article_url: str  # of a page with the box
    strict_url: str  # of the same page, under a policy that lets its scripts ask nobody

    def read_link(self) -> str:
        """From the mail that asks; delivers it first."""
        with ThreadPoolExecutor(1) as beside:  # Playwright has this thread's event loop
            beside.submit(deliver, self.world.app.sender()).result()
        mail = self.mailbox.wait_for(to=ADA)
        assert mail.header("Auto-Submitted") == "auto-generated"
        return find_link(mail, "/c/")

    def subscription(self) -> Subscription | None:
        with self.world.app.store.read() as tx:
            reader = tx.subscribers.find(Address.parse(ADA))
            return tx.subscribers.subscriptions(reader.id)[0] if reader else None

    def state(self) -> SubscriptionState | None:
        kept = self.subscription()
        return kept.state if kept else None

    def choices(self) -> Choices:
        kept = self.subscription()
        assert kept is not None
        with self.world.app.store.read() as tx:
            return tx.audiences.choices(kept.choices_id)

    def proofs(self) -> int:
        with self.world.app.store.read() as tx:
            return int(tx._connection.exec_driver_sql("SELECT count(*) FROM spent_proofs").scalar_one())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def town(sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(sqlite_url, tmp_path) as opened:
        yield opened


@contextmanager
def open_town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as open_:
        world = make_world(database_url)
        open_.callback(world.app.close)
        clock, port = RunningClock(), free_port()
        mailbox = open_.enter_context(Mailbox(tmp_path / "mails", clock))
        relay, url = f"smtp://127.0.0.1:{mailbox.smtp_port}?tls=none", f"http://127.0.0.1:{port}"
        world = with_relay(replace(world, clock=clock), relay, base_url=url)
        offer_choices(world)
        open_.enter_context(running(world.app, port=port))
        paper = open_.enter_context(LocalServer(0, newspaper(world, url)))
        elsewhere = f"http://localhost:{paper.port}"  # another site than 127.0.0.1
        yield Town(world, mailbox, url, f"{elsewhere}/article", f"{elsewhere}/strict")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def offer_choices(world: World) -> None:
    with world.app.store.write() as tx:
        kept = tx.lists.by_name("weekly")
        tx.lists.save(replace(kept, topics=("Town", "Science"), rhythms=(Rhythm.EVERY, Rhythm.WEEKLY)))


def newspaper(world: World, url: str) -> Any:
    box = make_snippet(Pages(url), [world.mailing_list], "Sign up for our weekly newsletter")
    html = (
        f"<!doctype html><html lang=en><title>Article</title><h1>Kerry, Lavrov</h1><p>Text.</p>\n{box}</html>".encode()
    )

    def answer(path: str) -> Answer | None:
        if path not in {"/article", "/strict"}:
            return None
        policy = {"Content-Security-Policy": "connect-src 'none'"} if path == "/strict" else {}
        return Answer(html, "text/html; charset=utf-8", headers=policy)

    return answer


def type_and_press(page: Page) -> None:
    page.get_by_label("E-mail address").press_sequentially(ADA, delay=20)
    page.get_by_role("button", name="Sign up").click()


def type_and_press_slowly(page: Page) -> None:
    page.get_by_label("E-mail address").fill(ADA)
    page.wait_for_timeout(2_100)
    page.get_by_role("button", name="Sign up").click()


def confirm(page: Page, town: Town) -> None:
    """Opened twice, pressed once."""
    link = town.read_link()
    page.goto(link)
    page.goto(link)
    assert town.state() is SubscriptionState.PENDING
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are subscribed", timeout=PATIENCE)
    assert town.state() is SubscriptionState.CONFIRMED


def test_by_our_page_with_a_script_that_solves_the_puzzle(database_url: str, tmp_path: Path, browser: Browser) -> None:
    window = open_page(browser, timezone_id="America/New_York", viewport=PHONE)
    with open_town(database_url, tmp_path) as town, window as page:
        page.goto(f"{town.url}/lists/weekly")
        page.get_by_text("Choose what and when").click()
        page.get_by_label("Science").check()
        page.get_by_label("How often").select_option("Once a week")
        page.get_by_label("At what time").select_option("07:00")
        assert page.get_by_label("Your time zone").input_value() == "America/New_York"
        type_and_press(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Check your inbox", timeout=PATIENCE)
        assert town.proofs() == 1
        confirm(page, town)
        assert town.choices() == Choices(("Science",), Rhythm.WEEKLY, hour=7, zone="America/New_York")


def test_by_our_page_without_a_script(town: Town, browser: Browser) -> None:
    with open_page(browser, java_script_enabled=False) as page:
        page.goto(f"{town.url}/lists/weekly")
        page.get_by_text("Choose what and when").click()
        page.get_by_label("Town").check()
        type_and_press_slowly(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Check your inbox", timeout=PATIENCE)
        assert town.proofs() == 0
        confirm(page, town)
    assert town.choices() == Choices(("Town",))


def test_by_the_keyboard_alone(town: Town, browser: Browser) -> None:
    with open_page(browser) as page:
        page.goto(f"{town.url}/lists/weekly")
        while not page.evaluate("document.activeElement.id === 'email'"):
            page.keyboard.press("Tab")
        page.keyboard.type(ADA, delay=20)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Check your inbox", timeout=PATIENCE)
        page.goto(town.read_link())
        while not page.evaluate("document.activeElement.tagName === 'BUTTON'"):
            page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(page.get_by_role("heading", level=1)).to_have_text("You are subscribed", timeout=PATIENCE)
    assert town.state() is SubscriptionState.CONFIRMED


def test_by_the_box_below_an_article_which_answers_in_its_place(town: Town, browser: Browser) -> None:
    with open_page(browser) as page:
        page.goto(town.article_url)
        type_and_press(page)
        expect(page.get_by_role("status")).to_contain_text("a mail is on its way", timeout=PATIENCE)
        assert page.url == town.article_url
        assert town.proofs() == 1
        assert page.context.cookies() == []
        confirm(page, town)


def test_what_is_wrong_is_said_in_the_box_which_can_be_sent_again(town: Town, browser: Browser) -> None:
    with open_page(browser) as page:
        page.goto(town.article_url)
        page.get_by_label("E-mail address").fill("ada@reader")
        page.get_by_role("button", name="Sign up").click()
        expect(page.get_by_role("status")).to_contain_text("is not an e-mail address", timeout=PATIENCE)
        page.get_by_label("E-mail address").fill(ADA)
        page.get_by_role("button", name="Sign up").click()
        expect(page.get_by_role("status")).to_contain_text("a mail is on its way", timeout=PATIENCE)
    assert town.state() is SubscriptionState.PENDING


@pytest.mark.parametrize("script", [False, True], ids=["without a script", "in a page that lets scripts ask nobody"])
def test_by_the_box_that_cannot_answer_in_its_place(town: Town, browser: Browser, script: bool) -> None:
    with open_page(browser, java_script_enabled=script) as page:
        page.goto(town.strict_url if script else town.article_url)
        type_and_press(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("One more press", timeout=PATIENCE)
        assert page.url.startswith(town.url)
        assert town.state() is None
        page.wait_for_timeout(1_100)
        page.get_by_role("button", name="Sign up").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Check your inbox", timeout=PATIENCE)
        confirm(page, town)
