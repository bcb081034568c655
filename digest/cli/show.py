"""What people see on a terminal: aligned tables, progress on long work, JSON on demand, and no noise when piped."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from io import StringIO
from typing import Annotated, Any, NoReturn, TextIO

import typer

from digest.model.errors import BadInput, DigestError

Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

NOTHING_TO_DO = 4
PARTLY = 3


def say(sentence: str) -> None:
    """The result, to standard output."""
    _print(plain(sentence))


def note(sentence: str) -> None:
    """Beside the result: to standard error, so that a pipe gets the result alone."""
    typer.echo(plain(sentence), err=True)


def plain(text: str) -> str:
    """One line that does nothing to a terminal: titles, addresses and replies come from strangers."""
    return "".join(char if char.isprintable() else " " if char.isspace() else "" for char in text)


def _print(text: str) -> None:
    try:
        typer.echo(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise cannot_write(None, error) from None


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """For results of many lines."""
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise cannot_write(None, error) from None


def cannot_write(path: object, error: OSError) -> DigestError:
    """In words; `path` is None for standard output."""
    return DigestError(f"{path or 'The output'} cannot be written: {error.strerror}.")


def nothing_to_do(sentence: str) -> NoReturn:
    note(sentence)
    raise typer.Exit(NOTHING_TO_DO)


def dump(value: Any) -> None:
    """As JSON, with a final newline."""
    _print(json.dumps(value, default=_for_json, ensure_ascii=False, indent=2))


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, cut: bool = False) -> None:
    """Aligned columns; figures to the right. `cut`: on a terminal the last one is, to the room that is left.

    Nothing is cut when the output is piped.
    """
    from rich.console import Console
    from rich.table import Table

    seen = sys.stdout.isatty()
    text = StringIO()
    # Neither markup nor emoji: a headline may hold [brackets] and :colons:.
    console = Console(
        file=text, force_terminal=seen, width=None if seen else 10_000, highlight=False, markup=False, emoji=False
    )
    drawn = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for index, heading in enumerate(headings):
        figures = bool(rows) and all(isinstance(row[index], int) for row in rows)
        drawn.add_column(heading, justify="right" if figures else "left", overflow="fold")
    room = _room(console.width, headings, rows) if cut and seen else None
    for row in rows:
        *cells, last = map(_cell, row)
        drawn.add_row(*cells, last if room is None or len(last) <= room else f"{last[: room - 1]}…")
    console.print(drawn)
    _print("\n".join(line.rstrip() for line in text.getvalue().splitlines()))


def _room(width: int, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
    """For the last column, beside the others, but no less than a few words."""
    others = zip(headings[:-1], *(row[:-1] for row in rows), strict=True)
    return max(20, width - sum(2 + max(len(_cell(value)) for value in column) for column in others))


def pairs(values: Mapping[str, object]) -> None:
    """One thing a line, names to the left."""
    width = max(len(name) for name in values)
    for name, value in values.items():
        _print(f"{name:<{width}}  {_cell(value)}".rstrip())


def confirm(question: str, *, yes: bool) -> None:
    """Ask, unless --yes was said. Without a terminal nobody can answer, so --yes must be said."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInput(f"{question} Nobody is here to answer; say --yes.")
    if not typer.confirm(question):
        nothing_to_do("Nothing was done.")


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, nothing elsewhere; the value yielded moves it on by one, from any thread."""
    if not sys.stderr.isatty() or total < 1:
        yield _nothing
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def progress_of_bytes(label: str) -> Iterator[Callable[[int, int, str], None]]:
    """A bar on a terminal, nothing elsewhere; the value yielded is told how many bytes of how many, and what to say beside."""
    if not sys.stderr.isatty():
        yield lambda _done, _total, _beside: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total, beside: bar.update(
            task, completed=done, total=total, description=f"{label}, {beside}"
        )


def ago(moment: datetime | None, now: datetime) -> str:
    """`3 hours ago`, for tables; "never" for none."""
    if moment is None:
        return "never"
    seconds = int((now - moment).total_seconds())
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def counted(count: int, noun: str) -> str:
    """`1 reader`, `2 readers`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _nothing() -> None:
    """No terminal, no bar."""


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else plain(str(value))


def _for_json(value: object) -> object:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value)
