"""Every row as plain values, the same on both databases: out for a backup, and back into an empty database.

A row is a list in the order of its table's columns. Moments, days and times are ISO 8601, bytes base64, JSON the text that is
kept; what stands in a column is told by its kind, so that a backup can be read without the tables of its time.
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    Text,
    Time,
    cast,
    column,
    insert,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from digest.model.errors import BadInput, WrongState
from digest.store.columns import Instant, Words, metadata

#: What tells of processes that run, and not of the service.
LEFT_OUT = frozenset({"senders", "beats"})
#: Made by whoever opens a database first, so that a database with only this is empty.
NOT_COUNTED = frozenset({"instance"})
VERSION = "alembic_version"
AT_ONCE = 1000  # rows
#: How far numbers jump at a restore: those that were given after the backup are in links and must not become another's.
GAPS = {"subscribers": 1_000_000, "webhook_calls": 1_000_000, "articles": 100_000, "editions": 100_000}
GAP = 1_000  # of every other table whose numbers are held somewhere


class _JsonText(TypeDecorator[str]):
    """JSON as the text that it is, for PostgreSQL."""

    impl = Text
    cache_ok = True

    def bind_expression(self, bindvalue: BindParameter[Any]) -> Any:
        return cast(bindvalue, JSON)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a column's values are written and read."""

    name: str
    kept: Callable[[str], TypeEngine[Any]]  # by the dialect's name
    write: Callable[[Any], Any] = lambda value: value
    read: Callable[[Any], Any] = lambda value: value


def _bytes(value: Any) -> str:
    return base64.b64encode(value).decode()


