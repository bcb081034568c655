"""The confined process: reads tasks on its standard input (a socket), answers there, ends when the other end closes.

Only digest.confine.pool starts it. It has no secrets in its environment.
"""

import importlib
import json
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

TASKS_PER_LIFE = 1_000  # then it is replaced, so that no leak grows for ever


def main() -> None:
    memory, seconds = int(sys.argv[1]), float(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, whose end is ours too
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CORE, 0)
    with socket.socket(fileno=0) as parent, suppress(EOFError, OSError):
        for count in range(1, TASKS_PER_LIFE + 1):
            head, content = _hear(parent)
            _limit(resource.RLIMIT_CPU, _seconds_used() + int(seconds) + 1)
            reply = _do(head["task"], content, head["arguments"])
            if count == TASKS_PER_LIFE:
                reply["spent"] = True
            _say(parent, reply)


def _do(task: str, content: bytes, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": _doer(task)(content, **arguments)}
    except MemoryError:
        return {"failed": "memory", "spent": True}


def _doer(task: str) -> Callable[..., Any]:
    module, _, name = task.partition(":")
    doer: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return doer


def _hear(parent: socket.socket) -> tuple[dict[str, Any], bytes]:
    head_size, content_size = struct.unpack(">II", _receive(parent, 8))
    return json.loads(_receive(parent, head_size)), _receive(parent, content_size)


def _receive(parent: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = parent.recv(min(size - len(parts), 1_048_576))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _say(parent: socket.socket, reply: dict[str, Any]) -> None:
    text = json.dumps(reply).encode()
    parent.sendall(struct.pack(">I", len(text)) + text)


def _seconds_used() -> int:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return int(usage.ru_utime + usage.ru_stime)


def _limit(what: int, soft: int) -> None:
    """Lowers a soft limit as far as the system lets us; macOS refuses RLIMIT_AS."""
    hard = resource.getrlimit(what)[1]
    with suppress(ValueError, OSError):
        resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


if __name__ == "__main__":
    main()
