"""The Maildir (cr.yp.to/proto/maildir.html) that a mail server delivers to what comes back.

A mail is in `new/` until it was dealt with. What said something is removed then; all else is moved to `cur/`, marked as seen, for a
person to look at. Killed in between, it is read once more.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from digest.feedback.inbox import AT_ONCE
from digest.feedback.report import MAX_BYTES
from digest.model.errors import DigestError


class Maildir:
    """An `Inbox`."""

    def __init__(self, folder: Path) -> None:
        self._new, self._cur = folder / "new", folder / "cur"

    def waiting(self) -> Iterator[tuple[Path, bytes]]:
        """The oldest first. Raises DigestError when there is no such Maildir, or it may not be read."""
        try:
            names = sorted(each.name for each in self._new.iterdir() if not each.name.startswith("."))
        except OSError as error:
            raise DigestError(f"The Maildir {self._new.parent} cannot be read: {error.strerror}.") from None
        for name in names[:AT_ONCE]:
            with suppress(FileNotFoundError):  # another process was faster
                file = self._new / name
                with file.open("rb") as opened:
                    yield file, opened.read(MAX_BYTES)

    def done(self, file: Path) -> None:
        file.unlink(missing_ok=True)

    def leave(self, file: Path) -> None:
        self._cur.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            file.rename(self._cur / f"{file.name.partition(':')[0]}:2,S")
