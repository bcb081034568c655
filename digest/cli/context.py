"""What every command starts from: the App of this run, and the settings file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.app import CONFIG, App, open_app
from digest.model.errors import BadSetting


def use_config(path: Path, *, to_be_made: bool) -> None:
    """What --config does. A file that is named must exist, but for `init`; the default one need not."""
    if not path.is_file() and not to_be_made:
        raise BadSetting(f"There is no settings file {path}; `digest init` makes one.")
    os.environ[CONFIG] = str(path)


@contextmanager
def opened() -> Iterator[App]:
    app = open_app()
    try:
        yield app
    finally:
        app.close()
