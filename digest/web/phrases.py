"""How the desk's pages say counts, sizes and times. Pure; its templates know them as filters."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def counted(count: int, noun: str) -> str:
    """`1 reader`, `2 readers`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def span(length: timedelta) -> str:
    """The two largest units: `6 days 22 hours`, `3 hours`, `less than a minute`."""
    left = int(length.total_seconds())
    parts: list[str] = []
    for seconds, name in _UNITS:
        if left >= seconds and len(parts) < 2:
            parts.append(counted(left // seconds, name))
            left %= seconds
        elif parts:
            break
    return " ".join(parts) or "less than a minute"


def away(at: datetime, now: datetime) -> str:
    """`in 6 days 22 hours`, `3 hours ago`."""
    return f"in {span(at - now)}" if at > now else f"{span(now - at)} ago"


def local(at: datetime, zone: str) -> str:
    """`Mon 30 Nov, 08:00`, on the clock of a zone."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%a} {there.day} {there:%b}, {there:%H:%M}"


def on_clock(at: datetime, zone: str) -> str:
    """As a `datetime-local` field has it: `2026-11-30T08:00`."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


def day(which: date) -> str:
    """`Mon 30 Nov 2026`."""
    return f"{which:%a} {which.day} {which:%b %Y}"


def kilobytes(octets: int) -> str:
    return f"{octets / 1000:,.0f} kB"


def percent(part: int, whole: int) -> str:
    """`98.2 %`; nothing of nothing is a dash."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


#: A clause with a command in it, from the mark before it to the one behind.
_COMMAND = re.compile(r"[;.,:]\s+[^;.`]*`digest [^`]*`[^;.`]*(?=[;.]|$)")


def without_commands(said: str) -> str:
    """What went wrong, without what is to be typed at a shell: who reads a page has none."""
    plain = _COMMAND.sub("", said).strip()
    return plain if plain == said or plain.endswith(".") else f"{plain}."


FILTERS = {
    "without_commands": without_commands,
    "counted": counted,
    "span": span,
    "away": away,
    "local": local,
    "on_clock": on_clock,
    "day": day,
    "kilobytes": kilobytes,
    "percent": percent,
}
