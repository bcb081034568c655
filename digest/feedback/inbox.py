"""Where what came back waits to be read: a Maildir, or a mailbox on an IMAP server."""

from collections.abc import Iterator
from typing import Protocol, TypeVar

AT_ONCE = 1_000  # mails
Key = TypeVar("Key")  # what such a place calls a mail


class Inbox(Protocol[Key]):
    """Two processes may read one at once: each mail is dealt with at least once."""

    def waiting(self) -> Iterator[tuple[Key, bytes]]:
        """Those that nobody has seen, AT_ONCE at most, and of each no more than can be read. Raises DigestError in words."""

    def done(self, key: Key) -> None:
        """It said something, and goes. Only while they are being read."""

    def leave(self, key: Key) -> None:
        """It stays, marked as seen, for a person to look at. Only while they are being read."""
