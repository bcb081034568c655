"""Dialling, TLS and logging in: whatever is not as asked for ends before a password or a mail is on the wire."""

import base64
import socket
import ssl
import warnings
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from digest.delivery.relay import Relay, Timeouts, Tls
from digest.delivery.set_up import SmtpTransport
from digest.delivery.transport import Envelope
from digest.model.address import Address
from digest.model.errors import BadSetting, DigestError, TryLater
from tests.doubles.smtp_server import CERTIFICATES, Rule, SmtpServer, announce, drip, drop, garbage, half, hang, reply
from tests.unit.delivery.speaking import Speaker

CA = CERTIFICATES / "ca.pem"
USERS = {"ann": "open sesame"}
TO_BO = Envelope(Address("ann", "example.org"), Address("bo", "example.org"))
QUICK = Timeouts(connect=20, greeting=0.5, command=0.5)
SLOW = r"nothing whole for 0\.5 seconds"


def relay_of(server: SmtpServer, tls: Tls = Tls.STARTTLS, user: str = "ann", password: str = "open sesame") -> Relay:
    if tls is Tls.NONE:
        return Relay("localhost", server.port, tls)
    return Relay("localhost", server.port, tls, user, password, ca_file=CA)


def refused(server: SmtpServer, relay: Relay, kind: type[DigestError], why: str) -> str:
    """Connecting fails in words; no password was on the wire, no mail was begun, and the connection is closed."""
    with pytest.raises(kind, match=why) as refusal:
        SmtpTransport(relay).connect()
    server.resume()
    server.join()
    sentence = str(refusal.value)
    assert type(refusal.value) is kind
    assert "sesame" not in sentence
    assert "\n" not in sentence
    assert f"localhost:{server.port}" in sentence
    assert not server.messages
    for session in server.sessions:
        assert b"MAIL" not in session.received
        assert session.ended
    return sentence


def assert_no_login(server: SmtpServer) -> None:
    for session in server.sessions:
        assert b"AUTH" not in session.received.upper()
        assert base64.b64encode(b"\0ann\0open sesame") not in session.received
        assert not session.logins


@pytest.mark.parametrize("mechanisms", [("PLAIN", "LOGIN"), ("LOGIN",), ("XOAUTH2", "PLAIN")])
@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_password_is_sent_under_tls_only(tls: Tls, mechanisms: tuple[str, ...]) -> None:
    server = SmtpServer(tls=True, implicit=tls is Tls.IMPLICIT, users=USERS, auth=mechanisms)
    with server, closing(Speaker(SmtpTransport(relay_of(server, tls)).connect())) as connection:
        assert connection.offer(TO_BO, b"Subject: hello\r\n\r\nhello\r\n") is None
        assert connection.release().accepted
    (session,) = server.sessions
    assert session.logins == [("ann", "open sesame")]
    assert bytes(session.clear) == (b"EHLO [127.0.0.1]\r\nSTARTTLS\r\n" if tls is Tls.STARTTLS else b"")
    assert session.ended == "quit"


def test_what_ehlo_said_before_tls_is_forgotten() -> None:
    with SmtpServer(Rule(announce("SIZE 10", "STARTTLS"), verb="EHLO", times=1), tls=True) as server:
        connection = Speaker(SmtpTransport(relay_of(server, user="", password="")).connect())
        assert connection.offer(TO_BO, b"Subject: more than ten octets\r\n") is None
        assert connection.release().accepted
        assert server.sessions[0].verbs[:3] == ["EHLO", "STARTTLS", "EHLO"]
        connection.close()


