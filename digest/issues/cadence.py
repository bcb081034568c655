"""When a list appears: its slots as instants, and what becomes of one that passed. Our own, on IANA zones.

A slot is a scheduled weekday's wall-clock time, and every such day of the calendar has exactly one:
    * a time that the day lacks (clocks go forward) shifts forward by the gap: 02:30 becomes 03:30, 00:00 becomes 01:00
      where midnight is missing (Santiago, Beirut), 02:15 becomes 02:45 on Lord Howe;
    * a time that the day has twice (clocks go back) is its first pass;
    * a whole day that a zone skipped (Apia 2011-12-30, Kwajalein 1993-08-21) shifts by the gap too, to the same time on
      the next day. If that day is scheduled itself, the two are one slot: nobody gets two issues at once.

APScheduler's CronTrigger loses and doubles such days (apscheduler#606, #1021), so it only ticks and we compute.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from digest.model.errors import BadInput
from digest.model.mailing_list import CatchUp, Schedule

ON_TIME = timedelta(minutes=15)  # a busy machine may be this late and still be on time
_DAY = timedelta(days=1)
_GAP_DAYS = 2  # no zone ever skipped more than one day; a slot is found among its own date's neighbours


class SlotAction(StrEnum):
    """What to do about a slot that has come."""

    SEND = "send"  # assemble and publish
    HOLD = "hold"  # assemble, and wait for an operator


@dataclass(frozen=True, slots=True)
class SlotDecision:
    """The one slot that counts of those that have come, and what to do about it."""

    slot: datetime  # aware UTC
    period: date
    action: SlotAction
    reason: str  # why it is held or late, and what becomes of earlier slots, in sentences; "" when all is on time
    passed_over: tuple[datetime, ...] = ()  # earlier slots, which get no issue of their own


def next_slot(schedule: Schedule, after: datetime) -> datetime | None:
    """The first slot later than `after`, in UTC; None when no weekday is scheduled. Raises BadInput for an unknown zone.

    Always later than what it was given, so following it never stands still.
    """
    zone = _zone(schedule.zone)
    today = _aware(after).astimezone(zone).date()
    days = (today + _DAY * ahead for ahead in range(-_GAP_DAYS, 8 + _GAP_DAYS))
    slots = (_instant(schedule, day, zone) for day in days if day.weekday() in schedule.weekdays)
    return next((slot for slot in slots if slot > after), None)


def next_slots(schedule: Schedule, after: datetime, count: int) -> tuple[datetime, ...]:
    """So many slots later than `after`, in order; none when no weekday is scheduled."""
    slots: list[datetime] = []
    slot = next_slot(schedule, after)
    while slot is not None and len(slots) < count:
        slots.append(slot)
        slot = next_slot(schedule, slot)
    return tuple(slots)


def slots_between(schedule: Schedule, start: datetime, end: datetime) -> tuple[datetime, ...]:
    """The slots later than `start` and not later than `end`, in order."""
    slots: list[datetime] = []
    slot = next_slot(schedule, start)
    while slot is not None and slot <= end:
        slots.append(slot)
        slot = next_slot(schedule, slot)
    return tuple(slots)


def period_of(schedule: Schedule, slot: datetime) -> date:
    """The scheduled local day of a slot; of any other moment its local calendar date.

    The two differ only where a gap pushed a slot past midnight; both days then keep their own issue.
    """
    zone = _zone(schedule.zone)
    local = _aware(slot).astimezone(zone).date()
    days = [local - _DAY * back for back in range(_GAP_DAYS + 1)]
    own = (day for day in days if day.weekday() in schedule.weekdays and _instant(schedule, day, zone) == slot)
    return next(own, local)


def missed(schedule: Schedule, due: datetime, now: datetime) -> SlotDecision | None:
    """What to do about the slots from `due` (the list's next one, as stored) up to now; None when none has come.

    Only the latest counts: readers get one issue, with the articles of all that was missed as far as the list's window
    reaches. It is sent when it is on time, or late within `late_hours` and the list catches up; else it is held.
    """
    if now < due:
        return None
    *earlier, slot = (due, *slots_between(schedule, due, now))
    action, why = _judge(schedule, slot, now)
    sentences = (why, _passed_over(schedule, earlier))
    reason = " ".join(filter(None, sentences))
    return SlotDecision(slot, period_of(schedule, slot), action, reason, tuple(earlier))


def read_moment(text: str, zone: str) -> datetime:
    """`2026-11-30 14:00` on the clock of a zone, in UTC; on days when clocks change as a slot is. Raises BadInput in words."""
    clock = _zone(zone)
    try:
        local = datetime.fromisoformat(text.strip())
        return (local if local.tzinfo else local.replace(tzinfo=clock, fold=0)).astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day there is, somewhere else
        raise BadInput(f"{text[:40]!r} is no moment; write one as 2026-11-30 14:00.") from None


def _judge(schedule: Schedule, slot: datetime, now: datetime) -> tuple[SlotAction, str]:
    late = now - slot
    if late <= ON_TIME:
        return SlotAction.SEND, ""
    said = f"The slot of {_shown(schedule, slot)} was missed by {_length(late)}"
    if late > timedelta(hours=schedule.late_hours):
        return SlotAction.HOLD, f"{said}, more than the {schedule.late_hours} hours that this list allows; it is held."
    if schedule.catch_up is CatchUp.HOLD:
        return SlotAction.HOLD, f"{said}, and this list does not catch up by itself; it is held."
    return SlotAction.SEND, f"{said}; it is sent now."


def _passed_over(schedule: Schedule, slots: list[datetime]) -> str:
    if not slots:
        return ""
    if len(slots) == 1:
        return f"The earlier slot of {_shown(schedule, slots[0])} passed too and gets no issue of its own."
    first, last = _shown(schedule, slots[0]), _shown(schedule, slots[-1])
    return f"{len(slots)} earlier slots, from {first} to {last}, passed too and get no issue of their own."


def _shown(schedule: Schedule, slot: datetime) -> str:
    return f"{slot.astimezone(_zone(schedule.zone)):%Y-%m-%d %H:%M}"


def _length(late: timedelta) -> str:
    minutes = late // timedelta(minutes=1)
    if minutes < 120:
        return f"{minutes} minutes"
    hours = minutes // 60
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"


def _instant(schedule: Schedule, day: date, zone: ZoneInfo) -> datetime:
    # PEP 495: fold=0 in a gap takes the offset before it, which is the shift forward; in a fold, the first pass.
    return datetime.combine(day, schedule.at.replace(fold=0), tzinfo=zone).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; a path; a folder of zones, such as "Europe"
        raise BadInput(f"{name!r} is no time zone we know; use an IANA name such as Europe/Vienna.") from None


def _aware(moment: datetime) -> datetime:
    assert moment.tzinfo is not None, "times are aware; a naive one would be read in the machine's own zone"
    return moment
