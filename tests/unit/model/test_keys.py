"""Keys: one secret, and a key of its own for each purpose."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.address import Address
from digest.model.keys import TAG_BYTES, Keys, token_hash

KEYS = Keys(b"one secret of at least 32 bytes, or so")
OTHERS = Keys(b"another secret of at least 32 bytes...")


@given(st.text(max_size=20), st.binary(max_size=50))
def test_a_tag_proves_one_message_for_one_purpose(purpose: str, message: bytes) -> None:
    tag = KEYS.tag(purpose, message)
    assert len(tag) == TAG_BYTES
    assert tag == KEYS.tag(purpose, message)
    assert tag not in {
        KEYS.tag(purpose + "x", message),
        KEYS.tag(purpose, message + b"x"),
        OTHERS.tag(purpose, message),
    }


def test_a_purpose_and_a_message_cannot_be_cut_elsewhere() -> None:
    assert KEYS.tag("ab", b"c") != KEYS.tag("a", b"bc")


def test_tags_never_change() -> None:
    """They stand in mails and in suppressions: another rule would break every one of them."""
    assert KEYS.tag("link:u", b"\x01").hex() == "2c108f35f496fc7d8692536769ef5df4"
    assert KEYS.address_hash(Address.parse("ann@example.org")) == "e2df995dd3511e7588d77a924266d2ba"
    assert KEYS.confirmation_token("nonce") == "CEWtEpffOSBMzw1FGG52Bw"


def test_one_person_has_one_hash_however_the_address_is_written() -> None:
    hashes = {
        KEYS.address_hash(Address.parse(text)) for text in ("Ann@Example.org", "ann@example.ORG", "ANN@example.org")
    }
    assert len(hashes) == 1
    assert KEYS.address_hash(Address.parse("anna@example.org")) not in hashes
    assert OTHERS.address_hash(Address.parse("ann@example.org")) not in hashes


def test_an_address_cannot_be_read_out_of_its_hash() -> None:
    assert re.fullmatch("[0-9a-f]{32}", KEYS.address_hash(Address.parse("ann@example.org")))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8:1::1", "2001:db8:1:ffff::2", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.7", True),  # how a socket for both families names an IPv4 client
        ("::ffff:192.0.2.1", "::ffff:198.51.100.1", False),
        ("fe80::1%eth0", "fe80::1%eth1", True),
    ],
)
def test_neighbours_share_a_network(one: str, other: str, same: bool) -> None:
    assert (KEYS.network_hash(one) == KEYS.network_hash(other)) is same
    assert re.fullmatch("[0-9a-f]{32}", KEYS.network_hash(one))


@pytest.mark.parametrize("client", ["", "testclient", "192.0.2", "192.0.2.1:80", "unix:", "\0"])
def test_an_unknown_client_has_no_network(client: str) -> None:
    assert KEYS.network_hash(client) == ""


@given(st.text())
def test_whatever_a_client_is_called_is_a_hash_or_nothing(client: str) -> None:
    assert re.fullmatch("|[0-9a-f]{32}", KEYS.network_hash(client))


@given(st.text())
def test_a_confirmation_token_fits_into_a_link_and_is_made_anew_from_its_nonce(nonce: str) -> None:
    token = KEYS.confirmation_token(nonce.encode("utf-8", "replace").decode())
    assert re.fullmatch("[A-Za-z0-9_-]{22}", token)
    assert token == KEYS.confirmation_token(nonce.encode("utf-8", "replace").decode())
    assert token_hash(token) != token_hash(token + "x")
    assert re.fullmatch("[0-9a-f]{64}", token_hash(token))


def test_a_fingerprint_tells_secrets_apart_and_tells_nothing_else() -> None:
    assert KEYS.fingerprint == Keys(KEYS.secret).fingerprint != OTHERS.fingerprint
    assert "secret" not in repr(KEYS)
