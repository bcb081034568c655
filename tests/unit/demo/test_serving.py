import socket
from collections.abc import Iterator

import pytest

from digest.demo.serving import Answer, LocalServer
from digest.model.errors import DigestError
from tests.unit.demo.reading import get

PAGES = {
    "/": Answer(b"hello", "text/plain; charset=utf-8"),
    "/a b": Answer(b"spaced", "text/plain", max_age=60, headers={"X-Extra": "yes"}),
}


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer(0, PAGES.get) as running:
        yield running


def test_it_answers_what_it_is_given(server: LocalServer) -> None:
    got = get(f"{server.base_url}/a%20b?and=more")
    assert (got.status, got.text, got.headers["X-Extra"], got.headers["Cache-Control"]) == (
        200,
        "spaced",
        "yes",
        "max-age=60",
    )


def test_an_unknown_path_is_404(server: LocalServer) -> None:
    assert get(f"{server.base_url}/nothing").status == 404


def test_head_has_the_length_and_no_body(server: LocalServer) -> None:
    got = get(server.base_url, method="HEAD")
    assert (got.status, got.headers["Content-Length"], got.body) == (200, "5", b"")


@pytest.mark.parametrize("asked", ["{etag}", 'W/{etag}, "other"', "*"])
def test_what_the_reader_has_is_304(server: LocalServer, asked: str) -> None:
    etag = get(server.base_url).headers["ETag"]
    got = get(server.base_url, If_None_Match=asked.format(etag=etag))
    assert (got.status, got.body, got.headers["ETag"]) == (304, b"", etag)


def test_another_etag_is_no_304(server: LocalServer) -> None:
    assert get(server.base_url, If_None_Match='"other"').status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_but_reading_is_possible(server: LocalServer, method: str) -> None:
    assert get(server.base_url, method=method).status == 501


def test_another_name_for_this_machine_is_refused(server: LocalServer) -> None:
    assert get(server.base_url, Host=f"rebound.example:{server.port}").status == 421
    assert get(server.base_url, Host=f"localhost:{server.port}").status == 200


def test_a_taken_port_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DigestError, match=f"Port {port} on 127.0.0.1 cannot be used .* Choose another port"):
            LocalServer(port, PAGES.get)


def test_a_reader_that_leaves_early_is_no_news(capfd: pytest.CaptureFixture[str]) -> None:
    with LocalServer(0, {"/": Answer(b"x" * 5_000_000, "text/plain")}.get) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as reader:
            reader.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
            reader.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
            )  # leave with RST
        assert get(server.base_url, method="HEAD").status == 200
    assert capfd.readouterr().err == ""


def test_stopping_twice_is_safe() -> None:
    server = LocalServer(0, PAGES.get)
    server.stop()
    server.stop()
