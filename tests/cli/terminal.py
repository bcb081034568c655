"""A terminal with a person at it: a command runs on a real pseudo-terminal, and its questions are answered."""

import os
import pty
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from tests.cli.conftest import Place


def at_terminal(place: Place, *words: str, answers: Sequence[tuple[str, str]] = ()) -> tuple[int, str]:
    """The exit code, and all that was seen. An answer is (the end of the question, what is typed)."""
    ours, theirs = pty.openpty()
    env = place.env() | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
    with subprocess.Popen(
        place.command(*words), cwd=place.path, env=env, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        try:
            seen = _converse(ours, list(answers))
        finally:
            os.close(ours)
        return process.wait(30), seen


def _converse(terminal: int, answers: list[tuple[str, str]]) -> str:
    seen, looked = "", 0
    with suppress(OSError):  # how Linux says that nobody has the other end open any more
        while part := os.read(terminal, 65536):
            seen += part.decode("utf-8", "replace")
            if answers and answers[0][0] in seen[looked:]:
                looked = len(seen)
                os.write(terminal, f"{answers.pop(0)[1]}\n".encode())
    assert not answers, f"never asked: {answers}\n{seen}"
    return seen
