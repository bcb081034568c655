"""Relaxed canonicalisation: the standards' own examples, and what goes into a hole."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from digest.delivery.dkim_keys import DkimKey
from digest.delivery.relaxed import Template, relax, relax_text, relax_value

# RFC 6376 §3.4.5, example 1, and §3.4.3, §3.4.4 on empty bodies
EXAMPLE = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n"


@pytest.mark.parametrize(
    ("message", "fields", "body"),
    [
        (EXAMPLE, [(b"a", b"a:X\r\n"), (b"b", b"b:Y Z\r\n")], b" C\r\nD E\r\n"),
        (b"A: X", [(b"a", b"a:X\r\n")], b""),
        (b"A: X\r\n", [(b"a", b"a:X\r\n")], b""),
        (b"A: X\r\n\r\n", [(b"a", b"a:X\r\n")], b""),
        (b"A:\r\n\r\n\r\n\r\n", [(b"a", b"a:\r\n")], b""),
        (b"A:X\r\n\r\n\t\r\n \r\n", [(b"a", b"a:X\r\n")], b""),
        (b"A:X\r\n\r\n\r\n \r\nend", [(b"a", b"a:X\r\n")], b"\r\n\r\nend\r\n"),
        (b"A:X\r\n\r\nend \t", [(b"a", b"a:X\r\n")], b"end\r\n"),
        (b"aBc:  x \r\n  \t y:z \r\nD:\r\n \r\n\r\n", [(b"abc", b"abc:x y:z\r\n"), (b"d", b"d:\r\n")], b""),
        (b"no field\r\nA: X\r\n\r\n", [(b"", b":\r\n"), (b"a", b"a:X\r\n")], b""),
        (b"A: \xa0X\x0b \r\n\r\n\x0c \r\n", [(b"a", b"a:\xa0X\x0b\r\n")], b"\x0c\r\n"),
    ],
)
def test_a_message_is_relaxed(message: bytes, fields: list[tuple[bytes, bytes]], body: bytes) -> None:
    relaxed = relax(message)
    assert (relaxed.fields, relaxed.body) == (fields, body)


@pytest.mark.parametrize(
    ("own", "value", "text"),
    [
        (b"x", b"x", b"x"),
        (b"x y", b"x y", b"x y"),
        (b"x \t y", b"x y", b"x y"),
        (b"x\r\n y", b"x y", b"x\r\n y"),
        (b"x \r\n\r\n y", None, b"x\r\n\r\n y"),
        (b"x \r\ny", None, b"x\r\ny"),
        (b"", None, None),
        (b" x", None, None),
        (b"x\t", None, None),
        (b"x\r\n", None, None),
        (b"\nx", None, None),
        (b"x\r", None, None),
    ],
)
def test_what_goes_into_a_hole(own: bytes, value: bytes | None, text: bytes | None) -> None:
    assert (relax_value(own), relax_text(own)) == (value, text)


def test_a_template_hashes_what_is_in_its_holes_wherever_they_come_from() -> None:
    template = Template(b"to:\0, or \0!", [2, 0])
    assert template.hash([b"b", b"unused", b"a"]).digest() == hashlib.sha256(b"to:a, or b!").digest()
    assert Template(b"\0", []).hash([]).digest() == hashlib.sha256(b"\0").digest()


# RFC 8463, appendix A

_SECRET = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
_SIGNATURE = "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
_HEADER = (
    b"From: Joe SixPack <joe@football.example.com>\r\n"
    b"To: Suzie Q <suzie@shopping.example.net>\r\n"
    b"Subject: Is dinner ready?\r\n"
    b"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    b"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
)
_BODY = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
_FIELD = (
    b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
    b" d=football.example.com; i=@football.example.com;\r\n"
    b" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    b" subject : date : message-id : from : subject : date;\r\n"
    b" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    b" b="
)


@pytest.fixture
def brisbane() -> DkimKey:
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(_SECRET))
    return DkimKey("football.example.com", "brisbane", private)


def test_the_key_of_rfc_8463_has_the_record_given_there(brisbane: DkimKey) -> None:
    assert brisbane.name == "brisbane._domainkey.football.example.com"
    assert brisbane.record == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def test_the_message_of_rfc_8463_gets_the_signature_given_there(brisbane: DkimKey) -> None:
    message = relax(_HEADER + b"\r\n" + _BODY)
    itself = relax(_FIELD + b"\r\n\r\n").fields[0][1].removesuffix(b"\r\n")
    signed = b"".join(field for _, field in message.fields) + itself
    assert base64.b64encode(hashlib.sha256(message.body).digest()) in _FIELD
    assert base64.b64encode(brisbane.sign(hashlib.sha256(signed).digest())).decode() == _SIGNATURE
