from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.relay import Relay, Timeouts, Tls, parse_relay
from digest.model.errors import BadSetting

WHOLE = [
    ("smtp://localhost", Relay("localhost", 587, Tls.STARTTLS)),
    ("smtp://localhost/", Relay("localhost", 587, Tls.STARTTLS)),
    ("  smtp://localhost:25\n", Relay("localhost", 25, Tls.STARTTLS)),
    ("SMTP://Mail.Example.org:587", Relay("mail.example.org", 587, Tls.STARTTLS)),
    ("smtp://localhost:2525", Relay("localhost", 2525, Tls.STARTTLS)),
    ("smtp://localhost:465", Relay("localhost", 465, Tls.IMPLICIT)),
    ("smtp://localhost?tls=implicit", Relay("localhost", 465, Tls.IMPLICIT)),
    ("smtp://localhost:1465?tls=implicit", Relay("localhost", 1465, Tls.IMPLICIT)),
    ("smtp://localhost:465?tls=starttls", Relay("localhost", 465, Tls.STARTTLS)),
    ("smtp://localhost?tls=none", Relay("localhost", 25, Tls.NONE)),
    ("smtp://127.0.0.1:1025?tls=none", Relay("127.0.0.1", 1025, Tls.NONE)),
    ("smtp://[::1]:1025?tls=none", Relay("::1", 1025, Tls.NONE)),
    ("smtps://localhost", Relay("localhost", 465, Tls.IMPLICIT)),
    ("smtps://localhost:1465?tls=implicit", Relay("localhost", 1465, Tls.IMPLICIT)),
    ("smtp://ann:secret@localhost", Relay("localhost", 587, Tls.STARTTLS, "ann", "secret")),
    (
        "smtp://ann%40example.org:p%3Aa%2Fs%25s@localhost",
        Relay("localhost", 587, Tls.STARTTLS, "ann@example.org", "p:a/s%s"),
    ),
    ("smtp://ann:p+w@localhost", Relay("localhost", 587, Tls.STARTTLS, "ann", "p+w")),
    ("smtp://j%C3%BCrgen:p%C3%A4ss@localhost", Relay("localhost", 587, Tls.STARTTLS, "jürgen", "päss")),
    ("smtp://bücher.example", Relay("xn--bcher-kva.example", 587, Tls.STARTTLS)),
    ("smtp://localhost?hello=mail.example.org", Relay("localhost", 587, hello="mail.example.org")),
    ("smtp://localhost?hello=[192.0.2.1]", Relay("localhost", 587, hello="[192.0.2.1]")),
    ("smtp://localhost?hello=[IPv6:2001:db8::1]", Relay("localhost", 587, hello="[IPv6:2001:db8::1]")),
    ("smtp://localhost?ca_file=/etc/ca%20s.pem&tls=starttls", Relay("localhost", 587, ca_file=Path("/etc/ca s.pem"))),
]

