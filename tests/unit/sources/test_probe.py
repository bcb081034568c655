"""Whether an address answers is found out without reading it, and only what is surely gone is dead."""

import socket

import pytest

from digest.model.feed import FetchLimits
from digest.model.link_check import LinkState
from digest.sources.probe import UNRESOLVED, probe
from tests.doubles.feed_server import Asked, FeedServer, Route, plain


def asked(server: FeedServer) -> list[tuple[str, str]]:
    return [(request.method, request.path) for request in server.requests]


def test_a_good_link_is_asked_for_once_and_not_read(server: FeedServer, limits: FetchLimits) -> None:
    assert probe(server.at("/page#part", body="x"), limits)[0] is not LinkState.GOOD  # a server never sees a fragment
    server.requests.clear()
    server.at("/page", body="x")
    assert probe(server.url("/page#part"), limits) == (LinkState.GOOD, "")
    assert asked(server) == [("HEAD", "/page")]


@pytest.mark.parametrize(
    ("status", "state", "said"),
    [
        (204, LinkState.GOOD, ""),
        (404, LinkState.DEAD, "it answered 404 Not Found"),
        (410, LinkState.DEAD, "it answered 410 Gone"),
        (401, LinkState.UNKNOWN, "it answered 401 Unauthorized"),
        (403, LinkState.UNKNOWN, "it answered 403 Forbidden"),
        (405, LinkState.UNKNOWN, "it answered 405 Method Not Allowed"),
        (503, LinkState.UNKNOWN, "it answered 503 Service Unavailable"),
        (599, LinkState.UNKNOWN, "it answered 599"),
    ],
)
def test_what_an_answer_means(
    server: FeedServer, limits: FetchLimits, status: int, state: LinkState, said: str
) -> None:
    assert probe(server.at("/page", status), limits) == (state, said)


def test_a_server_that_knows_no_head_is_asked_to_get(server: FeedServer, limits: FetchLimits) -> None:
    def make(asked: Asked) -> Route:
        return plain(404 if asked.method == "HEAD" else 200, b"")

    assert probe(server.answer("/page", make), limits) == (LinkState.GOOD, "")
    assert asked(server) == [("HEAD", "/page"), ("GET", "/page")]


def test_a_server_that_is_asked_too_often_is_left_alone(server: FeedServer, limits: FetchLimits) -> None:
    assert probe(server.at("/page", 429), limits) == (LinkState.UNKNOWN, "it answered 429 Too Many Requests")
    assert asked(server) == [("HEAD", "/page")]


def test_redirects_are_followed_to_their_end(server: FeedServer, limits: FetchLimits) -> None:
    server.at("/end", body="x")
    assert probe(server.redirect("/start", "/end", 301), limits)[0] is LinkState.GOOD
    assert probe(server.redirect("/lost", "/nowhere"), limits)[0] is LinkState.DEAD
    state, said = probe(server.redirect("/round", "/round"), limits)
    assert (state, said) == (LinkState.UNKNOWN, "it redirects more than 5 times")
    assert probe(server.redirect("/odd", "ftp://example.org/"), limits)[0] is LinkState.UNKNOWN


def test_a_host_that_does_not_exist_is_dead_and_a_resolver_that_is_busy_says_nothing(limits: FetchLimits) -> None:
    def fails(number: int) -> tuple[LinkState, str]:
        def look_up(host: str, port: int) -> list[str]:
            raise socket.gaierror(number, f"{host}:{port}")

        return probe("https://example.org/", limits, look_up)

    assert fails(socket.EAI_NONAME) == (LinkState.DEAD, UNRESOLVED)
    assert fails(socket.EAI_AGAIN) == (LinkState.UNKNOWN, UNRESOLVED)


def test_the_guard_stands_before_every_hop(server: FeedServer) -> None:
    state, said = probe(server.at("/page"), FetchLimits())
    assert (state, said) == (LinkState.UNKNOWN, "127.0.0.1 is in a private network, which feeds may not lead to")
    assert server.requests == []


@pytest.mark.parametrize("address", ["http://[::1", "http://", "https://a b/", "http://\udc80/", "http://127.0.0.1:1/"])
def test_what_cannot_be_asked_is_not_known(address: str, limits: FetchLimits) -> None:
    assert probe(address, limits)[0] is LinkState.UNKNOWN


def test_a_server_that_never_ends_or_speaks_no_http_is_not_known(server: FeedServer) -> None:
    limits = FetchLimits(max_seconds=0.3, allow_private=frozenset({"127.0.0.0/8"}))
    assert probe(server.drip("/slow", b"x" * 1_000, in_head=True), limits) == (
        LinkState.UNKNOWN,
        "it did not answer within 0.3 seconds",
    )
    assert probe(server.garbage("/odd", b"\0\1\2\r\n\r\n"), limits)[0] is LinkState.UNKNOWN
