import gzip
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digest import __version__
from digest.model.feed import FetchLimits
from digest.sources.fetch import Failed, Fetched, Gone, NotModified, _make_ssl_context, fetch
from tests.doubles.feed_server import Asked, FeedServer, Route, plain

BODY = b"<rss/>"


def failed(outcome: object) -> Failed:
    assert isinstance(outcome, Failed)
    assert not outcome.reason.endswith(".")
    return outcome


def fetched(outcome: object) -> Fetched:
    assert isinstance(outcome, Fetched), outcome
    return outcome


def test_a_plain_answer(server: FeedServer, limits: FetchLimits) -> None:
    url = server.at(
        "/feed", body=BODY, headers={"ETag": '"a"', "Last-Modified": "then", "Content-Type": "text/xml; charset=koi8-r"}
    )
    assert fetch(url, limits) == Fetched(url, url, BODY, "koi8-r", '"a"', "then")


def test_we_say_who_we_are_and_bring_nothing_else(
    server: FeedServer, limits: FetchLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    fetch(server.at("/feed", body=BODY), limits)
    asked = server.requests[0]
    assert asked.method == "GET"
    assert asked.headers["user-agent"] == f"digest/{__version__}"
    assert asked.headers["accept-encoding"] == "gzip"
    assert asked.headers["host"] == f"127.0.0.1:{server.port}"
    assert not {"cookie", "authorization"} & set(asked.headers)


def test_validators_are_given_back_and_304_is_understood(server: FeedServer, limits: FetchLimits) -> None:
    url = server.conditional("/feed", BODY)
    first = fetched(fetch(url, limits))
    assert fetch(url, limits, etag=first.etag, last_modified=first.last_modified) == NotModified()
    assert server.requests[1].headers["if-none-match"] == first.etag
    assert server.requests[1].headers["if-modified-since"] == first.last_modified


def test_304_out_of_the_blue_is_no_good_reading(server: FeedServer, limits: FetchLimits) -> None:
    assert "304" in failed(fetch(server.at("/feed", 304), limits)).reason


def test_an_etag_that_lies_does_not_hide_what_is_new(server: FeedServer, limits: FetchLimits) -> None:
    url = server.at("/feed", body=b"new bytes", headers={"ETag": '"always"'})
    assert fetched(fetch(url, limits, etag='"always"')).content == b"new bytes"


def test_the_same_bytes_without_validators_are_not_modified(server: FeedServer, limits: FetchLimits) -> None:
    url = server.at("/feed", body=BODY)
    first = fetched(fetch(url, limits))
    assert fetch(url, limits, etag=first.etag) == NotModified()
    assert "if-none-match" not in server.requests[1].headers
    server.at("/feed", body=BODY + b" ")
    assert fetched(fetch(url, limits, etag=first.etag)).content == BODY + b" "


@pytest.mark.parametrize("value", ['"' + "x" * 2_000 + '"', '"caf\xe9"', '"a\tb"'])
def test_an_odd_validator_is_none(server: FeedServer, limits: FetchLimits, value: str) -> None:
    found = fetched(fetch(server.at("/feed", body=BODY, headers={"ETag": value, "Last-Modified": "then"}), limits))
    assert found.etag == ""


@pytest.mark.parametrize("status", [301, 308])
def test_a_move_for_good_is_remembered(server: FeedServer, limits: FetchLimits, status: int) -> None:
    new = server.at("/new", body=BODY)
    found = fetched(fetch(server.redirect("/old", "/new", status), limits))
    assert (found.location, found.final) == (new, new)


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_move_for_now_is_not(server: FeedServer, limits: FetchLimits, status: int) -> None:
    new, old = server.at("/new", body=BODY), server.redirect("/old", "/new", status)
    found = fetched(fetch(old, limits))
    assert (found.location, found.final) == (old, new)


def test_only_moves_before_the_first_passing_one_are_remembered(server: FeedServer, limits: FetchLimits) -> None:
    server.at("/d", body=BODY)
    server.redirect("/c", "/d", 301)
    server.redirect("/b", "/c", 302)
    found = fetched(fetch(server.redirect("/a", "/b", 301), limits))
    assert (found.location, found.final) == (server.url("/b"), server.url("/d"))


def test_a_moved_feed_is_asked_for_whole(server: FeedServer, limits: FetchLimits) -> None:
    server.conditional("/new", BODY)
    found = fetched(fetch(server.redirect("/old", "/new", 301), limits, etag='"one"'))
    assert found.location == server.url("/new")
    assert "if-none-match" not in server.requests[1].headers


@pytest.mark.parametrize("status", [301, 302])
def test_a_redirect_loop_ends(server: FeedServer, limits: FetchLimits, status: int) -> None:
    server.redirect("/b", "/a", status)
    assert "redirects more than 5 times" in failed(fetch(server.redirect("/a", "/b", status), limits)).reason
    assert len(server.requests) == limits.max_redirects + 1


def test_a_redirect_to_nowhere(server: FeedServer, limits: FetchLimits) -> None:
    assert "without saying where" in failed(fetch(server.at("/a", 302), limits)).reason


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "gopher://127.0.0.1:70/", "ftp://127.0.0.1/", "javascript:alert(1)", "data:,x"]
)
def test_a_redirect_to_another_scheme_is_not_followed(server: FeedServer, limits: FetchLimits, target: str) -> None:
    assert "only http and https" in failed(fetch(server.redirect("/a", target), limits)).reason


