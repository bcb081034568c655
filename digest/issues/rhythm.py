"""Whether an issue is one that a reader wants by their rhythm, and when it is to reach them. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.model.choices import Choices
from digest.model.mailing_list import Rhythm

_DAY = timedelta(days=1)


def is_due(choices: Choices, period: date, before: date | None) -> bool:
    """Whether the issue of `period` is theirs; `before` is the period of the list's issue before it, None for the first.

    A weekly reader gets the first issue on or after their weekday, and a monthly one the first of a calendar month: whichever
    days the list appears on, and even when the issue of the day itself was skipped.
    """
    if choices.rhythm is Rhythm.EVERY or before is None:
        return True
    if choices.rhythm is Rhythm.MONTHLY:
        return (period.year, period.month) != (before.year, before.month)
    since_theirs = (period.weekday() - (choices.weekday or 0)) % 7
    return period - since_theirs * _DAY > before


def reaches_at(choices: Choices, zone: str, appears_at: datetime) -> datetime:
    """When an issue that appears at this instant is to be sent to readers of these choices: in UTC, never before it appears.

    Their hour comes within a day of it. An hour that a day lacks, because clocks go forward, is moved forward by the gap; of one
    that it has twice it is the first.
    """
    if choices.hour is None:
        return appears_at
    theirs = ZoneInfo(choices.zone or zone)
    today = appears_at.astimezone(theirs).date()
    hours = (_instant(today + ahead * _DAY, choices.hour, theirs) for ahead in (-1, 0, 1, 2))
    return next(at for at in hours if at >= appears_at)


def _instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    # PEP 495: fold=0 in a gap takes the offset before it, which is the shift forward; in a fold, the first pass.
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)
