"""Which column of a table holds what: by the header of a source that we know, by common names, or as the operator maps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.audience.csv_cells import read_cell
from digest.audience.imports.fields import Field, Source, plain
from digest.audience.imports.rows import Row
from digest.audience.imports.sources import ANYTHING, SOURCES
from digest.model.errors import BadInput


@dataclass(frozen=True, slots=True)
class Columns:
    """What we look for -> where it is. `has_header` says whether the first row names columns or is one of the rows."""

    source: Source
    places: Mapping[Field, int]
    has_header: bool

    def cells(self, row: Row) -> dict[Field, str]:
        """What stands in the row, without what is empty; what people wrote keeps its spaces."""
        found = {}
        for what, place in self.places.items():
            text = row.cells[place] if place < len(row.cells) else ""
            if text:
                text = read_cell(text) if text[0] == "'" else text
                if what not in _AS_WRITTEN:
                    text = text.strip()
                if text:
                    found[what] = text
        return found


_AS_WRITTEN = frozenset({Field.CONSENT_TEXT, Field.NOTE})


def read_mapping(said: Sequence[str]) -> dict[str, Field]:
    """From `Town=note` and the like. Raises BadInput, naming the fields that there are."""
    mapping = {}
    for each in said:
        column, equals, name = each.rpartition("=")
        if not equals or not plain(column):
            raise BadInput(f"{each!r} maps no column; write it as COLUMN=FIELD, for instance 'E-Mail=email'.")
        if name.strip() not in set(Field):
            raise BadInput(f"{name.strip()!r} is no field of ours; the fields are: {', '.join(Field)}.")
        mapping[plain(column)] = Field(name.strip())
    return mapping


def recognise(first: Sequence[str], mapping: Mapping[str, Field]) -> Columns:
    """From the first row: it names the columns, or is a row itself when there is an address in it."""
    headers = [plain(cell) for cell in first]
    source = next((each for each in SOURCES if {plain(mark) for mark in each.marks} <= set(headers)), ANYTHING)
    places = _places(headers, source, mapping)
    if Field.EMAIL in places:
        missing = [name for name in mapping if name not in headers]
        if missing:
            raise BadInput(f"The file has no column {missing[0]!r}; its columns are: {', '.join(first)[:300]}.")
        return Columns(source, places, has_header=True)
    addresses = [place for place, cell in enumerate(first) if "@" in cell]
    if not addresses:
        raise BadInput(
            "The file has no column of addresses; its first line must name one 'email', or --map say which it is, "
            "for instance --map 'Contact=email'."
        )
    others = [place for place in range(len(first)) if place not in addresses]
    with_name = {Field.NAME: others[0]} if len(first) == 2 and others else {}
    return Columns(ANYTHING, {Field.EMAIL: addresses[0]} | with_name, has_header=False)


def _places(headers: Sequence[str], source: Source, mapping: Mapping[str, Field]) -> dict[Field, int]:
    """What the operator maps counts before what the source says; of several columns for a field the first name in its table."""
    places: dict[Field, int] = {}
    for name, what in mapping.items():
        if name in headers and what is not Field.IGNORE:
            places.setdefault(what, headers.index(name))
    for name, what in source.columns.items():
        header = plain(name)
        if header in headers and header not in mapping:
            places.setdefault(what, headers.index(header))
    return places
