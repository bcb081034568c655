"""The mail that tells an operator which feeds need care before the next issue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.model.edition import Edition
from digest.model.mailing_list import MailingList
from digest.rendering.edition import render_edition
from digest.rendering.phrasing import tell_moment

MOST = 30  # feeds in one mail; the others are counted


@dataclass(frozen=True, slots=True)
class FeedView:
    """A feed as the mail shows it."""

    number: int
    name: str
    location: str
    health: str
    said: str


def render_care(
    mailing_list: MailingList, due: datetime, feeds: Sequence[FeedView], *, salt: str, own_templates: Path | None = None
) -> Edition:
    """`due` is when the next issue is: aware UTC, shown in the list's own zone. No slot to fill."""
    local = due.astimezone(ZoneInfo(mailing_list.schedule.zone))
    return render_edition(
        "feeds-need-care",
        mailing_list=mailing_list,
        salt=salt,
        context={
            "count": len(feeds),
            "due": tell_moment(local, mailing_list.schedule.zone),
            "feeds": tuple(feeds[:MOST]),
            "more": max(len(feeds) - MOST, 0),
        },
        own_templates=own_templates,
        language="en",  # as the commands are that it names
    )
