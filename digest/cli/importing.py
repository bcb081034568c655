"""`digest subscriber import`, `imports`, `undo-import` and `export`: readers from files and into files."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from digest.audience.csv_cells import write_cell
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
    progress_of_bytes,
    say,
    standard_output,
    table,
)
from digest.model.exports import Shape
from digest.model.subscriber import SubscriptionState

if TYPE_CHECKING:
    from digest.app import App
    from digest.audience.imports import Plan, Progress, Remark, Report
    from digest.audience.notices import Notices

SHOWN = 20  # rows that were refused

AnyList = Annotated[str | None, typer.Option("--list", metavar="NAME", help="One list's; all if left out.")]
Confirmed = Annotated[
    bool, typer.Option("--confirmed", help="They have agreed already; needs --consent. Else they are asked by mail.")
]
ConsentText = Annotated[
    str, typer.Option("--consent", metavar="TEXT", help="How and when they agreed; kept as evidence.")
]
State = Annotated[SubscriptionState | None, typer.Option(help="Only those in this state.")]
Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="CSV files, or a ZIP of them, from Mailchimp, Substack, Ghost, beehiiv, listmonk, a spreadsheet or digest.",
    ),
]
ToList = Annotated[
    str | None, typer.Option("--list", metavar="NAME", help="The list; an export of digest names its lists itself.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing; only say what would come of it.")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="COLUMN=FIELD", help="What a column holds, if we do not see it; for each column."),
]
RefusedTo = Annotated[
    Path | None,
    typer.Option("--refused", metavar="FILE", help="Write each row from which nothing came, and why, there as CSV."),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to; standard output if left out.")]
ShapeOption = Annotated[Shape, typer.Option("--format", help="A table, or a line of JSON for each.")]


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command("imports")(imports)
    app.command("undo-import")(undo_import)
    app.command("export")(export)


def import_(
    files: Files,
    *,
    list_name: ToList = None,
    confirmed: Confirmed = False,
    consent: ConsentText = "",
    dry_run: DryRun = False,
    mapping: Map = None,
    refused: RefusedTo = None,
    as_json: Json = False,
) -> None:
    """Import readers from files. Who left, or must not be mailed, is never brought back.

    An import that was stopped goes on when it is given again.
    """
    from digest.audience.imports import Plan, read_mapping
    from digest.cli.context import opened

    plan = Plan(list_name, confirmed=confirmed, consent=consent, mapping=read_mapping(mapping or []))
    with opened() as run:
        report = _import(run, files, plan, refused, dry_run=dry_run)
    _tell(report, dry_run=dry_run, as_json=as_json)


def imports(limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 50, as_json: Json = False) -> None:
    """Show the imports there were, the newest first."""
    from digest.cli.context import opened

    with opened() as run, run.store.read() as tx:
        names = {each.id: each.name for each in tx.lists.all()}
        found = tx.imports.all(limit)
    rows = [
        {
            "id": each.id,
            "state": each.state.value,
            "list": "" if each.list_id is None else names.get(each.list_id, ""),
            "by": each.by,
            "started": each.started_at,
            **{name: each.counts.get(name, 0) for name in _COUNTS},
            "file": each.file,
        }
        for each in found
    ]
    if as_json:
        dump(rows)
    elif not rows:
        nothing_to_do("There are none.")
    else:
        headings = tuple(name.replace("_", " ") for name in rows[0])
        table(headings, [tuple(row.values()) for row in rows], cut=True)


def undo_import(
    number: Annotated[int, typer.Argument(metavar="ID", help="The import; `digest subscriber imports` shows it.")],
    yes: Yes = False,
) -> None:
    """Take an import back.

    What it made goes, what it changed stands as before.

    What readers have done themselves since stays.
    """
    from digest.audience.imports import undo
    from digest.cli.context import opened

    with opened() as run:
        with run.store.read() as tx:
            found = tx.imports.get(number)
        confirm(f"Take back import {number}, of {found.file} on {found.started_at:%Y-%m-%d %H:%M} UTC?", yes=yes)
        with progress_of_bytes("Undoing") as bar:
            total = sum(found.counts.get(name, 0) for name in ("added", "pending", "opted_out"))
            undone = undo(
                run.store,
                number,
                by=_WHO,
                now=run.now(),
                progress=lambda done: bar(done, total, f"{done:,} subscriptions"),
            )
    say(
        f"Undid import {number}: {counted(undone.removed, 'subscription')} removed, {undone.restored:,} as before, "
        f"{counted(undone.lifted, 'suppression')} lifted."
    )


def export(list_name: AnyList = None, state: State = None, shape: ShapeOption = Shape.CSV, out: Out = None) -> None:
    """Export readers with all that is kept of them. A spreadsheet opens it safely, and it imports to the same state."""
    from digest.audience.exports import export as write
    from digest.cli.context import opened

    with opened() as run:
        with run.store.read() as tx:
            _ = tx.lists.by_name(list_name) if list_name else None  # said before anything is written
        with _target(out) as stream:
            count = write(run.store, run.keys, stream, shape=shape, list_name=list_name, state=state)
    note(f"Exported {counted(count, 'line')}.")


_WHO = "operator"
_COUNTS = ("added", "pending", "already", "left_alone", "opted_out", "refused")
_WORDS = {
    "added": "new",
    "pending": "new, to be asked",
    "opted_out": "kept as not to be mailed",
    "already": "already there",
    "left_alone": "not revived",
    "refused": "refused",
}


def notices(run: "App") -> "Notices":
    from digest.audience.notices import Notices

    said = run.settings
    return Notices(run.keys, said.base_url, said.templates, said.theme, said.brand)


def _import(run: "App", paths: Sequence[Path], plan: "Plan", refused: Path | None, *, dry_run: bool) -> "Report":
    from digest.audience.imports import File, apply, examine, open_file

    with ExitStack() as stack:
        files = [File(path.name, stack.enter_context(open_file(path))) for path in paths]
        remark = stack.enter_context(_remarks(refused)) if refused else None
        bar = stack.enter_context(progress_of_bytes("Looking" if dry_run else "Importing"))

        def moved(at: "Progress") -> None:
            bar(at.done, at.total, f"{at.rows:,} rows")

        if dry_run:
            return examine(run.store, run.keys, files, plan, now=run.now(), progress=moved, remark=remark)
        return apply(
            run.store,
            run.keys,
            notices(run),
            files,
            plan,
            by=_WHO,
            now=run.now(),
            nonce=run.nonce,
            progress=moved,
            remark=remark,
        )


@contextmanager
def _remarks(to: Path) -> "Iterator[Callable[[Remark], None]]":
    """A file with a line for each row from which nothing came."""
    import csv

    with _target(to) as stream:
        writer = csv.writer(stream)
        writer.writerow(("file", "line", "what", "why"))
        yield lambda each: writer.writerow(
            (write_cell(each.file), each.line, each.outcome.replace("_", " "), write_cell(each.reason))
        )


def _tell(report: "Report", *, dry_run: bool, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        dump(asdict(report) | {"refusals": [each._asdict() for each in report.refusals]})
    else:
        counts: dict[str, object] = {_WORDS[name]: f"{getattr(report, name):>9,}" for name in _WORDS}
        pairs({"taken for": ", ".join(report.sources) or "nothing we know"} | counts)
        _tell_refusals(report)
        if dry_run:
            note("Nothing was changed; without --dry-run it is done.")
        elif report.import_id:
            note(
                f"This was import {report.import_id}; `digest subscriber undo-import {report.import_id}` takes it back."
            )
    if not report.rows:
        nothing_to_do("There are no rows.")
    if report.refused:
        raise typer.Exit(1 if report.refused == report.rows else PARTLY)


def _tell_refusals(report: "Report") -> None:
    for each in report.refusals[:SHOWN]:
        note(f"{each.file}, line {each.line} {each.reason}")
    if report.refused > SHOWN:
        note(f"… and {report.refused - SHOWN:,} more; --refused FILE writes all of them down.")


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
