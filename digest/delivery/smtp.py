"""A conversation with a mail relay about one message after another, pipelined where it may be (RFC 5321, RFC 2920).

With PIPELINING a message costs one round trip: MAIL, RCPT and DATA travel behind the dot of the message before, and the body
follows the 354. DATA ends a group (RFC 2920 §3.1), so the dot is never sent before its caller says so, and at most one dot is
unanswered. Without it every command waits for its reply.

Bytes go out as they will be read: CRLF line ends only, dot-stuffed, one command a line, so that nobody can smuggle a second
message. Any 2xx after the dot is acceptance. All that is unclear, or comes too late, ends the connection.
"""

import math
import re
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.delivery.content import Content
from digest.delivery.relay import Timeouts
from digest.delivery.replies import Garbled
from digest.delivery.transport import Answered, Envelope, Event, Held, Refused
from digest.delivery.wire import Broken, Stream
from digest.model.address import Address
from digest.model.errors import DigestError, WrongState
from digest.model.message import Reply

_UNSAFE = re.compile(r"[\x00-\x20\x7f<>\s]")
_DOT = b".\r\n"

Extensions = dict[str, str]  # what EHLO announced: keyword in capitals → its parameters


@dataclass(slots=True)
class _Offer:
    """A message whose dot has not been released."""

    content: Content
    refusal: Reply | None = None
    given: bool = False  # the body was handed to the stream
    held: bool = False  # and to the kernel


