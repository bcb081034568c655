"""A folder of .md, .html and .txt files as a feed. Reads below the folder only, and only ordinary files (security S33).

No symbolic link is followed, no FIFO or device is opened for good: a file is opened without waiting, looked at, and left alone
when it is not what it was. Safe while files are being written: what changes later is read later.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from digest.model.feed import Entry, Feed, FeedFailed, FeedKind, FeedOutcome, FeedRead, FeedUnchanged, FetchLimits
from digest.sources import confine
from digest.sources.parsed import Unreadable

SUFFIXES = (".md", ".markdown", ".html", ".htm", ".txt")
MAX_DEPTH = 20  # folders below the folder
WHOLE = 20  # a folder may be as large as this many of the largest files
_OPENING = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class _File:
    """A file where the walk stands now. `folder` is open only until the walk goes on."""

    name: str
    shown: str  # its path below the folder; the guid of its entry
    folder: int  # file descriptor


def read_folder(feed: Feed, limits: FetchLimits) -> FeedOutcome:
    """One file that cannot be read becomes a note, and the others are read. Never raises."""
    top = Path(feed.location)
    try:
        if not top.is_dir():
            return FeedFailed(f"{feed.location} could not be read: {_what(top)}.")
        mark = _mark(top, limits)
        if mark == feed.etag:
            return FeedUnchanged()
        entries, notes = _read_all(top, limits)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        return FeedFailed(f"{feed.location} could not be read: {_reason(error)}.")
    return FeedRead(
        location=feed.location,
        kind=FeedKind.FOLDER,
        title=feed.title or top.resolve().name,
        entries=tuple(entries),
        etag="" if notes else mark,  # what was wrong is said again until it is mended
        notes=tuple(notes),
    )


def _what(top: Path) -> str:
    return "it is a file, not a folder" if top.exists() else "there is no such folder"


def _mark(top: Path, limits: FetchLimits) -> str:
    """Changes when any file does; stands where a server's ETag would."""
    whole = hashlib.blake2b(digest_size=16)
    for file in _walk(top, limits.max_files):
        with suppress(FileNotFoundError):
            about = os.stat(file.name, dir_fd=file.folder, follow_symlinks=False)
            whole.update(f"{file.shown}\0{about.st_size}\0{about.st_mtime_ns}\0{about.st_ctime_ns}\0".encode())
    return f"folder:{whole.hexdigest()}"


def _read_all(top: Path, limits: FetchLimits) -> tuple[list[Entry], list[str]]:
    """One file in memory at a time."""
    entries: list[Entry] = []
    notes: list[str] = []
    count, left = 0, limits.max_bytes * WHOLE
    for count, file in enumerate(_walk(top, limits.max_files + 1), 1):
        if count > limits.max_files or left < 0:
            notes.append(f"{file.shown} and what comes after it was left out: the folder is too large.")
            break
        try:
            content = _read(file, limits.max_bytes)
            left -= len(content)
            parsed = confine.run("file", content, name=file.shown)
        except (OSError, Unreadable) as error:
            notes.append(_note(file.shown, _reason(error)))
            continue
        entries.extend(parsed.entries)
        notes.extend(f"{file.shown}: {note}" for note in parsed.notes)
    if not count:
        notes.append(f"{top} has no .md, .html or .txt file.")
    return entries, notes


def _note(name: str, reason: str) -> str:
    """`story.md, line 3: … It was left out.` or `story.md was left out: …`."""
    if reason.startswith("line "):
        return f"{name}, {reason}. It was left out."
    return f"{name} was left out: {reason}."


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "it cannot be read").lower()
    return str(error)


def _walk(top: Path, most: int) -> Iterator[_File]:
    """In order of their names, so that the same folder is always the same feed."""
    count = 0
    for folder, below, names, handle in os.fwalk(top, follow_symlinks=False):
        path = Path(folder).relative_to(top)
        below[:] = sorted(name for name in below if not name.startswith(".")) if len(path.parts) < MAX_DEPTH else []
        for name in sorted(names):
            if not name.startswith(".") and name.lower().endswith(SUFFIXES):
                count += 1
                if count > most:
                    return
                yield _File(name, _shown(path / name), handle)


def _read(file: _File, max_bytes: int) -> bytes:
    """Raises Unreadable when it is not an ordinary file of a sensible size; OSError when it cannot be opened."""
    if stat.S_ISLNK(os.stat(file.name, dir_fd=file.folder, follow_symlinks=False).st_mode):
        raise Unreadable("it is a symbolic link")
    with os.fdopen(os.open(file.name, _OPENING, dir_fd=file.folder), "rb") as handle:
        about = os.fstat(handle.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise Unreadable("it is not an ordinary file")
        content = handle.read(max_bytes + 1) if about.st_size <= max_bytes else b""
        if about.st_size > max_bytes or len(content) > max_bytes:
            raise Unreadable(f"it is larger than {max_bytes:,} bytes")
        return content


def _shown(path: Path) -> str:
    """With slashes, and bytes that are no UTF-8 escaped, so that it can be stored and printed."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
