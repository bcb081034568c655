"""What the scripted mail server is told: rules, each with when it applies and what to do then."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.doubles.smtp_server import Turn

Action = Callable[["Turn"], None]


@dataclass(frozen=True)
class Rule:
    """When to do what. What is not said matches anything."""

    action: Action
    verb: str = ""
    connection: int = 0
    message: int = 0
    recipient: str = ""  # a regular expression, searched for in the recipient of the message
    times: int = 0  # how often at most; 0 for always

    def matches(self, turn: "Turn") -> bool:
        return (
            self.verb in {"", turn.verb}
            and self.connection in {0, turn.session.number}
            and self.message in {0, turn.session.message}
            and (not self.recipient or re.search(self.recipient, turn.recipient) is not None)
        )


# What to do: each of these makes an action.


def reply(text: str) -> Action:
    """Say this instead; several lines with newlines between. 2xx to the dot takes the message first."""
    return lambda turn: turn.answer(text)


def delay(seconds: float, then: Action | None = None) -> Action:
    """Wait first; the time is cut short when the server stops."""

    def act(turn: "Turn") -> None:
        turn.wait(seconds)
        if then:
            then(turn)
        else:
            turn.usual()

    return act


def drip(pause: float, text: str | None = None) -> Action:
    """The reply octet by octet."""
    return lambda turn: turn.answer(text, pause=pause)


def half(octets: int, text: str | None = None) -> Action:
    """The first octets of the reply, and then nothing but the end of the connection."""
    return lambda turn: turn.answer(text, octets=octets)


def garbage(data: bytes) -> Action:
    """These bytes as they are; takes nothing."""
    return lambda turn: turn.say(data)


def drop(*, record: bool = False, hard: bool = False) -> Action:
    """Hang up without a word; `record` takes the message first, `hard` resets the connection (RST)."""
    return lambda turn: turn.hang_up(record=record, hard=hard)


def hang(*, record: bool = False) -> Action:
    """Say nothing until `server.resume()`; then go on as usual."""
    return lambda turn: turn.hold(record=record)


def announce(*extensions: str) -> Action:
    """For EHLO: these extensions and no others."""
    return lambda turn: turn.answer("\n".join(["250 double greets you", *extensions]))
