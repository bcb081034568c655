"""A socket to the next hop: `Wire` waits for each reply, while a conversation is set up; `Stream` never waits, afterwards.

Whatever cannot be trusted any more (closed, too slow, not understood, speaking out of turn) is `Broken`: the caller cuts the
wire, because a reply that comes late would be taken for the answer to the next command.
"""

import contextlib
import re
import select
import socket
import ssl
import struct
import time
from datetime import UTC, datetime

from digest.delivery.replies import Garbled, ReplyBuffer
from digest.model.errors import DigestError
from digest.model.message import Reply

CHUNK = 1 << 14  # octets read at once
HUNG_UP = "it hung up"

_LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_NO_LINGER = struct.pack("ii", 1, 0)  # close() then resets, and drops what was not sent yet


class Broken(Exception):
    """The conversation is over. `reply`: what the next hop is known to have said all the same, if anything."""

    def __init__(self, why: str, reply: Reply | None = None) -> None:
        super().__init__(why)
        self.reply = reply


class Injected(Broken):
    """Something came in clear behind the answer to STARTTLS: somebody on the way put it there (CVE-2011-0411)."""


class Wire:
    """While a conversation is set up: one command at a time, and each waits. Used by one thread.

    Every method but `cut` and `close` may raise Broken.
    """

    def __init__(self, sock: socket.socket) -> None:
        # The dot is three octets after a long body: without this it would wait for the body's acknowledgement.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._replies = ReplyBuffer()

    @property
    def own_address(self) -> str:
        """Our end of the connection, as an address literal (RFC 5321 §4.1.3)."""
        host = str(self._sock.getsockname()[0]).partition("%")[0]
        return f"[IPv6:{host}]" if ":" in host else f"[{host}]"

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines of the last reply, without codes."""
        return self._replies.texts

    def ask(self, command: str, limit: float) -> Reply:
        """Send one command, wait for its whole reply. Refuses a command that is more than one line (security S4)."""
        if re.search(r"[\r\n\0]", command):
            raise DigestError(f"{command!r} is not one SMTP command and was not sent.")
        if not self._replies.empty:
            raise Broken("it spoke out of turn")
        try:
            self._sock.settimeout(limit)
            self._sock.sendall(command.encode() + b"\r\n")
        except OSError as error:
            raise Broken(why(error, limit)) from None
        return self.read_reply(limit)

    def read_reply(self, limit: float) -> Reply:
        """The next reply. `limit` is for the whole of it, however it drips."""
        deadline = time.monotonic() + limit
        try:
            while (reply := self._replies.take()) is None:
                self._replies.feed(self._receive(deadline))
        except Garbled as garbled:
            raise Broken(str(garbled)) from None
        except OSError as error:
            raise Broken(why(error, limit), self._replies.broken_off()) from None
        return reply

    def secure(self, context: ssl.SSLContext, host: str, limit: float) -> None:
        """Go on in TLS. Raises OSError (of which ssl.SSLError is one) when the handshake fails."""
        if not self._replies.empty:
            raise Injected("words in clear behind the answer to STARTTLS")
        self._sock.settimeout(limit)
        self._sock = context.wrap_socket(self._sock, server_hostname=host)

    def stream(self) -> "Stream":
        """The same connection, set up, for what never waits. This object must not be used any more."""
        return Stream(self._sock, self._replies)

    def cut(self) -> None:
        reset(self._sock)

    def _receive(self, deadline: float) -> bytes:
        self._sock.settimeout(max(deadline - time.monotonic(), 0.001))
        if data := self._sock.recv(CHUNK):
            return data
        raise ConnectionAbortedError(HUNG_UP)


class Stream:
    """A connection that is set up: nothing here waits. Used by one thread.

    `read` and `flush` may raise Broken; what came in before that is in `replies`.
    """

    def __init__(self, sock: socket.socket, replies: ReplyBuffer) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._deciphers = isinstance(sock, ssl.SSLSocket)
        self._look = select.poll()
        self._look.register(sock, select.POLLIN)
        self._out: list[bytes | memoryview] = []
        self.unsent = False
        self.replies = replies

    def fileno(self) -> int:
        """-1 once it is closed."""
        return self._sock.fileno()

    def write(self, *data: bytes) -> None:
        """To be sent by the next `flush`."""
        self._out.extend(data)
        self.unsent = True

    def flush(self) -> bool:
        """Send what can be sent now; whether that was anything.

        In one piece: joining a mail costs less than handing over its pieces, and TLS takes no others.
        """
        if not self._out:
            return False
        whole = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        try:
            sent = self._sock.send(whole)
        except _LATER:
            sent = 0
        except OSError as error:
            with contextlib.suppress(Broken):
                self.read()  # what it said before it went
            raise Broken(why(error)) from None
        self.unsent = sent < len(whole)
        self._out = [memoryview(whole)[sent:]] if self.unsent else []
        return sent > 0

    @property
    def good_until(self) -> datetime | None:
        """When the next hop's certificate runs out; None without TLS."""
        return good_until(self._sock) if isinstance(self._sock, ssl.SSLSocket) else None

    @property
    def news(self) -> bool:
        """Whether there is anything to read, or it broke. Costs a fifth of a `read` in vain."""
        return bool(self._look.poll(0)) or (self._deciphers and _holds_more(self._sock))

    def read(self) -> None:
        """Take in what has come."""
        try:
            while data := self._sock.recv(CHUNK):
                self.replies.feed(data)
                if len(data) < CHUNK and not (self._deciphers and _holds_more(self._sock)):
                    return
        except _LATER:
            return
        except OSError as error:
            raise Broken(why(error)) from None
        raise Broken(HUNG_UP)

    def cut(self) -> None:
        reset(self._sock)

    def close(self) -> None:
        """Safe twice."""
        with contextlib.suppress(OSError):
            self._sock.close()


def reset(sock: socket.socket) -> None:
    """Close, and drop what was not sent yet. Safe twice."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    with contextlib.suppress(OSError):
        sock.close()


def _holds_more(sock: socket.socket) -> bool:
    """Whether TLS has deciphered more than it gave: the kernel would not wake us for that."""
    return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0


def good_until(sock: ssl.SSLSocket) -> datetime | None:
    """When the other side's certificate runs out, if it was verified."""
    until = (sock.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC) if isinstance(until, str) else None


def why(error: OSError, limit: float = 0) -> str:
    """In a clause. `limit` is how long was waited, in seconds."""
    if isinstance(error, TimeoutError):
        return f"it said nothing whole for {limit:g} seconds"
    if isinstance(error, ssl.SSLError):
        return "the TLS connection broke"
    if isinstance(error, ConnectionError):
        return HUNG_UP
    return error.strerror or str(error)
