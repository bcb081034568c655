"""Drafting an issue by hand: assembled for a day, with its pictures fetched. Safe twice: it is the same issue, drafted anew."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from digest.issues.cadence import period_of
from digest.model.errors import BadInput
from digest.model.issue import IssueState
from digest.model.mailing_list import MailingList
from digest.pipeline.assemble import OPEN, Drafted, assemble
from digest.pipeline.pictures import PictureDesk
from digest.store import Store


@dataclass(frozen=True, slots=True)
class DraftedByHand:
    """A draft, or a skipped issue with its reason; and what is to be said of its pictures."""

    drafted: Drafted
    remarks: tuple[str, ...] = ()


def draft(
    store: Store,
    list_name: str,
    pictures: PictureDesk | None,
    *,
    day: str = "",
    now: datetime,
    salt: str,
    but: frozenset[IssueState] = frozenset(),
) -> DraftedByHand:
    """`day` as 2026-11-23, "" for today where the list is at home. Raises WrongState for an issue in one of the states `but`."""
    with store.read() as tx:
        mailing_list = tx.lists.by_name(list_name)
    period = read_day(day) if day else today(mailing_list, now)
    drafted = assemble(store, mailing_list, period, now=now, salt=salt, only=OPEN - but, by_hand=True)
    return DraftedByHand(drafted, pictures.fetch(drafted.issue) if pictures else ())


def today(mailing_list: MailingList, now: datetime) -> date:
    return now.astimezone(ZoneInfo(mailing_list.schedule.zone)).date()


def next_day(mailing_list: MailingList, now: datetime) -> date:
    """The day that the list's next issue is for: its slot's; today for a list without slots."""
    due = mailing_list.next_due_at
    return period_of(mailing_list.schedule, due) if due else today(mailing_list, now)


def read_day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a calendar date has no zone
    except ValueError:
        raise BadInput(f"{text!r} is no date; write it as 2026-11-23.") from None
