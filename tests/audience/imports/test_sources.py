"""Each source by a pair of files: what it exports, and what we make of that. A new source is one more pair."""

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.audience.imports.parts import Part
from digest.audience.imports.people import Brought, Reading
from digest.audience.imports.reading import read_table
from digest.audience.imports.recognise import recognise
from digest.audience.imports.rows import BadRow, Row
from digest.audience.imports.sources import ANYTHING, SOURCES
from tests.audience.conftest import KEYS, make_list

DATA = Path(__file__).parents[2] / "data" / "imports"
FILES = sorted(DATA.glob("*.csv"))
NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


def found(path: Path) -> dict[str, Any]:
    """What the file was taken for, and its rows."""
    _, rows = read_table(Part(path.name, 0, lambda: io.BytesIO(path.read_bytes())))
    header = next(rows)
    assert isinstance(header, Row)
    columns = recognise(header.cells, {})
    reading = Reading(KEYS, columns, {"weekly": make_list("weekly", "Weekly")}, "weekly", True, "as they said", NOW)
    read = (row if isinstance(row, BadRow) else reading.read(row) for row in rows)
    return {"source": columns.source.title, "rows": [plain(each) for each in read]}


def plain(one: object) -> dict[str, Any] | str:
    """A row in words, without what is empty."""
    if isinstance(one, BadRow):
        return f"line {one.line} {one.reason}"
    assert isinstance(one, Brought)
    person, consent = one.person, one.person.consent
    networks = {KEYS.network_hash(each): each for each in ("203.0.113.0", "198.51.100.0")}
    said = {
        "address": str(person.address),
        "name": person.name,
        "state": person.state,
        "suppressed": person.suppressed,
        "joined": person.joined_at,
        "confirmed": person.confirmed_at,
        "left": person.unsubscribed_at,
        "note": person.note,
        "consent": f"{consent.source}, {consent.at:%Y-%m-%d %H:%M:%S}, {networks.get(consent.network_hash, '-')}",
    }
    return {name: str(value) for name, value in said.items() if value}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_made_of_each_source(path: Path) -> None:
    made = json.dumps(found(path), indent=1, ensure_ascii=False) + "\n"
    golden = path.with_suffix(".json")
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(made)
    assert golden.read_text() == made


def test_every_source_has_its_file() -> None:
    seen = {json.loads(path.with_suffix(".json").read_text())["source"] for path in FILES}
    ours = {each.title for each in SOURCES if each.ours}  # tests of the export have it
    assert seen | ours == {each.title for each in (*SOURCES, ANYTHING)}
