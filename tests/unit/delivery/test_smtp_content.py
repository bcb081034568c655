"""What goes on the wire as a message, what never does, and that it arrives as one message and unchanged."""

import re
import socket
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.delivery.content import make_content
from digest.delivery.transport import Envelope
from digest.model.address import Address
from digest.model.errors import DigestError
from tests.doubles.smtp_server import SmtpServer
from tests.unit.delivery.conftest import both_ways
from tests.unit.delivery.speaking import ANN, BO, MAIL, TO_BO, TO_CY, Speaker, conversation, delivered

pytestmark = both_ways


def make_wire(content: bytes) -> bytes:
    return make_content(content).wire


# What is not sent at all


@pytest.mark.parametrize(
    ("extensions", "envelope", "content", "refusal"),
    [
        ((), Envelope(ANN, Address("jürgen", "example.org")), MAIL, "553 5.6.7 .*SMTPUTF8"),
        ((), Envelope(Address("jürgen", "example.org"), BO), MAIL, "553 5.1.7 the sender's address"),
        ((), TO_BO, MAIL + "naïve".encode(), "554 5.6.3 .*8BITMIME"),
        (("SIZE 10",), TO_BO, MAIL, "552 5.3.4 the mail has 54 octets, the next hop takes 10"),
    ],
)
def test_what_the_relay_cannot_take_is_refused_without_asking(
    extensions: tuple[str, ...], envelope: Envelope, content: bytes, refusal: str
) -> None:
    server = SmtpServer(extensions=extensions)
    with conversation(server) as connection:
        said = connection.offer(envelope, content)
        assert said is not None
        assert re.match(refusal, str(said))
        assert said.permanent
        assert delivered(connection, TO_CY, b"").accepted
    assert server.sessions[0].verbs == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


def test_only_the_readers_own_address_counts_against_the_reader() -> None:
    with conversation(SmtpServer(extensions=("SIZE 10",))) as connection:
        for envelope, about_us in (
            (Envelope(ANN, Address("jürgen", "example.org")), False),
            (Envelope(Address("jürgen", "example.org"), BO), True),
            (TO_BO, True),
        ):
            refusal = connection.offer(envelope, MAIL)
            assert refusal is not None
            assert refusal.about_us is about_us


def test_a_size_of_0_or_none_is_no_limit() -> None:
    for size in ("SIZE 0", "SIZE", "SIZE many", "size 9999999"):
        server = SmtpServer(extensions=(size,))
        with conversation(server) as connection:
            assert delivered(connection).accepted
        assert server.messages[0].parameters == (f"SIZE={len(MAIL)}",)


def test_an_address_beyond_ascii_is_announced_to_a_relay_that_takes_it() -> None:
    server = SmtpServer()
    with conversation(server) as connection:
        assert delivered(connection, Envelope(ANN, Address("jürgen", "example.org")), MAIL + "naïve".encode()).accepted
    assert server.messages[0].recipient == "jürgen@example.org"
    assert server.messages[0].parameters[1:] == ("BODY=8BITMIME", "SMTPUTF8")


STRAY = [b"a\nb", b"a\rb", b"\n", b"\r", b"\n.\n", b"a\r\r\n", b"a\n\r\n", b"a\r\n\rb", b"\0", b"a\0b"]


@pytest.mark.parametrize("content", STRAY)
def test_stray_line_ends_and_nul_never_leave(content: bytes) -> None:
    server = SmtpServer()
    with conversation(server) as connection:
        with pytest.raises(DigestError, match="was not sent"):
            connection.offer(TO_BO, MAIL + content)
        assert connection.open
        assert delivered(connection).accepted
    assert server.sessions[0].verbs == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\r\nx"])
def test_a_line_has_998_octets_at_most(end: bytes) -> None:
    assert make_wire(b"a" * 998 + end).startswith(b"a" * 998 + b"\r\n")
    with pytest.raises(DigestError, match="999 octets"):
        make_wire(b"a" * 999 + end)
    with pytest.raises(DigestError, match="999 octets"):
        make_wire(b"x\r\n" + b"a" * 999 + end)


class Unsafe(Address):
    """An address whose grammar failed, which must not be enough for an attack."""

    def __post_init__(self) -> None:
        pass


