"""Child processes that do one task after the other, and what becomes of a task that asks for too much.

A pool may be used from several threads at once. A child lives for many tasks, is killed when one takes too long, and ends by
itself when this process does, however it does. What comes back is JSON and is to be read with suspicion: a child that hostile
input took over can only give a wrong answer.

RLIMIT_AS is not honoured on macOS; there the time-out is what bounds a bomb.
"""

import atexit
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
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import digest

SECONDS = 20.0  # of wall clock, for one task
MEMORY = 1_073_741_824  # octets of address space, for one child
MAX_REPLY = 200_000_000  # octets
KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class Why(StrEnum):
    """Why a task gave nothing."""

    TOO_SLOW = "time"
    TOO_LARGE = "memory"  # it needs more memory than there is
    TOO_LONG = "reply"  # its answer is longer than one may be
    CRASHED = "crash"
    NO_PROCESS = "process"  # the system starts no more of them


class Confined(Exception):
    """A task gave nothing. Whoever asked says it in words; `said` is the system's own, if any."""

    def __init__(self, why: Why, said: str = "") -> None:
        super().__init__(why, said)
        self.why = why
        self.said = said


class Pool:
    """Up to `size` children, started when first needed. Close it, or use it in a `with`."""

    def __init__(self, size: int, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._size = size
        self._seconds = seconds
        self._memory = memory
        self._idle: list[_Child] = []
        self._reset()
        _POOLS.add(self)

    def run(self, task: str, content: bytes, /, **arguments: Any) -> Any:
        """What the function `task` ("module:function") gave for `content`. Waits for a free child if all are busy.

        Raises Confined, whatever goes wrong; the function itself should give back errors of its own as values.
        """
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
        if "failed" in reply:
            raise Confined(Why.TOO_LARGE)
        return reply.get("value")

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
        command = [sys.executable, "-P", "-m", "digest.confine.child", str(memory), str(seconds)]
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
            raise Confined(Why.NO_PROCESS, error.strerror or "") from None

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
                raise Confined(Why.TOO_LONG)
            reply = json.loads(self._receive(size, deadline))
        except TimeoutError:
            raise Confined(Why.TOO_SLOW) from None
        except (OSError, EOFError, ValueError):
            raise Confined(Why.TOO_SLOW if self._ran_out_of_time() else Why.CRASHED) from None
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


def close() -> None:
    """Ends the idle children of all pools. Done by itself at exit."""
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
