import mailbox
from pathlib import Path

import pytest

from digest.delivery.maildir import MaildirTransport, parse_maildir
from digest.delivery.transport import Answered, Envelope, Transport
from digest.model.address import Address
from digest.model.errors import BadSetting, DigestError, WrongState
from digest.model.message import Reply
from tests.unit.delivery.speaking import BO, MAIL, TO_BO, TO_CY, Speaker


def connected(folder: Path) -> Speaker:
    transport: Transport = MaildirTransport(folder)
    return Speaker(transport.connect())


def test_a_mail_is_there_after_its_dot_and_not_before(tmp_path: Path) -> None:
    connection = connected(tmp_path / "deep" / "Maildir")
    folder = mailbox.Maildir(tmp_path / "deep" / "Maildir")
    assert connection.offer(TO_BO, MAIL) is None
    assert len(folder) == 0
    assert connection.release().accepted
    (mail,) = folder
    assert mail["Delivered-To"] == "bo@example.org"
    assert mail["Return-Path"] == "<ann@example.org>"
    assert mail["Subject"] == "hello"
    assert mail.get_payload() == "hello\n"


def test_several_mails_go_over_one_connection_and_the_same_one_twice_is_one(tmp_path: Path) -> None:
    connection = connected(tmp_path)
    for envelope in (TO_BO, TO_CY, TO_BO, Envelope(None, BO), Envelope(None, Address("jürgen", "example.org"))):
        assert connection.offer(envelope, MAIL) is None
        assert connection.release().accepted
    assert len(mailbox.Maildir(tmp_path)) == 4


@pytest.mark.parametrize("end", ["withdraw", "close"])
def test_what_is_withdrawn_leaves_nothing(tmp_path: Path, end: str) -> None:
    connection = connected(tmp_path)
    assert connection.offer(TO_BO, MAIL) is None
    getattr(connection, end)()
    getattr(connection, end)()
    assert not connection.open
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_a_mail_that_cannot_be_put_there_in_time_never_is(tmp_path: Path) -> None:
    connection = connected(tmp_path)
    assert connection.offer(TO_BO, MAIL) is None
    connection.connection.release(by=0)
    event = connection.next_event()
    assert isinstance(event, Answered)
    assert event.reply.silent
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_the_order_of_the_seam_is_kept(tmp_path: Path) -> None:
    connection = connected(tmp_path)
    with pytest.raises(WrongState):
        connection.release()
    connection.offer(TO_BO, MAIL)
    with pytest.raises(WrongState):
        connection.offer(TO_BO, MAIL)


def test_a_folder_that_went_away_is_a_refusal_for_now(tmp_path: Path) -> None:
    connection = connected(tmp_path)
    (tmp_path / "tmp").rmdir()
    assert connection.offer(TO_BO, MAIL) == Reply(452, "4.3.1", f"{tmp_path}: No such file or directory")
    (tmp_path / "tmp").mkdir()
    assert connection.offer(TO_BO, MAIL) is None
    (tmp_path / "new").rmdir()
    assert connection.release() == Reply(451, "4.3.0", f"{tmp_path}: No such file or directory")
    assert connection.open


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DigestError, match=f"{tmp_path}/file/mail cannot be made"):
        connected(tmp_path / "file" / "mail")


def test_an_address_of_a_folder() -> None:
    assert parse_maildir("maildir:///home/ann/My%20Mail") == Path("/home/ann/My Mail")


@pytest.mark.parametrize(
    "url", ["", "maildir://", "maildir:///", "maildir://host/x", "smtp:///x", "maildir:///x?y=1", "maildir:///%00"]
)
def test_what_is_no_address_of_a_folder(url: str) -> None:
    with pytest.raises(BadSetting, match="maildir:///home"):
        parse_maildir(url)
