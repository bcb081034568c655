"""A server in a process of its own, so that its work is not counted as ours. It says its port, and ends when we do."""

import os
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self


class Child:
    """A module of ours that prints the port it listens on. Open from `with` to its end."""

    def __init__(self, module: str, *words: str) -> None:
        self._command = [sys.executable, "-m", module, *words]
        self.port = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()


def end_with_parent() -> None:
    """Called by the child: when its standard input closes, whoever started it is gone."""

    def wait() -> None:
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
