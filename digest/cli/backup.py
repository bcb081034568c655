"""`digest backup` and `digest restore`: all of it in one file, and back."""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from digest.cli.show import Json, Yes, cannot_write, confirm, counted, dump, note, say
from digest.model.errors import BadInput, BadSetting

if TYPE_CHECKING:
    from datetime import datetime

    from digest.pipeline.backup import About, Manifest, Restored
    from digest.settings import Settings

NAMES = "digest-*.zip"  # what `--keep` counts

Target = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="Where it goes; - for standard output [default: into backup_dir].")
]
Source = Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")]
Keep = Annotated[int, typer.Option(min=0, help="Of those in backup_dir, keep the newest so many; 0 for all.")]


def backup(file: Target = None, keep: Keep = 0, as_json: Json = False) -> None:
    """Write the whole database into one file.

    While everything goes on. The secret key is not in it: keep that apart.
    """
    from digest.cli.context import opened
    from digest.pipeline.backup import note_backup, write_backup

    with opened() as run:
        now = run.now()
        path = file or _named(run.settings, now)
        with _target(path) as out:
            manifest = write_backup(run.store, out, _about(run.settings, run.keys.fingerprint), now=now)
        note_backup(run.store, now)
        gone = _forget(path.parent, keep) if file is None and keep else 0
    if str(path) == "-":
        return
    if as_json:
        dump({"file": str(path), "made_at": manifest.made_at, "rows": manifest.rows, "forgotten": gone})
        return
    say(f"Wrote {path}: {_contents(manifest)}.")
    if gone:
        note(f"Forgot {counted(gone, 'older backup')}.")


def restore(
    file: Source,
    check: Annotated[bool, typer.Option("--check", help="Only read it and say whether it is whole.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Put a backup into an empty database.

    The one that database_url names. Nothing that may have been sent since is sent by itself.
    """
    from digest.app import config_path, make_keys, now
    from digest.pipeline.backup import check_backup, restore_backup
    from digest.settings import load_settings
    from digest.store import open_store

    manifest = check_backup(file)
    made = f"{manifest.made_at:%Y-%m-%d %H:%M} UTC"
    if check:
        if as_json:
            dump({"file": str(file), "made_at": manifest.made_at, "whole": True, "rows": manifest.rows})
        else:
            say(f"{file} is whole. It was made on {made} by digest {manifest.about.digest}: {_contents(manifest)}.")
        return
    settings = load_settings(config_path())
    store = open_store(settings.database_url)
    confirm(f"Restore the backup of {made} into {store.name}?", yes=yes)
    try:
        restored = restore_backup(store, file, make_keys(settings, config_path()).fingerprint, now=now())
    finally:
        store.close()
    if as_json:
        dump(_described(restored))
        return
    _tell(restored, settings, store.name)


def _tell(restored: "Restored", settings: "Settings", name: str) -> None:
    manifest = restored.manifest
    say(f"Restored the backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC into {name}: {_contents(manifest)}.")
    for issue in restored.paused:
        note(
            f"Issue {issue} was on its way, and is paused: who got it after the backup is not known. "
            f"`digest campaign resume {issue}` sends it to all that had not got it by then, `digest campaign stop {issue}` to nobody."
        )
    for issue in restored.held:
        note(
            f"Issue {issue} was about to go out, and is held; if it was not sent since, `digest issue send {issue}` does it."
        )
    for name_ in restored.slots:
        note(
            f"A slot of {name_} has passed since, and gets no issue by itself; `digest issue draft {name_}` makes one."
        )
    if restored.dropped:
        note(f"{counted(restored.dropped, 'mail')} that waited (confirmations and the like) will not be sent any more.")
    note("Whoever left after the backup was made is back; take them out again if you know them from elsewhere.")
    if manifest.about.base_url != settings.base_url:
        note(
            f"base_url was {manifest.about.base_url} and is {settings.base_url} now: links in old mails lead to the former."
        )
    elif manifest.about.settings != _hash(settings):
        note("Some settings are not as they were when it was made.")


def _described(restored: "Restored") -> dict[str, object]:
    return {
        "made_at": restored.manifest.made_at,
        "rows": restored.manifest.rows,
        "paused": restored.paused,
        "held": restored.held,
        "slots": restored.slots,
        "dropped": restored.dropped,
    }


def _named(settings: "Settings", now: "datetime") -> Path:
    if settings.backup_dir is None:
        raise BadSetting("Say where the backup goes: name a file, or set backup_dir.")
    if not settings.backup_dir.is_dir():
        raise BadSetting(f"There is no folder {settings.backup_dir} (backup_dir); make it.")
    return settings.backup_dir / f"digest-{now:%Y%m%d-%H%M%S}.zip"


@contextmanager
def _target(path: Path) -> Iterator[IO[bytes]]:
    """Whole or not at all: it has its name only when all of it is on disk. Never over a file that is there."""
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if path.exists():
        raise BadInput(f"There is a {path} already, and no backup is written over; name another file.")
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        part.unlink(missing_ok=True)


def _forget(folder: Path, keep: int) -> int:
    """All but the newest; their names are in the order of time."""
    old = sorted(folder.glob(NAMES))[:-keep]
    for path in old:
        path.unlink()
    return len(old)


def _about(settings: "Settings", key_check: str) -> "About":
    from digest import __version__
    from digest.pipeline.backup import About

    return About(__version__, key_check, settings.base_url, _hash(settings))


def _hash(settings: "Settings") -> str:
    """Of what is set, without secrets and without where the database is."""
    shown = settings.model_dump(mode="json", exclude={"database_url"})
    return hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()


def _contents(manifest: "Manifest") -> str:
    what = [("lists", "list"), ("issues", "issue"), ("subscribers", "reader"), ("messages", "message")]
    return ", ".join(counted(manifest.count(table), noun) for table, noun in what)