NONE = [
    ("", "begins neither"),
    ("localhost", "begins neither"),
    ("localhost:25", "begins neither"),
    ("http://localhost", "begins neither"),
    ("smtp:localhost", "begins neither"),
    ("smtp://", "names no host"),
    ("smtp://:25", "names no host"),
    ("smtp://ann:KEY@", "names no host"),
    ("smtp://ann:KEY@:25", "names no host"),
    ("smtp://ann:KEY@localhost:abc", "port is not a number"),
    ("smtp://ann:KEY@localhost:65536", "port is not a number"),
    ("smtp://ann:KEY@localhost:0", "0 is not a port"),
    ("smtp://ann:KEY@localhost:-1", "port is not a number"),
    ("smtp://ann:KEY@loc alhost", "space"),
    ("smtp://ann:KEY@loc\nalhost", "control character"),
    ("smtp://ann:KEY@lo_c!alhost", "not the name"),
    ("smtp://ann:KEY@-localhost", "not the name"),
    ("smtp://ann:KEY@[::1", "not well-formed"),
    ("smtp://ann:KEY@ho℀st", "not well-formed"),
    ("smtp://ann:KEY@localhost/inbox", "nothing but parameters"),
    ("smtp://ann:KEY@localhost#top", "nothing but parameters"),
    ("smtp://ann:KEY@localhost?tsl=none", "'tsl'.*only tls, hello, ca_file"),
    ("smtp://ann:KEY@localhost?tls", "name=value"),
    ("smtp://ann:KEY@localhost?tls=", "tls is empty"),
    ("smtp://ann:KEY@localhost?tls=ssl", "'ssl' is not one of starttls, implicit, none"),
    ("smtp://ann:KEY@localhost?tls=starttls&tls=none", "twice"),
    ("smtp://ann:KEY@localhost?tls=none", "in clear"),
    ("smtps://ann:KEY@localhost?tls=starttls", "implicit TLS"),
    ("smtps://localhost?tls=none", "implicit TLS"),
    ("smtp://ann@localhost", "a user and a password"),
    ("smtp://ann:@localhost", "a user and a password"),
    ("smtp://:KEY@localhost", "a user and a password"),
    ("smtp://ann:KEY%00@localhost", "control character"),
    ("smtp://ann:KEY%0d%0aMAIL@localhost", "control character"),
    ("smtp://ann%0a:KEY@localhost", "control character"),
    ("smtp://ann:KEY%FF@localhost", "UTF-8"),
    ("smtp://ann:KEY@localhost?hello=a%20b", "neither a host name"),
    ("smtp://ann:KEY@localhost?hello=a%0d%0aMAIL", "neither a host name"),
    ("smtp://ann:12/KEY@localhost", "percent-encoded"),
    ("smtp://ann:12?KEY@localhost", "percent-encoded"),
    ("smtp://ann:12#KEY@localhost", "percent-encoded"),
    ("smtp://ann:KEY/1@localhost", "percent-encoded"),
]


@pytest.mark.parametrize(("url", "relay"), WHOLE)
def test_an_address_says_where_the_relay_is(url: str, relay: Relay) -> None:
    assert parse_relay(url) == relay


@pytest.mark.parametrize(("url", "why"), NONE)
def test_a_wrong_address_is_refused_in_one_sentence_without_the_password(url: str, why: str) -> None:
    with pytest.raises(BadSetting, match=why) as refusal:
        parse_relay(url)
    sentence = str(refusal.value)
    assert "KEY" not in sentence
    assert "\n" not in sentence
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


@given(
    st.text(min_size=1), st.sampled_from(["localhost", "localhost:x", "localhost?tls=none", "localhost/p", "[x", "a b"])
)
def test_no_password_is_ever_printed(password: str, rest: str) -> None:
    for written in (f"KEY{password}KEY", quote(f"KEY{password}KEY", safe="")):
        try:
            shown = repr(parse_relay(f"smtp://ann:{written}@{rest}"))
        except BadSetting as refusal:
            shown = str(refusal)
        assert "KEY" not in shown


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1),
)
def test_user_and_password_come_out_as_they_were_encoded(user: str, password: str) -> None:
    relay = parse_relay(f"smtp://{quote(user, safe='')}:{quote(password, safe='')}@localhost")
    assert (relay.username, relay.password) == (user, password)


def test_a_relay_that_would_send_a_password_in_clear_cannot_be_made() -> None:
    with pytest.raises(BadSetting, match="in clear"):
        Relay("localhost", 25, Tls.NONE, "ann", "secret")


def test_a_relay_is_shown_as_host_and_port() -> None:
    assert str(Relay("mail.example.org", 587, username="ann", password="secret")) == "mail.example.org:587"
    assert str(Relay("::1", 25, Tls.NONE)) == "[::1]:25"


def test_the_limits_are_those_of_the_standard_and_can_be_scaled() -> None:
    limits = Timeouts()
    assert (limits.greeting, limits.command, limits.data, limits.block, limits.dot) == (300, 300, 120, 180, 600)
    assert limits.scaled(0.01).dot == 6
