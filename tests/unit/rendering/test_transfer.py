"""Quoted-printable with room for tokens: what goes in comes out, and no line is ever too long."""

import quopri
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.edition import Slot
from digest.rendering.slots import Part, make_token
from digest.rendering.transfer import encode_body, encode_value

SALT = "salt"
TOKEN = make_token(Slot.VIEW, Part.HTML, SALT)
LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=300)


def decode(encoded: bytes) -> str:
    return quopri.decodestring(encoded).decode()


def assert_wire_safe(encoded: bytes) -> None:
    assert encoded.isascii()
    assert max(map(len, encoded.split(b"\r\n"))) <= 76
    assert not re.search(rb"[\t ]\r\n|(?<!\r)\n|\r(?!\n)|\x00", encoded)


@given(LINES)
def test_value_round_trips(text: str) -> None:
    encoded = encode_value(text)
    assert_wire_safe(encoded + b"\r\n")
    assert decode(encoded) == text


@given(st.lists(LINES, min_size=1))
def test_body_round_trips(lines: list[str]) -> None:
    text = "\n".join(lines).rstrip("\n")
    encoded = encode_body(text, SALT)
    assert_wire_safe(encoded)
    assert decode(encoded).replace("\r\n", "\n") == text + "\n"


@given(LINES, LINES, LINES)
def test_line_with_a_filled_token_is_never_too_long(before: str, value: str, after: str) -> None:
    encoded = encode_body(f"{before}{TOKEN}{after}", SALT).replace(TOKEN.encode(), encode_value(value))
    assert_wire_safe(encoded)
    assert decode(encoded) == f"{before}{value}{after}\r\n"


def test_token_stands_on_a_line_of_its_own() -> None:
    assert encode_body(f"See {TOKEN}.", SALT) == f"See=20=\r\n{TOKEN}=\r\n=2E\r\n".encode()


@pytest.mark.parametrize("line", [".", "..", ".hidden", "From here on", "From "])
def test_what_smtp_or_mbox_could_spoil_is_hidden(line: str) -> None:
    encoded = encode_body(line, SALT)
    assert not encoded.startswith((b".", b"From "))
    assert decode(encoded) == line + "\r\n"


def test_dots_cannot_smuggle_a_second_message() -> None:
    encoded = encode_body("a\n.\n\nMAIL FROM:<x@example.org>\n.", SALT)
    assert b"\r\n.\r\n" not in encoded


def test_escape_is_never_cut_in_two() -> None:
    for length in range(60, 90):
        for line in encode_value("x" * length + "é" * 40).split(b"=\r\n"):
            assert re.fullmatch(rb"(?:[^=]|=[0-9A-F]{2})*", line)
