"""The tables in what an operator hands over: files, or a ZIP of them. A ZIP that would unpack to a flood is refused (security S22)."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from digest.model.errors import BadInput

MAX_MEMBERS = 1000
MAX_UNPACKED = 4 * 2**30  # bytes of all tables in a ZIP
MAX_RATIO = 100  # to which they may unpack; CSV comes to 10 or so
SMALL = 2**20  # bytes that may unpack to whatever they like
_MAX_DIRECTORY = 2**20  # bytes of the ZIP's table of contents, which is read as a whole
_TABLES = {".csv", ".tsv", ".txt", ".jsonl"}


@dataclass(frozen=True, slots=True)
class File:
    """What was handed over. `stream` is binary and can be read again from its beginning."""

    name: str
    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class Part:
    """One table. `open` gives its bytes from the beginning, each time."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


def open_file(path: Path) -> BinaryIO:
    """Raises BadInput in words when there is no such file, or it is not a plain one."""
    if not path.is_file():
        raise BadInput(f"{path} is not a file." if path.exists() else f"There is no file {path}.")
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None


def fingerprint(files: Sequence[File]) -> str:
    """The same for the same bytes, in whatever order the files come."""
    hashes = sorted(_sha256(each.stream) for each in files)
    return hashes[0] if len(hashes) == 1 else sha256("".join(hashes).encode()).hexdigest()


def _sha256(stream: BinaryIO) -> str:
    stream.seek(0)
    summed = sha256()
    for chunk in iter(lambda: stream.read(2**20), b""):
        summed.update(chunk)
    return summed.hexdigest()


def find_parts(files: Sequence[File]) -> list[Part]:
    """Raises BadInput for a ZIP that cannot be read, must not be, or holds no table."""
    return [part for file in files for part in _parts(file)]


def _parts(file: File) -> Iterator[Part]:
    file.stream.seek(0)
    if file.stream.read(4) in {b"PK\3\4", b"PK\5\6"}:
        yield from _of_zip(file)
    else:
        yield Part(file.name, file.stream.seek(0, io.SEEK_END), lambda: _rewound(file.stream))


def _rewound(stream: BinaryIO) -> BinaryIO:
    stream.seek(0)
    return stream


def _of_zip(file: File) -> Iterator[Part]:
    _check_directory(file)
    try:
        archive = zipfile.ZipFile(file.stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise BadInput(f"{file.name} is a broken ZIP; fetch it again, or unpack it and import its files.") from None
    tables = [each for each in archive.infolist() if _is_table(each.filename)]
    if not tables:
        raise BadInput(f"{file.name} is a ZIP without a CSV file in it.")
    _check_sizes(file.name, tables)
    for each in tables:
        yield Part(f"{file.name}/{each.filename}", each.file_size, lambda each=each: _member(archive, each))  # type: ignore[misc]  # a default binds this round's


def _is_table(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in _TABLES and not path.name.startswith(".") and "__MACOSX" not in path.parts


def _check_sizes(name: str, tables: Sequence[zipfile.ZipInfo]) -> None:
    if len(tables) > MAX_MEMBERS:
        raise BadInput(f"{name} has {len(tables)} files; {MAX_MEMBERS} are the most.")
    if any(each.flag_bits & 1 for each in tables):
        raise BadInput(f"{name} is encrypted; unpack it and import its files.")
    if any(each.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for each in tables):
        raise BadInput(f"{name} is packed in a way that we do not read; unpack it and import its files.")
    unpacked, packed = sum(each.file_size for each in tables), sum(each.compress_size for each in tables)
    if unpacked > MAX_UNPACKED or (unpacked > SMALL and unpacked > packed * MAX_RATIO):
        raise BadInput(f"{name} would unpack to {unpacked:,} bytes, which is no export we know; nothing was read.")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    """No more comes out of it than was said, or zipfile complains."""
    return io.BufferedReader(_Unpacked(archive, member), 2**16)


class _Unpacked(io.RawIOBase):
    """A member whose bytes are wrong says so in words."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        super().__init__()
        self._name = f"{archive.filename or 'The ZIP'}/{member.filename}"
        self._position = 0
        with self._in_words():
            self._stream = archive.open(member)

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as BufferedReader calls it
        with self._in_words():
            read = self._stream.read(len(buffer))
        buffer[: len(read)] = read
        self._position += len(read)
        return len(read)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
            raise BadInput(f"{self._name} is damaged; fetch the file again, or unpack it and import that.") from None


def _check_directory(file: File) -> None:
    """How large the table of contents is, before zipfile reads it: APPNOTE.TXT 4.3.16, and 4.3.14 for ZIP64."""
    size = file.stream.seek(0, io.SEEK_END)
    start = max(0, size - 22 - 65_535 - 20)
    file.stream.seek(start)
    tail = file.stream.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or end + 22 > len(tail):
        raise BadInput(f"{file.name} is a broken ZIP; fetch it again, or unpack it and import its files.")
    (directory,) = struct.unpack_from("<L", tail, end + 12)
    if end >= 20 and tail[end - 20 : end - 16] == b"PK\6\7":
        (place,) = struct.unpack_from("<Q", tail, end - 12)
        file.stream.seek(min(place, size))
        record = file.stream.read(56)
        directory = struct.unpack_from("<Q", record, 40)[0] if len(record) == 56 else directory
    if directory > _MAX_DIRECTORY:
        raise BadInput(f"{file.name} is a ZIP of too many files; unpack it and import those with addresses.")