def test_a_redirect_into_a_private_network_is_not_followed(server: FeedServer, limits: FetchLimits) -> None:
    for target in (
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:1/",
        "http://[::ffff:10.0.0.1]/",
    ):
        assert "private network" in failed(fetch(server.redirect("/a", target), limits)).reason


def test_410_is_gone_unless_a_passing_redirect_led_there(server: FeedServer, limits: FetchLimits) -> None:
    gone = server.at("/gone", 410)
    assert fetch(gone, limits) == Gone()
    assert fetch(server.redirect("/moved", "/gone", 301), limits) == Gone()
    assert "410 Gone" in failed(fetch(server.redirect("/maybe", "/gone", 302), limits)).reason


@pytest.mark.parametrize(
    ("status", "words", "later"),
    [
        (404, "404 Not Found", False),
        (403, "403", False),
        (429, "429", True),
        (500, "500 Internal", True),
        (503, "503", True),
        (599, "599", True),
    ],
)
def test_refusals_are_named(server: FeedServer, limits: FetchLimits, status: int, words: str, later: bool) -> None:
    outcome = failed(fetch(server.at("/feed", status, b"no"), limits))
    assert words in outcome.reason
    assert outcome.later is later


def test_gzip_is_unpacked(server: FeedServer, limits: FetchLimits) -> None:
    url = server.at("/feed", body=gzip.compress(BODY), headers={"Content-Encoding": "gzip"})
    assert fetched(fetch(url, limits)).content == BODY


def test_broken_gzip_fails(server: FeedServer, limits: FetchLimits) -> None:
    failed(fetch(server.at("/feed", body=b"no gzip at all", headers={"Content-Encoding": "gzip"}), limits))


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "compress"])
def test_other_encodings_are_refused(server: FeedServer, limits: FetchLimits, coding: str) -> None:
    assert (
        "not asked for"
        in failed(fetch(server.at("/feed", body=b"x", headers={"Content-Encoding": coding}), limits)).reason
    )


def test_a_gzip_bomb_is_stopped_by_its_ratio(server: FeedServer, limits: FetchLimits) -> None:
    url = server.gzip_bomb("/bomb")
    assert "bomb" in failed(fetch(url, replace(limits, max_bytes=100_000_000))).reason


def test_a_gzip_bomb_is_stopped_by_its_size(server: FeedServer, limits: FetchLimits) -> None:
    assert (
        "larger than 500,000 bytes"
        in failed(fetch(server.gzip_bomb("/bomb"), replace(limits, max_bytes=500_000))).reason
    )


def test_an_endless_body_is_stopped(server: FeedServer, limits: FetchLimits) -> None:
    assert "larger than" in failed(fetch(server.endless("/feed"), limits)).reason


