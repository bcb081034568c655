"""The Maildir with what came back: read oldest first, dealt with once, and nothing lost that a person should see."""

from pathlib import Path

import pytest

from digest.feedback.inbox import AT_ONCE
from digest.feedback.maildir import Maildir
from digest.feedback.report import MAX_BYTES
from digest.model.errors import DigestError


def a_maildir(folder: Path, *names: str) -> Maildir:
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    for name in names:
        (folder / "new" / name).write_bytes(name.encode())
    return Maildir(folder)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_oldest_first_and_hidden_ones_not(tmp_path: Path) -> None:
    inbox = a_maildir(tmp_path, "1764.b", "1763.a", ".tmp")
    assert [(file.name, raw) for file, raw in inbox.waiting()] == [("1763.a", b"1763.a"), ("1764.b", b"1764.b")]


def test_done_is_gone_and_left_is_seen(tmp_path: Path) -> None:
    inbox = a_maildir(tmp_path, "1", "2")
    (one, _), (two, _) = inbox.waiting()
    inbox.done(one)
    inbox.leave(two)
    inbox.done(one)  # another process did it too
    inbox.leave(two)
    assert (names(tmp_path / "new"), names(tmp_path / "cur")) == ([], ["2:2,S"])


def test_of_very_many_and_very_large_ones_some_at_a_time(tmp_path: Path) -> None:
    inbox = a_maildir(tmp_path, *(f"{number:05}" for number in range(AT_ONCE + 5)))
    (tmp_path / "new" / "00000").write_bytes(b"x" * (MAX_BYTES + 1))
    found = list(inbox.waiting())
    assert len(found) == AT_ONCE
    assert len(found[0][1]) == MAX_BYTES


def test_one_that_somebody_takes_meanwhile_is_passed_over(tmp_path: Path) -> None:
    inbox = a_maildir(tmp_path, "1", "2")
    waiting = inbox.waiting()
    next(waiting)
    (tmp_path / "new" / "2").unlink()
    assert list(waiting) == []


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(DigestError, match="nowhere cannot be read: No such file"):
        list(Maildir(tmp_path / "nowhere").waiting())
