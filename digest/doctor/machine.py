"""The machine and what runs on it: clock (RFC 4330), disk, database, scheduler, backup."""

import os
import shutil
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.doctor.verdict import Finding, Verdict, fail, ok, warn
from digest.model.errors import DigestError
from digest.store import Store

TIME_SERVER = "pool.ntp.org:123"
SECONDS = 5.0
_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)  # of NTP
WRONG = timedelta(seconds=60)  # several senders must agree within a minute
OFF = timedelta(seconds=2)
LITTLE, VERY_LITTLE = 2 << 30, 200 << 20  # bytes
SILENT = timedelta(minutes=2)


def check_clock(server: str, now: Callable[[], datetime]) -> Finding:
    """Beside a time server's. Half of the way there and back is taken for its answer's age."""
    try:
        began = time.monotonic()
        theirs = ask_time(server)
        took = timedelta(seconds=time.monotonic() - began)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return warn(
            "clock",
            server,
            f"it cannot be compared ({why})",
            "See that the machine keeps its time by NTP: `timedatectl`.",
        )
    off = now() - took / 2 - theirs
    said = f"it is {abs(off.total_seconds()):.1f} seconds {'fast' if off > timedelta() else 'slow'}"
    if abs(off) > WRONG:
        return fail("clock", server, said, "Set it, and let NTP keep it: mails and signatures carry the time.")
    return (
        warn("clock", server, said, "Let NTP keep it: `timedatectl`.") if abs(off) > OFF else ok("clock", server, said)
    )


def ask_time(server: str) -> datetime:
    """SNTP. Raises OSError or ValueError when there is no good answer."""
    host, _, port = server.rpartition(":")
    (family, kind, _, _, address), *_ = socket.getaddrinfo(host, int(port), type=socket.SOCK_DGRAM)
    with socket.socket(family, kind) as asking:
        asking.settimeout(SECONDS)
        asking.sendto(b"\x23" + bytes(47), address)  # version 4, client
        answer = asking.recv(512)
    if len(answer) < 48 or answer[0] & 7 != 4 or not 0 < answer[1] < 16:
        raise ValueError("it gave no time")
    whole, parts = struct.unpack("!II", answer[40:48])
    return _EPOCH + timedelta(seconds=whole + parts / 2**32)


def check_disk(
    places: Iterable[Path], free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
) -> Iterator[Finding]:
    for place in places:
        try:
            left = free(place)
        except OSError as error:
            yield fail(
                "disk", str(place), f"it cannot be looked at ({error.strerror})", "Make the folder, or mend its rights."
            )
            continue
        said = f"{left / (1 << 30):,.1f} GB are free"
        if left < VERY_LITTLE:
            yield fail(
                "disk", str(place), said, "Free some space: without it nothing can be written, and nothing is sent."
            )
        elif left < LITTLE:
            yield warn("disk", str(place), said, "Free some space before it is full.")
        else:
            yield ok("disk", str(place), said)


def check_returns(bounce_address: str, folder: Path | None) -> Finding:
    """Whether what comes back of mails is read, and from where."""
    if not bounce_address:
        if folder is None:
            return ok("returns", "", "what comes back goes to the lists' senders, and is not read")
        return warn("returns", str(folder), "no mail names it as where it comes from", "Set bounce_address, too.")
    if folder is None:
        return ok("returns", bounce_address, "it is to be piped into `digest absorb`")
    new = folder / "new"
    if not new.is_dir() or not os.access(new, os.R_OK | os.W_OK | os.X_OK):
        return fail(
            "returns",
            str(folder),
            "it is no Maildir that this user can read and write",
            "Have your mail server make it (a folder with new, cur and tmp), and give this user the right to it.",
        )
    waiting = sum(1 for _ in new.iterdir())
    return ok("returns", str(folder), f"it can be read; {waiting:,} mail{'' if waiting == 1 else 's'} waiting in it")


def check_database(store: Store) -> Iterator[Finding]:
    """Reached, of this version, sound, and written to."""
    name = store.name
    try:
        store.check_schema()
        unsound = store.look_for_damage()
    except DigestError as error:
        yield fail("database", name, str(error), "Do as it says; docs/operate/upgrading.md tells more.")
        return
    if unsound:
        yield fail(
            "database", name, f"it is damaged: {unsound}", "Stop digest, and restore a backup into a new database."
        )
    else:
        yield ok("database", name, "it can be read, and has this program's tables")


def check_processes(store: Store, now: datetime, backup_hours: int) -> Iterator[Finding]:
    try:
        with store.read() as tx:
            beats = tx.watching.beats()
            queues = tx.watching.queues()
    except DigestError:
        return  # `check_database` says so
    beat = beats.get("scheduler")
    if beat is None:
        yield warn(
            "scheduler",
            "",
            "it has never run",
            "Run `digest scheduler`, or `digest run`: else nothing goes out by itself.",
        )
    elif now - beat.at > SILENT:
        yield fail(
            "scheduler",
            "",
            f"it was last seen {beat.at:%Y-%m-%d %H:%M} UTC",
            "Start it: `digest scheduler`, or `digest run`.",
        )
    else:
        yield ok("scheduler", "", "it runs")
    due = [queue.oldest_due_at for queue in queues if queue.oldest_due_at is not None and queue.oldest_due_at < now]
    if due and now - min(due) > timedelta(hours=1):
        yield fail(
            "queue",
            "",
            f"mails have been due since {min(due):%Y-%m-%d %H:%M} UTC",
            "See the relay above, and `digest campaign status`.",
        )
    yield _backup(beats["backup"].at if "backup" in beats else None, now, backup_hours)


def _backup(last: datetime | None, now: datetime, hours: int) -> Finding:
    if last is None:
        return warn(
            "backup",
            "",
            "there was none by `digest backup`",
            "Make one each night (docs/operate/backup.md), if nothing else does.",
        )
    said = f"the last one is of {last:%Y-%m-%d %H:%M} UTC"
    if hours and now - last > timedelta(hours=hours):
        return warn("backup", "", said, "See why there is no newer one.")
    return ok("backup", "", said)


def is_any(findings: Iterable[Finding], verdict: Verdict) -> bool:
    return any(finding.verdict is verdict for finding in findings)
