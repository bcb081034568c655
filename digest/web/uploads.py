"""Files that an operator hands over: kept in a folder that nobody else may read, for the time between looking and importing."""

import os
import tempfile
import time
from collections.abc import AsyncIterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from digest.model.errors import BadInput, TryLater
from digest.web.forms import Form

KEPT_SECONDS = 3_600
PIECE = 2**20  # bytes read at once
MOST_FILES = 5
GONE = "The file is not kept any more; choose it once more."


async def read_upload(request: Request, owner: int, name: str) -> tuple[Form, Path | None, str]:
    """The fields of a form, and its files in a folder of their own; None when there are none. `name` is random."""
    async with request.form(max_files=MOST_FILES, max_fields=100) as form:
        sent = [each for each in form.getlist("file") if isinstance(each, UploadFile) and each.filename]
        folder = await _keep(sent, owner, name) if sent else None
        return _fields(form), folder, ", ".join(str(each.filename) for each in sent)


def find_upload(owner: int, name: str) -> Path:
    """Raises BadInput when it was another operator's, or is gone."""
    folder = _folder() / f"{owner}-{name}"
    if not name.isalnum() or not folder.is_dir():
        raise BadInput(GONE)
    return folder


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def forget_upload(folder: Path) -> None:
    for each in folder.iterdir():
        each.unlink(missing_ok=True)
    folder.rmdir()


async def keep_pieces(pieces: AsyncIterable[bytes], named: str, owner: int, name: str) -> Path:
    """One file as it comes in. Raises TryLater when the disk has no room for it; then nothing of it is kept."""
    with _making(owner, name) as folder, (folder / f"0-{_plain(named)}").open("wb") as out:
        async for piece in pieces:
            out.write(piece)
    return folder


async def _keep(sent: Sequence[UploadFile], owner: int, name: str) -> Path:
    with _making(owner, name) as folder:
        for number, each in enumerate(sent):
            with (folder / f"{number}-{_plain(str(each.filename))}").open("wb") as out:
                while piece := await each.read(PIECE):
                    out.write(piece)
    return folder


@contextmanager
def _making(owner: int, name: str) -> Iterator[Path]:
    folder = None
    try:
        _forget_old()
        folder = _folder() / f"{owner}-{name}"
        folder.mkdir()
        yield folder
    except OSError as error:
        if folder is not None and folder.is_dir():
            forget_upload(folder)
        raise TryLater(f"The file cannot be kept on this machine: {error.strerror}.") from None


def _folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"digest-uploads-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.is_symlink():
        raise PermissionError(1, f"{folder} is somebody else's")
    return folder


def _forget_old() -> None:
    before = time.time() - KEPT_SECONDS  # noqa: TID251  held against a file's own time
    for each in _folder().iterdir():
        if each.is_dir() and each.stat().st_mtime < before:
            forget_upload(each)


def _plain(name: str) -> str:
    """What may be a file's name anywhere: it tells people which it was, and its ending which kind."""
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_" for char in Path(name).name)
    return kept[-80:].lstrip(".") or "file"


def _fields(form: FormData) -> Form:
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(value)
    return Form(fields)