KINDS = {
    kind.name: kind
    for kind in (
        Kind("int", lambda _: BigInteger()),
        Kind("float", lambda _: Float()),
        Kind("bool", lambda _: Boolean()),
        Kind("text", lambda _: Words()),
        Kind("instant", lambda _: Instant(), lambda value: value.isoformat(), datetime.fromisoformat),
        Kind("date", lambda _: Date(), lambda value: value.isoformat(), date.fromisoformat),
        Kind("time", lambda _: Time(), lambda value: value.isoformat(), time.fromisoformat),
        Kind("bytes", lambda _: LargeBinary(), _bytes, base64.b64decode),
        Kind("json", lambda dialect: Text() if dialect == "sqlite" else _JsonText()),
    )
}
_BY_TYPE: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Instant, "instant"),
    (JSON, "json"),
    (Boolean, "bool"),
    (Integer, "int"),
    (Float, "float"),
    (Date, "date"),
    (Time, "time"),
    (LargeBinary, "bytes"),
    (Words, "text"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its name, and the names and kinds of its columns."""

    name: str
    columns: tuple[tuple[str, str], ...]


def shapes() -> list[Shape]:
    """Of all tables that belong into a backup, those first that others refer to."""
    return [
        Shape(each.name, tuple((str(one.name), _kind(one)) for one in each.columns))
        for each in metadata.sorted_tables
        if each.name not in LEFT_OUT
    ]


def _kind(one: Column[Any]) -> str:
    return next(name for kind, name in _BY_TYPE if isinstance(one.type, kind))


class Portable:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, shape: Shape) -> Iterator[list[Any]]:
        """In the order of the primary key; never all of them in memory."""
        own = metadata.tables[shape.name]
        asked = [cast(each, Text) if isinstance(each.type, JSON) else each for each in own.columns]
        writes = [KINDS[kind].write for _, kind in shape.columns]
        query = select(*asked).order_by(*own.primary_key.columns)
        for row in self._connection.execute(query, execution_options={"stream_results": True, "yield_per": AT_ONCE}):
            yield [None if value is None else write(value) for write, value in zip(writes, row, strict=True)]

    def numbers(self) -> dict[str, int]:
        """The last number that each table gave to a row, though that row may be gone: links hold such numbers."""
        if self._connection.dialect.name == "sqlite":
            rows = self._connection.execute(text("SELECT name, seq FROM sqlite_sequence ORDER BY name"))
            return {name: seq for name, seq in rows if name in metadata.tables}
        numbers = {name: self._last_number(sequence) for name, sequence in self._sequences()}
        return {name: number for name, number in numbers.items() if number}

    def _last_number(self, sequence: str) -> int:
        row = self._connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608  its own word
        return int(row.last_value) if row.is_called else 0

    def _sequences(self) -> Iterator[tuple[str, str]]:
        for each in metadata.sorted_tables:
            if each.autoincrement_column is not None:
                asked = text("SELECT pg_get_serial_sequence(:name, :id)")
                sequence = self._connection.execute(asked, {"name": each.name, "id": each.autoincrement_column.name})
                if found := sequence.scalar():
                    yield each.name, found

    def fill(self, shape: Shape, rows: Iterable[Sequence[Any]]) -> int:
        """Insert rows as `rows` gave them; returns how many. Raises BadInput for what is no row of this shape."""
        dialect = self._connection.dialect.name
        kinds = [KINDS[kind] for _, kind in shape.columns]
        names = [name for name, _ in shape.columns]
        new = insert(table(shape.name, *(column(name, KINDS[kind].kept(dialect)) for name, kind in shape.columns)))
        count, batch = 0, []
        for row in rows:
            batch.append(_read(shape.name, names, kinds, row))
            if len(batch) == AT_ONCE:
                count += self._insert(new, batch)
                batch = []
        return count + self._insert(new, batch)

    def _insert(self, new: Any, batch: list[dict[str, Any]]) -> int:
        if batch:
            self._connection.execute(new, batch)
        return len(batch)

    def set_numbers(self, given: Mapping[str, int]) -> None:
        """So that no number is given twice, not even one that was given after the backup."""
        counting = {each.name for each in metadata.sorted_tables if each.dialect_options["sqlite"]["autoincrement"]}
        numbers = {
            name: last + (GAPS.get(name, GAP) if name in counting and last else 0) for name, last in given.items()
        }
        if self._connection.dialect.name == "sqlite":
            self._set_in_sqlite({name: last for name, last in numbers.items() if name in counting})
        else:
            self._set_sequences(numbers)

    def _set_sequences(self, numbers: Mapping[str, int]) -> None:
        for name, sequence in list(self._sequences()):
            key = metadata.tables[name].autoincrement_column
            assert key is not None
            highest = self._connection.execute(text(f"SELECT coalesce(max({key.name}), 0) FROM {name}")).scalar_one()  # noqa: S608  our own words
            if last := max(numbers.get(name, 0), highest):
                self._connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})

    def _set_in_sqlite(self, numbers: Mapping[str, int]) -> None:
        new = text(
            "INSERT INTO sqlite_sequence (name, seq) "
            "SELECT :name, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :name)"
        )
        raised = text("UPDATE sqlite_sequence SET seq = max(seq, :last) WHERE name = :name")
        for name, last in numbers.items():
            self._connection.execute(new, {"name": name})
            self._connection.execute(raised, {"name": name, "last": last})

    def clear(self, shown: str) -> None:
        """Drop our tables, if there is nothing in them. Raises WrongState if there is."""
        there = set(inspect(self._connection).get_table_names())
        for each in metadata.sorted_tables:
            if each.name in there - NOT_COUNTED and self._connection.execute(select(each).limit(1)).first() is not None:
                raise WrongState(
                    f"The database {shown} is not empty: there are rows in {each.name!r}. Restore into a new one; "
                    "the setting database_url names it."
                )
        metadata.drop_all(self._connection)
        self._connection.execute(text(f"DROP TABLE IF EXISTS {VERSION}"))


def _read(name: str, names: Sequence[str], kinds: Sequence[Kind], row: Sequence[Any]) -> dict[str, Any]:
    try:
        values = [None if value is None else kind.read(value) for kind, value in zip(kinds, row, strict=True)]
    except (TypeError, ValueError):
        raise BadInput(f"This backup is damaged: a row of {name!r} in it cannot be read.") from None
    return dict(zip(names, values, strict=True))