@pytest.mark.parametrize(
    "local",
    ["a>\r\nRCPT TO:<x", "a\nb", "a b", "a>", "<a", "a\0", "a\tb", "a\x0b", "a\x85b", "a\u2028b", "a\u00a0b", "a\x7f"],
)
def test_no_address_can_carry_a_second_command(local: str) -> None:
    unsafe = Unsafe(local, "example.org")
    server = SmtpServer()
    with conversation(server) as connection:
        for envelope in (Envelope(unsafe, BO), Envelope(ANN, unsafe)):
            with pytest.raises(DigestError, match="not an address"):
                connection.offer(envelope, MAIL)
    assert server.sessions[0].verbs == ["EHLO", "QUIT"]


# Smuggling, and what arrives


HIDDEN = b"MAIL FROM:<eve@example.org>\r\nRCPT TO:<bo@example.org>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n"


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize("end", [b"\r\n.\r\n", b"\r\n..\r\n", b"\r\n.\r\n.\r\n", b"\r\n...\r\n"])
def test_no_body_ends_before_its_end(end: bytes, lenient: bool) -> None:
    content = MAIL + b"x" + end + HIDDEN
    server = SmtpServer(lenient=lenient)
    with conversation(server) as connection:
        assert delivered(connection, TO_BO, content).accepted
    assert [message.content for message in server.messages] == [content]
    assert server.faults == []


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r\n.\n\r\n", b"\n\n.\r\n", b"\r.\r\n"]
)
def test_no_body_that_some_server_would_end_early_is_sent(end: bytes) -> None:
    server = SmtpServer(lenient=True)
    with conversation(server) as connection:
        with pytest.raises(DigestError, match="other than CRLF"):
            connection.offer(TO_BO, MAIL + b"x" + end + HIDDEN)
        assert delivered(connection).accepted
    assert [message.content for message in server.messages] == [MAIL]


def test_the_double_itself_sees_smuggled_messages_when_lenient() -> None:
    seen = {}
    for lenient in (False, True):
        with SmtpServer(lenient=lenient) as server, socket.create_connection((server.host, server.port)) as raw:
            raw.sendall(b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\none\n.\n" + HIDDEN + b"QUIT\r\n")
            while raw.recv(4096):
                pass
            seen[lenient] = len(server.messages)
            assert bool(server.faults) is not lenient
    assert seen == {False: 1, True: 2}


LINES = st.lists(st.text(st.sampled_from("ab. \t=é"), max_size=12) | st.sampled_from([".", "..", "", ".a"]), max_size=8)


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[SmtpServer, Speaker]]:
    server = SmtpServer(extensions=("8BITMIME",))
    with conversation(server) as connection:
        yield server, connection


@given(
    lines=LINES
    | st.lists(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=200)),
    ended=st.booleans(),
)
@example(lines=["."], ended=True)
@example(lines=[".", ".", ""], ended=False)
def test_what_is_offered_is_what_arrives(
    standing: tuple[SmtpServer, Speaker], lines: list[str], *, ended: bool
) -> None:
    server, connection = standing
    content = "\r\n".join(lines).encode() + (b"\r\n" if ended else b"")
    server.messages.clear()
    assert delivered(connection, TO_BO, content).accepted
    (message,) = server.messages
    assert message.content == (content if content.endswith(b"\r\n") or not content else content + b"\r\n")
    assert server.faults == []


@given(st.binary(max_size=60) | st.text(st.sampled_from(".\r\nab"), max_size=30).map(str.encode))
def test_whatever_goes_out_can_be_read_in_one_way_only(content: bytes) -> None:
    try:
        body = make_wire(content)
    except DigestError:
        return
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", body)
    assert b"\r\n.\r\n" not in b"\r\n" + body
    assert not body or body.endswith(b"\r\n")


def test_a_large_body_arrives_whole() -> None:
    content = b"".join(b".%d" % number + b"x" * 70 + b"\r\n" for number in range(20_000))
    server = SmtpServer()
    with conversation(server) as connection:
        assert delivered(connection, TO_BO, content).accepted
    assert server.messages[0].content == content
