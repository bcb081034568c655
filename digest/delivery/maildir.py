"""A folder instead of a relay (Maildir, as D. J. Bernstein described it), to look at mails while developing.

A mail is written under tmp/ and synced when it is offered; the dot moves it to new/ and syncs that. Its file's name is made
of its envelope and content, so that the same mail delivered again is the same file: here, even a crash makes no copy.
"""

import contextlib
import hashlib
import math
import os
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from digest.delivery.content import Content
from digest.delivery.transport import Answered, Envelope, Event, Held, Refused
from digest.model.errors import BadSetting, DigestError, WrongState
from digest.model.message import Reply


def parse_maildir(url: str) -> Path:
    """From `maildir:///absolute/path`, percent-encoded. Raises BadSetting."""
    parts = urlsplit(url.strip())
    path = unquote(parts.path)
    if (
        parts.scheme != "maildir"
        or parts.netloc
        or parts.query
        or parts.fragment
        or path.strip("/") == ""
        or "\0" in path
    ):
        raise BadSetting(f"{url!r} is not the address of a mail folder; it looks like maildir:///home/ann/Maildir.")
    return Path(path)


class MaildirTransport:
    """Delivers into one Maildir, which it makes if need be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def connect(self) -> "MaildirConnection":
        try:
            for part in ("tmp", "new", "cur"):
                (self._folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise DigestError(f"The mail folder {self._folder} cannot be made ({error.strerror}).") from None
        return MaildirConnection(self._folder)


class MaildirConnection:
    """See transport.Connection. There is no socket: what becomes of a mail is known at once."""

    deadline: float | None = None
    unsent = False

    def __init__(self, folder: Path) -> None:
        self.over = False
        self._folder = folder
        self._waiting: Path | None = None  # under tmp/, for the dot
        self._events: list[Event] = []

    @property
    def free(self) -> bool:
        return not self.over and self._waiting is None

    def fileno(self) -> int:
        return -1

    def offer(self, envelope: Envelope, content: Content) -> None:
        if not self.free:
            raise WrongState("Another mail cannot be put into this folder now.")
        mail = _with_envelope(envelope, content.plain)
        self._waiting = self._folder / "tmp" / hashlib.sha256(mail).hexdigest()
        try:
            _write_durably(self._waiting, mail)
        except OSError as error:
            self._forget()
            self._events.append(Refused(Reply(452, "4.3.1", f"{self._folder}: {error.strerror}", "DATA")))
        else:
            self._events.append(Held())

    def release(self, by: float = math.inf) -> None:
        if self._waiting is None:
            raise WrongState("No mail was offered to this folder.")
        if time.monotonic() >= by:
            self.cut()
            self._events.append(Answered(Reply(0, text="the mail could not be put there in time", verb=".")))
            return
        self._events.append(Answered(self._move_in(self._waiting)))

    def _move_in(self, waiting: Path) -> Reply:
        try:
            waiting.rename(self._folder / "new" / waiting.name)
        except OSError as error:
            self._forget()
            return Reply(451, "4.3.0", f"{self._folder}: {error.strerror}", ".")
        self._waiting = None
        try:
            _sync(self._folder / "new")
        except OSError as error:  # it is there, but may not outlast a power failure
            self.over = True
            return Reply(0, text=f"{self._folder}: {error.strerror}", verb=".")
        return Reply(250, "2.0.0", f"new/{waiting.name}", ".")

    def pump(self, *, listen: bool = True) -> Sequence[Event]:  # noqa: ARG002  there is nothing to listen to
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        self.cut()

    def cut(self) -> None:
        self._forget()
        self.over = True

    def _forget(self) -> None:
        if self._waiting is not None:
            with contextlib.suppress(OSError):
                self._waiting.unlink(missing_ok=True)
        self._waiting = None


def _with_envelope(envelope: Envelope, content: bytes) -> bytes:
    """With what a last hop adds in front (RFC 5321 §4.4), and line ends as Unix has them."""
    trace = f"Return-Path: <{envelope.sender or ''}>\nDelivered-To: {envelope.recipient}\n"
    return trace.encode() + content.replace(b"\r\n", b"\n")


def _write_durably(file: Path, data: bytes) -> None:
    with file.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
