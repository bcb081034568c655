"""The commands as the program itself knows them, and the reference that is made of them: `python -m tests.docs.commands`."""

from collections.abc import Iterator

import typer.main
from typer.core import TyperCommand, TyperGroup, TyperOption

from tests.docs.documents import DOCS, read

BEGIN = "<!-- From here on written by `make docs`. -->\n"
COMMANDS = DOCS / "operate/commands.md"

Command = TyperCommand | TyperGroup


def program() -> TyperGroup:
    from digest.cli.commands import app  # noqa: PLC0415  the other tests of the documents need no command line

    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def walk(group: TyperGroup, path: str = "digest") -> Iterator[tuple[str, TyperCommand]]:
    """`digest feed add` and its command, for each that does something."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from walk(command, f"{path} {name}")
        elif isinstance(command, TyperCommand):
            yield f"{path} {name}", command


def options(command: Command) -> set[str]:
    params = [param for param in command.params if isinstance(param, TyperOption)]
    return {name for param in params for name in (*param.opts, *param.secondary_opts)}


def reference() -> str:
    """All commands with what they say about themselves, as Markdown."""
    return "\n".join(_section(path, command) for path, command in walk(program()))


def _section(path: str, command: TyperCommand) -> str:
    context = command.context_class(command, info_name=path)
    records = [param.get_help_record(context) for param in command.params]
    rows = [f"| `{name}` | {meaning.replace('|', chr(92) + '|')} |\n" for name, meaning in filter(None, records)]
    table = ["\n| | |\n|---|---|\n", *rows] if rows else []
    return f"### `{path}`\n\n{' '.join((command.help or '').split())}\n{''.join(table)}"


if __name__ == "__main__":
    COMMANDS.write_text(read(COMMANDS).partition(BEGIN)[0] + BEGIN + "\n" + reference(), encoding="utf-8")
