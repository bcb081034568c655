"""The command line: one file per noun. It starts quickly because each command imports what it needs when it runs.

Exit codes: 0 done · 1 failed · 2 usage · 3 partly · 4 nothing to do · 75 try later.
"""

import os
import sys
from typing import NoReturn

from digest.model.errors import DigestError

DEBUG = "DIGEST_DEBUG"
STOPPED = 130  # as shells say of what Ctrl-C ended


def main() -> None:
    """The `digest` command. What goes wrong is told in one sentence; a traceback only with DIGEST_DEBUG=1."""
    _replace_closed_streams()
    import typer

    from digest.cli.commands import app

    try:
        code = app(prog_name="digest", standalone_mode=False)
    except DigestError as error:
        _fail(str(error), error.exit_code)
    except typer.TyperException as error:
        _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(STOPPED)
    except BrokenPipeError:
        # Whoever read our output has gone: nothing to say, and at the end Python must not try to write the rest of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  no traceback reaches a user
        _fail(f"{type(error).__name__}: {error} (this is a fault of digest; {DEBUG}=1 shows where)", 1)
    else:
        sys.exit(code or 0)


def _replace_closed_streams() -> None:
    """What the caller closed (`>&-`) leads nowhere, so that no file of ours gets its number and our words."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115  open for as long as we run


def _misused(error: Exception) -> NoReturn:
    """What Typer says of wrong words, in one sentence as all else; or the help, for a command without its words."""
    said = str(error.format_message())  # type: ignore[attr-defined]  # a TyperException, which is not imported at the top
    if said.startswith("Usage:"):
        sys.stderr.write(f"{said}\n")
        sys.exit(2)
    for theirs, ours in _PLAINER:
        said = said.replace(theirs, ours)
    command = getattr(getattr(error, "ctx", None), "command_path", "digest")
    _fail(f"{' '.join(said.split()).rstrip('.')}; `{command} --help` says more.", 2)


_PLAINER = (
    ("Value error, ", ""),
    ("Input should be a valid integer, unable to parse string as an integer", "it must be a whole number"),
)


def _fail(sentence: str, code: int) -> NoReturn:
    from digest.cli.show import plain

    if os.environ.get(DEBUG):
        import traceback

        traceback.print_exc()
    sys.stderr.write(f"digest: {plain(sentence)}\n")
    sys.exit(code)
