"""Waiting for another process without taking the CPU that it needs."""

import subprocess
import time
from collections.abc import Callable


def wait_until(happened: Callable[[], object], process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> None:
    """It must not end before."""
    while not happened():
        assert process.poll() is None
        time.sleep(0.01)
