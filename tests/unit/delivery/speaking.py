"""What the tests of SMTP share: three people, a mail, and a conversation with the scripted server, which here is waited for."""

import select
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from digest.delivery.content import make_content
from digest.delivery.relay import Relay, Timeouts, Tls
from digest.delivery.set_up import SmtpTransport
from digest.delivery.transport import Connection, Envelope, Event, Held
from digest.model.address import Address
from digest.model.message import Reply
from tests.doubles.smtp_server import SmtpServer

ANN, BO, CY = (Address(name, "example.org") for name in ("ann", "bo", "cy"))
TO_BO, TO_CY = Envelope(ANN, BO), Envelope(ANN, CY)
MAIL = b"Message-ID: <1@example.org>\r\nSubject: hello\r\n\r\nhello\r\n"
PATIENT = Timeouts().scaled(1 / 10)  # no test should take so long
QUICK = Timeouts(connect=20, greeting=20, command=0.5, data=0.5, block=0.5, dot=0.5, quit=0.5)


class Speaker:
    """One message after another on a connection, waiting for what becomes of each."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.events: list[Event] = []

    @property
    def open(self) -> bool:
        """Whether another message may be offered. Looks whether the relay has hung up in the meantime."""
        self.events += self.connection.pump()
        return self.connection.free

    def offer(self, envelope: Envelope = TO_BO, content: bytes = MAIL) -> Reply | None:
        """None: the relay waits for the dot. A reply: it refused before."""
        self.connection.offer(envelope, make_content(content))
        event = self.next_event()
        return None if isinstance(event, Held) else event.reply

    def release(self) -> Reply:
        if not self.events:  # else it has gone since
            self.connection.release()
        event = self.next_event()
        assert not isinstance(event, Held)
        return event.reply

    def withdraw(self) -> None:
        self.connection.cut()

    def close(self) -> None:
        self.connection.close()
        self.events += self.connection.pump()
        while not self.connection.over:
            self._wait()
        assert self.connection.fileno() == -1

    def next_event(self) -> Event:
        while True:
            self.events += self.connection.pump()
            if self.events:
                return self.events.pop(0)
            self._wait()

    def _wait(self) -> None:
        deadline, number = self.connection.deadline, self.connection.fileno()
        assert deadline is not None, "nobody is to say anything"
        writable = [number] if self.connection.unsent else []
        select.select([number], writable, [], max(deadline - time.monotonic(), 0))
        self.events += self.connection.pump()


@contextmanager
def conversation(server: SmtpServer, limits: Timeouts = PATIENT) -> Iterator[Speaker]:
    relay = Relay(server.host, server.port, Tls.NONE, timeouts=limits)
    with server, closing(Speaker(SmtpTransport(relay).connect())) as speaker:
        yield speaker


def delivered(speaker: Speaker, envelope: Envelope = TO_BO, content: bytes = MAIL) -> Reply:
    return speaker.offer(envelope, content) or speaker.release()
