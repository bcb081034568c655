"""A mailbox with what came back, read by real IMAP over TLS."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from digest.feedback.imap import ImapMailbox, Place, parse_place
from digest.feedback.report import MAX_BYTES
from digest.model.errors import BadSetting, DigestError, TryLater
from tests.doubles.imap_server import PASSWORD, USER, ImapServer


def mailbox(server: ImapServer, old: str = "", new: str = "") -> ImapMailbox:
    return ImapMailbox(parse_place(server.url.replace(old, new) if old else server.url))


def test_what_is_unseen_is_read_and_done_is_gone_and_left_is_seen() -> None:
    with ImapServer([b"one", b"two\r\n", b"three"]) as server:
        server.mails[102].flags.add(r"\Seen")
        inbox = mailbox(server)
        assert inbox.count() == 2
        found = []
        for uid, raw in inbox.waiting():
            found.append(raw)
            if raw == b"one":
                inbox.done(uid)
            else:
                inbox.leave(uid)
        assert found == [b"one", b"three"]
        assert list(inbox.waiting()) == []
    assert {uid: mail.flags for uid, mail in server.mails.items()} == {102: {r"\Seen"}, 103: {r"\Seen"}}
    assert "UID EXPUNGE 101" in server.commands
    assert server.commands[-1] == "LOGOUT"


def test_what_is_not_dealt_with_stays_unseen() -> None:
    with ImapServer([b"one", b"two"]) as server:
        for _ in mailbox(server).waiting():
            break
        assert mailbox(server).count() == 2


def test_another_persons_deleted_mails_are_left_to_them() -> None:
    """A server without UIDPLUS could only expunge all that are marked."""
    with ImapServer([b"one", b"theirs"], uidplus=False) as server:
        server.mails[102].flags |= {r"\Seen", r"\Deleted"}
        inbox = mailbox(server)
        for uid, _ in inbox.waiting():
            inbox.done(uid)
        assert list(inbox.waiting()) == []
    assert server.mails[101].flags == {r"\Seen", r"\Deleted"}
    assert not any("EXPUNGE" in command for command in server.commands)


def test_of_a_very_large_one_as_much_as_can_be_read() -> None:
    with ImapServer([b"x" * (MAX_BYTES + 1)]) as server:
        assert [len(raw) for _, raw in mailbox(server).waiting()] == [MAX_BYTES]


def test_one_that_somebody_takes_meanwhile_is_passed_over() -> None:
    with ImapServer([b"one", b"two"]) as server:
        waiting = mailbox(server).waiting()
        next(waiting)
        del server.mails[102]
        assert list(waiting) == []


def test_a_folder_may_have_any_name() -> None:
    with ImapServer([b"one"], folder="What came back") as server:
        assert mailbox(server).count() == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (f"{USER}:", "someone:", "AUTHENTICATIONFAILED"),
        ("/INBOX", "/elsewhere", "NONEXISTENT"),
        ("?ca_file", "#ca_file", "certificate of localhost is not good"),
    ],
)
def test_what_time_does_not_mend_is_said(old: str, new: str, said: str) -> None:
    with ImapServer() as server, pytest.raises(DigestError, match=said) as refused:
        mailbox(server, old, new).count()
    assert not isinstance(refused.value, TryLater)
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "SEARCH", "FETCH"])
def test_a_server_that_hangs_up_is_asked_again_later(command: str) -> None:
    with ImapServer([b"one"], dies_at=command) as server, pytest.raises(TryLater, match="cannot be read now"):
        list(mailbox(server).waiting())
    assert server.mails[101].flags == set()


@pytest.mark.parametrize("command", ["CAPABILITY", "EXPUNGE"])
def test_what_was_marked_is_dealt_with_though_it_could_not_be_expunged(command: str) -> None:
    with ImapServer([b"one"]) as server:
        inbox = mailbox(server)
        for uid, _ in inbox.waiting():
            inbox.done(uid)
            server.dies_at = command
    assert server.mails[101].flags == {r"\Seen", r"\Deleted"}


def test_who_is_not_there_is_asked_again_later(unused_port: int) -> None:
    place = Place("127.0.0.1", unused_port, "ann", PASSWORD, "INBOX")
    with pytest.raises(TryLater, match=r"INBOX of ann at 127\.0\.0\.1 cannot be reached: Connection refused"):
        ImapMailbox(place).count()


@pytest.fixture
def unused_port() -> Iterator[int]:
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))  # and nobody listens
        yield held.getsockname()[1]


def test_an_address_names_host_port_user_password_and_folder() -> None:
    assert parse_place("imaps://ann%40example.org:p%2Fw@mail.example.org") == Place(
        "mail.example.org", 993, "ann@example.org", "p/w", "INBOX"
    )
    assert parse_place("imaps://a:b@h:1993/Bounces/2026?ca_file=own.pem") == Place(
        "h", 1993, "a", "b", "Bounces/2026", "own.pem"
    )


@pytest.mark.parametrize(
    "url",
    [
        "imap://a:secret@h",
        "imaps://a@h",
        "imaps://:secret@h",
        "imaps://",
        "imaps://a:secret@h:port",
        "imaps://a:secret@[h",
        "imaps://ä:secret@h",
        "imaps://a:secret%0D%0AX@h",
        "imaps://a:secret@h?tls=none",
        "/var/mail",
    ],
)
def test_others_are_refused_without_the_password(url: str) -> None:
    with pytest.raises(BadSetting, match="bounce_imap") as refused:
        parse_place(url)
    assert "secret" not in str(refused.value)


def test_a_file_of_certificates_that_is_none_is_named() -> None:
    with pytest.raises(BadSetting, match=r"nowhere\.pem .ca_file in bounce_imap. cannot be read"):
        ImapMailbox(Place("localhost", 1, "a", "b", "INBOX", "nowhere.pem")).count()
