"""A backup: all rows of one moment in one file, written while everything goes on, and restored into either database.

    digest-20261123-030000.zip
      tables/lists.jsonl …     one row a line (store/portable.py)
      manifest.json            which digest, when, with which key, and how many rows of what SHA-256: last, so it can be streamed

A restored database sends nothing by itself that may have been sent since the backup: `hold` sees to that. Restoring is one
transaction: killed at any line, the database is as empty as before.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO

from digest.issues.cadence import next_slot
from digest.model.errors import BadInput, WrongState
from digest.model.event import EventKind
from digest.model.issue import CampaignState
from digest.store import Store, Transaction
from digest.store.portable import KINDS, Shape, shapes

FORMAT = 1
MANIFEST = "manifest.json"
BACKUP = "backup"  # its beat
_CHUNK = 1 << 16
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of the installation that it was made in."""

    digest: str
    key_check: str  # the fingerprint of the secret key, which is not in the backup
    base_url: str
    settings: str  # a hash of those that are no secret


@dataclass(frozen=True, slots=True)
class Kept:
    """One table in a backup."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: int
    sha256: str

    @property
    def shape(self) -> Shape:
        return Shape(self.name, self.columns)


@dataclass(frozen=True, slots=True)
class Manifest:
    about: About
    made_at: datetime
    revision: str  # of the tables
    tables: tuple[Kept, ...]
    numbers: dict[str, int] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    def count(self, table: str) -> int:
        return next((each.rows for each in self.tables if each.name == table), 0)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"made_at": self.made_at.isoformat()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Manifest":
        tables = tuple(
            Kept(each["name"], tuple((name, kind) for name, kind in each["columns"]), each["rows"], each["sha256"])
            for each in value["tables"]
        )
        made_at = datetime.fromisoformat(value["made_at"])
        return cls(About(**value["about"]), made_at, value["revision"], tables, dict(value["numbers"]), value["format"])


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and what is held so that it is not sent a second time."""

    manifest: Manifest
    paused: tuple[int, ...]  # issues whose campaign is
    held: tuple[int, ...]  # issues whose slot had come and that were not published
    slots: tuple[str, ...]  # lists whose slot has passed since, and is passed over
    dropped: int  # mails of their own that are not sent any more


def write_backup(store: Store, out: BinaryIO | IO[bytes], about: About, *, now: datetime) -> Manifest:
    """All rows as they are at one moment. `out` need not be seekable."""
    revision = store.revision()
    assert revision is not None
    with store.read() as tx, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        tables = tuple(_write_table(file, tx, shape, now) for shape in shapes())
        manifest = Manifest(about, now, revision, tables, tx.portable.numbers())
        file.writestr(_member(MANIFEST, now), json.dumps(manifest.to_json(), indent=1))
    return manifest


def note_backup(store: Store, now: datetime) -> None:
    """So that it is known when there was one last."""
    with store.write() as tx:
        tx.watching.beat(BACKUP, now)


def _write_table(file: zipfile.ZipFile, tx: Transaction, shape: Shape, now: datetime) -> Kept:
    digest, rows, chunk = hashlib.sha256(), 0, bytearray()
    with file.open(_member(_path(shape.name), now), "w", force_zip64=True) as out:
        for row in tx.portable.rows(shape):
            chunk += json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            rows += 1
            if len(chunk) >= _CHUNK:
                digest.update(chunk)
                out.write(chunk)
                chunk.clear()
        digest.update(chunk)
        out.write(chunk)
    return Kept(shape.name, shape.columns, rows, digest.hexdigest())


def _member(name: str, now: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (now.year, now.month, now.day, now.hour, now.minute, now.second))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _path(table: str) -> str:
    return f"tables/{table}.jsonl"


def check_backup(path: Path) -> Manifest:
    """Read all of it, and hold it against its sums. Raises BadInput when it is damaged."""
    with _opened(path) as (file, manifest):
        for kept in manifest.tables:
            for _ in _read_rows(file, kept):
                pass
    return manifest


def restore_backup(store: Store, path: Path, key_check: str, *, now: datetime) -> Restored:
    """Into an empty database, of either kind. Raises WrongState when it is not empty, BadInput for a backup that is no good."""
    with _opened(path) as (file, manifest):
        if manifest.about.key_check != key_check:
            raise BadInput(
                f"{path} was made with another secret_key; set that one first, or links in old mails break and suppressed "
                "addresses would be mailed again."
            )
        with store.refill(manifest.revision) as (tx, upgrade):
            for kept in manifest.tables:
                tx.portable.fill(kept.shape, _read_rows(file, kept))
            upgrade()
            tx.portable.set_numbers(manifest.numbers)
            return hold(tx, manifest, now)


def hold(tx: Transaction, manifest: Manifest, now: datetime) -> Restored:
    """Nothing goes out by itself that may have gone out after the backup was made."""
    why = (
        f"restored from the backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC; what was sent after that is not known here"
    )
    running = tx.campaigns.in_state(CampaignState.RUNNING)
    for campaign in running:
        tx.campaigns.pause(campaign.id, why)
        tx.events.add(EventKind.PAUSED, now, campaign=campaign.id, why=why)
    dropped = tx.outbox.hold_restored(why, now)
    held = tx.issues.hold_begun(why)
    slots = tuple(_pass_over(tx, now))
    tx.sessions.end_everybodys()
    tx.events.add(EventKind.RESTORED, now, made_at=manifest.made_at.isoformat(), campaigns=len(running), mails=dropped)
    return Restored(manifest, tuple(each.issue_id for each in running), tuple(held), slots, dropped)


def _pass_over(tx: Transaction, now: datetime) -> Iterator[str]:
    """Slots that came after the backup: their issues may have been sent by the database that was lost."""
    for mailing_list in tx.lists.due(now):
        assert mailing_list.next_due_at is not None
        tx.lists.move_slot(mailing_list.id, mailing_list.next_due_at, next_slot(mailing_list.schedule, now))
        yield mailing_list.name


@contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    try:
        with zipfile.ZipFile(path) as file:
            yield file, _manifest(path, file)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from None
    except zipfile.BadZipFile:
        raise BadInput(f"{path} is no backup of digest, or only a part of one.") from None


def _manifest(path: Path, file: zipfile.ZipFile) -> Manifest:
    try:
        manifest = Manifest.from_json(json.loads(file.read(MANIFEST)))
        known = all(kind in KINDS for table in manifest.tables for _, kind in table.columns)
    except _DAMAGED:
        raise BadInput(f"{path} is no backup of digest, or only a part of one.") from None
    if manifest.format > FORMAT or not known:
        raise WrongState(f"{path} was made by a newer digest ({manifest.about.digest}); upgrade digest first.")
    return manifest


def _read_rows(file: zipfile.ZipFile, kept: Kept) -> Iterator[list[Any]]:
    digest, rows = hashlib.sha256(), 0
    try:
        with file.open(_path(kept.name)) as lines:
            for line in lines:
                digest.update(line)
                rows += 1
                yield json.loads(line)
    except _DAMAGED:
        raise BadInput(f"This backup is damaged: its table {kept.name!r} cannot be read.") from None
    if (rows, digest.hexdigest()) != (kept.rows, kept.sha256):
        raise BadInput(f"This backup is damaged: its table {kept.name!r} is not as it was written.")
