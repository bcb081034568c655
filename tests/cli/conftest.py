"""A place with a digest in it, and its command line as an operator runs it."""

import contextlib
import io
import os
import shutil
import signal
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from unittest import mock

import pytest
import typer.main

from digest.cli import main

COMMANDS = cache(typer.main.get_command)  # they are the same each time, and take longer than most of them need to run


@dataclass
class Done:
    """What a command said, and the code it ended with."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one sentence of a failure; a traceback or a second line is none."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("digest: ")
        return lines[0].removeprefix("digest: ")


@dataclass
class Place:
    """A working directory."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "digest", *words]

    def env(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}
        return inherited | {"DIGEST_PRIVATE_NETWORKS": "127.0.0.0/8"} | self.environment

    def run(self, *words: str) -> Done:
        """In this process, which is quicker; what needs to be killed uses `command` and `env`."""
        out, err = io.StringIO(), io.StringIO()
        signals = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            with (
                contextlib.chdir(self.path),
                mock.patch.dict(os.environ, self.env(), clear=True),
                mock.patch.object(sys, "argv", ["digest", *words]),
                mock.patch.object(typer.main, "get_command", COMMANDS),
                mock.patch.object(sys, "stdin", io.StringIO()),
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(err),
            ):
                main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        finally:
            for number, handler in signals.items():
                signal.signal(number, handler)
        assert "Traceback" not in err.getvalue(), err.getvalue()
        return Done(code, out.getvalue(), err.getvalue())

    def good(self, *words: str) -> str:
        done = self.run(*words)
        assert done.code == 0, done.err + done.out
        return done.out


@pytest.fixture
def bare(tmp_path: Path) -> Place:
    """Nothing there yet."""
    return Place(tmp_path)


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `digest init` leaves, with a list. Use `place`, which copies it."""
    folder = tmp_path_factory.mktemp("begun")
    Place(folder).good("init", "--list", "weekly", "--from", "The Weekly <news@example.org>", "--yes")
    return folder


@pytest.fixture
def place(bare: Place, begun: Path, migrated_sqlite: Path) -> Place:  # noqa: ARG001  its statements are shared
    """With a list, a folder of two articles, and no readers."""
    shutil.copytree(begun, bare.path, dirs_exist_ok=True)
    folder = bare.path / "stories"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.md").write_text(
            f"---\ntitle: Story {number}\nurl: https://example.org/{number}\n---\nWhat happened, in a sentence or two.\n"
        )
    bare.good("feed", "add", "weekly", "stories")
    return bare
