"""Parses strangers' bytes in child processes that have little memory, little time and none of our secrets (security S21).

`run(task, content, **arguments)` is what the other modules call; it may be called from several threads at once. A child lives
for many tasks, is killed when one takes too long, and ends by itself when this process does, however it does. What comes
back is JSON and is read with suspicion: a child that a hostile feed took over can only give wrong entries.

RLIMIT_AS is not honoured on macOS; there the time-out is what bounds a bomb.
"""

import atexit
import base64
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import weakref
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import digest
from digest.model.feed import Entry, Picture
from digest.model.picture import EXTENSIONS, Rendition
from digest.sources.parsed import FoundFeed, Parsed, Unreadable

SECONDS = 20.0  # of wall clock, for one task
MEMORY = 1_073_741_824  # octets of address space, for one child
MAX_REPLY = 200_000_000  # octets
KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

TOO_SLOW = "it takes too long to parse"
CRASHED = "it makes the parser crash"


class Pool:
    """Up to `size` children, started when first needed. Close it, or use it in a `with`."""

    def __init__(self, size: int, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._size = size
        self._seconds = seconds
        self._memory = memory
        self._idle: list[_Child] = []
        self._reset()
        _POOLS.add(self)

    def run(self, task: str, content: bytes, **arguments: Any) -> Parsed:
        """Raises Unreadable, whatever goes wrong. Waits for a free child if all are busy."""
        return _judge(self._ask(task, content, arguments))

    def render(self, content: bytes) -> tuple[Rendition, ...]:
        """A picture's renditions; none of one that is too small to be any. Raises Unreadable and waits like `run`."""
        return _judge_renditions(self._ask("picture", content, {}))

    def _ask(self, task: str, content: bytes, arguments: dict[str, Any]) -> dict[str, Any]:
        with self._places:
            child = self._take()
            try:
                reply = child.ask(task, content, arguments, self._seconds)
            except BaseException:
                child.kill()
                raise
            if reply.get("spent"):
                child.kill()
            else:
                self._give_back(child)
        return reply

    def close(self) -> None:
        """Ends the idle children. Safe twice; the pool can be used again."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def forget(self) -> None:
        """In a forked copy of this process: the children belong to the original, so only our ends are closed."""
        for child in self._idle:
            child.forget()
        self._reset()

    def _reset(self) -> None:
        self._idle = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(self._size)

    def _take(self) -> "_Child":
        while True:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                return _Child(self._memory, self._seconds)
            if child.alive:
                return child
            child.kill()

    def _give_back(self, child: "_Child") -> None:
        with self._lock:
            self._idle.append(child)


class _Child:
    """One process, and a socket to its standard input on which it hears and answers."""

    def __init__(self, memory: int, seconds: float) -> None:
        ours, theirs = socket.socketpair()
        self._socket = ours
        command = [sys.executable, "-P", "-m", "digest.sources.worker", str(memory), str(seconds)]
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=_environment(),
                )
        except OSError as error:
            ours.close()
            raise Unreadable(f"no process could be started to parse it ({error.strerror})") from None

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, task: str, content: bytes, arguments: dict[str, Any], seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        head = json.dumps({"task": task, "arguments": arguments}).encode()
        try:
            self._socket.settimeout(seconds)
            self._socket.sendall(struct.pack(">II", len(head), len(content)) + head + content)
            (size,) = struct.unpack(">I", self._receive(4, deadline))
            if size > MAX_REPLY:
                raise Unreadable("it holds more than a feed may")
            reply = json.loads(self._receive(size, deadline))
        except TimeoutError:
            raise Unreadable(TOO_SLOW) from None
        except (OSError, EOFError, ValueError):
            raise Unreadable(TOO_SLOW if self._ran_out_of_time() else CRASHED) from None
        return reply if isinstance(reply, dict) else {}

    def kill(self) -> None:
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        self._socket.close()
        self._process.returncode = 0  # not our child: Popen must neither wait for it nor warn about it

    def _receive(self, size: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            part = self._socket.recv(min(size - len(parts), 1_048_576))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)

    def _ran_out_of_time(self) -> bool:
        """Whether the kernel stopped it for RLIMIT_CPU."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(1) in (-24, -9)  # SIGXCPU, SIGKILL
        return False


_POOLS: "weakref.WeakSet[Pool]" = weakref.WeakSet()
_SHARED = Pool(size=max(2, min(4, os.cpu_count() or 2)))
_DARKROOM = Pool(size=2)  # apart: a picture takes much memory, and a feed need not wait for it


def run(task: str, content: bytes, **arguments: Any) -> Parsed:
    """Does `task` (see digest.sources.worker) on `content` in a child. Raises Unreadable."""
    return _SHARED.run(task, content, **arguments)


def render(content: bytes) -> tuple[Rendition, ...]:
    """A picture's renditions, made in a child; none of one that is too small to be any. Raises Unreadable."""
    return _DARKROOM.render(content)


def close() -> None:
    """Ends the shared children. Done by itself at exit."""
    for pool in list(_POOLS):
        pool.close()


def _forget() -> None:
    for pool in list(_POOLS):
        pool.forget()


atexit.register(close)
os.register_at_fork(after_in_child=_forget)


def _environment() -> dict[str, str]:
    """No settings and no secrets, only what Python needs to find itself and us."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return kept | {"PYTHONPATH": str(Path(digest.__file__).resolve().parents[1]), "PYTHONUTF8": "1"}


def _judge(reply: dict[str, Any]) -> Parsed:
    if "error" in reply:
        raise Unreadable(str(reply["error"]))
    try:
        return decode(reply["parsed"])
    except (KeyError, TypeError, ValueError):
        raise Unreadable(CRASHED) from None


def _judge_renditions(reply: dict[str, Any]) -> tuple[Rendition, ...]:
    if "error" in reply:
        raise Unreadable(str(reply["error"]))
    try:
        return tuple(_rendition(values) for values in reply["renditions"])
    except (KeyError, TypeError, ValueError):
        raise Unreadable(CRASHED) from None


def _rendition(values: dict[str, Any]) -> Rendition:
    if values["media_type"] not in EXTENSIONS:
        raise ValueError(values["media_type"])
    content = base64.b64decode(values["content"], validate=True)
    return Rendition(content, values["media_type"], int(values["width"]), int(values["height"]))


def decode(values: dict[str, Any]) -> Parsed:
    """The opposite of digest.sources.worker.encode."""
    return Parsed(
        title=str(values["title"]),
        language=str(values["language"]),
        entries=tuple(_entry(entry) for entry in values["entries"]),
        notes=tuple(str(note) for note in values["notes"]),
        feeds=tuple(FoundFeed(str(feed["location"]), str(feed["title"])) for feed in values["feeds"]),
        is_article=bool(values["is_article"]),
    )


def _entry(values: dict[str, Any]) -> Entry:
    picture = values.pop("picture")
    published, updated = _date(values.pop("published_at")), _date(values.pop("updated_at"))
    return Entry(**values, published_at=published, updated_at=updated, picture=Picture(**picture) if picture else None)


def _date(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
