"""Postfix's own test programs: smtp-sink, which takes every mail and forgets it, and smtp-source, which sends as fast as C can."""

import contextlib
import os
import resource
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from bench import cpu
from bench.race import Turn, Unmeasurable
from tests.doubles.debian import environment, unpacked

_PATIENCE = 10.0  # seconds
_PROBE = 1_000  # octets


@dataclass(frozen=True, slots=True)
class Postfix:
    """Where its programs are, and what they need around them."""

    folder: Path
    environment: dict[str, str]

    def command(self, program: str, *words: str) -> list[str]:
        return [str(self.folder / program), *words]


def postfix() -> Postfix:
    """As it is installed here, or fetched once; raises Unmeasurable where that cannot be."""
    found = shutil.which("smtp-source", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if found and Path(found).with_name("smtp-sink").exists():
        return Postfix(Path(found).parent, dict(os.environ))
    try:
        root = unpacked("postfix")
    except pytest.skip.Exception as why:
        raise Unmeasurable(f"no smtp-sink and no smtp-source ({why.msg})") from None
    return Postfix(root / "usr/sbin", environment(root))


class SmtpSink:
    """smtp-sink on a port of its own, from `with` to its end."""

    def __init__(self, tools: Postfix) -> None:
        self._tools = tools
        self.port = 0

    def __enter__(self) -> Self:
        self.port = _free_port()
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = self._tools.command("smtp-sink", *user, f"127.0.0.1:{self.port}", "1024")
        self._process = subprocess.Popen(command, env=self._tools.environment)
        _wait_for(self.port)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    def beside(self, run: Callable[[], Turn]) -> Turn:
        """A turn, with what the sink used for it."""
        before = cpu.of_process(self._process.pid)
        turn = run()
        used = cpu.of_process(self._process.pid) - before
        return replace(turn, cpu=turn.cpu | {"sink": turn.cpu.get("sink", 0.0) + used})


def smtp_source(tools: Postfix, port: int, *, connections: int, count: int, octets: int) -> Turn:
    """So many mails of so many octets on the wire each, headers and all, on connections that stay open (-d)."""
    length = octets - _header_octets(tools)
    began, used = time.perf_counter(), _children()
    _source(tools, port, "-s", str(connections), "-m", str(count), "-l", str(length))
    return Turn(count, time.perf_counter() - began, {"sender": _children() - used})


def _source(tools: Postfix, port: int, *words: str) -> None:
    addresses = ("-f", "news@example.org", "-t", "reader1234@example.org")
    command = tools.command("smtp-source", "-d", *words, *addresses, f"127.0.0.1:{port}")
    subprocess.run(command, env=tools.environment, check=True)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _header_octets(tools: Postfix) -> int:
    """How long smtp-source's header is: it comes on top of what -l says, and has this machine's name in it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        found: list[int] = []
        counting = threading.Thread(target=_count, args=(server, found))
        counting.start()
        _source(tools, server.getsockname()[1], "-m", "1", "-l", str(_PROBE))
        counting.join()
    return found[0] - _PROBE


def _count(server: socket.socket, found: list[int]) -> None:
    """Take one mail, and note its octets without the final dot."""
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 count.example.org\r\n")
        for line in lines:
            connection.sendall(b"354 go on\r\n" if line.startswith(b"DATA") else b"250 well\r\n")
            if line.startswith(b"DATA"):
                found.append(sum(map(len, iter(lines.readline, b".\r\n"))))
                connection.sendall(b"250 taken\r\n")
            if line.startswith(b"QUIT"):
                return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as connection:
            connection.recv(4)
            return
        time.sleep(0.02)
    message = f"smtp-sink did not answer within {_PATIENCE:g} seconds."
    raise RuntimeError(message)
