"""What comes in by a form: its fields, the signed time it was made at, and the field that only machines fill in (S2)."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import Request
from starlette.exceptions import HTTPException

from digest.model.keys import Keys

FORM_LIFE = timedelta(hours=24)  # a page left open for longer must be sent once more
HONEYPOT = "leave_empty"  # hidden from people; whoever fills it in is a machine
MAX_FIELDS = 50


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


def stamp(keys: Keys, page: str, now: datetime) -> str:
    """What a form carries to show that we made it, for which page, and when."""
    seconds = str(int(now.timestamp()))
    return f"{seconds}.{_tag(keys, page, seconds)}"


def is_fresh(keys: Keys, page: str, stamped: str, now: datetime) -> bool:
    seconds, _, tag = stamped.partition(".")
    if not seconds.isdecimal() or not seconds.isascii() or len(seconds) > 12:
        return False
    if not hmac.compare_digest(tag.encode(), _tag(keys, page, seconds).encode()):
        return False
    return timedelta(0) <= timedelta(seconds=now.timestamp() - int(seconds)) <= FORM_LIFE


def _tag(keys: Keys, page: str, seconds: str) -> str:
    return keys.tag("form", f"{page}\0{seconds}".encode()).hex()
