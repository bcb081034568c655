"""What we sign is verified by others, and nothing of it can be changed, taken away or added."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from digest.delivery.dkim import OVERSIGNED, WIDTH, Signer, Signers, sign_message
from digest.delivery.dkim_keys import DkimKey
from digest.model.address import Address
from digest.model.errors import DigestError
from tests.unit.delivery.signing import (
    BODY,
    FIELDS,
    MAIL,
    WHEN,
    dkimpy_verifies,
    ed25519_key,
    plainly_verified,
    rsa_key,
    unfold,
)


def header(fields: Sequence[bytes]) -> bytes:
    return b"\r\n".join(fields) + b"\r\n\r\n"


def name(field: bytes) -> bytes:
    return field.partition(b":")[0].lower()


def listed(signature: bytes) -> list[bytes]:
    """The names in h=."""
    found = re.search(rb"; h=([^;]+);", unfold(signature))
    assert found
    return found[1].replace(b" ", b"").split(b":")


@pytest.fixture(params=["rsa", "ed25519"])
def key(request: pytest.FixtureRequest) -> DkimKey:
    return rsa_key() if request.param == "rsa" else ed25519_key()


def holds(signature: bytes, message: bytes, key: DkimKey) -> bool:
    """Both verifiers must agree."""
    said = [dkimpy_verifies(signature + message, [key]), [plainly_verified(signature, message, key)]]
    assert said[0] == said[1]
    return said[0][0]


# what it looks like


def test_a_signature_is_verified(key: DkimKey) -> None:
    assert holds(sign_message(MAIL, [key], WHEN), MAIL, key)


def test_two_keys_make_two_signatures_that_hold_each() -> None:
    keys = [rsa_key(), ed25519_key()]
    both = sign_message(MAIL, keys, WHEN)
    assert dkimpy_verifies(both + MAIL, keys) == [True, True]
    assert both == sign_message(MAIL, keys[:1], WHEN) + sign_message(MAIL, keys[1:], WHEN)


def test_two_selectors_of_one_domain_are_valid_at_once() -> None:
    new = replace(ed25519_key(), selector="e2")
    both = sign_message(MAIL, [ed25519_key(), new], WHEN)
    assert dkimpy_verifies(both + MAIL, [ed25519_key(), new]) == [True, True]


def test_the_tags_are_those_of_the_standards(key: DkimKey) -> None:
    signature = unfold(sign_message(MAIL, [key], WHEN))
    tags = dict(tag.strip().split(b"=", 1) for tag in signature.partition(b":")[2].split(b";"))
    assert list(tags) == [b"v", b"a", b"c", b"d", b"s", b"h", b"t", b"bh", b"b"]  # l= is not among them
    assert tags[b"a"] == f"{key.type}-sha256".encode()
    assert (tags[b"v"], tags[b"c"], tags[b"d"]) == (b"1", b"relaxed/relaxed", b"example.org")
    assert int(tags[b"t"]) == int(WHEN.timestamp())


def test_all_that_a_mail_must_not_have_twice_is_named_once_more_than_it_is_there(key: DkimKey) -> None:
    names = listed(sign_message(MAIL, [key], WHEN))
    present = list(map(name, FIELDS))
    assert {once: names.count(once) - present.count(once) for once in OVERSIGNED} == dict.fromkeys(OVERSIGNED, 1)
    assert {other: names.count(other) for other in set(names) - set(OVERSIGNED)} == {
        b"list-post": 1,
        b"list-archive": 1,
        b"precedence": 1,
    }


def test_what_is_absent_is_named_too(key: DkimKey) -> None:
    names = listed(sign_message(b"From: a@example.org\r\n\r\n", [key], WHEN))
    assert sorted(names) == sorted([b"from", *OVERSIGNED])


@pytest.mark.parametrize("domain", ["example.org", "a.domain.that.has.quite.some.labels.and.goes.on.example.org"])
def test_no_line_is_longer_than_78_and_all_end_in_crlf(key: DkimKey, domain: str) -> None:
    for length in range(1, 64):
        named = replace(key, selector="s" * length, domain=domain)
        signature = sign_message(MAIL, [named], WHEN)
        *lines, last = signature.split(b"\r\n")
        assert last == b""
        assert max(map(len, lines)) <= WIDTH
        assert all(line.isascii() and b"\r" not in line and b"\n" not in line for line in lines)
        assert plainly_verified(signature, MAIL, named)


def test_a_name_that_no_line_can_hold_is_on_one_of_its_own(key: DkimKey) -> None:
    named = replace(key, selector=".".join(["s" * 63] * 3), domain="example.org")
    signature = sign_message(MAIL, [named], WHEN)
    assert [len(line) for line in signature.split(b"\r\n") if len(line) > WIDTH] == [len(f" s={named.selector};")]
    assert holds(signature, MAIL, named)


def test_the_same_message_gets_the_same_bytes(key: DkimKey) -> None:
    assert sign_message(MAIL, [key], WHEN) == sign_message(MAIL, [key], WHEN)
    assert sign_message(MAIL, [key], WHEN) == sign_message(
        MAIL, [key], WHEN.astimezone(timezone(timedelta(hours=5), "there"))
    )


def test_another_time_gets_another_signature(key: DkimKey) -> None:
    assert sign_message(MAIL, [key], WHEN) != sign_message(MAIL, [key], WHEN + timedelta(seconds=1))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(DigestError, match="says no time zone"):
        sign_message(MAIL, [ed25519_key()], datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None))


# what can be done to it


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.partition(b":")[0].decode())
def test_no_header_can_be_changed_or_removed(key: DkimKey, field: bytes) -> None:
    signature = sign_message(MAIL, [key], WHEN)
    at = FIELDS.index(field)
    without = [*FIELDS[:at], *FIELDS[at + 1 :]]
    for changed in (
        [*FIELDS[:at], field + b"x", *FIELDS[at + 1 :]],
        [*FIELDS[:at], field.replace(b": ", b": x", 1), *FIELDS[at + 1 :]],
        without,
    ):
        assert not holds(signature, header(changed) + BODY, key)


@pytest.mark.parametrize("field", [field for field in FIELDS if name(field) in OVERSIGNED], ids=name)
def test_no_header_can_be_doubled(key: DkimKey, field: bytes) -> None:
    signature = sign_message(MAIL, [key], WHEN)
    forged = field.partition(b":")[0] + b": forged"
    for added in (field, forged):
        assert not holds(signature, header([added, *FIELDS]) + BODY, key)
        assert not holds(signature, header([*FIELDS, added]) + BODY, key)


@pytest.mark.parametrize("absent", OVERSIGNED[1:], ids=bytes.decode)
def test_no_header_that_was_absent_can_be_added(key: DkimKey, absent: bytes) -> None:
    fields = [field for field in FIELDS if name(field) != absent]
    signature = sign_message(header(fields) + BODY, [key], WHEN)
    assert holds(signature, header(fields) + BODY, key)
    assert not holds(signature, header([absent + b": added", *fields]) + BODY, key)


def test_what_relays_do_to_every_mail_does_no_harm(key: DkimKey) -> None:
    signature = sign_message(MAIL, [key], WHEN)
    traced = b"Received: from us\r\n\tby them; now\r\nX-Spam: no\r\n"
    refolded = header([field.replace(b": ", b":  \r\n ").replace(b"From:", b"FROM:") for field in FIELDS])
    assert holds(signature, traced + MAIL, key)
    assert holds(signature, refolded + BODY, key)
    assert holds(signature, header(FIELDS) + BODY.replace(b"  ", b" ") + b"\r\n\r\n", key)
    assert holds(unfold(signature), MAIL, key)


def test_no_byte_of_the_body_can_be_changed() -> None:
    signature = sign_message(MAIL, [ed25519_key()], WHEN)
    for at, octet in enumerate(BODY):
        if octet not in b" \t\r\n":
            changed = BODY[:at] + bytes([octet ^ 1]) + BODY[at + 1 :]
            assert not holds(signature, header(FIELDS) + changed, ed25519_key())


@pytest.mark.parametrize("cut", [BODY[:-30], b"", b"\r\n" + BODY, BODY.replace(b" ", b""), BODY + b"more\r\n"])
def test_nothing_can_be_added_to_the_body_or_taken_from_it(key: DkimKey, cut: bytes) -> None:
    assert not holds(sign_message(MAIL, [key], WHEN), header(FIELDS) + cut, key)


# messages of all kinds


@pytest.mark.parametrize(
    "message",
    [
        b"From: a@example.org",
        b"From: a@example.org\r\n",
        b"From: a@example.org\r\n\r\n",
        b"From: a@example.org\r\n\r\n\r\n\r\n",
        b"From: a@example.org\r\n\r\n \t\r\n \r\n",
        b"From: a@example.org\r\n\r\nno line end",
        b"From: a@example.org\r\n\r\nno line end  ",
        b"From: a@example.org\r\n\r\n\r\n\r\nlate",
        b"fRoM: \r\n a@example.org\r\nSubject:\r\n\r\nbody\r\n",
        b"From: a@example.org\r\nReceived: x\r\nFrom: b@example.org\r\n\r\nbody\r\n",
        b"From: a@example.org\r\nList-Help: one\r\nList-Help: two\r\n\r\nbody\r\n",
        "From: a@example.org\r\nTo: Jürgen\u00a0Ü <jürgen@example.net>\r\nSubject: 日本\u3000語\r\n\r\nä\u00a0ö\r\n".encode(),
        b"From: a@example.org\r\nSubject: vertical\x0btab, form\x0cfeed\r\n\r\n \x0b \x0c \r\n",
        b"From: a@example.org\r\n\r\n" + b"long " * 2000 + b" " * 990 + b"\r\n",
    ],
)
def test_any_message_with_from_can_be_signed(key: DkimKey, message: bytes) -> None:
    signature = sign_message(message, [key], WHEN)
    assert plainly_verified(signature, message, key)
    ended = message if message.endswith(b"\r\n") else message + b"\r\n"  # as it goes on the wire
    assert dkimpy_verifies(signature + ended, [key]) == [True]


@pytest.mark.parametrize(
    "message",
    [b"", b"\r\n\r\nbody", b"To: a@example.org\r\n\r\nFrom: x\r\n", b"From: a\r\nno field\r\n\r\n", b"From\r\n\r\n"],
)
def test_what_nobody_could_verify_is_not_signed(message: bytes) -> None:
    with pytest.raises(DigestError, match="no From header, or a header that is none"):
        sign_message(message, [ed25519_key()], WHEN)


def test_a_mail_with_too_many_or_too_few_pieces_is_not_signed() -> None:
    prepared = Signer([ed25519_key()]).prepare([b"From: a@example.org\r\nTo: ", b"\r\n\r\n"])
    for own in ([], [b"a", b"b"]):
        with pytest.raises(DigestError, match="with 1 places was given"):
            prepared.sign(own, WHEN)


def test_many_threads_sign_at_once() -> None:
    static = [
        header(FIELDS).replace(b"ann@example.net", b"").removesuffix(b"\r\n") + b"X-Own: ",
        b"\r\n\r\nDear ",
        b",\r\n",
    ]
    keys = [rsa_key(), ed25519_key()]
    prepared = Signer(keys).prepare(static)
    readers = [[b"id %d" % number, b"reader %d" % number] for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(lambda own: prepared.sign(own, WHEN), readers * 3))
    assert (
        signatures
        == [sign_message(static[0] + own[0] + static[1] + own[1] + static[2], keys, WHEN) for own in readers] * 3
    )


# which keys sign


@pytest.mark.parametrize(
    ("sender", "domains"),
    [
        ("news@example.org", ["example.org"]),
        ("news@list.example.org", ["example.org"]),
        ("news@mail.example.com", ["mail.example.com"]),
        ("news@deep.mail.example.com", ["mail.example.com"]),
        ("news@example.com", []),
        ("news@notexample.org", []),
        ("news@org", []),
    ],
)
def test_keys_sign_for_their_domain_and_below_it(sender: str, domains: list[str]) -> None:
    keys = [ed25519_key(), replace(ed25519_key(), domain="mail.example.com")]
    signer = Signers(keys).for_sender(Address.parse(sender))
    assert [key.domain for key in signer.keys] == domains if signer else domains == []


def test_all_keys_of_a_domain_sign() -> None:
    signer = Signers([rsa_key(), ed25519_key()]).for_sender(Address.parse("news@example.org"))
    assert signer is not None
    assert signer.keys == (rsa_key(), ed25519_key())


def test_without_keys_nobody_signs() -> None:
    assert Signers().for_sender(Address.parse("news@example.org")) is None
