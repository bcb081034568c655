"""Starting the command, beside starting Python."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Step, Subject

COMMAND = (sys.executable, "-m", "digest")


@contextmanager
def _open(_size: int, place: Path) -> Iterator[Sequence[Subject]]:
    _start(place, *COMMAND, "init", "--list", "weekly", "--from", "news@example.org", "--yes")
    yield (
        Subject("python -c pass", lambda: _start(place, sys.executable, "-c", "pass")),
        Subject("digest --help", lambda: _start(place, *COMMAND, "--help")),
        Subject("digest list show", lambda: _start(place, *COMMAND, "list", "show", "weekly")),
    )


def _start(place: Path, *command: str) -> int:
    """One, if it ended well."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    subprocess.run(command, cwd=place, env=environment, check=True, stdout=subprocess.DEVNULL)
    return 1


STEP = Step("start", "start", (1,), (1,), _open)
