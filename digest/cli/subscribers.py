"""`digest subscriber`: add, look up, move, unsubscribe, erase; files in and out are in `importing`."""

import re
from typing import Annotated, Any

import typer

from digest.cli.choosing import choose
from digest.cli.importing import AnyList, Confirmed, ConsentText, State, add_to, notices
from digest.cli.show import Json, Yes, confirm, counted, dump, note, nothing_to_do, pairs, say, table

app = typer.Typer(no_args_is_help=True, help="Subscribers: add, import, look up, move, unsubscribe, erase.")

app.command()(choose)

ListName = Annotated[str, typer.Option("--list", metavar="NAME", help="The list.")]
Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The reader's e-mail address.")]


@app.command()
def add(
    address: Address,
    list_name: ListName,
    name: Annotated[str, typer.Option(help="What they are called.")] = "",
    confirmed: Confirmed = False,
    consent: ConsentText = "",
) -> None:
    """Add one reader. Without --confirmed they get a mail that asks them."""
    from digest.audience.enrol import add_subscriber
    from digest.audience.judge import Enrolled
    from digest.cli.context import opened

    with opened() as run:
        became = add_subscriber(
            run.store,
            run.keys,
            notices(run),
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


add_to(app)


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
        clerk = Clerk(run.store, run.keys, notices(run), run.now(), run.nonce())
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
