"""Many values in one statement, so that it is put into words once and runs in one step: as JSON on SQLite, as arrays on PostgreSQL.

`Batches` says how a dialect is handed them. `Prepared` keeps the words: SQLAlchemy takes longer to find them again than the
database takes to do what they say.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ClauseElement,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    FromClause,
    Integer,
    Text,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.sql.visitors import replacement_traverse

from digest.store.driver import run, run_each


class Batches(Protocol):
    """One dialect's way."""

    def among(self, column: Column[int]) -> ColumnElement[bool]:
        """`column IN (the numbers handed over)`."""

    def numbers(self, numbers: Sequence[int]) -> dict[str, Any]:
        """What to execute that with."""

    def among_words(self, column: Column[str]) -> ColumnElement[bool]:
        """`column IN (the words handed over)`."""

    def words(self, words: Sequence[str]) -> dict[str, Any]:
        """What to execute that with."""

    def texts(self) -> FromClause:
        """Numbers handed over with a text each: a table with the columns `number` and `text`."""

    def texted(self, texts: Mapping[int, str]) -> dict[str, Any]:
        """What to execute that with."""


class _Json:
    def among(self, column: Column[int]) -> ColumnElement[bool]:
        each = func.json_each(bindparam("numbers", type_=Text())).table_valued("value")
        return column.in_(select(each.c.value))

    def numbers(self, numbers: Sequence[int]) -> dict[str, Any]:
        return {"numbers": json.dumps(numbers)}

    def among_words(self, column: Column[str]) -> ColumnElement[bool]:
        each = func.json_each(bindparam("words", type_=Text())).table_valued("value")
        return column.in_(select(each.c.value))

    def words(self, words: Sequence[str]) -> dict[str, Any]:
        return {"words": json.dumps(words)}

    def texts(self) -> FromClause:
        """Keys and values, not values inside values: json_extract reads its text anew each time."""
        each = func.json_each(bindparam("texts", type_=Text())).table_valued("key", "value")
        return select(cast(each.c.key, Integer).label("number"), each.c.value.label("text")).subquery("texts")

    def texted(self, texts: Mapping[int, str]) -> dict[str, Any]:
        return {"texts": json.dumps(texts)}


class _Arrays:
    def among(self, column: Column[int]) -> ColumnElement[bool]:
        return column == any_(bindparam("numbers", type_=ARRAY(Integer)))

    def numbers(self, numbers: Sequence[int]) -> dict[str, Any]:
        return {"numbers": _array(map(str, numbers))}

    def among_words(self, column: Column[str]) -> ColumnElement[bool]:
        return column == any_(bindparam("words", type_=ARRAY(Text)))

    def words(self, words: Sequence[str]) -> dict[str, Any]:
        return {"words": list(words)}

    def texts(self) -> FromClause:
        given = bindparam("numbers", type_=ARRAY(Integer)), bindparam("texts", type_=ARRAY(Text))
        columns = Column("number", Integer), Column("text", Text)
        return func.unnest(*given).table_valued(*columns, name="texts").render_derived()

    def texted(self, texts: Mapping[int, str]) -> dict[str, Any]:
        return {"numbers": _array(map(str, texts)), "texts": _array(map(_quoted, texts.values()))}


def _array(items: Iterable[str]) -> str:
    """As PostgreSQL writes arrays: the driver takes longer to find out what a list holds."""
    return "{" + ",".join(items) + "}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


IN_SQLITE: Batches = _Json()
IN_POSTGRESQL: Batches = _Arrays()


class Prepared:
    """A statement in the words of one dialect. Values go to the driver as they are, but for times on SQLite; so do those found.

    What never changes stands in the words: a planner that does not know which state is meant can use no partial index, and
    PostgreSQL would plan anew each time.
    """

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        worded: Any = replacement_traverse(statement, {}, _in_words)
        compiled = worded.compile(dialect=dialect)
        self._sql = str(compiled)
        self._given = {name: value for name, value in compiled.params.items() if value is not None}  # SQLite's OFFSET
        self._order: Sequence[str] = compiled.positiontup or ()
        self._direct = dialect.name == "sqlite"

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """What it finds or returns."""
        rows: Sequence[Sequence[Any]] = run(connection, *self.with_values(values)).fetchall()
        return rows

    def count(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """How many rows it changes."""
        return int(run(connection, *self.with_values(values)).rowcount)

    def each(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Once for each row, with nothing to find."""
        if given := [self.with_values(values)[1] for values in rows]:
            run_each(connection, self._sql, given)

    def with_values(self, values: Mapping[str, Any]) -> tuple[str, Any]:
        """As the driver takes it."""
        if self._direct:
            all_values = {**self._given, **values}
            return self._sql, [_plain(all_values[name]) for name in self._order]
        return self._sql, {name: _zoned(value) for name, value in values.items()}


@lru_cache(1024)  # the messages of a campaign have one date
def instant(value: Any) -> Any:
    """As the column type `Instant` reads it, from what the driver found."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _in_words(element: Any, **_: Any) -> ColumnElement[Any] | None:
    """A text or number that is known already, as a literal; None for all else, which stays as it is."""
    if not isinstance(element, BindParameter) or element.required:
        return None
    value = element.value
    if value is None:
        return null()
    words = f"{value:d}" if isinstance(value, int) else "'{}'".format(str(value).replace("'", "''"))
    return literal_column(words, element.type)


def _plain(value: Any) -> Any:
    """As the column type `Instant` writes it."""
    if not isinstance(value, datetime):
        return value
    return _zoned(value).astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _zoned(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is None:
        msg = f"a datetime without a zone reached the store: {value!r}"
        raise TypeError(msg)
    return value
