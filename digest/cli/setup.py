"""`digest init`, `db`, `config` and `demo`: from nothing to something that runs."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.show import Json, Yes, cannot_write, dump, note, say, table
from digest.model.errors import BadInput

db = typer.Typer(no_args_is_help=True, help="The database.")
config = typer.Typer(no_args_is_help=True, help="The settings.")

_SAMPLE = """# Settings of digest; every one can also be given as DIGEST_NAME in the environment, or as DIGEST_NAME_FILE.
# `digest config check` lists them all, and says what is wrong.

base_url = "{base_url}"
secret_key = "{secret_key}"
database_url = "sqlite:///subscribers.db"

# Articles whose feed has no picture for them get the one that their own page names.
page_pictures = true

# Your mail relay: smtp://user:password@host:587?tls=starttls, or tls=implicit on 465, or tls=none on this machine only.
# smtp_url = "smtp://localhost:25?tls=none"
"""


def init(
    list_name: Annotated[str | None, typer.Option("--list", metavar="NAME", help="A first list to make.")] = None,
    sender: Annotated[
        str | None, typer.Option("--from", metavar="ADDR", help="Its sender: 'The Town <news@example.org>'.")
    ] = None,
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="The public address of the web pages.")] = None,
    operator: Annotated[
        str | None, typer.Option(metavar="ADDR", help="Who is to log in at the desk first, as its owner.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Make digest.toml, the database, a first list and an operator. What is there already stays as it is."""
    from digest.app import config_path

    path = config_path()
    ask = sys.stdin.isatty() and not yes
    if list_name and not sender and not ask:
        raise BadInput(f"The list {list_name} needs a sender; say --from 'The Town <news@example.org>'.")
    fresh = not path.exists()
    if ask and base_url is None and fresh:
        base_url = typer.prompt("Public address of the web pages", default="http://127.0.0.1:8000")
    _make_config(path, base_url)
    _upgrade()
    if list_name or sender or (ask and not _lists()):
        _make_list(
            list_name or (typer.prompt("Short name of a first list", default="weekly") if ask else "weekly"),
            sender or typer.prompt("Its sender, as The Town <news@example.org>"),
        )
    if ask and operator is None and fresh:
        operator = typer.prompt("Your own address, to log in at the desk (or nothing)", default="", show_default=False)
    if operator:
        _make_operator(operator)


def _make_config(path: Path, base_url: str | None) -> None:
    from digest.settings import Settings, load_settings

    if path.exists():
        kept = load_settings(path).base_url
        say(f"Kept {path}, which is there already.")
        if base_url is not None and base_url.rstrip("/") != kept:
            note(f"Its base_url stays {kept}; to have {base_url}, change it in {path}.")
        return
    _write_config(path, base_url or str(Settings.model_fields["base_url"].default))
    say(f"Made {path}, with a new secret key. Keep a copy of it: links in mails depend on it.")


def _write_config(path: Path, base_url: str) -> None:
    """Stays there only when it can be read again."""
    from digest.app import nonce
    from digest.settings import load_settings

    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(_SAMPLE.format(base_url=base_url, secret_key=nonce() + nonce()))
        load_settings(path)
    except OSError as error:
        raise cannot_write(path, error) from None
    except BadInput:
        path.unlink()
        raise


def _lists() -> set[str]:
    from digest.cli.context import opened

    with opened() as run, run.store.read() as tx:
        return {found.name for found in tx.lists.all()}


def _make_list(name: str, sender: str) -> None:
    from digest.cli.context import opened
    from digest.pipeline.plan import ListChange, add_list

    if name in _lists():
        say(f"Kept the list {name}, which is there already.")
        return
    with opened() as run:
        added = add_list(run.store, name, ListChange(sender=sender), now=run.now())
    say(f"Added the list {added.title} ({added.name}). Next: digest feed add {added.name} ADDRESS")


def _operators() -> int:
    from digest.cli.context import opened

    with opened() as run, run.store.read() as tx:
        return len(tx.operators.all())


def _make_operator(address: str) -> None:
    from digest.cli.operators import add
    from digest.model.operator import Role

    if _operators():
        say("Kept the operators that there are; `digest operator add` adds another.")
        return
    add(address, Role.OWNER)


@db.command()
def upgrade() -> None:
    """Make the tables, or bring them to this program's shape. Safe to run twice."""
    _upgrade()


