"""What a database can refuse, as one sentence. SQLite names its errors (`SQLITE_BUSY`), PostgreSQL numbers them (SQLSTATE)."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from digest.model.errors import DigestError, TryLater

LOCKED = "The database {name} is locked by another process; try again when that has finished."
_READ_ONLY = "The database {name} is read-only; give this user the right to write it and its folder."
_NOT_OPEN = "The database {name} cannot be opened; check that its folder exists and may be written."
_NOT_SOUND = "The file of {name} is not a sound database ({said}); restore it from a backup."
_FULL = "The disk of {name} is full; nothing was lost, free some space and try again."
_NO_TABLE = "The database {name} lacks a table ({said}); run `digest db upgrade`."
_AWAY = "The database {name} cannot be reached ({said}); try again when it is back."
_SHUT = "The server of {name} lets us not in ({said}); mend database_url or make that database."
_REFUSED = "The database {name} refused: {said}."

#: The beginning of the code → the sentence, and whether trying later can help. The first that fits.
_SENTENCES: tuple[tuple[str, str, type[DigestError]], ...] = (
    ("SQLITE_BUSY", LOCKED, TryLater),
    ("SQLITELOCKED", LOCKED, TryLater),
    ("SQLITE_READONLY", _READ_ONLY, DigestError),
    ("SQLITE_CANTOPEN", _NOT_OPEN, DigestError),
    ("SQLITE_NOTADB", _NOT_SOUND, DigestError),
    ("SQLITE_CORRUPT", _NOT_SOUND, DigestError),
    ("SQLITE_FULL", _FULL, TryLater),
    ("08", _AWAY, TryLater),  # connection exceptions
    ("25006", "The database {name} is read-only just now ({said}); use the primary server.", DigestError),
    ("28", _SHUT, DigestError),  # invalid authorisation
    ("3D000", _SHUT, DigestError),  # no such database
    ("40", LOCKED, TryLater),  # deadlock, serialisation failure
    ("42P01", _NO_TABLE, DigestError),
    ("42501", "The database {name} forbids it ({said}); give this user the right.", DigestError),
    ("53100", _FULL, TryLater),
    ("53", _AWAY, TryLater),  # too many connections, out of memory
    ("55P03", LOCKED, TryLater),  # lock_timeout
    ("57P", _AWAY, TryLater),  # shutting down, starting up
)


@contextmanager
def in_words(name: str) -> Iterator[None]:
    """What the database `name` refuses inside comes out as DigestError or TryLater."""
    try:
        yield
    except DBAPIError as error:
        raise _in_words(error, name) from error
    except NoConnectionFree as error:
        raise TryLater(f"Too much is asked of the database {name} at once; try again in a moment.") from error


def _in_words(error: DBAPIError, name: str) -> DigestError:
    said = _said(error)
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""
    for beginning, sentence, kind in _SENTENCES:
        if code.startswith(beginning):
            return kind(sentence.format(name=name, said=said))
    if code == "SQLITE_ERROR" and "no such table" in said:
        return DigestError(_NO_TABLE.format(name=name, said=said))
    if code:
        return DigestError(_REFUSED.format(name=name, said=said))
    return _without_code(error, said, name)


def _without_code(error: DBAPIError, said: str, name: str) -> DigestError:
    """What libpq says while it connects has no code: the server's FATAL, that there is no server, or a wrong option."""
    if "FATAL" in said and ("authentication" in said or "does not exist" in said or "pg_hba" in said):
        return DigestError(_SHUT.format(name=name, said=said))
    if isinstance(error, OperationalError):
        return TryLater(_AWAY.format(name=name, said=said))
    return DigestError(f"The database {name} cannot be asked for ({said}); mend database_url.")


def _said(error: DBAPIError) -> str:
    """The first line: the next ones may show a row's values."""
    lines = str(error.orig or "").strip().splitlines() or [type(error.orig).__name__]
    return lines[0].strip().rstrip(".")
