"""What scanners do: every link of ours in every mail we send, and on every page behind, is asked for; nothing changes (S8)."""

import html
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from digest.demo.mailbox import Mailbox
from digest.pipeline.deliver import deliver
from tests.pipeline.world import make_world, with_relay
from tests.web.conftest import BASE_URL, Site, open_site
from tests.web.test_reader import confirmed, preferences_link, unsubscribe_link

OURS = re.compile(rf"{re.escape(BASE_URL)}(/[^\s\"'<>)]*)")
WITHIN = re.compile(r'(?:href|src|action)="(/[^"]*)"')
MAILS = {
    "confirm-subscription",
    "welcome",
    "issue",
    "unsubscribed",
    "your-data",
    "allow-address",
    "confirm-address",
    "address-changed",
}


@pytest.fixture
def mailed(sqlite_url: str, tmp_path: Path) -> Iterator[tuple[Site, Mailbox]]:
    with ExitStack() as open_:
        world = make_world(sqlite_url)
        open_.callback(world.app.close)
        mailbox = open_.enter_context(Mailbox(tmp_path / "mails", world.clock))
        relay = f"smtp://127.0.0.1:{mailbox.smtp_port}?tls=none"
        yield open_site(with_relay(world, relay)), mailbox


def send_every_mail(site: Site) -> None:
    """To readers who do all that can be done."""
    number = confirmed(site, "ann@example.org")
    site.world.add_articles(3)
    site.world.publish()
    link = preferences_link(site, number)
    site.client.post(link, data={"do": "data"})
    site.client.post(link, data={"do": "address", "email": "new@example.org"})
    site.client.post(f"/address/{site.fresh_token('allow-address')}")
    leaver = confirmed(site, "bob@example.org")
    site.client.post(unsubscribe_link(site, leaver), data={"by": "page"})
    mover = confirmed(site, "cid@example.org")
    site.client.post(preferences_link(site, mover), data={"do": "address", "email": "dee@example.org"})
    site.client.post(f"/address/{site.fresh_token('allow-address')}")
    site.client.post(f"/address/{site.fresh_token('confirm-address')}")
    asker = confirmed(site, "eve@example.org")
    site.client.post(preferences_link(site, asker), data={"do": "address", "email": "fay@example.org"})
    site.sign_up("pending@example.org")
    deliver(site.world.app.sender())


def links(mailbox: Mailbox) -> set[str]:
    found: set[str] = set()
    for mail in mailbox.messages():
        together = "\n".join([mail.text, html.unescape(mail.html), *(value for _, value in mail.headers())])
        found |= set(OURS.findall(together))
    return found


def test_a_crawl_of_every_link_in_every_mail_changes_nothing(mailed: tuple[Site, Mailbox]) -> None:
    site, mailbox = mailed
    send_every_mail(site)
    with site.world.app.store.read() as tx:
        sent = set(tx._connection.exec_driver_sql("SELECT DISTINCT purpose FROM messages").scalars())
    assert sent >= MAILS
    to_ask = links(mailbox)
    kinds = {path.split("/")[1] for path in to_ask}
    assert kinds >= {"c", "u", "p", "v", "me", "address", "lists"}
    before = site.dump()
    for _ in range(2):  # what is found on the pages is asked for too
        for path in sorted(to_ask):
            for method in ("GET", "HEAD", "OPTIONS") * 3:
                response = site.client.request(method, path)
                assert response.status_code < 500, path
                assert not response.is_redirect
            to_ask = to_ask | set(WITHIN.findall(site.client.get(path).text))
    assert site.dump() == before
