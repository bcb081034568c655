"""A stranger's CSV file as rows, one at a time: what is broken is one refused row, and the others go on (security S26).

Accepted: RFC 4180 and what spreadsheets make of it: UTF-8 with or without a byte order mark, commas, semicolons or tabs,
CRLF or LF, quoted cells of several lines. Memory holds no more than one record.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from digest.model.errors import BadInput

MAX_RECORD = 65_536  # bytes of one line, and characters of one record
MAX_LINES = 50  # of one record: beyond that, a quotation mark was forgotten
MAX_CELLS = 500
_DELIMITERS = ",;\t"


class Row(NamedTuple):
    line: int  # of the file, from 1: where the row begins
    cells: tuple[str, ...]


class BadRow(NamedTuple):
    line: int
    reason: str  # the rest of a sentence that begins with "Line 7": "is not UTF-8"


class _Line(NamedTuple):
    number: int
    text: str  # with its line end


def read_rows(stream: BinaryIO) -> Iterator[Row | BadRow]:
    """Empty lines are passed over. Raises BadInput for a file that is no UTF-8 text from its first bytes on."""
    lines = _decode(stream)
    ahead: deque[_Line | BadRow] = deque()
    delimiter = ""
    while (line := ahead.popleft() if ahead else next(lines, None)) is not None:
        if isinstance(line, BadRow):
            yield line
        elif line.text.strip():
            delimiter = delimiter or max(_DELIMITERS, key=line.text.count)
            if '"' in line.text:
                yield _read_record(line, ahead, lines, delimiter)
            else:
                yield _plain_row(line, delimiter)


def _plain_row(line: _Line, delimiter: str) -> Row | BadRow:
    """As the csv module reads it, but quicker, since no cell is quoted."""
    text = line.text.rstrip("\r\n")
    if "\r" in text:
        return BadRow(line.number, "has a carriage return in the middle")
    cells = text.split(delimiter)
    if len(cells) > MAX_CELLS:
        return _too_many(line.number, len(cells))
    return Row(line.number, tuple(cells))


def _read_record(
    first: _Line, ahead: deque[_Line | BadRow], lines: Iterator[_Line | BadRow], delimiter: str
) -> Row | BadRow:
    """The record that begins here; the lines that it takes up are gone from `ahead`, those that it does not are in it."""
    text, taken = first.text, 0
    while (cells := _split(text, delimiter)) is None:
        if taken == len(ahead) and (line := next(lines, None)) is not None:
            ahead.append(line)
        following = ahead[taken] if taken < len(ahead) else None
        if not isinstance(following, _Line) or taken == MAX_LINES or len(text) + len(following.text) > MAX_RECORD:
            return BadRow(first.number, "opens a quotation mark that is never closed")
        text += following.text
        taken += 1
    if isinstance(cells, str):
        return BadRow(first.number, cells)
    for _ in range(taken):
        ahead.popleft()
    return Row(first.number, tuple(cells)) if len(cells) <= MAX_CELLS else _too_many(first.number, len(cells))


def _too_many(line: int, count: int) -> BadRow:
    return BadRow(line, f"has {count} cells; {MAX_CELLS} are the most")


_WRONG = (
    ("expected after", "has its quotation marks in the wrong places"),
    ("new-line character", "has a carriage return in the middle"),
)


def _split(text: str, delimiter: str) -> list[str] | str | None:
    """The cells; or in words what is wrong; or None when a quoted cell goes on in the next line."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error as error:
        said = str(error)
    if "unexpected end of data" in said:
        return None
    return next((why for words, why in _WRONG if words in said), "is no CSV")


def _decode(stream: BinaryIO) -> Iterator[_Line | BadRow]:
    number = 0
    while raw := stream.readline(MAX_RECORD + 1):
        number += 1
        if number == 1:
            raw = _without_mark(raw)
        if len(raw) > MAX_RECORD:
            yield BadRow(number, f"is longer than {MAX_RECORD} bytes")
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_RECORD)
        elif b"\0" in raw:
            yield BadRow(number, "has a NUL byte")
        else:
            yield _decode_line(number, raw)


def _decode_line(number: int, raw: bytes) -> _Line | BadRow:
    try:
        return _Line(number, raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        byte = raw[error.start]
        likely = bytes([byte]).decode("cp1252", "replace")
        return BadRow(
            number,
            f"is not UTF-8 (byte {error.start + 1} is 0x{byte:02x}, in Windows-1252 “{likely}”); "
            "save the file as CSV in UTF-8",
        )


def _without_mark(raw: bytes) -> bytes:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadInput("The file is UTF-16; save it as CSV in UTF-8 and import that.")
    return raw.removeprefix(codecs.BOM_UTF8)
