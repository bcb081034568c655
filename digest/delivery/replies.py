"""What the next hop says, from bytes to replies (RFC 5321 §4.2, enhanced status codes of RFC 2034); no socket here.

The bytes are a stranger's. They come in any cut; lines may be far longer than the 512 octets of the RFC, end in a bare LF,
or hold what is no text. What decides is the code, so that only is strict: three digits, 2 to 5 first, and one class
(the first digit) in all lines of a reply. Everything else about a reply is shown to people and may be cut.
"""

import re

from digest.model.message import Reply

MAX_REPLY = 1 << 20  # octets of one reply; more is no reply
MAX_PLAIN = 1000  # octets of a reply that is not looked into
MAX_TEXT = 500  # characters of a reply that we keep

_LINE = re.compile(rb"(?P<code>[2-5][0-9]{2})(?:(?P<more>-)|[ \t]|$)(?P<text>.*)", re.DOTALL)
_PLAIN = {digit: re.compile(rb"%d[0-9]{2}(?: [^\n]*)?\r?\n" % digit) for digit in (2, 3)}
#: What nearly all replies look like: one line, short, of visible ASCII, with single spaces.
_USUAL = re.compile(
    rb"([2-5][0-9]{2}) ((?:([245]\.[0-9]{1,3}\.[0-9]{1,3}) )?([A-Za-z<][!-~]{0,60}(?: [!-~]{1,60}){0,5}))\r\n"
)
_GROUP = re.compile(rb"(?:2[0-9]{2}(?: [^\n]{0,300})?\r?\n){2}3[0-9]{2}(?: [^\n]{0,300})?\r?\n")
_ACCEPTED = _USUAL.pattern.replace(rb"([2-5]", rb"(2", 1)
_TURN = re.compile(_ACCEPTED + _GROUP.pattern)
_UNFINISHED = re.compile(rb"[2-5][0-9]{2}[- \t]")
_STATUS = re.compile(r"#?(?P<status>[245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[\s:;,]+|$)")
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


class Garbled(Exception):
    """Not a reply. Nothing that follows on this connection can be trusted either."""


class ReplyBuffer:
    """Feed it what came in, take whole replies out."""

    def __init__(self) -> None:
        self._last: list[tuple[bytes, bytes]] = []  # the reply taken last
        self._data = bytearray()
        self._lines: list[tuple[bytes, bytes]] = []
        self._size = 0

    @property
    def texts(self) -> tuple[str, ...]:
        """Of the reply taken last, line by line: what EHLO offers is read from these."""
        return tuple(shown(text, MAX_REPLY) for _, text in self._last)

    @property
    def empty(self) -> bool:
        """Whether nothing is left over, not even the beginning of a reply."""
        return not self._data and not self._lines

    def feed(self, data: bytes) -> None:
        self._data += data

    def drop(self, digit: int) -> bool:
        """Drop the next reply unread, if it is whole, of one line and of this class (2 or 3): its text is of no interest."""
        if self._lines or (match := _PLAIN[digit].match(self._data)) is None or match.end() > MAX_PLAIN:
            return False
        del self._data[: match.end()]
        return True

    def drop_group(self) -> bool:
        """The same of a whole group: the replies to MAIL, RCPT and DATA that let a message go on, each of one line."""
        if self._lines or (match := _GROUP.match(self._data)) is None:
            return False
        del self._data[: match.end()]
        return True

    def take_turn(self) -> Reply | None:
        """An acceptance with a whole group behind it, as they nearly always come, in one look: the former. None for all else."""
        if self._lines or (match := _TURN.match(self._data)) is None:
            return None
        return self._taken(match, ".")

    def take(self, verb: str = "") -> Reply | None:
        """The next whole reply, to this verb; None when more must come first. Raises Garbled."""
        if not self._lines and (match := _USUAL.match(self._data)) is not None:
            return self._taken(match, verb)
        while (line := self._next_line()) is not None:
            match = _LINE.fullmatch(line)
            if match is None or not self._same_class(match["code"]):
                raise Garbled(f"it answered {shown(line)!r}, which is no SMTP reply")
            self._lines.append((match["code"], match["text"][: 4 * MAX_TEXT]))
            if match["more"] is None:
                return self._finish(verb)
        return None

    def _taken(self, match: re.Match[bytes], verb: str) -> Reply:
        code, rest, status, text = match.groups(b"")
        del self._data[: match.end()]
        self._last = [(code, rest)]
        return Reply(int(code), status.decode(), text.decode(), verb)

    def broken_off(self) -> Reply | None:
        """What can be said of a reply whose end never came: its code, once a line has shown it whole.

        All lines of a reply have the same code, so a server that wrote `250 ` had made up its mind.
        """
        if _UNFINISHED.match(self._data) and self._same_class(bytes(self._data[:3])):
            self._lines.append((bytes(self._data[:3]), bytes(self._data[4 : 4 * MAX_TEXT])))
            self._data.clear()
        return None if self._data or not self._lines else self._finish()

    def _next_line(self) -> bytes | None:
        end = self._data.find(b"\n")
        if self._size + (end if end >= 0 else len(self._data)) > MAX_REPLY:
            raise Garbled("its reply has no end")
        if end < 0:
            return None
        line = bytes(self._data[:end])
        del self._data[: end + 1]
        self._size += end + 1
        return line.rstrip(b"\r")

    def _same_class(self, code: bytes) -> bool:
        return not self._lines or self._lines[-1][0][:1] == code[:1]

    def _finish(self, verb: str = "") -> Reply:
        self._last, self._lines, self._size = self._lines, [], 0
        code = int(self._last[-1][0])
        parted = [_part_status(shown(text)) for _, text in self._last]
        if len(parted) == 1:
            return Reply(code, *parted[0], verb)
        status = next((status for status, _ in parted if status), "")
        return Reply(code, status, " ".join(text for _, text in parted if text)[:MAX_TEXT], verb)


def shown(data: bytes, limit: int = MAX_TEXT) -> str:
    """As text in one line, without anything that could play tricks on a terminal or a log."""
    return _UNSEEN.sub(" ", data.decode("utf-8", "replace")).strip()[:limit]


def _part_status(text: str) -> tuple[str, str]:
    match = _STATUS.match(text)
    return (match["status"], text[match.end() :]) if match else ("", text)
