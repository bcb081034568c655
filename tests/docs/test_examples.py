"""What the documents ask a reader to type exists, and their links lead somewhere."""

import re
import shlex
from pathlib import Path
from typing import cast

import pytest
from typer.core import TyperGroup

from tests.docs.commands import Command, options, program
from tests.docs.documents import ROOT, console_lines, documents, links, read

NOT_OURS = {
    "cd",
    "chown",
    "cp",
    "createdb",
    "curl",
    "export",
    "git",
    "mkdir",
    "openssl",
    "pip",
    "pipx",
    "podman",
    "psql",
    "sqlite3",
    "secrets.sh",
    "systemctl",
    "useradd",
}

EXAMPLES = [pytest.param(line, id=f"{path.stem}: {line[:60]}") for path in documents() for line in console_lines(path)]


@pytest.mark.parametrize("line", EXAMPLES)
def test_what_is_to_be_typed_exists(line: str) -> None:
    words = [word for word in shlex.split(line, comments=True) if not re.fullmatch(r"[A-Z_]+=.*", word)]
    name = Path(words[0]).name
    if name == "make":
        targets = re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE)
        assert [word for word in words[1:] if word not in targets] == []
    elif name.startswith("python"):
        assert (ROOT / words[1]).is_file() or words[1] == "-m"
    elif name == "digest":
        check_digest(words[1:])
    elif name != "pytest":
        assert name in NOT_OURS


def check_digest(words: list[str]) -> None:
    """Follow the words down the tree of commands; every option on the way must be known where it stands."""
    command: Command = program()
    for word in words:
        if word.startswith("--"):
            assert word.partition("=")[0] in options(command) | {"--help"}, f"{command.name} has no {word}"
        elif isinstance(command, TyperGroup) and not word.startswith("-"):
            assert word in command.commands, f"{command.name} has no {word}"
            command = cast("Command", command.commands[word])


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    def dead(target: str) -> bool:
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        return not there.exists() or bool(anchor and anchor not in anchors(there))

    assert [target for target in links(path) if dead(target)] == []


def anchors(path: Path) -> set[str]:
    """As GitHub makes them from headings."""
    headings = re.findall(r"^#+ +(.+)$", read(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