def test_a_body_that_says_it_is_too_large_is_not_even_read(server: FeedServer, limits: FetchLimits) -> None:
    url = server.answer(
        "/feed", lambda _asked: Route(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n")
    )
    assert "larger than" in failed(fetch(url, limits)).reason


@pytest.mark.parametrize("in_head", [True, False])
def test_a_slow_server_has_the_time_of_the_whole_exchange_and_no_more(
    server: FeedServer, limits: FetchLimits, in_head: bool
) -> None:
    url = server.drip("/slow", b"x" * 10_000, in_head=in_head)
    outcome = failed(fetch(url, replace(limits, max_seconds=0.4)))
    assert "within 0.4 seconds" in outcome.reason
    assert outcome.later


def test_slow_redirects_share_the_time(server: FeedServer, limits: FetchLimits) -> None:
    head = b"HTTP/1.1 302 Said\r\nLocation: /slow\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    url = server.answer("/slow", lambda _asked: Route(b"", lambda: [head], pause=0.3))
    assert "within 0.5 seconds" in failed(fetch(url, replace(limits, max_seconds=0.5))).reason


def test_endless_headers_end(server: FeedServer, limits: FetchLimits) -> None:
    assert "HTTP" in failed(fetch(server.endless_headers("/feed"), limits)).reason


@pytest.mark.parametrize(
    "content", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"\0" * 100 + b"\r\n\r\n", b"HTTP/1.1 banana\r\n\r\n"]
)
def test_what_is_not_http_fails(server: FeedServer, limits: FetchLimits, content: bytes) -> None:
    failed(fetch(server.garbage("/feed", content), limits))


def test_a_body_that_is_cut_off_fails(server: FeedServer, limits: FetchLimits) -> None:
    outcome = failed(fetch(server.cut_off("/feed", BODY), limits))
    assert outcome.later


def test_nobody_there(limits: FetchLimits) -> None:
    with FeedServer() as server:
        url = server.url("/feed")
    outcome = failed(fetch(url, limits))
    assert outcome == Failed("its server cannot be reached", later=True)


@pytest.mark.parametrize(
    "location",
    [
        "/etc/passwd",
        "file:///etc/passwd",
        "",
        "http://",
        "http:///x",
        "https://[::1",
        "http://a b/",
        "ftp://x.org/",
        "feed",
        "http://x:99999999/",
        "http://\x00/",
        "\x00",
    ],
)
def test_what_is_no_web_address_fails_without_a_connection(limits: FetchLimits, location: str) -> None:
    def look_up(host: str, port: int) -> list[str]:
        pytest.fail(f"looked up {host}:{port}")

    failed(fetch(location, limits, look_up=look_up))


def test_credentials_are_refused_and_not_repeated(limits: FetchLimits) -> None:
    outcome = failed(fetch("https://ann:secret@example.org/feed", limits))
    assert "password" in outcome.reason
    assert "secret" not in outcome.reason


TLS = Path(__file__).parents[2] / "data" / "tls"


@pytest.fixture
def our_authority(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trusts the tests' certificate authority, the way an operator does with one of their own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "ca.pem"))
    _make_ssl_context.cache_clear()
    yield
    _make_ssl_context.cache_clear()


def secure(certificate: str) -> FeedServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{certificate}.pem")
    return FeedServer(tls=context)


@pytest.mark.usefixtures("our_authority")
def test_https_asks_the_checked_address_in_the_name_of_the_host(limits: FetchLimits) -> None:
    with secure("server") as server:
        server.at("/feed", body=BODY)
        location = f"https://localhost:{server.port}/feed"
        found = fetched(fetch(location, limits, look_up=lambda _host, _port: ["127.0.0.1"]))
    assert found.content == BODY
    assert server.names == ["localhost"]
    assert server.requests[0].headers["host"] == f"localhost:{server.port}"


@pytest.mark.usefixtures("our_authority")
@pytest.mark.parametrize("certificate", ["expired", "self-signed", "wrong-name"])
def test_a_bad_certificate_is_refused(limits: FetchLimits, certificate: str) -> None:
    with secure(certificate) as server:
        outcome = failed(fetch(f"https://localhost:{server.port}/feed", limits))
    assert "its certificate is not valid" in outcome.reason
    assert server.requests == []


@pytest.mark.usefixtures("our_authority")
def test_a_move_from_https_to_http_is_followed_but_not_learnt(server: FeedServer, limits: FetchLimits) -> None:
    server.at("/feed", body=BODY)
    with secure("server") as before:
        before.redirect("/feed", server.url("/feed"), 301)
        location = f"https://localhost:{before.port}/feed"
        found = fetched(fetch(location, limits))
    assert (found.location, found.final) == (location, server.url("/feed"))


def test_a_name_that_nobody_knows(limits: FetchLimits) -> None:
    outcome = failed(fetch("http://nowhere.invalid/feed", limits))
    assert outcome == Failed("its host name cannot be resolved", later=True)


def test_each_request_is_answered_by_what_was_asked(server: FeedServer, limits: FetchLimits) -> None:
    def make(asked: Asked) -> Route:
        return plain(200, asked.path.encode())

    assert fetched(fetch(server.answer("/a?b=c", make) + "#part", limits)).content == b"/a?b=c"
