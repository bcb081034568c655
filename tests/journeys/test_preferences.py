"""A reader's own pages in a real browser: opened from a real mail, used with the keyboard alone, with and without JavaScript.

How each page looks, and whether everybody can read it, is asked by tests/web/test_every_page_in_chromium.py.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from digest.demo.mailbox import Mailbox
from digest.demo.visitor import find_link
from digest.model.choices import Choices
from digest.model.mailing_list import Rhythm
from digest.model.subscriber import SubscriptionState
from digest.pipeline.deliver import deliver
from digest.web import running
from tests.looks.camera import open_browser
from tests.pipeline.world import World, a_list, make_world, with_relay

ADA = "ada@reader.example"
NEW = "ada@new.example"
MANY_TABS = 60
TOPICS = ("Town", "Science & Nature", "Food")


class Town:
    """A world with its pages and its readers' mailbox; Ada reads The Weekly."""

    def __init__(self, world: World, mailbox: Mailbox) -> None:
        self.world = world
        self.mailbox = mailbox
        self.ada = world.subscribe_one(ADA).id

    def deliver(self) -> None:
        """In a thread of its own: Playwright has an event loop in this one."""
        with ThreadPoolExecutor(1) as pool:
            pool.submit(deliver, self.world.app.sender()).result()

    def mailed(self, path: str, to: str = ADA) -> str:
        """Deliver what waits, and give the link to such a page in the last mail to her that has one."""
        self.deliver()
        mails = [mail for mail in self.mailbox.messages() if to in mail.recipients and path in mail.text]
        return find_link(mails[-1], path)

    def issue(self) -> None:
        self.world.add_articles(3)
        self.world.publish()

    def kept(self) -> tuple[SubscriptionState, Choices, bool]:
        with self.world.app.store.read() as tx:
            kept = tx.subscribers.subscription(self.ada, self.world.mailing_list.id)
            assert kept is not None
            return kept.state, tx.audiences.choices(kept.choices_id), kept.paused_until is not None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def town(sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as open_:
        world = make_world(sqlite_url)
        open_.callback(world.app.close)
        world.mailing_list = replace(
            world.mailing_list, topics=TOPICS, rhythms=tuple(Rhythm), tagline="What the coast talked about this week"
        )
        with world.app.store.write() as tx:
            tx.lists.save(world.mailing_list)
            others = (("evening", "The Evening"), ("quayside", "Notes from the Quayside and from the Islands beyond"))
            for name, title in others:
                more = replace(
                    a_list(), name=name, title=title, list_id=f"{name}.example.org", tagline="Short and late"
                )
                tx.lists.add(more, world.clock())
        mailbox = open_.enter_context(Mailbox(tmp_path / "mails", world.clock))
        port = open_.enter_context(running(world.app))
        relay = f"smtp://127.0.0.1:{mailbox.smtp_port}?tls=none"
        yield Town(with_relay(world, relay, base_url=f"http://127.0.0.1:{port}"), mailbox)


# with the keyboard alone


def go_to(page: Page, wanted: str) -> None:
    """Tab until the element with this id, or the button with this name and value, has the focus."""
    for _ in range(MANY_TABS):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if not focused.count():
            continue
        named = f"{focused.get_attribute('name')}={focused.get_attribute('value')}"
        if wanted in (focused.get_attribute("id"), named):
            return
    pytest.fail(f"Tab does not lead to {wanted}")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_reader_chooses_pauses_and_leaves_by_keyboard(town: Town, browser: Browser, scripts: bool) -> None:
    town.issue()
    page = browser.new_page(java_script_enabled=scripts)
    page.goto(town.mailed("/p/"))

    go_to(page, "topics-all")
    page.keyboard.press("ArrowDown")
    go_to(page, "topic-2")
    page.keyboard.press("Space")
    go_to(page, "rhythm-every")
    page.keyboard.press("ArrowDown")
    go_to(page, "weekday")
    page.keyboard.press("F")  # the first day that begins so
    go_to(page, "zone")
    page.keyboard.type("tokyo")
    go_to(page, "do=save")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert "Saved" in page.get_by_role("status").inner_text()
    chosen = Choices(("Science & Nature",), Rhythm.WEEKLY, 4, zone="Asia/Tokyo")
    assert town.kept() == (SubscriptionState.CONFIRMED, chosen, False)

    go_to(page, "pause-end")
    page.keyboard.press("ArrowDown")
    go_to(page, "do=save")
    page.keyboard.press("Enter")
    page.get_by_label("No issue before Monday 7 December 2026").wait_for()
    assert town.kept() == (SubscriptionState.CONFIRMED, chosen, True)

    go_to(page, "do=leave")
    page.keyboard.press("Enter")
    page.get_by_text("Done: The Weekly will not be sent to you any more.").wait_for()
    assert town.kept()[0] is SubscriptionState.UNSUBSCRIBED
    page.close()


def test_a_mistake_takes_the_focus_and_leads_to_its_field(town: Town, browser: Browser) -> None:
    town.issue()
    page = browser.new_page()
    page.goto(town.mailed("/p/"))
    page.fill("#zone", "Nowhere")
    page.get_by_role("button", name="Save").click()
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert page.locator(":focus").get_attribute("role") == "alert"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#zone")
    assert page.locator("#zone").get_attribute("aria-invalid") == "true"
    page.close()


def test_an_address_moves_through_two_mailboxes(town: Town, browser: Browser) -> None:
    town.issue()
    page = browser.new_page(java_script_enabled=False)
    page.goto(town.mailed("/p/"))
    page.fill("#email", NEW)
    page.get_by_role("button", name="Change the address").click()
    page.goto(town.mailed("/address/"))
    page.get_by_role("button").click()
    page.goto(town.mailed("/address/", to=NEW))
    page.get_by_role("button").click()
    page.get_by_role("heading", name="You have moved").wait_for()
    town.world.clock.forward(days=7)
    town.deliver()
    with town.world.app.store.read() as tx:
        reader = tx.subscribers.get(town.ada)
    assert reader is not None
    assert str(reader.address) == NEW
    assert town.mailbox.wait_for(to=ADA, subject_contains="goes to another address").recipients == (ADA,)
    page.close()
