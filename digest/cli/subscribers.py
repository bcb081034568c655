"""`digest subscriber`: add, import, export, look up, move, unsubscribe, erase."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from digest.cli.choosing import choose
from digest.cli.show import (
    PARTLY,
    Json,
    Yes,
    cannot_write,
    confirm,
    counted,
    dump,
    note,
    nothing_to_do,
    pairs,
    progress,
    say,
    standard_output,
    table,
)
from digest.model.subscriber import SubscriptionState

if TYPE_CHECKING:
    from digest.app import App
    from digest.audience.import_csv import ImportReport
    from digest.audience.notices import Notices

app = typer.Typer(no_args_is_help=True, help="Subscribers: add, import, look up, move, unsubscribe, erase.")

app.command()(choose)

SHOWN_REFUSALS = 20

ListName = Annotated[str, typer.Option("--list", metavar="NAME", help="The list.")]
AnyList = Annotated[str | None, typer.Option("--list", metavar="NAME", help="One list's; all if left out.")]
Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The reader's e-mail address.")]
Confirmed = Annotated[
    bool, typer.Option("--confirmed", help="They have agreed already; needs --consent. Else they are asked by mail.")
]
ConsentText = Annotated[
    str, typer.Option("--consent", metavar="TEXT", help="How and when they agreed; kept as evidence.")
]
State = Annotated[SubscriptionState | None, typer.Option(help="Only those in this state.")]


@app.command()
def add(
    address: Address,
    list_name: ListName,
    name: Annotated[str, typer.Option(help="What they are called.")] = "",
    confirmed: Confirmed = False,
    consent: ConsentText = "",
) -> None:
    """Add one reader. Without --confirmed they get a mail that asks them."""
    from digest.audience.enrol import Enrolled, add_subscriber
    from digest.cli.context import opened

    with opened() as run:
        became = add_subscriber(
            run.store,
            run.keys,
            _notices(run),
            address=address,
            list_name=list_name,
            name=name,
            confirmed=confirmed,
            consent=consent,
            now=run.now(),
            nonce=run.nonce,
        )
    said = {
        Enrolled.ADDED: f"Added {address} to {list_name}.",
        Enrolled.PENDING: f"Asked {address} to confirm {list_name}; `digest deliver` or the scheduler sends the mail.",
        Enrolled.ALREADY: f"{address} is on {list_name} already; nothing was changed.",
        Enrolled.LEFT_ALONE: f"{address} left {list_name} or must not be mailed; only they themselves can come back.",
    }
    if became in {Enrolled.ALREADY, Enrolled.LEFT_ALONE}:
        nothing_to_do(said[became])
    say(said[became])


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file with a column of addresses.")],
    list_name: ListName,
    confirmed: Confirmed = False,
    consent: ConsentText = "",
    as_json: Json = False,
) -> None:
    """Import readers from a CSV file. Who left, or must not be mailed, is never brought back."""
    from digest.audience.import_csv import ImportPlan, import_csv, open_csv
    from digest.cli.context import opened

    with opened() as run, open_csv(file) as stream, progress("Importing", _lines(file)) as step:
        before = 0

        def moved(report: "ImportReport") -> None:
            nonlocal before
            for _ in range(report.rows - before):
                step()
            before = report.rows

        plan = ImportPlan(list_name, confirmed=confirmed, consent=consent)
        report = import_csv(
            run.store, run.keys, _notices(run), stream, plan, now=run.now(), nonce=run.nonce, progress=moved
        )
    _tell_import(report, file, as_json=as_json)


@app.command("export")
def export(
    list_name: AnyList = None,
    state: State = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; standard output if left out.")
    ] = None,
) -> None:
    """Export readers as CSV. A spreadsheet opens it safely, and it imports to the same state."""
    from digest.audience.export_csv import export_csv
    from digest.cli.context import opened

    with opened() as run:
        with run.store.read() as tx:
            _ = tx.lists.by_name(list_name) if list_name else None  # said before anything is written
        with _target(out) as stream:
            count = export_csv(run.store, stream, list_name=list_name, state=state)
    note(f"Exported {counted(count, 'subscription')}.")


@app.command("list")
def list_(
    list_name: AnyList = None,
    state: State = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 1000,
    as_json: Json = False,
) -> None:
    """Show readers and where their subscriptions stand."""
    from digest.cli.context import opened

    with opened() as run, run.store.read() as tx:
        list_id = tx.lists.by_name(list_name).id if list_name else None
        readers = list(tx.subscribers.readers(list_id, state, limit))
    rows = [
        {
            "address": str(reader.subscriber.address),
            "name": reader.subscriber.name,
            "list": reader.list_name,
            "state": reader.subscription.state.value,
            "since": reader.subscription.confirmed_at or reader.subscription.consent.at,
        }
        for reader in readers
    ]
    if as_json:
        dump(rows)
    elif not rows:
        nothing_to_do("There are none.")
    else:
        table(tuple(rows[0]), [tuple(row.values()) for row in rows])
        if len(rows) == limit:
            note(f"The first {limit:,}; --limit shows more, and digest subscriber export has all.")


@app.command()
def show(address: Address, as_json: Json = False) -> None:
    """Show all that we keep of one reader."""
    from digest.audience.person import export_person
    from digest.cli.context import opened

    with opened() as run:
        found = export_person(run.store, run.keys, address)
    if as_json:
        dump(found)
        return
    pairs({name: _shown(value) for name, value in found.items() if not isinstance(value, list)})
    for part, rows in found.items():
        if isinstance(rows, list):
            _rows(part, rows)


@app.command()
def unsubscribe(address: Address, list_name: AnyList = None) -> None:
    """Take a reader off one list, or off all. Only they themselves can come back."""
    from digest.audience.addresses import read_address
    from digest.audience.unsubscribe import BY_OPERATOR, Left, unsubscribe_all
    from digest.audience.unsubscribe import unsubscribe as leave
    from digest.cli.context import opened

    with opened() as run:
        with run.store.read() as tx:
            subscriber = tx.subscribers.find(read_address(address))
            list_id = tx.lists.by_name(list_name).id if list_name else None
        if subscriber is None:
            nothing_to_do(f"There is no subscriber {address}.")
        if list_id is None:
            left = len(unsubscribe_all(run.store, subscriber.id, now=run.now(), by=BY_OPERATOR))
        else:
            left = leave(run.store, subscriber.id, list_id, now=run.now(), by=BY_OPERATOR).state is Left.LEFT
    if not left:
        nothing_to_do(f"{address} has left already.")
    say(f"Unsubscribed {address} from {list_name or counted(left, 'list')}.")


@app.command("change-address")
def change_address(
    address: Address,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The address that they want.")],
    yes: Yes = False,
) -> None:
    """Move a reader to another address.

    With all that they chose. The old address is told. Readers can do it themselves, too.
    """
    from digest.audience.new_address import Clerk
    from digest.audience.new_address import change_address as change
    from digest.cli.context import opened

    with opened() as run:
        confirm(f"Send to {new} all that {address} gets? Do so only if they asked you to.", yes=yes)
        clerk = Clerk(run.store, run.keys, _notices(run), run.now(), run.nonce())
        merged = change(clerk, address, new)
    say(f"Moved {address} to {new}." + (" That was a reader too; they are one now." if merged else ""))


@app.command()
def erase(address: Address, yes: Yes = False) -> None:
    """Forget a reader: all that names them is removed. A keyed hash stays, so that no import brings them back."""
    from digest.audience.person import erase_person
    from digest.cli.context import opened

    with opened() as run:
        confirm(f"Erase all that is kept of {address}? This cannot be undone.", yes=yes)
        erased = erase_person(run.store, run.keys, address, now=run.now())
    say(f"Erased {address}, with {counted(erased.subscriptions, 'subscription')}.")


def _notices(run: "App") -> "Notices":
    from digest.audience.notices import Notices

    said = run.settings
    return Notices(run.keys, said.base_url, said.templates, said.theme, said.brand)


def _tell_import(report: "ImportReport", file: Path, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        dump(asdict(report))
    else:
        counts = {
            "added": report.added,
            "pending": report.pending,
            "already there": report.already,
            "left alone": report.left_alone,
            "opted out": report.opted_out,
            "refused": report.refused,
        }
        pairs(counts)
        for bad in report.refusals[:SHOWN_REFUSALS]:
            note(f"{file}, line {bad.line} {bad.reason}")
        if report.refused > SHOWN_REFUSALS:
            note(f"… and {report.refused - SHOWN_REFUSALS:,} more; --json lists up to a thousand.")
    if not report.rows:
        nothing_to_do(f"{file} has no rows.")
    if report.refused:
        raise typer.Exit(1 if report.refused == report.rows else PARTLY)


def _rows(title: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        say("")
        say(title)
        headings = tuple(name.replace("_", " ") for name in rows[0])
        table(headings, [tuple(_shown(value) for value in row.values()) for row in rows])


def _shown(value: Any) -> Any:
    """JSON's plain values for people: times short, what is nested in one cell."""
    from datetime import datetime

    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items() if each)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", value):
        return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M} UTC"
    return value


@contextmanager
def _target(out: Path | None) -> Iterator[TextIO]:
    """Where an export goes: standard output, what is there and no plain file (a pipe), or a new file."""
    if out is None:
        with standard_output() as stream:
            yield stream
        return
    try:
        if out.exists() and not out.is_file():
            with out.open("w", encoding="utf-8", newline="") as stream:
                yield stream
        else:
            with _whole_file(out) as stream:
                yield stream
    except BrokenPipeError:
        raise
    except OSError as error:
        raise cannot_write(out, error) from None


@contextmanager
def _whole_file(out: Path) -> Iterator[TextIO]:
    """Stands there whole or not at all, and for its owner alone: it holds people's addresses."""
    from tempfile import mkstemp

    number, part = mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as stream:
            yield stream
        Path(part).replace(out)
    finally:
        Path(part).unlink(missing_ok=True)


def _lines(file: Path) -> int:
    """How many lines, well enough for a bar."""
    if not sys.stderr.isatty() or not file.is_file():
        return 0
    with file.open("rb") as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b""))
