"""What an operator does to an issue beside the timetable: draft it, approve what passes its checks, and ask who would get it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from digest.issues.editions import Excluded
from digest.model.errors import WrongState
from digest.model.issue import Issue
from digest.model.segment import EVERYBODY, Aim
from digest.pipeline.assemble import Drafted, assemble
from digest.pipeline.desk import Approved, approve
from digest.pipeline.lint import Linter, lint_issue, stop_failures
from digest.pipeline.rehearse import readership_of
from digest.pipeline.render import Render
from digest.store import Store


class Nobody(WrongState):
    """Nobody is to get an issue, so there is nothing to send."""


def draft_by_hand(
    store: Store,
    list_name: str,
    period: date | None,
    *,
    now: datetime,
    salt: str,
    fetch: Callable[[Issue], Sequence[str]] | None = None,
) -> tuple[Drafted, Sequence[str]]:
    """The issue of a day, today if none is named; and what `fetch` says of its pictures, which it gets when there is one."""
    with store.read() as tx:
        mailing_list = tx.lists.by_name(list_name)
    day = period or now.astimezone(ZoneInfo(mailing_list.schedule.zone)).date()
    drafted = assemble(store, mailing_list, day, now=now, salt=salt, by_hand=True)
    return drafted, fetch(drafted.issue) if fetch else ()


def approve_checked(
    store: Store, issue_id: int, render: Render, linter: Linter, *, force: bool, ask: bool, now: datetime
) -> Approved:
    """Raises LintFailed for one that does not pass, unless forced. `ask`: whether its links are alive, over the network."""
    if not force:
        stop_failures(issue_id, lint_issue(store, issue_id, render, linter, ask=ask))
    return approve(store, issue_id, now=now)


def find_aim(store: Store, only: str | None, but: str | None, now: datetime) -> Aim:
    """By the names of segments. Raises NotFound."""
    with store.read() as tx:
        return Aim(tx.segments.by_name(only) if only else None, tx.segments.by_name(but) if but else None, now)


def count_readers(store: Store, issue_id: int, aim: Aim = EVERYBODY) -> int:
    """Who would get it now; 0 when that is not known yet, for want of articles. Raises Nobody with the reasons."""
    with store.read() as tx:
        issue = tx.issues.get(issue_id)
        mailing_list = tx.lists.get(issue.list_id)
    if not issue.content.items:
        return 0
    readership = readership_of(store, issue, mailing_list, aim)
    if not readership.readers:
        raise Nobody(_nobody(mailing_list.name, readership.excluded))
    return readership.readers


def _nobody(name: str, excluded: dict[Excluded, int]) -> str:
    if not excluded:
        return f"Nobody has confirmed a subscription to {name} yet, so there is nobody to send to."
    why = ", ".join(f"{count:,} {reason}" for reason, count in excluded.items())
    return f"Nobody is to get this issue of {name}: {why}."
