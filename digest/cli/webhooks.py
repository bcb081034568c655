"""`digest webhook`: tell other programs what happens, as it happens (standardwebhooks.com)."""

from typing import Annotated

import typer

from digest.cli.show import Json, dump, note, say, table
from digest.model.webhook import Topic

app = typer.Typer(no_args_is_help=True, help="Webhooks, by which other programs are told what happens.")

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As `digest webhook list` shows it.")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="What is called, by POST.")],
    topic: Annotated[list[Topic], typer.Option(help="What it is told; say it several times for several.")],
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Add a webhook, and show its secret this once."""
    from digest.cli.context import opened
    from digest.operators.webhooks import add_webhook

    with opened() as run:
        made = add_webhook(
            run.store, run.keys, url, topic, label=label, now=run.now(), random=run.nonce() + run.nonce()
        )
    note(f"Webhook {made.kept.id} is told what happens from now on. Its secret is shown now and never again:")
    say(made.secret)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Show the webhooks."""
    from digest.cli.context import opened

    with opened() as run, run.store.read() as tx:
        hooks = tx.webhooks.all()
    rows = [
        (
            each.id,
            each.label,
            each.url,
            ", ".join(sorted(each.topics)),
            f"off: {each.reason}" if each.disabled_at else "on",
        )
        for each in hooks
    ]
    headings = ("number", "label", "address", "is told", "state")
    if as_json:
        dump([dict(zip(headings, row, strict=True)) for row in rows])
    else:
        table(headings, rows)


@app.command()
def calls(number: Number, as_json: Json = False) -> None:
    """Show the newest calls and their answers."""
    from digest.cli.context import opened

    with opened() as run, run.store.read() as tx:
        tx.webhooks.get(number)
        made = tx.webhooks.newest(number)
    rows = [(each.id, each.topic, each.state, each.attempts, each.created_at, each.said) for each in made]
    headings = ("call", "about", "state", "tries", "since", "answer")
    if as_json:
        dump([dict(zip(headings, row, strict=True)) for row in rows])
    else:
        table(headings, rows, cut=True)


@app.command()
def again(call: Annotated[int, typer.Argument(metavar="CALL", help="As `digest webhook calls` shows it.")]) -> None:
    """Repeat a call that has failed."""
    from digest.cli.context import opened
    from digest.operators.webhooks import call_again

    with opened() as run:
        call_again(run.store, call, now=run.now())
    say(f"Call {call} is made again within a few seconds, by `digest run` or `digest scheduler`.")


@app.command()
def secret(number: Number) -> None:
    """Make a new secret.

    Calls are signed with the old one too, until the next time.
    """
    from digest.cli.context import opened
    from digest.operators.webhooks import change_secret

    with opened() as run:
        made = change_secret(run.store, run.keys, number, now=run.now(), random=run.nonce() + run.nonce())
    note("This is shown now and never again; the old one still counts, until you do this once more:")
    say(made.secret)


@app.command("set")
def set_(
    number: Number,
    enabled: Annotated[
        bool, typer.Option("--on/--off", help="Whether it is called; what it is owed is given up when off.")
    ],
) -> None:
    """Switch a webhook on or off."""
    from digest.cli.context import opened
    from digest.operators.webhooks import change_webhook

    with opened() as run:
        changed = change_webhook(run.store, number, enabled=enabled, now=run.now())
    say(f"Webhook {number} ({changed.url}) is {'on' if enabled else 'off'}.")


@app.command()
def remove(number: Number) -> None:
    """Remove a webhook, with the calls that it is owed."""
    from digest.cli.context import opened
    from digest.operators.webhooks import remove_webhook

    with opened() as run:
        removed = remove_webhook(run.store, number, now=run.now())
    say(f"Removed webhook {number} ({removed.url}).")
