"""The confined process: reads tasks on its standard input (a socket), answers there, ends when the other end closes.

Only digest.sources.confine starts it. It has no secrets in its environment and never opens a file or a connection.
"""

import base64
import dataclasses
import importlib
import json
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from digest.model.picture import Rendition
from digest.sources.parsed import Parsed, Unreadable

TASKS_PER_LIFE = 1_000  # then it is replaced, so that no leak grows for ever

#: Task → where it is done. Imported when first asked for: a child that only reads feeds never loads trafilatura.
_TASKS = {
    "feed": "digest.sources.parse:parse_feed",
    "page": "digest.sources.page:parse_page",
    "links": "digest.sources.page:parse_links",
    "file": "digest.sources.textfile:parse_file",
    "picture": "digest.sources.rendition:make_renditions",
}


def main() -> None:
    memory, seconds = int(sys.argv[1]), float(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, whose end is ours too
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CORE, 0)
    with socket.socket(fileno=0) as parent, suppress(EOFError, OSError):
        for count in range(1, TASKS_PER_LIFE + 1):
            head, content = _hear(parent)
            _limit(resource.RLIMIT_CPU, _seconds_used() + int(seconds) + 1)
            reply = answer(head["task"], content, head["arguments"])
            if count == TASKS_PER_LIFE:
                reply["spent"] = True
            _say(parent, reply)


def answer(task: str, content: bytes, arguments: dict[str, Any]) -> dict[str, Any]:
    """The reply to one task, as what JSON can carry. Never raises."""
    try:
        result = _doer(task)(content, **arguments)
        return {"parsed": encode(result)} if isinstance(result, Parsed) else {"renditions": encode_renditions(result)}
    except Unreadable as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "it needs more memory than a feed may", "spent": True}
    except RecursionError:
        return {"error": "it is nested too deeply"}
    except Exception as error:  # noqa: BLE001 - parsers of strangers' bytes raise what they like; none of it may end a refresh
        return {"error": f"it confuses the parser ({type(error).__name__})"}


def encode(parsed: Parsed) -> dict[str, Any]:
    """What JSON can carry; dates as ISO 8601."""
    values = dataclasses.asdict(parsed)
    for entry in values["entries"]:
        for name in ("published_at", "updated_at"):
            moment: datetime | None = entry[name]
            entry[name] = moment.isoformat() if moment else None
    return values


def encode_renditions(renditions: tuple[Rendition, ...]) -> list[dict[str, Any]]:
    """The same; bytes as base64."""
    return [dataclasses.asdict(each) | {"content": base64.b64encode(each.content).decode()} for each in renditions]


def _doer(task: str) -> Callable[..., Parsed | tuple[Rendition, ...]]:
    module, _, name = _TASKS[task].partition(":")
    doer: Callable[..., Parsed | tuple[Rendition, ...]] = getattr(importlib.import_module(module), name)
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
