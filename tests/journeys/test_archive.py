"""Two issues go out for real, from a folder's texts to a mailbox; then they are read on the web and by feed readers."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import feedparser
import httpx2
import pytest

from digest.demo.mailbox import Mailbox
from digest.demo.visitor import find_link
from digest.model.feed import Feed, FeedKind
from digest.pipeline.deliver import deliver
from digest.pipeline.refresh import refresh
from digest.web import running
from tests.doubles.newsreader import check_atom, check_json_feed
from tests.pipeline.world import PERIOD, World, make_world, with_relay
from tests.web.newsroom import change_list

READER = "reader0@example.org"
TEXTS = {
    "Town": ("Rain fills the harbour", "The quay was under water for an hour on Sunday."),
    "Science": ("Seals count their young", "Forty were born on the north bank this year."),
}


class Town:
    """A newsroom whose site, mailbox and readers are all real."""

    def __init__(self, world: World, mailbox: Mailbox, client: httpx2.Client, folder: Path) -> None:
        self.world = world
        self.mailbox = mailbox
        self.client = client
        self.folder = folder

    def publish(self, week: int) -> None:
        """Write two articles, read them, publish and deliver the issue of that week."""
        world, app = self.world, self.world.app
        for topic, (title, text) in TEXTS.items():
            day = (world.clock() - timedelta(days=1)).date()
            head = f"---\ntitle: {title}, week {week}\ndate: {day}\n---\n"
            (self.folder / topic / f"{week}.md").write_text(f"{head}\n{text} That was week {week}.\n", encoding="utf-8")
        assert {report.error for report in refresh(app.store, app.limits, now=world.clock)} == {""}
        world.publish(world.draft(PERIOD + timedelta(weeks=week)))
        deliver(app.sender())


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as open_:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        world = make_world(database_url)
        open_.callback(world.app.close)
        mailbox = open_.enter_context(Mailbox(tmp_path / "mails", world.clock))
        base_url = f"http://127.0.0.1:{port}"
        world = with_relay(world, f"smtp://127.0.0.1:{mailbox.smtp_port}?tls=none", base_url=base_url)
        open_.enter_context(running(world.app, port=port))
        client = open_.enter_context(httpx2.Client(base_url=base_url, trust_env=False))
        change_list(world, topics=tuple(TEXTS))
        for topic in TEXTS:
            (tmp_path / topic).mkdir()
            with world.app.store.write() as tx:
                tx.feeds.add(Feed(0, world.mailing_list.id, str(tmp_path / topic), FeedKind.FOLDER, topic=topic))
        world.subscribe(1)
        yield Town(world, mailbox, client, tmp_path)


def test_issues_that_went_out_are_read_on_the_web(town: Town) -> None:
    town.publish(0)
    mail = town.mailbox.wait_for(to=READER)
    assert mail.header("List-Archive") == f"<{town.world.app.settings.base_url}/lists/weekly/archive>"
    town.world.clock.forward(days=7)
    town.publish(1)
    town.mailbox.wait_for(to=READER, after=mail.number)

    index = town.client.get("/lists/weekly/archive")
    assert index.text.index("week 1") < index.text.index("week 0")
    first = town.client.get("/lists/weekly/issues/1")
    assert "The quay was under water for an hour on Sunday. That was week 0." in first.text
    assert 'href="/lists/weekly/issues/2"' in first.text
    seen = town.client.get(find_link(mail, "/v/"))
    assert "That was week 0." in seen.text
    for page in (index, first, seen):
        assert READER not in page.text


def test_feed_readers_get_each_issue_once(town: Town) -> None:
    town.publish(0)
    atom, json_feed = town.client.get("/lists/weekly/feed.atom"), town.client.get("/lists/weekly/feed.json")
    assert len(check_atom(atom.content).findall("{*}entry")) == len(check_json_feed(json_feed.content)["items"]) == 1
    known = {"If-None-Match": atom.headers["ETag"]}
    assert town.client.get("/lists/weekly/feed.atom", headers=known).status_code == 304
    town.world.clock.forward(days=7)
    town.publish(1)
    later = town.client.get("/lists/weekly/feed.atom", headers=known)
    entries = feedparser.parse(later.content).entries
    assert [entry.link.rpartition("/")[2] for entry in entries] == ["2", "1"]
    assert town.client.get(entries[0].link).status_code == 200
    assert "That was week 1." in entries[0].content[0].value


def test_a_readers_own_feed_leads_to_the_articles(town: Town) -> None:
    with town.world.app.store.read() as tx:
        (reader,) = tx.subscribers.readers()
    town.publish(0)
    own = town.client.get(town.world.app.links.feed(reader.subscriber.id, town.world.mailing_list.id))
    check_atom(own.content)
    entries = feedparser.parse(own.content).entries
    assert {entry.tags[0].term for entry in entries} == set(TEXTS)
    assert READER not in own.text
    for entry in entries:  # a folder's texts have pages of ours
        assert entry.title in town.client.get(entry.link).text
