"""A mailbox for the demo: takes every mail by SMTP, keeps it on disk, and shows it on a web page. All on 127.0.0.1."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from digest.demo.mail import ReceivedMail
from digest.demo.serving import LocalServer
from digest.demo.shelf import Shelf
from digest.demo.webmail import Webmail
from digest.model.errors import DigestError, TryLater

if TYPE_CHECKING:  # aiosmtpd is there only with the extra `demo`
    from digest.demo.reception import Keep, Reception


class Mailbox:
    """Open from `with` to its end. Port 0 takes any free one. What an earlier run received is there again."""

    def __init__(self, directory: Path, now: Callable[[], datetime], *, smtp_port: int = 0, web_port: int = 0) -> None:
        """`now` tells the time a mail came (aware UTC); the mails are kept in `directory`, which is made if need be."""
        self._shelf = Shelf(directory)
        self._web = LocalServer(web_port, Webmail(self._shelf).answer)
        try:
            self._smtp = _open_reception(smtp_port, lambda mail, sender, to: self._shelf.keep(mail, sender, to, now()))
        except BaseException:
            self._web.stop()
            raise

    @property
    def smtp_port(self) -> int:
        return int(self._smtp.port)

    @property
    def url(self) -> str:
        """Of the page that shows the mails."""
        return f"{self._web.base_url}/"

    def messages(self) -> tuple[ReceivedMail, ...]:
        """Every mail, also those of earlier runs; the oldest first."""
        return self._shelf.mails()

    @property
    def latest(self) -> int:
        """The number of the newest mail; 0 when there is none."""
        return max((mail.number for mail in self.messages()), default=0)

    def wait_for(
        self, *, to: str = "", subject_contains: str = "", after: int = 0, timeout: float = 10.0
    ) -> ReceivedMail:
        """The first mail numbered above `after` that fits, waiting `timeout` seconds for it. TryLater when none came."""

        def wanted(mail: ReceivedMail) -> bool:
            return mail.number > after and (not to or to in mail.recipients) and subject_contains in mail.subject

        if found := self._shelf.wait_for(wanted, timeout):
            return found
        whom, what = f" to {to}" if to else "", f" with {subject_contains!r} in its subject" if subject_contains else ""
        raise TryLater(f"No mail{whom}{what} came to the mailbox within {timeout:g} seconds.")

    def __enter__(self) -> Self:
        self._smtp.start()
        self._web.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._web.stop()
        self._smtp.stop()


def _open_reception(port: int, keep: "Keep") -> "Reception":
    try:
        from digest.demo.reception import Reception  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError:
        raise DigestError("The demo's mailbox needs aiosmtpd. Install it with: pip install 'digest[demo]'") from None
    return Reception(port, keep)
