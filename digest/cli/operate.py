"""`digest deliver`, `scheduler`, `web` and `run`: the processes that keep it going."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.show import NOTHING_TO_DO, Json, note
from digest.model.errors import BadInput

if TYPE_CHECKING:
    from digest.app import App

MAX_BYTES = 1_000_000  # of a mail that came back

Host = Annotated[str | None, typer.Option(help="The address to listen on [default: the setting web_host].")]
Port = Annotated[int | None, typer.Option(help="The port to listen on [default: the setting web_port].")]


def deliver(as_json: Json = False) -> None:
    """Send what is due in the outbox, and end. Takes up what a killed sender left."""
    from digest.cli.context import opened
    from digest.cli.delivering import deliver_here

    with opened() as run:
        with run.store.read() as tx:
            owed = tx.messages.owed()
        code = deliver_here(run, total=owed, as_json=as_json)
    if code == NOTHING_TO_DO:
        note("Nothing is due.")
    raise typer.Exit(code)


def scheduler() -> None:
    """Send each list's issue at its time, until Ctrl-C. Reads the feeds and drafts the issues by itself."""
    from digest.timetable import main

    main()


def web(host: Host = None, port: Port = None) -> None:
    """Serve the readers' pages, until Ctrl-C. There they sign up, confirm, unsubscribe, and read an issue."""
    from digest.app import start_journal
    from digest.cli.context import opened
    from digest.web import serve

    with opened() as run:
        start_journal(run.settings)
        serve(run, *_address(run, host, port))


def run(host: Host = None, port: Port = None) -> None:
    """Run the scheduler and the web pages in one, until Ctrl-C."""
    from digest.app import start_journal
    from digest.cli.context import opened
    from digest.timetable import Timetable
    from digest.web import serve

    with opened() as app:
        start_journal(app.settings)
        app.check_hops()  # a missing smtp_url is said now, not at the first issue
        timetable = Timetable(app)
        timetable.start()
        try:
            serve(app, *_address(app, host, port))
        finally:
            timetable.shut_down()


def absorb(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Mails that came back, one a file; - is standard input.", metavar="FILE..."),
    ] = None,
) -> None:
    """Take note of mails that came back: bounces and complaints. A mail server may pipe each one into it."""
    from digest.cli.context import opened
    from digest.pipeline.absorb import Absorber

    with opened() as run:
        absorber = Absorber(run.store, run.links, run.return_paths, run.now)
        for file in files or [Path("-")]:
            outcome = absorber.absorb(_read(file))
            said = f" {outcome.returned.kind} {outcome.returned.status}".rstrip() if outcome.returned else ""
            whose = f", message {outcome.message_id}" if outcome.message_id else ""
            ends = f"; its address is not mailed any more ({outcome.suppressed})" if outcome.suppressed else ""
            note(f"{file}: {outcome.absorbed}{said and ':'}{said}{whose}{ends}.")


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(MAX_BYTES)
    try:
        with file.open("rb") as opened_file:
            return opened_file.read(MAX_BYTES)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from None


def _address(run: "App", host: str | None, port: int | None) -> tuple[str, int]:
    settings = run.settings
    return host or settings.web_host, settings.web_port if port is None else port