class SmtpConnection:
    """See transport.Connection. Also leaves before the relay's limit of mails (RFC 9422, MAILMAX) is passed."""

    def __init__(self, stream: Stream, extensions: Extensions, limits: Timeouts) -> None:
        self.over = False
        self._stream = stream
        self._extensions = extensions
        self._pipelining = "PIPELINING" in extensions
        self._limits = limits
        self._patience = dict.fromkeys(("RSET", "MAIL", "RCPT", "void"), limits.command)
        self._patience |= {"DATA": limits.data, ".": limits.dot, "QUIT": limits.quit}
        self._mails_left = _mail_max(extensions)
        self._takes_size = "SIZE" in extensions
        self._largest = _number(extensions.get("SIZE", "")) or math.inf  # RFC 1870 §4: 0 means no limit
        self._sender: Address | None = None  # of the message before,
        self._from = "<>"  # as MAIL names it
        self._offer: _Offer | None = None
        self._script: deque[tuple[str, bytes]] = deque()  # commands that wait for a reply to those before
        self._expected: deque[str] = deque()  # what the next replies will answer
        self._events: list[Event] = []
        self._to_reset = False  # the relay is still in a transaction that it refused
        self._leaving = False
        self._dot_by = math.inf  # while a dot is unsent: from when on it must not be
        self._since = 0.0  # of the last thing that moved

    @property
    def good_until(self) -> datetime | None:
        """When the relay's certificate runs out; None without TLS."""
        return self._stream.good_until

    @property
    def free(self) -> bool:
        return self._offer is None and not self._leaving and not self.over and self._mails_left > 0

    @property
    def unsent(self) -> bool:
        return self._stream.unsent

    @property
    def deadline(self) -> float | None:
        if self.over or not (self._stream.unsent or self._expected):
            return None
        return self._since + self._waits

    @property
    def _waits(self) -> float:
        """How long, at most, for what is to come next."""
        return self._limits.block if self._stream.unsent else self._patience[self._expected[0]]

    def fileno(self) -> int:
        return self._stream.fileno()

    def offer(self, envelope: Envelope, content: Content) -> None:
        """DigestError: the envelope may not go on any wire; the connection stays usable."""
        if not self.free:
            raise WrongState("Another message cannot be offered on this connection now.")
        commands = self._commands(envelope, content)
        may_go = commands.isascii() and content.ascii and content.size <= self._largest  # as nearly always
        if not may_go and (impossible := self._impossible(envelope, content)):
            self._events.append(Refused(impossible))
            return
        self._mails_left -= 1
        self._offer = _Offer(content)
        if self._to_reset:
            self._say(("RSET",), b"RSET\r\n")
            self._to_reset = False
        self._say(_GROUP, commands)

    def release(self, by: float = math.inf) -> None:
        if self._offer is None or not self._offer.held:
            raise WrongState("No message of this connection waits for its dot.")
        if self._stream.news:
            self._listen()
        if self._offer is not None and not self.over:
            self._offer = None
            self._dot_by = by
            self._say((".",), _DOT)

    def pump(self, *, listen: bool = True) -> Sequence[Event]:
        if listen and not self.over:
            self._listen()
        if not self.over:
            self._speak()
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        if self._offer is not None:  # QUIT would be a line of its body
            self.cut()
        elif not self._leaving and not self.over:
            self._leaving = True
            self._say(("QUIT",), b"QUIT\r\n")

    def cut(self) -> None:
        self.over = True
        self._stream.cut()

    # Speaking

    def _say(self, verbs: Sequence[str], commands: bytes) -> None:
        """Now, or each in its turn. A command is a line."""
        if self._pipelining:
            if not self._expected:
                self._since = time.monotonic()
            self._expected.extend(verbs)
            self._stream.write(commands)
        else:
            self._script.extend(zip(verbs, commands.splitlines(keepends=True), strict=True))
            self._say_next()

    def _say_next(self) -> None:
        """Without pipelining: when the reply to all that was said is there, and nothing else."""
        if not self._script or self._expected:
            return
        if not self._stream.replies.empty:
            self._end("it spoke out of turn", heard=False)
            return
        verb, command = self._script.popleft()
        self._since = time.monotonic()
        self._expected.append(verb)
        self._stream.write(command)

    def _speak(self) -> None:
        if self._dot_by < math.inf and time.monotonic() >= self._dot_by:  # the last look before the kernel has it
            self._end("the dot could not leave in time", heard=False)
            return
        try:
            if self._stream.flush():
                self._since = time.monotonic()
                self._dot_by = math.inf
        except Broken as broken:
            self._take_replies()
            self._end(str(broken))
        offer = self._offer
        if offer is not None and offer.given and not offer.held and not self._stream.unsent:
            offer.held = True
            self._events.append(_HELD)

    # Listening

    def _listen(self) -> None:
        why = ""
        try:
            self._stream.read()
        except Broken as broken:
            why = str(broken)
        if self._take_replies():
            self._since = time.monotonic()
        elif not why and (deadline := self.deadline) is not None and time.monotonic() >= deadline:
            why = f"it said nothing whole for {self._waits:g} seconds"
        if why:
            self._end(why)

    def _take_replies(self) -> bool:
        """All that are whole; whether there were any."""
        replies, some = self._stream.replies, False
        if self._expected == _TURN and (reply := replies.take_turn()) is not None:  # spares most mails all that follows
            self._expected.clear()
            self._events.append(Answered(reply))
            self._send_body()
            some = True
        try:
            while not (self.over or replies.empty) and self._take_reply():
                some = True
        except Garbled as garbled:
            self._end(str(garbled), heard=False)
        return some

    def _take_reply(self) -> bool:
        """The next reply, if it is whole. False: nothing more can be done."""
        replies = self._stream.replies
        if not self._expected:
            reply = replies.take()
            self._end("it spoke out of turn", reply if reply and reply.code == 421 else None, heard=False)
            return False
        verb = self._expected[0]
        if verb == "MAIL" and self._pipelining and replies.drop_group():
            for _ in _GROUP:
                self._expected.popleft()
            self._send_body()
            return True
        if verb in _WANTED and replies.drop(_WANTED[verb]):
            self._expected.popleft()
            self._went_well(verb)
            return True
        reply = replies.take(verb)
        if reply is None:
            return False
        self._expected.popleft()
        self._answered(verb, reply)
        return True

    def _went_well(self, verb: str) -> None:
        if verb == "DATA":
            self._send_body()
        self._say_next()

    def _answered(self, verb: str, reply: Reply) -> None:
        if verb == "QUIT":
            self.over = True
            self._stream.close()
        elif verb == ".":
            self._dot_answered(reply)
        elif verb == "void":  # the dot of a message for nobody: whatever it is, it says nothing
            self._refused()
        elif reply.code == 421:
            self._end("it closes the connection", reply)
        elif reply.code // 100 == _WANTED[verb]:
            self._went_well(verb)
        elif verb == "RSET" or reply.code // 100 not in {4, 5}:
            self._end(f"{reply.code} is no answer to {verb}")
        else:
            self._command_refused(verb, reply)

    def _dot_answered(self, reply: Reply) -> None:
        if reply.code // 100 == 3:
            self._expected.appendleft(".")
            self._end(f"{reply.code} is no answer to the final dot", heard=False)
            return
        self._events.append(Answered(reply))
        if reply.code == 421:
            self._end("it closes the connection", reply)
            return
        self._leave_in_time()
        self._say_next()

    def _command_refused(self, verb: str, reply: Reply) -> None:
        assert self._offer is not None
        self._offer.refusal = self._offer.refusal or reply
        if verb == "DATA" or not self._pipelining:
            self._script.clear()
            self._refused()

    def _refused(self) -> None:
        assert self._offer is not None
        assert self._offer.refusal is not None
        self._events.append(Refused(self._offer.refusal))
        self._offer = None
        self._to_reset = True
        self._leave_in_time()

    def _send_body(self) -> None:
        assert self._offer is not None
        if self._offer.refusal is not None:  # RFC 2920 §3.1: a relay that says 354 all the same gets a dot alone
            self._say(("void",), _DOT)
            return
        self._stream.write(*self._offer.content.pieces)
        self._offer.given = True

    def _leave_in_time(self) -> None:
        if self._mails_left <= 0 and self._offer is None:
            self.close()

    def _end(self, why: str, last_word: Reply | None = None, *, heard: bool = True) -> None:
        """The conversation is over. What it is known to have said of the dot counts, even if it broke off in the midst."""
        if self.over:
            return
        if heard and last_word is None:
            last_word = self._stream.replies.broken_off()
        if "." in self._expected:
            said = last_word if last_word and last_word.code // 100 != 3 else None
            said = said or Reply(0, text=f"no answer to the final dot: {why}")
            self._events.append(Answered(replace(said, verb=".")))
            last_word = None
        if self._offer is not None:
            gone = last_word if last_word and last_word.code == 421 else None
            self._events.append(Refused(gone or self._went_without_a_word(why)))
            self._offer = None
        self.cut()

    def _went_without_a_word(self, why: str) -> Reply:
        assert self._offer is not None
        if self._offer.given:
            return Reply(421, "4.4.2", f"gone before the final dot: {why}", ".")
        return Reply(0, text=f"no answer: {why}")

    # What is said

    def _commands(self, envelope: Envelope, content: Content) -> bytes:
        """Of a _GROUP."""
        if envelope.sender is not self._sender:
            self._sender, self._from = envelope.sender, _path(envelope.sender)
        to = _path(envelope.recipient)
        size = f" SIZE={content.size}" if self._takes_size else ""
        eight_bit = "" if content.ascii else " BODY=8BITMIME"
        utf8 = "" if to.isascii() and self._from.isascii() else " SMTPUTF8"
        return f"MAIL FROM:{self._from}{size}{eight_bit}{utf8}\r\nRCPT TO:{to}\r\nDATA\r\n".encode()

    def _impossible(self, envelope: Envelope, content: Content) -> Reply | None:
        """The refusal that is certain from what EHLO announced, made here without asking."""
        if "SMTPUTF8" not in self._extensions and _needs_utf8(envelope):
            if envelope.recipient.needs_smtputf8:
                return Reply(553, "5.6.7", "the next hop takes no addresses beyond ASCII (it lacks SMTPUTF8)", "RCPT")
            return Reply(553, "5.1.7", "the sender's address is beyond ASCII, and the next hop lacks SMTPUTF8", "MAIL")
        if not content.ascii and "8BITMIME" not in self._extensions:
            return Reply(554, "5.6.3", "the mail is not pure ASCII, and the next hop lacks 8BITMIME", "MAIL")
        if content.size > self._largest:
            said = f"the mail has {content.size:,} octets, the next hop takes {self._largest:,}"
            return Reply(552, "5.3.4", said, "MAIL")
        return None


_HELD = Held()
_GROUP = ("MAIL", "RCPT", "DATA")
_TURN = deque([".", *_GROUP])  # what is expected when a dot has left, and the next message's group behind it
_WANTED = {"RSET": 2, "MAIL": 2, "RCPT": 2, "DATA": 3}  # the first digit that lets a message go on


def _mail_max(extensions: Extensions) -> int:
    match = re.search(r"\bMAILMAX=([0-9]{1,6})\b", extensions.get("LIMITS", ""), re.IGNORECASE)
    return int(match[1]) if match and int(match[1]) else 10**9


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def _needs_utf8(envelope: Envelope) -> bool:
    sender = envelope.sender
    return envelope.recipient.needs_smtputf8 or (sender is not None and sender.needs_smtputf8)


def _path(address: Address | None) -> str:
    """In angle brackets. `Address` lets nothing unsafe through; this holds even if it once should."""
    text = str(address) if address else ""
    if _UNSAFE.search(text):
        raise DigestError(f"{text!r} is not an address that may go on the wire; nothing was sent.")
    return f"<{text}>"
