"""`digest operator` and `digest key`: who may use the desk and the API."""

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.show import Json, dump, note, say, table
from digest.model.operator import Right, Role

if TYPE_CHECKING:
    from digest.app import App
    from digest.operators.accounts import Invited

app = typer.Typer(no_args_is_help=True, help="Operators, who log in at the desk: add, list, invite, change.")
keys = typer.Typer(no_args_is_help=True, help="API keys, by which programs act: make, list, revoke.")

Who = Annotated[str, typer.Argument(metavar="OPERATOR", help="An address, or a number.")]


@app.command()
def add(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    role: Annotated[Role, typer.Option(help="What they are here for.")] = Role.EDITOR,
    name: Annotated[str, typer.Option(help="What the record calls them.")] = "",
) -> None:
    """Add an operator, and show the link by which they set a password. The first one should be an owner."""
    from digest.cli.context import opened
    from digest.operators.accounts import add_operator

    with opened() as run:
        added = add_operator(run.store, run.keys, address, role, name=name, now=run.now(), nonce=run.nonce())
        say(f"Added {added.operator.address}, {role}.")
        if added.token:
            _show_link(run, added)
        else:
            say(f"Next: digest key make {added.operator.address} --label … --scope …")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Show the operators."""
    from digest.cli.context import opened

    with opened() as run, run.store.read() as tx:
        operators = tx.operators.all()
    if as_json:
        dump(
            [{"id": each.id, "address": str(each.address), "name": each.name, "role": each.role} for each in operators]
        )
        return
    rows = [
        (
            each.id,
            str(each.address),
            each.name,
            f"{each.role}{', disabled' * bool(each.disabled_at)}",
            each.seen_at or "never",
        )
        for each in operators
    ]
    table(("number", "address", "name", "role", "last seen"), rows)
    if not operators:
        note("Nobody can log in at the desk yet: digest operator add ADDRESS")


@app.command()
def invite(operator: Who) -> None:
    """Show a link by which they set a password anew. It works once, for two days; older ones work no more."""
    from digest.cli.context import opened
    from digest.operators.accounts import find_operator
    from digest.operators.accounts import invite as make_link

    with opened() as run:
        found = find_operator(run.store, operator)
        _show_link(run, make_link(run.store, run.keys, found.id, now=run.now(), nonce=run.nonce()))


@app.command("set")
def set_(
    operator: Who,
    role: Annotated[Role | None, typer.Option(help="Another role; they must log in again.")] = None,
    name: Annotated[str | None, typer.Option(help="What the record calls them.")] = None,
    disabled: Annotated[
        bool | None, typer.Option("--disabled/--enabled", help="Whether they may log in, and their keys work.")
    ] = None,
    no_second_factor: Annotated[
        bool, typer.Option("--no-second-factor", help="For who lost the telephone and the recovery codes.")
    ] = False,
) -> None:
    """Change an operator. What you do not name stays as it is."""
    from digest.cli.context import opened
    from digest.operators.accounts import change_operator, find_operator
    from digest.operators.second_factor import switch_off

    with opened() as run:
        found = find_operator(run.store, operator)
        after = change_operator(run.store, found.id, role=role, name=name, disabled=disabled, now=run.now())
        if no_second_factor:
            switch_off(run.store, found, session=0, now=run.now())
    say(f"{after.address} is {after.role}{', disabled' * bool(after.disabled_at)}.")


@keys.command()
def make(
    operator: Who,
    label: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[list[Right], typer.Option(help="What it may; say it several times for several.")],
    days: Annotated[int | None, typer.Option(help="For how many days it works [default: without an end].")] = None,
) -> None:
    """Make an API key, and show it this once. It never may more than its operator."""
    from digest.cli.context import opened
    from digest.operators.accounts import find_operator
    from digest.operators.api_keys import make_key

    with opened() as run:
        found = find_operator(run.store, operator)
        made = make_key(run.store, found, label, scope, days=days, now=run.now(), random=run.nonce() + run.nonce())
    note(f"Key {made.kept.id} for {found.address}. It is shown now and never again:")
    say(made.key)


@keys.command("list")
def list_keys(as_json: Json = False) -> None:
    """Show the API keys, without what would let anybody in."""
    from digest.cli.context import opened

    with opened() as run, run.store.read() as tx:
        made, operators = tx.api_keys.all(), {each.id: str(each.address) for each in tx.operators.all()}
    rows = [
        (each.id, each.label, f"{each.prefix}…", operators[each.operator_id], ", ".join(sorted(each.scopes)),
         "revoked" if each.revoked_at else each.expires_at or "no end", each.used_at or "never")
        for each in made
    ]  # fmt: skip
    headings = ("number", "label", "key", "of", "may", "until", "last used")
    if as_json:
        dump([dict(zip(headings, row, strict=True)) for row in rows])
    else:
        table(headings, rows)


@keys.command()
def revoke(number: Annotated[int, typer.Argument(metavar="NUMBER", help="As `digest key list` shows it.")]) -> None:
    """Make a key worthless, at once."""
    from digest.cli.context import opened
    from digest.operators.api_keys import revoke_key

    with opened() as run:
        revoked = revoke_key(run.store, number, now=run.now())
    say(f"The key {revoked.label} works no more.")


def show_record(
    count: Annotated[int, typer.Option("--last", help="How many.", min=1, max=200)] = 20, as_json: Json = False
) -> None:
    """Show what operators did, newest first. At the desk, by the API and by commands."""
    from digest.cli.context import opened

    with opened() as run, run.store.read() as tx:
        acts = tx.acts.newest(limit=count)
    rows = [
        (act.at, act.actor.name, act.actor.via, act.kind.replace("_", " "), act.subject,
         "; ".join(f"{name}: {value}" for name, value in act.detail.items()))
        for act in acts
    ]  # fmt: skip
    headings = ("when", "who", "by", "what", "to", "more")
    if as_json:
        dump([dict(zip(headings, row, strict=True)) for row in rows])
    else:
        table(headings, rows, cut=True)


def _show_link(run: "App", invited: "Invited") -> None:
    note(f"This link sets the password of {invited.operator.address}. It works once, for two days:")
    say(f"{run.settings.base_url}/desk/welcome/{invited.token}")
