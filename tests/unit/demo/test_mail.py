from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.demo.mail import ReceivedMail, from_file, to_file

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def mail(content: bytes, number: int = 1) -> ReceivedMail:
    return ReceivedMail(number, AT, "bounces@news.example", ("ann@reader.example", "bo@reader.example"), content)


def made(subject: str = "Grüße", text: str = "Guten Tag\n", html: str = "<p>Guten Täg</p>\n") -> ReceivedMail:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Zoë <zoe@news.example>"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return mail(message.as_bytes())


def test_its_parts_and_headers_are_decoded() -> None:
    got = made()
    assert (got.subject, got.header("FROM"), got.header("Cc")) == ("Grüße", "Zoë <zoe@news.example>", "")
    assert (got.text, got.html) == ("Guten Tag\n", "<p>Guten Täg</p>\n")
    assert [name for name, _ in got.headers()] == ["Subject", "From", "MIME-Version", "Content-Type"]


def test_a_folded_header_is_one_line() -> None:
    assert mail(b"Subject: a\r\n b\r\n\tc\r\n\r\n").subject == "a b\tc"


def test_a_mail_of_one_part_has_no_other() -> None:
    plain = mail(b"Subject: x\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n<p>caf\xe9</p>\r\n")
    assert (plain.text, plain.html) == ("", "<p>café</p>\n")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"Subject: =?utf-8?q?broken", "=?utf-8?q?broken"),
        (b"Subject: =?x-nobody?q?abc?=", "=?x-nobody?q?abc?="),
        (b"Subject: =?utf-8?b?A?=", "=?utf-8?b?A?="),
        ("Subject: schön".encode(), "schön"),
        (b"Subject: \xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_what_cannot_be_decoded_is_shown_as_it_stands(raw: bytes, shown: str) -> None:
    assert mail(raw + b"\r\n\r\n").subject == shown


def test_an_unknown_charset_is_read_as_utf_8() -> None:
    assert mail("Content-Type: text/plain; charset=x-nobody\r\n\r\nschön".encode()).text == "schön"


@given(st.binary(max_size=400))
def test_any_bytes_can_be_shown(content: bytes) -> None:
    got = mail(content)
    assert isinstance(got.subject + got.text + got.html, str)
    assert all(isinstance(value, str) for _, value in got.headers())


@given(st.binary(max_size=200))
def test_the_file_gives_back_the_mail_byte_for_byte(content: bytes) -> None:
    assert from_file(7, to_file(mail(content, 7)), 0) == mail(content, 7)


def test_a_mail_from_nobody_to_nobody_comes_back_too() -> None:
    bounce = ReceivedMail(1, AT, "", (), b"x")
    assert from_file(1, to_file(bounce), 0) == bounce


def test_a_file_of_another_origin_is_a_mail_without_envelope() -> None:
    got = from_file(3, b"Subject: found\r\n\r\nhello", AT.timestamp())
    assert (got.subject, got.sender, got.recipients, got.received_at) == ("found", "", (), AT)
