"""Where received mails stand: in memory, and on disk as 000001.eml and so on. A second run finds them again."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Condition

from digest.demo.mail import ReceivedMail, from_file, to_file
from digest.model.errors import DigestError


class Shelf:
    """Mails in the order they came. Safe from several threads; a mail is on disk before `keep` returns."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._changed = Condition()
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._mails = [_read(file) for file in sorted(directory.glob("*.eml")) if file.stem.isdecimal()]
        except OSError as error:
            raise DigestError(f"The mailbox folder {directory} cannot be used: {error.strerror}.") from None

    def keep(self, content: bytes, sender: str, recipients: tuple[str, ...], received_at: datetime) -> ReceivedMail:
        """Give a mail its number and write it down. OSError when the disk will not have it; then nothing is kept."""
        with self._changed:
            number = self._mails[-1].number + 1 if self._mails else 1
            mail = ReceivedMail(number, received_at, sender, recipients, content)
            _write(self._directory / f"{number:06}.eml", to_file(mail))
            self._mails.append(mail)
            self._changed.notify_all()
        return mail

    def mails(self) -> tuple[ReceivedMail, ...]:
        """The oldest first."""
        with self._changed:
            return tuple(self._mails)

    def find(self, number: int) -> ReceivedMail | None:
        return next((mail for mail in self.mails() if mail.number == number), None)

    def wait_for(self, wanted: Callable[[ReceivedMail], bool], timeout: float) -> ReceivedMail | None:
        """The first mail that is wanted, waiting up to `timeout` seconds for it to come; None when it did not."""
        with self._changed:
            self._changed.wait_for(lambda: any(map(wanted, self._mails)), timeout)
            return next(filter(wanted, self._mails), None)


def _read(file: Path) -> ReceivedMail:
    return from_file(int(file.stem), file.read_bytes(), file.stat().st_mtime)


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all: a kill leaves no half mail."""
    unfinished = file.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.replace(file)
