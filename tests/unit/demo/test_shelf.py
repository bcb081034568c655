from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.demo.shelf import Shelf
from digest.model.errors import DigestError

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ANN = ("ann@reader.example",)


def test_mails_are_numbered_and_found(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    first, second = (shelf.keep(body, "a@b.example", ANN, AT) for body in (b"1", b"2"))
    assert [mail.number for mail in shelf.mails()] == [1, 2]
    assert (shelf.find(1), shelf.find(2), shelf.find(3)) == (first, second, None)


def test_a_second_run_finds_them_and_counts_on(tmp_path: Path) -> None:
    kept = Shelf(tmp_path).keep(b"Subject: x\r\n\r\n", "a@b.example", ANN, AT)
    again = Shelf(tmp_path)
    assert again.mails() == (kept,)
    assert again.keep(b"2", "", ANN, AT).number == 2


def test_what_is_no_mail_is_left_alone(tmp_path: Path) -> None:
    for name in ("notes.txt", "000003.part", "mine.eml"):
        (tmp_path / name).write_bytes(b"x")
    assert Shelf(tmp_path).mails() == ()


def test_many_at_once_are_all_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: shelf.keep(b"%d" % n, "", ANN, AT), range(40)))
    assert {mail.content for mail in Shelf(tmp_path).mails()} == {b"%d" % n for n in range(40)}


def test_waiting_ends_when_the_mail_comes(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(shelf.wait_for, lambda mail: mail.content == b"wanted", 30)
        shelf.keep(b"other", "", ANN, AT)
        shelf.keep(b"wanted", "", ANN, AT)
        found = waiting.result()
    assert found is not None
    assert found.number == 2


def test_waiting_in_vain_gives_none(tmp_path: Path) -> None:
    assert Shelf(tmp_path).wait_for(lambda _: True, 0) is None


def test_a_folder_that_cannot_be_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DigestError, match=r"The mailbox folder .*/file/mails cannot be used: Not a directory"):
        Shelf(tmp_path / "file" / "mails")
