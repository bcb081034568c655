"""A reader's whole way, over real HTTP and real SMTP: sign up, confirm, welcome, issue, leave with one click."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from digest.demo.mailbox import Mailbox
from digest.demo.visitor import Visitor, find_link
from digest.model.address import Address
from digest.model.message import MessageState
from digest.model.subscriber import SubscriptionState
from digest.pipeline.deliver import deliver
from digest.web import running
from tests.pipeline.world import World, make_world, with_relay

ADA = "ada@reader.example"


class Town:
    """A world with its web pages and its readers' mailbox."""

    def __init__(self, world: World, mailbox: Mailbox, visitor: Visitor) -> None:
        self.world = world
        self.mailbox = mailbox
        self.visitor = visitor

    def deliver(self) -> None:
        deliver(self.world.app.sender())

    def state(self) -> SubscriptionState | None:
        with self.world.app.store.read() as tx:
            reader = tx.subscribers.find(Address.parse(ADA))
            return tx.subscribers.subscriptions(reader.id)[0].state if reader else None


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as open_:
        world = make_world(database_url)
        open_.callback(world.app.close)
        mailbox = open_.enter_context(Mailbox(tmp_path / "mails", world.clock))
        port = open_.enter_context(running(world.app))
        base_url = f"http://127.0.0.1:{port}"
        relay = f"smtp://127.0.0.1:{mailbox.smtp_port}?tls=none"
        yield Town(with_relay(world, relay, base_url=base_url), mailbox, open_.enter_context(Visitor(base_url)))


def sign_up(town: Town) -> None:
    form = town.visitor.open_form("/lists/weekly")
    town.world.clock.forward(seconds=30)  # a person takes a while to type
    town.visitor.send(form, email=ADA)
    town.deliver()


def test_a_readers_whole_way(town: Town) -> None:
    sign_up(town)
    assert town.state() is SubscriptionState.PENDING
    asked = town.mailbox.wait_for(to=ADA)

    town.visitor.press(find_link(asked, "/c/"))
    assert town.state() is SubscriptionState.CONFIRMED
    town.deliver()
    town.mailbox.wait_for(to=ADA, after=asked.number)

    town.world.add_articles(3)
    before = town.mailbox.latest
    town.world.publish()
    town.deliver()
    issue = town.mailbox.wait_for(to=ADA, after=before)
    assert issue.header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"

    town.visitor.unsubscribe_in_one_click(issue)
    assert town.state() is SubscriptionState.UNSUBSCRIBED
    town.visitor.unsubscribe_in_one_click(issue)  # twice is once


def test_looking_at_a_confirmation_link_confirms_nothing(town: Town) -> None:
    sign_up(town)
    link = find_link(town.mailbox.wait_for(to=ADA), "/c/")
    town.visitor.open_form(link)
    town.visitor.open_form(link)
    assert town.state() is SubscriptionState.PENDING


def test_who_left_gets_no_further_issue(town: Town) -> None:
    sign_up(town)
    town.visitor.press(find_link(town.mailbox.wait_for(to=ADA), "/c/"))
    town.deliver()
    town.world.add_articles(1)
    campaign = town.world.publish()
    with town.world.app.store.read() as tx:
        reader = tx.subscribers.find(Address.parse(ADA))
    assert reader is not None
    town.visitor.press(town.world.app.links.unsubscribe(reader.id, town.world.mailing_list.id))
    before = {mail.number for mail in town.mailbox.messages()}
    town.deliver()
    later = [mail.subject for mail in town.mailbox.messages() if mail.number not in before]
    assert all("Story number" not in subject for subject in later)
    assert town.world.account(campaign).of(MessageState.SUPPRESSED) == 1
