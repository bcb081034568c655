"""A mailbox on an IMAP server (RFC 9051, and RFC 3501 before it) with what came back.

A mail is unseen until it was dealt with. What said something is deleted then; all else is marked as seen, for a person to look at. Killed
in between, it is read once more. Always by TLS: the password goes over the wire.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from digest.feedback.inbox import AT_ONCE
from digest.feedback.report import MAX_BYTES
from digest.model.errors import BadSetting, DigestError, TryLater

PORT = 993  # RFC 8314
PATIENCE = 30  # seconds, of each answer
_EXAMPLE = "imaps://user:password@mail.example.org/INBOX"
_UID = re.compile(rb"\bUID (\d+)\b")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailbox is, and who may read it."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    ca_file: str | None = None

    def __str__(self) -> str:
        return f"{self.folder} of {self.user} at {self.host}"


def parse_place(url: str) -> Place:
    """Raises BadSetting, without the password in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORT
    except ValueError:  # a port that is no number
        host, port = None, 0
    if host is None or parts.scheme != "imaps" or not parts.username or not parts.password:
        raise BadSetting(f"bounce_imap is no address of an IMAP mailbox, such as {_EXAMPLE}.")
    asked = parse_qs(parts.query)
    if asked.keys() - {"ca_file"}:
        raise BadSetting(
            f"bounce_imap asks for {', '.join(sorted(asked))}, which digest does not know; it may name a ca_file."
        )
    user, password = unquote(parts.username), unquote(parts.password)
    folder = unquote(parts.path.lstrip("/")) or "INBOX"
    if not (user + password + folder).isascii() or not (user + password + folder).isprintable():
        raise BadSetting(
            "bounce_imap has a user, password or folder that is not ASCII, which digest cannot send to a server."
        )
    return Place(host, port, user, password, folder, asked.get("ca_file", [None])[0])


class ImapMailbox:
    """An `Inbox`."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._server: imaplib.IMAP4_SSL | None = None
        self._deleted: list[str] = []

    def __str__(self) -> str:
        return str(self._place)

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        with _in_words(self._place), _logged_in(self._place) as server:
            self._server, self._deleted = server, []
            found = _ask(server, "SEARCH", "UNSEEN")
            try:
                for uid in _numbers(found)[:AT_ONCE]:
                    raw = _body(_ask(server, "FETCH", uid, f"(UID BODY.PEEK[]<0.{MAX_BYTES}>)"))
                    if raw is not None:  # else another process was faster
                        yield uid, raw
            finally:
                self._server = None
                self._expunge(server)

    def done(self, key: str) -> None:
        self._mark(key, r"(\Seen \Deleted)")
        self._deleted.append(key)

    def leave(self, key: str) -> None:
        self._mark(key, r"(\Seen)")

    def count(self) -> int:
        """Mails that wait there; so it is seen that it can be read."""
        with _in_words(self._place), _logged_in(self._place) as server:
            return len(_numbers(_ask(server, "SEARCH", "UNSEEN")))

    def _mark(self, uid: str, flags: str) -> None:
        assert self._server is not None
        with _in_words(self._place):
            _ask(self._server, "STORE", uid, "+FLAGS.SILENT", flags)

    def _expunge(self, server: imaplib.IMAP4_SSL) -> None:
        """Only ours (RFC 4315). A server that cannot, or goes away, keeps them, seen and marked as deleted: they are dealt with."""
        with suppress(imaplib.IMAP4.error, OSError):
            if self._deleted and b"UIDPLUS" in b" ".join(_checked(*server.capability())):
                _ask(server, "EXPUNGE", ",".join(self._deleted))


@contextmanager
def _logged_in(place: Place) -> Iterator[imaplib.IMAP4_SSL]:
    server = imaplib.IMAP4_SSL(place.host, place.port, ssl_context=_verifying(place.ca_file), timeout=PATIENCE)
    try:
        server.login(place.user, place.password)
        _checked(*server.select('"' + re.sub(r'(["\\])', r"\\\1", place.folder) + '"'))
        yield server
        with suppress(imaplib.IMAP4.error, OSError):  # it may have gone already
            server.logout()
    finally:
        with suppress(OSError):  # after a logout it is closed
            server.shutdown()


def _verifying(ca_file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        said = error.strerror or error
        raise BadSetting(
            f"The file {ca_file} (ca_file in bounce_imap) cannot be read as PEM certificates ({said})."
        ) from None


@contextmanager
def _in_words(place: Place) -> Iterator[None]:
    """What the server or the network refuses comes out as DigestError, or TryLater where time may help."""
    try:
        yield
    except imaplib.IMAP4.abort as error:  # it is an IMAP4.error, too
        raise TryLater(f"The mailbox {place} cannot be read now: {_said(error)}.") from error
    except imaplib.IMAP4.error as error:
        raise DigestError(f"The mailbox {place} cannot be read: {_said(error)}.") from error
    except ssl.SSLCertVerificationError as error:
        raise DigestError(f"The certificate of {place.host} is not good: {error.verify_message}.") from error
    except OSError as error:
        raise TryLater(f"The mailbox {place} cannot be reached: {error.strerror or error}.") from error


def _ask(server: imaplib.IMAP4_SSL, command: str, *said: str) -> list[Any]:
    return _checked(*server.uid(command, *said))


def _checked(status: str, found: list[Any]) -> list[Any]:
    if status != "OK":
        raise imaplib.IMAP4.error(*found)
    return found


def _numbers(found: list[Any]) -> list[str]:
    return b" ".join(line for line in found if line).decode("ascii", "replace").split()


def _body(found: list[Any]) -> bytes | None:
    """Of answers, the one with a mail in it."""
    return next((part[1] for part in found if isinstance(part, tuple) and _UID.search(part[0])), None)


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else error
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.split()).rstrip(".")[:200]
