import socket
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from digest.model.errors import DigestError
from digest.model.subscriber import SubscriptionState
from digest.web import running, serve
from digest.web.server import _listening
from tests.web.conftest import Site
from tests.web.test_reader import unsubscribe_link


def test_a_reader_signs_up_confirms_and_leaves_over_http(each_site: Site) -> None:
    site = each_site
    with running(site.world.app) as port, httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        stamp = client.get("/lists/weekly").text.partition('name="stamp" value="')[2].partition('"')[0]
        values = {"email": "ann@example.org", "stamp": stamp, "leave_empty": ""}
        site.world.clock.forward(seconds=3)
        assert client.post("/lists/weekly", data=values).status_code == 200
        assert client.head(f"/c/{site.token()}").content == b""
        assert site.state("ann@example.org") is SubscriptionState.PENDING
        assert client.post(f"/c/{site.token()}").status_code == 200
        assert site.state("ann@example.org") is SubscriptionState.CONFIRMED
        with site.world.app.store.read() as tx:
            (reader,) = tx.subscribers.readers()
        left = client.post(unsubscribe_link(site, reader.subscriber.id), data={"List-Unsubscribe": "One-Click"})
        assert left.status_code == 200
        assert "server" not in left.headers
    assert site.state("ann@example.org") is SubscriptionState.UNSUBSCRIBED


def test_two_hundred_at_once_for_one_address_give_one_mail(each_site: Site) -> None:
    body = {"email": "ann@example.org", "lists": ["weekly"]}
    with running(each_site.world.app) as port, httpx2.Client(trust_env=False, timeout=60) as client:
        url = f"http://127.0.0.1:{port}/api/subscribe"
        with ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(lambda _: client.post(url, json=body), range(200)))
    assert {(each.status_code, each.text) for each in answers} == {(202, answers[0].text)}
    assert each_site.mails() == ["confirm-subscription"]


def test_a_taken_port_is_said_in_words(site: Site) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(DigestError, match="cannot be served on"):
            serve(site.world.app, "127.0.0.1", taken.getsockname()[1])


def test_an_answer_in_pieces_does_not_wait_for_the_last_one_to_be_acknowledged() -> None:
    """asyncio turns Nagle's algorithm off for sockets whose protocol is named, and accepted ones have their listener's."""
    with _listening("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP
