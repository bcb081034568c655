"""`digest dkim`: make keys that sign mails, and see which DNS records they need."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.show import Json, cannot_write, dump, note, nothing_to_do, say, table
from digest.model.dkim import KeyType
from digest.model.errors import BadInput

if TYPE_CHECKING:
    from digest.delivery.dkim_keys import DkimKey

app = typer.Typer(no_args_is_help=True, help="DKIM keys, which sign mails: make one, show DNS records.")

Domain = Annotated[str, typer.Argument(metavar="DOMAIN", help="What comes behind the @ of your lists' senders.")]
Selector = Annotated[
    str | None, typer.Option(metavar="NAME", help="The key's own name in DNS [default: type and month: rsa-202611].")
]
Kind = Annotated[KeyType, typer.Option("--type", help="ed25519 is for a second key: many know RSA only.")]
Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where the key goes [default: SELECTOR.DOMAIN.pem, here].")
]


@app.command()
def new(domain: Domain, selector: Selector = None, kind: Kind = KeyType.RSA, out: Out = None) -> None:
    """Make a key. Says which DNS record it needs, and what to add to digest.toml."""
    from digest.app import now
    from digest.delivery.dkim_keys import make_key

    key = make_key(domain, selector or f"{kind}-{now():%Y%m}", kind)
    path = out or Path(f"{key.selector}.{key.domain}.pem")
    _write(path, key.pem)
    say(f"Made {path}, which nobody but you may read.")
    say("")
    say(f"First, set this record in the DNS of {key.domain}:")
    say("")
    say(key.zone_line)
    say("")
    say("When it can be seen there, add this to digest.toml, behind everything else:")
    say("")
    say("[[dkim]]")
    for name, value in (("domain", key.domain), ("selector", key.selector), ("key_file", str(path.absolute()))):
        say(f"{name} = {json.dumps(value, ensure_ascii=False)}")


def _write(path: Path, pem: bytes) -> None:
    """Never over a file that is there: another key's mails may be on their way."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(pem)
    except FileExistsError:
        raise BadInput(
            f"There is a {path} already, and no key is written over; name another file with --out."
        ) from None
    except OSError as error:
        raise cannot_write(path, error) from None


@app.command()
def show(as_json: Json = False) -> None:
    """Show the keys that are set, and the DNS records they need."""
    from digest.app import config_path
    from digest.delivery.dkim_keys import load_keys
    from digest.settings import load_settings

    settings = load_settings(config_path()).dkim
    keys = [(key, setting.key_file) for key, setting in zip(load_keys(settings), settings, strict=True)]
    if as_json:
        dump([_described(key, path) for key, path in keys])
        return
    if not keys:
        nothing_to_do("No key is set, so mails are not signed; digest dkim new DOMAIN makes one.")
    table(("domain", "selector", "type", "file"), [(key.domain, key.selector, key.type, path) for key, path in keys])
    note("Their records in DNS:")
    for key, _ in keys:
        say(key.zone_line)


def _described(key: "DkimKey", path: Path) -> dict[str, str]:
    facts = {"domain": key.domain, "selector": key.selector, "type": key.type, "key_file": str(path)}
    return facts | {"name": key.name, "record": key.record}