@pytest.mark.parametrize(
    ("rule", "kind", "why"),
    [
        (Rule(announce("SIZE 1000"), verb="EHLO"), DigestError, "offers no STARTTLS"),
        (Rule(announce("AUTH PLAIN"), verb="EHLO"), DigestError, "offers no STARTTLS"),
        (Rule(reply("502 5.5.1 EHLO?"), verb="EHLO"), DigestError, "offers no STARTTLS"),
        (Rule(reply("454 4.7.0 TLS not available"), verb="STARTTLS"), TryLater, "454 4.7.0 TLS not available"),
        (Rule(reply("501 5.5.4 no"), verb="STARTTLS"), DigestError, "would not begin TLS"),
        (Rule(reply("354 eh"), verb="STARTTLS"), TryLater, "would not begin TLS"),
        (Rule(drop(), verb="STARTTLS"), TryLater, "hung up"),
        (Rule(drop(hard=True), verb="STARTTLS"), TryLater, "hung up"),
        (Rule(half(3), verb="STARTTLS"), TryLater, "hung up"),
        (Rule(hang(), verb="STARTTLS"), TryLater, SLOW),
        (
            Rule(garbage(b"220 go\r\n250-fake\r\n250 AUTH PLAIN\r\n"), verb="STARTTLS"),
            DigestError,
            "words of their own",
        ),
        (Rule(garbage(b"220 go\r\n2"), verb="STARTTLS"), DigestError, "words of their own"),
        (Rule(garbage(b"220 go\r\n250-fa\r\n" * 3), verb="STARTTLS"), DigestError, "words of their own"),
    ],
)
def test_without_starttls_nothing_goes_out(rule: Rule, kind: type[DigestError], why: str) -> None:
    with SmtpServer(rule, tls=True, users=USERS, auth_in_clear=True) as server:
        refused(server, replace(relay_of(server), timeouts=QUICK if why is SLOW else Timeouts()), kind, why)
        assert_no_login(server)
        assert not server.sessions[0].secure


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        ("expired", "certificate has expired"),
        ("wrong-name", "not valid for 'localhost'"),
        ("self-signed", "self-signed"),
    ],
)
def test_a_certificate_that_proves_nothing_ends_it(certificate: str, why: str, tls: Tls) -> None:
    with SmtpServer(tls=True, implicit=tls is Tls.IMPLICIT, certificate=certificate, users=USERS) as server:
        refused(server, relay_of(server, tls), DigestError, why)
        assert_no_login(server)


def test_an_authority_that_the_system_does_not_know_ends_it() -> None:
    with SmtpServer(tls=True, users=USERS) as server:
        refused(server, replace(relay_of(server), ca_file=None), DigestError, "ca_file=")
        assert_no_login(server)


def test_tls_1_1_is_too_old() -> None:
    with SmtpServer(tls=True, users=USERS) as server:
        assert server.context is not None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            server.context.set_ciphers("ALL:@SECLEVEL=0")
            server.context.minimum_version = ssl.TLSVersion.TLSv1
            server.context.maximum_version = ssl.TLSVersion.TLSv1_1
        refused(server, relay_of(server), DigestError, r"TLS 1\.2 or newer")
        assert_no_login(server)


def test_a_relay_that_speaks_in_clear_where_tls_is_expected_is_named() -> None:
    with SmtpServer(tls=True, users=USERS) as server:
        refused(server, relay_of(server, Tls.IMPLICIT), DigestError, "is tls=.*right for this port")
        assert_no_login(server)


def test_a_relay_that_waits_for_tls_where_we_wait_for_its_greeting_is_not_waited_for_forever() -> None:
    with SmtpServer(implicit=True) as server:
        refused(server, replace(relay_of(server), timeouts=QUICK), TryLater, SLOW)


def test_a_handshake_that_is_cut_is_tried_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        relay = Relay("localhost", listener.getsockname()[1], Tls.IMPLICIT, timeouts=Timeouts(connect=0.2))
        with pytest.raises(TryLater, match="broke off while TLS began"):
            SmtpTransport(relay).connect()


@pytest.mark.parametrize(
    ("rule", "kind", "why"),
    [
        (Rule(reply("535 5.7.8 no"), verb="AUTH"), DigestError, r"refused the user or the password \(535 5.7.8 no\)"),
        (Rule(reply("534 5.7.9 too weak"), verb="AUTH"), DigestError, "534"),
        (Rule(reply("454 4.7.0 later"), verb="AUTH"), TryLater, "454"),
        (Rule(reply("421 4.3.2 bye"), verb="AUTH"), TryLater, "421"),
        (Rule(drop(), verb="AUTH"), TryLater, "hung up"),
    ],
)
def test_a_refused_password_is_tried_once(rule: Rule, kind: type[DigestError], why: str) -> None:
    with SmtpServer(rule, tls=True, users=USERS) as server:
        refused(server, relay_of(server), kind, why)
        assert len(server.sessions[0].logins) == 1


