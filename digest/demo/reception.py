"""The SMTP side of the mailbox, by aiosmtpd: takes every mail for anybody, in plain text, on 127.0.0.1 only."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from digest.demo.serving import HOST, port_refused

MAX_BYTES = 10_000_000  # of one mail

Keep = Callable[[bytes, str, tuple[str, ...]], object]


class Reception(Controller):
    """Listening from its making, serving from `start()` to `stop()`. `keep` is called before a mail is answered with 250."""

    def __init__(self, port: int, keep: Keep) -> None:
        try:
            self._socket = socket.create_server((HOST, port))
        except OSError as error:
            raise port_refused(port, error) from None
        super().__init__(
            _Desk(keep),
            hostname=HOST,
            port=int(self._socket.getsockname()[1]),
            data_size_limit=MAX_BYTES,
            server_hostname="mailbox.localhost",
            ident="digest demo mailbox",
        )

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        """On the socket that we have, so that port 0 is known at once and a taken port is refused in words."""
        return self.loop.create_server(self._factory_invoker, sock=self._socket)


class _Desk:
    """What aiosmtpd asks for each mail."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.original_content or b""
        try:
            self._keep(content, envelope.mail_from or "", tuple(envelope.rcpt_tos))
        except OSError as error:
            return f"452 4.3.1 Mailbox folder cannot be written: {error.strerror}"
        return "250 2.0.0 Kept"
