"""Header fields: they read back as they were written, stay within their lines, and nothing ends them early."""

import email
import email.header
import email.policy
import email.utils
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.address import Address, Mailbox, unprintable
from digest.model.errors import BadInput
from digest.rendering.headers import make_field, make_mailbox, make_phrase, make_text_field

PRINTABLE = st.text(max_size=200).filter(lambda text: not unprintable(text))
ANN = Address.parse("ann@example.org")


def read(field: str, name: str) -> email.message.EmailMessage:
    message = email.message_from_bytes(f"{field}\r\n\r\n".encode("ascii"), policy=email.policy.SMTP)
    assert message.keys() == [name], "one header in, one header out"
    assert not message.defects
    return message


def squeeze(text: str) -> str:
    return " ".join(text.split())


@given(PRINTABLE)
def test_subject_round_trips(text: str) -> None:
    field = make_text_field("Subject", text)
    assert str(read(field, "Subject")["Subject"]) == squeeze(text)
    assert all(len(line) <= 78 for line in field.split("\r\n"))


@given(PRINTABLE)
def test_name_round_trips(name: str) -> None:
    field = make_field("Reply-To", make_mailbox(Mailbox(ANN, name)))
    # The older parser: email.headerregistry of Python 3.11 puts spaces between adjacent encoded words.
    phrase, address = email.utils.parseaddr(field.partition(": ")[2].replace("\r\n", ""))
    assert str(email.header.make_header(email.header.decode_header(phrase))) == squeeze(name)
    assert address == "ann@example.org"
    read(field, "Reply-To")
    assert all(len(line) <= 78 for line in field.split("\r\n"))


@given(PRINTABLE)
def test_encoded_word_holds_whole_characters(text: str) -> None:
    for line in make_phrase(f"é{text}").split("\r\n "):
        assert len(line) <= 75
        [(octets, charset)] = email.header.decode_header(line)
        assert charset == "utf-8"
        cast("bytes", octets).decode("utf-8")


@pytest.mark.parametrize(
    "char", ["\r", "\n", "\0", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\ud800"]
)
def test_character_that_could_end_a_header_is_refused(char: str) -> None:
    with pytest.raises(BadInput, match="no header may carry"):
        make_text_field("Subject", f"News{char}Bcc: all@example.org")


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("Ann Lindqvist", "Ann Lindqvist"),
        ("Lindqvist, Ann", '"Lindqvist, Ann"'),
        ('Ann "the Pier" L.', '"Ann \\"the Pier\\" L."'),
        ("Ann <boss@bank.example>", '"Ann <boss@bank.example>"'),
        ("=?utf-8?Q?Bank?=", "=?utf-8?B?PT91dGYtOD9RP0Jhbms/PQ==?="),
        ("Zoë", "=?utf-8?B?Wm/Dqw==?="),
    ],
)
def test_phrase(name: str, phrase: str) -> None:
    assert make_phrase(name) == phrase


def test_long_mailbox_is_folded_before_the_address() -> None:
    mailbox = Mailbox(Address.parse(f"{'a' * 60}@example.org"), "A name of some length")
    assert make_mailbox(mailbox) == f"A name of some length\r\n <{'a' * 60}@example.org>"
