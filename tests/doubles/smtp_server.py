"""A mail server that speaks real SMTP, byte by byte, and does as it is told: refuse, dawdle, hang up, lie.

    with SmtpServer(Rule(reply("550 5.1.1 nobody"), verb="RCPT", recipient="^bo@"), tls=True) as server:
        ...talk to server.host, server.port...
    server.messages       what it answered for with 250 (or was told to take), un-stuffed
    server.sessions       every connection, with the raw bytes of both directions
    server.faults         what a strict reader minds: a bare CR or LF, lines too long

A rule is asked for at each protocol event; the first that matches acts. The events, in the order of a conversation:
CONNECT, EHLO (or HELO), STARTTLS, TLS (the handshake is done), AUTH, MAIL, RCPT, DATA, BODY (its first octets came), "." (the
final dot came), RSET, NOOP, QUIT. An action is any function of a `Turn`; the usual ones are made by the functions below.

`lenient=True` takes lone CR and LF for line ends, and so sees the messages that smugglers hide (SEC Consult, 2023).
`on_event(connection, message, name)` is called with "before MAIL" and "after MAIL", and with "recorded ." between the two;
numbers count from 1, messages within their connection. `ledger` is a file to which every message taken is appended and
fsynced before its 250 is written: what stands there was accepted, whatever happened to either side.
"""

import base64
import os
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.doubles.smtp_record import Message, Session
from tests.doubles.smtp_rules import Action, Rule, announce, delay, drip, drop, garbage, half, hang, reply

__all__ = [
    "Action",
    "Message",
    "Rule",
    "Session",
    "SmtpServer",
    "Turn",
    "announce",
    "delay",
    "drip",
    "drop",
    "garbage",
    "half",
    "hang",
    "reply",
]