def test_a_wrong_password_is_the_operators_matter() -> None:
    with SmtpServer(tls=True, users=USERS) as server:
        sentence = refused(server, relay_of(server, password="wrong-KEY"), DigestError, "535 5.7.8")
        assert "KEY" not in sentence


@pytest.mark.parametrize("mechanisms", [("CRAM-MD5",), ()])
def test_a_relay_without_a_way_to_log_in_that_we_know_is_named(mechanisms: tuple[str, ...]) -> None:
    with SmtpServer(tls=True, users=USERS, auth=mechanisms) as server:
        refused(server, relay_of(server), DigestError, "no way to log in")
        assert_no_login(server)


def test_the_old_way_to_announce_auth_is_understood() -> None:
    with SmtpServer(Rule(announce("STARTTLS", "AUTH=LOGIN PLAIN"), verb="EHLO"), tls=True, users=USERS) as server:
        Speaker(SmtpTransport(relay_of(server)).connect()).close()
        assert server.sessions[0].logins == [("ann", "open sesame")]


@pytest.mark.parametrize(
    ("rule", "kind", "why"),
    [
        (Rule(reply("554 no SMTP here"), verb="CONNECT"), DigestError, "554 no SMTP here"),
        (Rule(reply("421 4.3.2 too busy"), verb="CONNECT"), TryLater, "421 4.3.2 too busy"),
        (Rule(reply("450 later"), verb="EHLO"), TryLater, "turned us away"),
        (Rule(drop(), verb="CONNECT"), TryLater, "hung up"),
        (Rule(hang(), verb="CONNECT"), TryLater, SLOW),
        (Rule(drip(0.1, "220 " + "x" * 50), verb="CONNECT"), TryLater, SLOW),
        (Rule(garbage(b"HTTP/1.1 400 Bad Request\r\n\r\n"), verb="CONNECT"), TryLater, "no SMTP reply"),
        (Rule(garbage(b"220 one\r\n250 two\r\n"), verb="CONNECT"), TryLater, "out of turn"),
        (Rule(drop(), verb="EHLO"), TryLater, "hung up"),
        (Rule(half(40), verb="EHLO"), TryLater, "hung up"),
    ],
)
def test_a_relay_that_will_not_have_us_is_named(rule: Rule, kind: type[DigestError], why: str) -> None:
    with SmtpServer(rule) as server:
        limits = QUICK if why is SLOW else Timeouts()
        refused(server, replace(relay_of(server, Tls.NONE), timeouts=limits), kind, why)


def test_a_relay_that_knows_no_ehlo_gets_helo() -> None:
    with SmtpServer(Rule(reply("500 5.5.1 what?"), verb="EHLO")) as server:
        with closing(Speaker(SmtpTransport(relay_of(server, Tls.NONE)).connect())) as connection:
            assert connection.offer(TO_BO, b"Subject: x\r\n") is None
            assert connection.release().accepted
        assert server.sessions[0].verbs[:2] == ["EHLO", "HELO"]
        assert server.messages[0].parameters == ()


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TryLater, match=rf"127\.0\.0\.1:{port} cannot be reached \(Connection refused\)"):
        SmtpTransport(Relay("127.0.0.1", port, Tls.NONE)).connect()


def test_our_name_is_the_one_we_are_told() -> None:
    with SmtpServer() as server:
        Speaker(SmtpTransport(replace(relay_of(server, Tls.NONE), hello="mail.example.org")).connect()).close()
        assert server.sessions[0].received.startswith(b"EHLO mail.example.org\r\n")


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_of_authorities_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadSetting, match=f"{file}.*cannot be read as PEM"):
        SmtpTransport(Relay("localhost", 587, ca_file=file))
