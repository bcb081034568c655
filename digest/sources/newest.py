"""Of a feed with too many entries the newest, taken out of its source before it is parsed, so that the rest costs nothing."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_OPENING = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
_CLOSING = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_DATE = re.compile(r"<(?:[\w.-]+:)?(?:pubDate|published|updated|issued|modified|date)\b[^>]{0,200}>\s*([^<]{4,60})<")

_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = dict(zip(_MONTH_NAMES, range(1, 13), strict=True))
_PLAIN_DATE = re.compile(
    rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d\d?) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)",
    re.ASCII,
)


def shorten(text: str, most: int) -> tuple[str, int]:
    """The source with no more than `most` entries, and how many were left out."""
    ends = [match.end() for match in _CLOSING.finditer(text)]
    if len(ends) <= most:
        return text, 0
    opening = _OPENING.search(text, 0, ends[0])
    starts = [opening.start() if opening else ends[0], *ends[:-1]]
    entries = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    kept = newest([_date(entry) for entry in entries], most)
    return "".join([text[: starts[0]], *(entries[index] for index in kept), text[ends[-1] :]]), len(ends) - most


def newest(dates: Sequence[datetime | None], most: int) -> list[int]:
    """The places of the newest, in order; where most have no date, the first ones."""
    if sum(date is not None for date in dates) * 2 < len(dates):
        return list(range(min(most, len(dates))))
    oldest = datetime.min.replace(tzinfo=UTC)
    ranked = sorted(range(len(dates)), key=lambda index: dates[index] or oldest, reverse=True)
    return sorted(ranked[:most])


def left_out(count: int, most: int) -> str:
    """The note about it; "" when there is none."""
    return f"It has {most + count:,} entries; only the {most:,} newest were read." if count else ""


def count_whole(text: str) -> int:
    """How many entries end in the source."""
    return sum(1 for _ in _CLOSING.finditer(text))


def read_date(text: str) -> datetime | None:
    """RFC 3339 or RFC 5322; one without a zone is taken as UTC."""
    text = text.strip()
    if plain := plain_date(text):
        return plain
    try:
        date = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def plain_date(text: str) -> datetime | None:
    """A whole date of RFC 5322 §3.3 with its zone as a number, as most feeds write it; None of all others."""
    found = _PLAIN_DATE.fullmatch(text)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    with suppress(ValueError, OverflowError):
        local = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        return local - offset
    return None


def _date(entry: str) -> datetime | None:
    found = _DATE.search(entry)
    return read_date(found[1]) if found else None
