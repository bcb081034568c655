"""The mail that tells operators what is wrong, and what no longer is."""

from collections.abc import Sequence
from pathlib import Path

from digest.model.alert import Alert
from digest.model.edition import Edition
from digest.model.mailing_list import MailingList
from digest.rendering.edition import render_edition

MOST = 30  # in one mail; the others are counted


def render_alerts(
    mailing_list: MailingList,
    begun: Sequence[Alert],
    over: Sequence[Alert],
    *,
    salt: str,
    own_templates: Path | None = None,
) -> Edition:
    """No slot to fill."""
    return render_edition(
        "alert",
        mailing_list=mailing_list,
        salt=salt,
        context={
            "begun": tuple(begun[:MOST]),
            "over": tuple(over[:MOST]),
            "more": max(len(begun) - MOST, 0) + max(len(over) - MOST, 0),
            "headings": HEADINGS,
        },
        own_templates=own_templates,
        language="en",  # as the commands are that it names
    )


#: What a mail calls each kind of alert.
HEADINGS = {
    "issue-late": "Late",
    "feed-silent": "Feed",
    "refusals-high": "Refusals",
    "backup-old": "Backup",
}
