"""The seam between us and the next hop. A message is offered, then released: the dot is held until the store says so.

    connection.offer(envelope, content)   MAIL, RCPT, DATA and the body, but not the final dot
    connection.release()                  the dot, of which the next offer may follow at once
    connection.pump()                     when its socket has something for us or takes something again

Nothing here waits: what becomes of it is told by events, in the order in which it happened.

    Held        the next hop waits for the dot
    Refused     it did not come to that: no dot was sent, so the message is not there
    Answered    the reply to the dot; of code 0 when it never came

Expected outcomes, a refusal or silence, are values (model.message.Reply). Only `connect` waits (it is called in a thread of its
own); it raises TryLater when the next hop cannot be reached and DigestError when it will not have us (TLS, authentication).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from digest.delivery.content import Content
from digest.model.address import Address
from digest.model.message import Reply


class Envelope(NamedTuple):
    """Who it is from and to, for the next hop. One recipient: every message is personal. A sender of None is `<>`."""

    sender: Address | None
    recipient: Address


@dataclass(frozen=True, slots=True)
class Held:
    """All of the offered message is there, or on its way, but the dot."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Of the offered message. A code of 0 or 421 says that the connection went, not that anybody minded this message."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of the released message. A code of 0: nobody can know."""

    reply: Reply


Event = Held | Refused | Answered


class Connection(Protocol):
    """One open conversation with the next hop; used by one thread."""

    @property
    def deadline(self) -> float | None:
        """Of time.monotonic(): when `pump` must be called though nothing happened."""

    @property
    def free(self) -> bool:
        """Whether a message may be offered now. One may be while the reply to the last one's dot is still to come."""

    @property
    def over(self) -> bool:
        """Whether it is closed."""

    @property
    def unsent(self) -> bool:
        """Whether `pump` must be called when the socket takes something again."""

    def fileno(self) -> int:
        """The socket to watch; -1 for none."""

    def offer(self, envelope: Envelope, content: Content) -> None:
        """Legal only when `free`. Sent by the next `pump`."""

    def release(self, by: float = math.inf) -> None:
        """The dot, which must not be sent from `by` (of time.monotonic()) on: then the connection ends, and the answer is silence.

        Legal only after Held. Sent by the next `pump`; if the next hop is seen to have gone, it is Refused instead.
        """

    def pump(self, *, listen: bool = True) -> Sequence[Event]:
        """Read (unless it is known that nothing came) and write what can be, without waiting."""

    def close(self) -> None:
        """QUIT, politely, and `over` when that was answered. With a message offered it cuts. Safe twice."""

    def cut(self) -> None:
        """Close at once, without sending the dot of what was offered. Safe twice."""


class Transport(Protocol):
    """Opens connections. Safe to share between threads."""

    def connect(self) -> Connection: ...
