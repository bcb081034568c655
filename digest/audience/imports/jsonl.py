"""Our own export as JSON Lines: one object a line, with the names of the export's columns. Read as the rows of its CSV."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from digest.audience.csv_cells import write_cell
from digest.audience.imports.rows import MAX_RECORD, BadRow, Row
from digest.audience.imports.sources.digest import EXPORTED


def read_objects(stream: BinaryIO) -> Iterator[Row | BadRow]:
    """The header comes first. A broken line is one refused row, and the others go on."""
    yield Row(1, tuple(map(str, EXPORTED)))
    number = 0
    while raw := stream.readline(MAX_RECORD + 1):
        number += 1
        if len(raw) > MAX_RECORD:
            yield BadRow(number, f"is longer than {MAX_RECORD} bytes")
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_RECORD)
        elif raw.strip():
            yield _read(number, raw)


def _read(number: int, raw: bytes) -> Row | BadRow:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return BadRow(number, "is no JSON")
    if not isinstance(said, dict):
        return BadRow(number, "is no JSON object")
    return Row(number, tuple(write_cell(_text(said.get(name))) for name in EXPORTED))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value)
