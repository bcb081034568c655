"""The log: one line a fact, as text or JSON, with an action and ids; never an address, a token or a secret (security S10, S29)."""

import json
import logging
import re
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, TextIO

#: The request that is being answered, if any.
_request: ContextVar[str] = ContextVar("request", default="")

_FIELD = re.compile(r"(?:^| )([a-z_]+)=(%[a-z]|[^ ]*)")  # of a template: `action=issue issue=%d said=%s`
_HOLE = re.compile(r"%[a-z]")
_ADDRESS = re.compile(r"[^\s<>\"'(),;:=]+@(?=[\w-])")
_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]*[0-9])(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{20,}")
_IN_PATH = re.compile(r"(/(?:u|p|v|a|f|c|me|address)/)(?!\{)[^\s/?#\"']+")  # a kind of page, /u/{token}, stays
HIDDEN = "…"


class LogFormat(StrEnum):
    """How a line is written."""

    TEXT = "text"
    JSON = "json"


def set_up(how: LogFormat = LogFormat.TEXT, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Log to standard error from now on. `secrets` are hidden wherever they come up."""
    handler = logging.StreamHandler(stream or sys.stderr)
    hide = Redaction(secrets)
    handler.setFormatter(JsonLines(hide) if how is LogFormat.JSON else TextLines(hide))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # APScheduler's own words are left out: that a turn was skipped, say, because sending takes long.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


@contextmanager
def answering(request: str) -> Iterator[None]:
    """Lines that are written inside name this request."""
    before = _request.set(request)
    try:
        yield
    finally:
        _request.reset(before)


class Redaction:
    """Hides what must not stand in a log. What only looks like a token is hidden, too."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        words = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, words))) if words else None

    def __call__(self, text: str) -> str:
        if self._secrets is not None:
            text = self._secrets.sub(HIDDEN, text)
        return _TOKEN.sub(HIDDEN, _IN_PATH.sub(rf"\1{HIDDEN}", _ADDRESS.sub(f"{HIDDEN}@", text)))


class TextLines(logging.Formatter):
    """`2026-11-23 09:00:00,000 INFO action=issue issue=7 said=…`"""

    def __init__(self, hide: Redaction) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        request = _request.get()
        return self._hide(super().format(record)) + (f" request={request}" if request else "")


class JsonLines(logging.Formatter):
    """One JSON object a line. Its fields are those that the template of the message names."""

    converter = staticmethod(time.gmtime)

    def __init__(self, hide: Redaction) -> None:
        super().__init__()
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        line |= {name: self._plain(value) for name, value in fields_of(record).items()}
        if request := _request.get():
            line["request"] = request
        if record.exc_info:
            line["traceback"] = self._hide(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  logging's name
        return f"{super().formatTime(record, datefmt or '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03}Z"

    def _plain(self, value: object) -> object:
        return value if isinstance(value, (int, float)) else self._hide(str(value))


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Of `action=issue issue=%d said=%s` and its values: action, issue and said. What has no name is `message`."""
    template, values = str(record.msg), list(record.args) if isinstance(record.args, tuple) else []
    if len(_HOLE.findall(template)) != len(values) or not template.startswith("action="):
        return {"message": record.getMessage()}
    fields: dict[str, Any] = {}
    rest = template
    for name, said in _FIELD.findall(template):
        fields[name] = values.pop(0) if _HOLE.fullmatch(said) else said
        rest = rest.replace(f"{name}={said}", "", 1)
    if values and _HOLE.fullmatch(rest.strip()):
        fields["message"] = values.pop()
    return {"message": record.getMessage()} if values else fields
