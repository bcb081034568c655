"""Before an operator sends an issue: whom it is aimed at, and how many they are."""

from datetime import datetime

from digest.issues.editions import Excluded
from digest.model.errors import WrongState
from digest.model.segment import EVERYBODY, Aim
from digest.pipeline.rehearse import readership_of
from digest.store import Store


class Nobody(WrongState):
    """Nobody is to get an issue, so there is nothing to send."""


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
