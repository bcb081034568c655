import smtplib
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.demo.mailbox import Mailbox
from digest.model.errors import DigestError, TryLater
from tests.unit.demo.reading import get

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with Mailbox(tmp_path, lambda: AT) as running:
        yield running


def send(mailbox: Mailbox, to: str = "ann@reader.example", subject: str = "Hello", text: str = "x\n") -> bytes:
    message = EmailMessage()
    message["Subject"] = subject
    message["To"] = to
    message.set_content(text)
    content = message.as_bytes().replace(b"\n", b"\r\n")
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port) as smtp:
        options = ["SMTPUTF8"] if not to.isascii() else []
        smtp.sendmail("bounces@news.example", [to], content, mail_options=options)
    return content


def test_a_mail_is_kept_with_its_envelope_byte_for_byte(mailbox: Mailbox) -> None:
    content = send(mailbox, text=".\n..two dots\nFrom here\n")
    (mail,) = mailbox.messages()
    assert mail.content == content
    assert (mail.sender, mail.recipients, mail.received_at) == ("bounces@news.example", ("ann@reader.example",), AT)


def test_it_is_on_disk_when_the_sender_is_told_so(mailbox: Mailbox, tmp_path: Path) -> None:
    content = send(mailbox)
    assert (tmp_path / "000001.eml").read_bytes().endswith(content)


def test_a_second_run_has_the_first_ones_mail(tmp_path: Path) -> None:
    for subject in ("one", "two"):
        with Mailbox(tmp_path, lambda: AT) as mailbox:
            send(mailbox, subject=subject)
    assert [mail.subject for mail in mailbox.messages()] == ["one", "two"]
    assert mailbox.latest == 2


def test_an_address_that_is_not_ascii_is_taken(mailbox: Mailbox) -> None:
    send(mailbox, to="zoë@reader.example")
    assert mailbox.wait_for(to="zoë@reader.example").number == 1


def test_waiting_for_a_mail_looks_at_whom_and_what_and_since_when(mailbox: Mailbox) -> None:
    for to, subject in (
        ("ann@reader.example", "Confirm"),
        ("bo@reader.example", "Confirm"),
        ("bo@reader.example", "Issue 1"),
    ):
        send(mailbox, to, subject)
    assert mailbox.wait_for(to="bo@reader.example").number == 2
    assert mailbox.wait_for(subject_contains="Issue").number == 3
    assert mailbox.wait_for(to="bo@reader.example", after=2).number == 3


def test_waiting_in_vain_is_one_clear_sentence(mailbox: Mailbox) -> None:
    with pytest.raises(
        TryLater, match=r"No mail to ann@reader.example with 'Confirm' in its subject came .* within 0 seconds"
    ):
        mailbox.wait_for(to="ann@reader.example", subject_contains="Confirm", timeout=0)


def test_the_page_shows_it(mailbox: Mailbox) -> None:
    send(mailbox, subject="<b>bold</b>")
    assert "&lt;b&gt;bold&lt;/b&gt;" in get(mailbox.url).text
    page = get(f"{mailbox.url}mail/1")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "<b>bold" not in page.text


def test_a_disk_that_refuses_is_told_to_the_sender(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "000001.part").mkdir()  # where the first mail would be written
    with pytest.raises(smtplib.SMTPDataError, match="452"):
        send(mailbox)
    assert mailbox.messages() == ()
    (tmp_path / "000001.part").rmdir()
    send(mailbox)
    assert mailbox.latest == 1


def test_it_ends_while_a_sender_is_connected(tmp_path: Path) -> None:
    with Mailbox(tmp_path, lambda: AT) as mailbox:
        sender = smtplib.SMTP("127.0.0.1", mailbox.smtp_port)
    sender.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", mailbox.smtp_port))


def test_a_taken_port_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DigestError, match=f"Port {port} on 127.0.0.1 cannot be used"):
            Mailbox(tmp_path, lambda: AT, smtp_port=port)


def test_without_aiosmtpd_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "digest.demo.reception", None)
    with pytest.raises(DigestError, match=r"needs aiosmtpd. Install it with: pip install 'digest\[demo\]'"):
        Mailbox(tmp_path, lambda: AT)
