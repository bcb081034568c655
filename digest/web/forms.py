"""What comes in by a form: its fields, the signed time it was made at, and the field that only machines fill in (S2)."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from fastapi import Request
from starlette.exceptions import HTTPException

from digest.model.keys import Keys

FORM_LIFE = timedelta(hours=24)  # a page left open for longer must be sent once more
FILL_TIME = timedelta(seconds=2)  # nobody types an address and presses a button in less
PRESS_TIME = timedelta(seconds=1)  # nor reads an address and presses
HONEYPOT = "leave_empty"  # hidden from people; whoever fills it in is a machine
MAX_FIELDS = 100


@dataclass(frozen=True, slots=True)
class Form:
    fields: dict[str, list[str]] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The first value; empty when there is none."""
        return self.fields.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        return self.fields.get(name, [])


async def read_form(request: Request) -> Form:
    """Urlencoded or multipart; files are ignored. What cannot be read is an empty form: RFC 8058 POSTs may be anything."""
    fields: dict[str, list[str]] = {}
    try:
        async with request.form(max_fields=MAX_FIELDS, max_files=MAX_FIELDS) as form:
            for name, value in form.multi_items():
                if isinstance(value, str):
                    fields.setdefault(name, []).append(value)
    except HTTPException:
        return Form()
    return Form(fields)


class Stamped(Enum):
    """What a form's stamp says."""

    FRESH = auto()
    HASTY = auto()  # ours, and sent sooner than a person can
    STALE = auto()  # too old, of another page, or not ours


def stamp(keys: Keys, page: str, now: datetime) -> str:
    """What a form carries to show that we made it, for which page, and when."""
    ms = str(round(now.timestamp() * 1000))
    return f"{ms}.{_tag(keys, page, ms)}"


def read_stamp(keys: Keys, page: str, stamped: str, now: datetime, least: timedelta) -> Stamped:
    """`least`: how long a person needs."""
    ms, _, tag = stamped.partition(".")
    if not ms.isdecimal() or not ms.isascii() or len(ms) > 15:
        return Stamped.STALE
    if not hmac.compare_digest(tag.encode(), _tag(keys, page, ms).encode()):
        return Stamped.STALE
    age = timedelta(milliseconds=round(now.timestamp() * 1000) - int(ms))
    if not timedelta(0) <= age <= FORM_LIFE:
        return Stamped.STALE
    return Stamped.FRESH if age >= least else Stamped.HASTY


def _tag(keys: Keys, page: str, ms: str) -> str:
    return keys.tag("form", f"{page}\0{ms}".encode()).hex()
