"""An IMAP server (RFC 3501, with UIDPLUS of RFC 4315) of one mailbox that speaks TLS: as much of it as reading a mailbox takes.

with ImapServer([b"From: …", …]) as server:
    ...log in to server.host, server.port as USER with PASSWORD...
server.mails          those that are left, with their flags
server.commands       what was asked, without passwords
"""

import re
import socket
import ssl
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import quote

from tests.doubles.smtp_server import CERTIFICATES, certified

USER, PASSWORD = "bounces", 'se"cret'
_COMMAND = re.compile(rb"(\S+) (UID )?(\S+) ?(.*)", re.DOTALL)
_PART = re.compile(r"\(UID BODY\.PEEK\[\]<0\.(\d+)>\)")


@dataclass
class Mail:
    raw: bytes
    flags: set[str] = field(default_factory=set)


class ImapServer:
    """`folder` is the only one there is; `dies_at`: hangs up at the first command of that name."""

    def __init__(
        self, mails: Iterable[bytes] = (), *, folder: str = "INBOX", uidplus: bool = True, dies_at: str = ""
    ) -> None:
        self.mails = {number: Mail(raw) for number, raw in enumerate(mails, 101)}
        self.commands: list[str] = []
        self._folder, self._uidplus, self.dies_at = folder, uidplus, dies_at
        self._logged_in = False
        self._context = certified("server")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listener.getsockname()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"imaps://{USER}:se%22cret@localhost:{self.port}/{quote(self._folder)}?ca_file={CERTIFICATES / 'ca.pem'}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        """One conversation at a time."""
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with sock, suppress(OSError, ssl.SSLError), self._context.wrap_socket(sock, server_side=True) as secure:
                self._talk(secure)

    def _talk(self, secure: ssl.SSLSocket) -> None:
        lines, self._logged_in = secure.makefile("rb"), False
        secure.sendall(b"* OK ready\r\n")
        for line in lines:
            found = _COMMAND.fullmatch(line.rstrip(b"\r\n"))
            assert found is not None
            tag, uid, name, rest = found.groups()
            command, said = name.decode().upper(), rest.decode()
            self.commands.append(" ".join(filter(None, ["UID" if uid else "", command, said if uid else ""])))
            if command == self.dies_at:
                return
            for answer in self._answer(command, said):
                secure.sendall(answer + b"\r\n")
            secure.sendall(b"%s %s\r\n" % (tag, self._verdict(command, said)))
            self._logged_in = self._logged_in or command == "LOGIN"
            if command == "LOGOUT":
                return

    def _verdict(self, command: str, said: str) -> bytes:
        if command == "LOGIN" and said != f'{USER} "se\\"cret"':
            return b"NO [AUTHENTICATIONFAILED] wrong name or password"
        if command == "SELECT" and said != f'"{self._folder}"':
            return b"NO [NONEXISTENT] no such mailbox"
        return b"OK done"

    def _answer(self, command: str, said: str) -> Iterable[bytes]:
        if command == "CAPABILITY":  # as real servers do, more of it to who has logged in
            return [b"* CAPABILITY IMAP4rev1" + (b" UIDPLUS" if self._uidplus and self._logged_in else b"")]
        if command == "SELECT":
            return [b"* %d EXISTS" % len(self.mails)]
        if command == "SEARCH":
            unseen = [str(uid) for uid, mail in self.mails.items() if r"\Seen" not in mail.flags]
            return [f"* SEARCH {' '.join(unseen)}".rstrip().encode()]
        if command == "FETCH":
            return self._fetch(*said.split(" ", 1))
        if command == "STORE":
            number, _, flags = said.split(" ", 2)
            if int(number) in self.mails:
                self.mails[int(number)].flags |= set(flags.strip("()").split())
        if command == "EXPUNGE":
            for number in said.split(","):
                if r"\Deleted" in self.mails[int(number)].flags:
                    del self.mails[int(number)]
        return []

    def _fetch(self, number: str, part: str) -> Iterable[bytes]:
        """A mail that is no longer there has no answer."""
        asked = _PART.fullmatch(part)
        assert asked is not None
        mail = self.mails.get(int(number))
        if mail is None:
            return []
        raw = mail.raw[: int(asked.group(1))]
        return [b"* 1 FETCH (UID %s BODY[]<0> {%d}\r\n%s)" % (number.encode(), len(raw), raw)]
