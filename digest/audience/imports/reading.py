"""The tables of an import as batches of what their rows bring, those first that say who left. Memory holds one batch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from digest.audience.enrol import check_consent
from digest.audience.imports.jsonl import read_objects
from digest.audience.imports.parts import File, Part, find_parts
from digest.audience.imports.people import Brought, Reading, Shut
from digest.audience.imports.plan import Plan
from digest.audience.imports.recognise import Columns, recognise
from digest.audience.imports.rows import BadRow, Row, read_rows
from digest.model.errors import BadInput
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.model.subscriber import SubscriptionState
from digest.store import Transaction

MOST_PENDING = 250  # of a batch who are to be asked: each of these is a mail

Item = Brought | Shut | BadRow


@dataclass(frozen=True, slots=True)
class Table:
    part: Part
    columns: Columns | None  # None: the table is empty, or all of it is broken


@dataclass(frozen=True, slots=True)
class Rows:
    """One batch, from one table. `done` is how many bytes of all have been read."""

    file: str
    items: Sequence[Item]
    done: int


@dataclass(frozen=True, slots=True)
class Tables:
    """All that an import reads."""

    tables: tuple[Table, ...]
    keys: Keys
    plan: Plan
    lists: Mapping[str, MailingList]
    now: datetime

    @property
    def total(self) -> int:
        return sum(each.part.size for each in self.tables)

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.columns.source.title for each in self.tables if each.columns))

    def batches(self) -> Iterator[Rows]:
        before = 0
        for table in self.tables:
            yield from self._of_table(table, before)
            before += table.part.size

    def _of_table(self, table: Table, before: int) -> Iterator[Rows]:
        batch: list[Item] = []
        pending = 0
        stream, rows = read_table(table.part)
        for item in _items(table, self._reading(table), rows):
            batch.append(item)
            if isinstance(item, Brought) and item.person.state is SubscriptionState.PENDING:
                pending += 1
            if len(batch) == self.plan.batch or pending == MOST_PENDING:
                yield Rows(table.part.name, batch, before + stream.tell())
                batch, pending = [], 0
        if batch:
            yield Rows(table.part.name, batch, before + table.part.size)

    def _reading(self, table: Table) -> Reading | None:
        if table.columns is None:
            return None
        said = self.plan
        return Reading(self.keys, table.columns, self.lists, said.list_name, said.confirmed, said.consent, self.now)


def open_tables(tx: Transaction, keys: Keys, files: Sequence[File], plan: Plan, now: datetime) -> Tables:
    """Raises BadInput when the list is unknown or not named, when `confirmed` has no consent, and for files without addresses."""
    check_consent(confirmed=plan.confirmed, consent=plan.consent)
    lists = tx.lists.all() if plan.list_name is None else [tx.lists.by_name(plan.list_name)]
    tables = [_recognised(part, plan) for part in find_parts(files)]
    if not tables:
        raise BadInput("There is nothing to import; name a file.")
    if plan.list_name is None:
        _check_lists_are_named(tables)
    tables.sort(key=lambda table: table.columns is None or not _says_no(table.columns))
    return Tables(tuple(tables), keys, plan, {each.name: each for each in lists}, now)


def read_table(part: Part) -> tuple[BinaryIO, Iterator[Row | BadRow]]:
    """The rows, and the stream that they are read from: it says how far they are."""
    read = read_objects if _is_json(part) else read_rows
    stream = part.open()
    return stream, read(stream)


def _is_json(part: Part) -> bool:
    stream = part.open()
    begins = stream.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    return begins.startswith(b"{")


def _recognised(part: Part, plan: Plan) -> Table:
    refused = False
    for row in read_table(part)[1]:
        if isinstance(row, Row):
            return Table(part, recognise(row.cells, plan.mapping))
        refused = True
    if not refused:
        raise BadInput(f"{part.name} is empty; it must hold a line for each reader.")
    return Table(part, None)


def _says_no(columns: Columns) -> bool:
    return columns.source.said.state is SubscriptionState.UNSUBSCRIBED


def _check_lists_are_named(tables: Sequence[Table]) -> None:
    for each in tables:
        if each.columns is not None and not each.columns.source.ours:
            raise BadInput(
                f"{each.part.name} does not say which list its readers belong to; say --list, for instance --list weekly."
            )


def _items(table: Table, reading: Reading | None, rows: Iterator[Row | BadRow]) -> Iterator[Item]:
    """The header is none of them."""
    passed = table.columns is None or not table.columns.has_header
    for row in rows:
        if isinstance(row, BadRow):
            yield row
        elif not passed:
            passed = True
        else:
            assert reading is not None  # a table with a row has columns
            yield reading.read(row)
