import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.feed import FetchLimits
from digest.sources.fetch import Failed, Fetched, fetch
from digest.sources.guard import Refused, checked, is_public
from tests.doubles.feed_server import FeedServer

PRIVATE = [
    *(
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
    ),
    *("100.64.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "2001:db8::1", "2001::1"),
    *(
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "::8.8.8.8",
        "64:ff9b::127.0.0.1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
    ),
    *("", "example.org", "1.2.3", "0x7f000001", "2130706433"),
]
PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv6_coat_changes_nothing(address: object) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address)) == is_public(f"64:ff9b::{address}")


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Refused, match=r"example\.org is in a private network"):
        checked("example.org", 443, frozenset(), lambda _host, _port: ["8.8.8.8", "10.0.0.1"])


def test_a_name_without_addresses_is_refused() -> None:
    with pytest.raises(Refused):
        checked("example.org", 443, frozenset(), lambda _host, _port: [])


def test_only_the_opened_addresses_of_a_host_are_asked() -> None:
    opened = frozenset({"127.0.0.0/8"})
    assert checked("localhost", 8080, opened, lambda _host, _port: ["::1", "127.0.0.1"]) == ["127.0.0.1"]
    assert checked("x", 80, frozenset({"10.1.0.0/16"}), lambda _host, _port: ["::ffff:10.1.2.3"]) == ["::ffff:10.1.2.3"]


@pytest.mark.parametrize(
    ("port", "fine"), [(80, True), (443, True), (8080, True), (22, False), (25, False), (6, False)]
)
def test_ports_of_other_services_are_refused(port: int, fine: bool) -> None:
    if fine:
        assert checked("example.org", port, frozenset(), lambda _host, _port: ["8.8.8.8"]) == ["8.8.8.8"]
    else:
        with pytest.raises(Refused, match=f"port {port}"):
            checked("example.org", port, frozenset(), lambda _host, _port: ["8.8.8.8"])


CLOSED = FetchLimits(max_seconds=5)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "127.1", "017700000001", "[::ffff:127.0.0.1]"]
)
def test_no_notation_of_loopback_gets_through(server: FeedServer, host: str) -> None:
    server.at("/feed", body=b"secret")
    outcome = fetch(f"http://{host}:{server.port}/feed", CLOSED)
    assert isinstance(outcome, Failed)
    assert server.connections == 0


def test_the_connection_goes_to_the_checked_address_and_the_name_is_asked_once(
    server: FeedServer, limits: FetchLimits
) -> None:
    server.at("/feed", body=b"hello")
    asked: list[str] = []

    def look_up(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    outcome = fetch(f"http://news.example:{server.port}/feed", limits, look_up=look_up)
    assert isinstance(outcome, Fetched)
    assert asked == ["news.example"]
    assert server.requests[0].headers["host"] == f"news.example:{server.port}"


def test_a_name_that_flips_after_the_check_gains_nothing(server: FeedServer) -> None:
    """DNS rebinding: public when asked first, loopback ever after. The first answer is what is connected to."""
    server.at("/feed", body=b"secret")
    answers = [["192.0.0.9"], *[["127.0.0.1"]] * 20]  # 192.0.0.9 counts as public and answers nobody
    outcome = fetch(
        f"http://flips.example:{server.port}/feed",
        replace(CLOSED, max_seconds=0.3),
        look_up=lambda _host, _port: answers.pop(0),
    )
    assert isinstance(outcome, Failed)
    assert len(answers) == 20
    assert server.connections == 0


def test_a_name_that_flips_between_redirects_is_checked_at_each(server: FeedServer, limits: FetchLimits) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    server.redirect("/a", f"http://flips.example:{server.port}/b")
    outcome = fetch(f"http://flips.example:{server.port}/a", limits, look_up=lambda _host, _port: answers.pop(0))
    assert outcome == Failed("flips.example is in a private network, which feeds may not lead to")
    assert server.paths == ["/a"]


def test_slow_dns_ends_with_the_exchange() -> None:
    over = threading.Event()

    def look_up(_host: str, _port: int) -> list[str]:
        over.wait(5)
        return []

    outcome = fetch("http://slow.example/", replace(CLOSED, max_seconds=0.2), look_up=look_up)
    over.set()
    assert outcome == Failed("it did not finish within 0.2 seconds", later=True)


def test_the_second_address_is_tried_when_the_first_does_not_answer(server: FeedServer, limits: FetchLimits) -> None:
    server.at("/feed", body=b"hello")
    outcome = fetch(
        f"http://two.example:{server.port}/feed", limits, look_up=lambda _host, _port: ["127.0.0.99", "127.0.0.1"]
    )
    assert isinstance(outcome, Fetched)
