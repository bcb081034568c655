"""Postfix's smtp-sink: a mail server of other people's making, with faults of its own. See its manual, smtp-sink(1).

with smtp_sink(tmp_path, "-r", "RCPT") as sink:
    ...talk to 127.0.0.1, sink.port...
sink.recipients()     of all it took, in order
"""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.doubles.debian import environment, unpacked


@dataclass(frozen=True)
class Sink:
    port: int
    dump: Path

    def recipients(self) -> list[str]:
        """Of what was taken to its dot, whatever the dot was answered."""
        text = self.dump.read_text("utf-8", "replace") if self.dump.exists() else ""
        return re.findall(r"^X-Rcpt-Args: <([^>]*)>", text, re.MULTILINE)


@contextmanager
def smtp_sink(folder: Path, *flags: str) -> Iterator[Sink]:
    root = unpacked("postfix")
    sink = Sink(_free_port(), folder / "dump")
    user = ["-u", "root"] if os.geteuid() == 0 else []
    command = [str(root / "usr/sbin/smtp-sink"), *user, "-D", str(sink.dump), *flags, f"127.0.0.1:{sink.port}", "64"]
    with subprocess.Popen(command, cwd=folder, env=environment(root), stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(process, sink.port)
            yield sink
        finally:
            process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            continue
        return
    raise AssertionError(f"smtp-sink ended with {process.returncode}")