CERTIFICATES = Path(__file__).parent.parent / "data" / "tls"
USUAL_EXTENSIONS = ("SIZE 10485760", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")

OnEvent = Callable[[int, int, str], None]


class _Gone(Exception):
    """The conversation is over."""


class SmtpServer:
    """Listens on a loopback port of its own choice; one thread for each connection."""

    pipelining = True  # whether it announces RFC 2920, where that is not said

    def __init__(
        self,
        *rules: Rule,
        extensions: tuple[str, ...] = USUAL_EXTENSIONS,
        pipelining: bool | None = None,
        tls: bool = False,
        implicit: bool = False,
        certificate: str = "server",
        users: Mapping[str, str] | None = None,
        auth: tuple[str, ...] = ("PLAIN", "LOGIN"),
        auth_in_clear: bool = False,
        lenient: bool = False,
        on_event: OnEvent | None = None,
        ledger: Path | None = None,
    ) -> None:
        self.sessions: list[Session] = []
        self.messages: list[Message] = []
        self.faults: list[str] = []
        self.rules = list(rules)
        self.extensions, self.users, self.auth = extensions, dict(users or {}), auth
        if self.pipelining if pipelining is None else pipelining:
            self.extensions = (*extensions, "PIPELINING")
        self.starttls, self.implicit, self.auth_in_clear, self.lenient = tls, implicit, auth_in_clear, lenient
        self.on_event = on_event or (lambda *_: None)
        self.context = certified(certificate) if tls or implicit else None
        self.stopping = threading.Event()
        self.resumed = threading.Event()
        self._used: dict[int, int] = {}
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._ledger = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT) if ledger else None
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host, self.port = self._listener.getsockname()

    def __enter__(self) -> Self:
        self._start(self._listen)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self.resumed.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in list(self._sockets):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self.join()
        if self._ledger is not None:
            os.close(self._ledger)

    def resume(self) -> None:
        """Let go of everything that hangs."""
        self.resumed.set()

    def join(self, timeout: float = 10) -> None:
        """Wait until every conversation has ended (the listener, too, once the server is stopping)."""
        for thread in self._threads if self.stopping.is_set() else self._threads[1:]:
            thread.join(timeout)

    def take(self, message: Message) -> None:
        """The moment of acceptance: on disk first, if there is a ledger."""
        with self._lock:
            if self._ledger is not None:
                os.write(self._ledger, message.ledger_line())
                os.fsync(self._ledger)
            self.messages.append(message)

    def rule_for(self, turn: "Turn") -> Action | None:
        with self._lock:
            for rule in self.rules:
                used = self._used.get(id(rule), 0)
                if rule.matches(turn) and not (rule.times and used >= rule.times):
                    self._used[id(rule)] = used + 1
                    return rule.action
        return None

    def _start(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self.stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(sock)
            session = Session(len(self.sessions) + 1)
            self.sessions.append(session)
            self._start(Conversation(self, sock, session).run)


class Conversation:
    """One connection: reads lines, asks the rules, answers."""

    def __init__(self, server: SmtpServer, sock: socket.socket, session: Session) -> None:
        self.server, self.sock, self.session = server, sock, session
        self.unread = bytearray()
        self.user = ""
        self.greeted = False
        self.sender: str | None = None
        self.parameters: tuple[str, ...] = ()
        self.recipients: list[str] = []
        self.asked = ""  # the recipient of the last RCPT, taken or not
        self.content = b""

    def run(self) -> None:
        try:
            self._converse()
        except (_Gone, OSError):
            self.session.ended = self.session.ended or "gone"
        finally:
            with suppress(OSError):
                self.sock.close()

    def _converse(self) -> None:
        if self.server.implicit:
            self._secure()
        self._turn("CONNECT", "220 double ESMTP")
        while not self.session.ended:
            line = self._line().decode("utf-8", "replace")
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            self.session.verbs.append(verb)
            handler = getattr(self, f"_on_{verb.lower()}", None) if verb.isalpha() else None
            if handler is None:
                self._turn(verb or "?", "500 5.5.2 unknown command")
            else:
                handler(rest)

    # The commands.

    def _on_ehlo(self, _name: str) -> None:
        self._greet("EHLO", "\n".join(["250 double greets you", *self._extensions()]))

    def _on_helo(self, _name: str) -> None:
        self._greet("HELO", "250 double")

    def _on_starttls(self, _rest: str) -> None:
        if self._turn("STARTTLS", "220 2.0.0 go ahead" if self.server.context else "502 5.5.1 no TLS here").startswith(
            "2"
        ):
            self.unread.clear()  # RFC 3207 §4.2: nothing from before counts
            self._secure()
            self.greeted = False

    def _on_auth(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        if mechanism.upper() == "PLAIN":
            _, user, password = _decoded(initial or self._prompt("")).split("\0")
        else:
            user, password = _decoded(self._prompt("Username:")), _decoded(self._prompt("Password:"))
        self.session.logins.append((user, password))
        right = self.server.users.get(user) == password
        said = self._turn("AUTH", "235 2.7.0 welcome" if right else "535 5.7.8 wrong user or password")
        self.user = user if said.startswith("2") else ""

    def _on_mail(self, rest: str) -> None:
        self.session.message += 1
        if self.server.users and not self.user:
            self._turn("MAIL", "530 5.7.0 log in first")
        elif (match := re.fullmatch(r"FROM:<([^<>\s]*)>((?: \S+)*)", rest, re.IGNORECASE)) is None or not self.greeted:
            self._turn("MAIL", "501 5.5.4 not so")
        elif self._turn("MAIL", "250 2.1.0 Ok").startswith("2"):
            self.sender, self.parameters = match[1], tuple(match[2].split())

    def _on_rcpt(self, rest: str) -> None:
        match = re.fullmatch(r"TO:<([^<>\s]+)>", rest, re.IGNORECASE)
        if match is None or self.sender is None:
            self._turn("RCPT", "503 5.5.1 not now, or not so")
            return
        self.asked = match[1]
        if self._turn("RCPT", "250 2.1.5 Ok").startswith("2"):
            self.recipients.append(match[1])

    def _on_data(self, _rest: str) -> None:
        if self._turn("DATA", "354 go ahead" if self.recipients else "503 5.5.1 to whom?").startswith("3"):
            if not self.unread:
                self._fill()
            self._turn("BODY", "")
            self.content = self._body()
            self._turn(".", f"250 2.0.0 Ok: taken as {self.session.number}.{self.session.message}")
            self._reset()

    def _on_rset(self, _rest: str) -> None:
        self._reset()
        self._turn("RSET", "250 2.0.0 Ok")

    def _on_noop(self, _rest: str) -> None:
        self._turn("NOOP", "250 2.0.0 Ok")

    def _on_quit(self, _rest: str) -> None:
        self._turn("QUIT", "221 2.0.0 bye")
        self.session.ended = "quit"

    # What they are made of.

    def message(self) -> Message:
        return Message(
            self.session.number,
            self.session.message,
            self.sender or "",
            tuple(self.recipients),
            self.parameters,
            self.content,
        )

    def _turn(self, verb: str, usual: str) -> str:
        """One event: the rule's action, or the usual reply. Returns what was said."""
        turn = Turn(self, verb, usual)
        turn.tell("before")
        (self.server.rule_for(turn) or Turn.usual)(turn)
        turn.tell("after")
        return turn.said

    def _reset(self) -> None:
        self.sender, self.parameters, self.recipients = None, (), []
        self.asked, self.content = "", b""

    def _extensions(self) -> Iterator[str]:
        yield from self.server.extensions
        if self.server.starttls and not self.session.secure:
            yield "STARTTLS"
        if self.server.users and (self.session.secure or self.server.auth_in_clear):
            yield f"AUTH {' '.join(self.server.auth)}"

    def _secure(self) -> None:
        assert self.server.context is not None
        try:
            self.sock = self.server.context.wrap_socket(self.sock, server_side=True, do_handshake_on_connect=False)
            self.sock.do_handshake()
        except OSError:
            raise _Gone from None
        self.session.secure = True
        self.server._sockets.append(self.sock)
        self._turn("TLS", "")

    def _greet(self, verb: str, usual: str) -> None:
        self._reset()
        self.greeted = self._turn(verb, usual).startswith("2")

    def _prompt(self, text: str) -> str:
        self.write(f"334 {base64.b64encode(text.encode()).decode()}\r\n".encode())
        return self._line().decode("ascii", "replace")

    def write(self, data: bytes) -> None:
        self.session.sent += data
        self.sock.sendall(data)

    def _fill(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise _Gone
        self.session.received += data
        if not self.session.secure:
            self.session.clear += data
        self.unread += data

    def _line(self) -> bytes:
        """The next line without its end."""
        while (found := _line_end(self.unread, lenient=self.server.lenient)) is None:
            self._fill()
        start, end = found
        line = bytes(self.unread[:start])
        del self.unread[:end]
        if b"\r" in line or b"\n" in line:
            self.server.faults.append(f"a bare CR or LF in {line[:80]!r}")
        if len(line) > 998:
            self.server.faults.append(f"a line of {len(line)} octets")
        return line

    def _body(self) -> bytes:
        lines = bytearray()
        while (line := self._line()) != b".":
            lines += line.removeprefix(b".") + b"\r\n"
        return bytes(lines)


class Turn:
    """What an action has to work with: the event, and the means to answer it."""

    def __init__(self, conversation: Conversation, verb: str, usual: str) -> None:
        self.verb, self.said = verb, ""
        self.session, self.server = conversation.session, conversation.server
        self._conversation, self._usual = conversation, usual

    @property
    def recipient(self) -> str:
        return self._conversation.asked

    def usual(self) -> None:
        self.answer(None)

    def answer(self, text: str | None, *, pause: float = 0, octets: int | None = None) -> None:
        """Take the message if this is a 2xx to its dot, then say it: whole, octet by octet, or in part."""
        self.said = self._usual if text is None else text
        if self.said.startswith("2"):
            self.record()
        data = _reply_lines(self.said)
        if octets is not None:
            self.say(data[:octets])
            self.hang_up()
        elif not pause:
            self.say(data)
        for octet in data if pause else b"":
            self.wait(pause)
            self.say(bytes([octet]))

    def record(self) -> None:
        """Take the message, if this is its final dot."""
        if self.verb == ".":
            self.server.take(self._conversation.message())
            self.tell("recorded")

    def say(self, data: bytes) -> None:
        if data:
            self._conversation.write(data)

    def wait(self, seconds: float) -> None:
        if self.server.stopping.wait(seconds):
            raise _Gone

    def hold(self, *, record: bool = False) -> None:
        if record:
            self.record()
        self.server.resumed.wait()
        if self.server.stopping.is_set():
            raise _Gone
        if record:
            self.say(_reply_lines(self._usual))
        else:
            self.usual()

    def hang_up(self, *, record: bool = False, hard: bool = False) -> None:
        if record:
            self.record()
        if hard:
            self._conversation.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.session.ended = "cut"
        raise _Gone

    def tell(self, when: str) -> None:
        self.server.on_event(self.session.number, self.session.message, f"{when} {self.verb}")


def certified(name: str) -> ssl.SSLContext:
    """A server's side of TLS with one of the certificates in tests/data/tls."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context


def _line_end(data: bytearray, *, lenient: bool) -> tuple[int, int] | None:
    """Where the first line ends and where the next begins. Lenient: a lone CR or LF ends a line, too."""
    if not lenient:
        start = data.find(b"\r\n")
        return None if start < 0 else (start, start + 2)
    match = re.search(rb"\r\n|\n|\r(?=[^\n])", data)
    return match.span() if match else None


def _reply_lines(text: str) -> bytes:
    """`250 one\\ntwo` → `250-one`, `250 two`, as a server writes it. A text of one line goes out as it is."""
    if not text:
        return b""
    first, *more = text.split("\n")
    lines = [first[4:], *more]
    last = len(lines) - 1
    return "".join(f"{first[:3]}{'-' if at < last else ' '}{line}\r\n" for at, line in enumerate(lines)).encode()


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()