def _upgrade() -> None:
    from digest.app import config_path
    from digest.settings import load_settings
    from digest.store import open_store

    store = open_store(load_settings(config_path()).database_url)
    before, after = store.upgrade()
    store.close()
    if before == after:
        say("The database is up to date.")
    else:
        say(
            f"The database is at revision {after}."
            if before is None
            else f"The database went from revision {before} to {after}."
        )


@config.command()
def check(as_json: Json = False) -> None:
    """Show the settings, and say what is wrong. Opens the database and the DKIM keys; the relay's address is only read."""
    from digest.app import config_path
    from digest.cli.context import opened
    from digest.delivery.dkim_keys import load_keys
    from digest.feedback.imap import parse_place
    from digest.rendering.lint import find_clients
    from digest.settings import PREFIX, Settings, load_settings
    from digest.store import open_store

    path = config_path()
    settings = load_settings(path)
    find_clients(settings.lint_clients)
    shown = settings.model_dump(mode="json") | {
        "database_url": open_store(settings.database_url).name,  # without its password
        "secret_key": "set" if settings.secret_key else None,
        "bounce_imap": str(parse_place(settings.bounce_imap.get_secret_value())) if settings.bounce_imap else None,
        "smtp_url": _relay(settings.smtp_url.get_secret_value()) if settings.smtp_url else None,
        "relays": [
            relay.model_dump(mode="json") | {"url": _relay(relay.url.get_secret_value())} for relay in settings.relays
        ],
    }
    if as_json:
        dump(shown)
    else:
        shown |= {name: list(map(str, getattr(settings, name))) for name in ("dkim", "relays", "ramp_ups")}
        shown["brand"] = str(settings.brand)
        rows = [(name, _shown(shown[name]), field.description) for name, field in Settings.model_fields.items()]
        table(("setting", "value", "what it is"), rows)
        note(f"From {path if path.exists() else 'defaults'} and the environment ({PREFIX}…).")
    with opened() as run:
        with run.store.read() as tx:
            for name, value in tx.overrides.all().items():
                note(
                    f"{name} was changed while it runs, and is {_shown(value)}; digest config reset {name} takes that back."
                )
        if settings.smtp_url is None and not settings.relays:
            load_keys(settings.dkim)
            note("There is no smtp_url yet: nothing can be sent.")
            return
        run.check_hops()
    if not as_json:
        note("All is well.")


@config.command("set")
def set_(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="sign_ups, sign_ups_per_hour, sign_up_text or unconfirmed_days.")
    ],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="As in the settings file; yes or no.")],
) -> None:
    """Change a setting while all of it runs. It counts at once, everywhere, and before the settings file."""
    from digest.cli.context import opened
    from digest.operators.changing import change_setting
    from digest.settings import read_change

    with opened() as run:
        new = read_change(name, value)
        change_setting(run.store, name, new, now=run.now())
    say(f"{name} is {_shown(new)} now; digest config reset {name} takes that back.")


@config.command()
def reset(name: Annotated[str, typer.Argument(metavar="NAME", help="A setting that was changed.")]) -> None:
    """Let a setting be as the settings file says again."""
    from digest.cli.context import opened
    from digest.operators.changing import reset_setting

    with opened() as run:
        reset_setting(run.store, name, now=run.now())
        say(f"{name} is {_shown(getattr(run.settings, name, ''))} again.")


def _relay(url: str) -> str:
    """Without its password. Raises BadSetting for what is no relay."""
    from digest.delivery.relay import parse_relay

    if url.startswith("maildir:"):
        return url
    relay = parse_relay(url)
    return f"smtp://{relay.username}{':***@' if relay.username else ''}{relay}?tls={relay.tls}"


def _shown(value: object) -> object:
    if isinstance(value, dict):
        return "; ".join(f"{name} {', '.join(map(str, said))}" for name, said in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End when all is sent, instead of serving until Ctrl-C.")
    ] = False,
    port: Annotated[int, typer.Option(help="The first of three ports to use: pages, mailbox, newsroom.")] = 8025,
    directory: Annotated[Path, typer.Option("--dir", help="Where the demo keeps its database and mails.")] = Path(
        "demo"
    ),
) -> None:
    """Send an invented newsroom's week to a local mailbox. Look at it in the browser."""
    from digest.demo.show import run_demo

    run_demo(directory, port=port, stay=sys.stdin.isatty() and sys.stdout.isatty() and not once)
