"""A draft ahead of its slot, and the mail that tells the editors: what is in, what is not, and when it goes out by itself.

    draft      refresh → assemble, once the list's hour has come; done when the draft's window ends after that hour
    announce   `announced_at` is set only if it was not, in one transaction with a message to each editor

Killed anywhere, the next tick goes on from what the rows say. Two schedulers draft the same, and tell it once.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.issues.cadence import period_of
from digest.model.address import Address
from digest.model.edition import Edition
from digest.model.errors import DigestError, TryLater, WrongState
from digest.model.issue import Issue, IssueState
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.model.message import OwnMail
from digest.pipeline.assemble import assemble
from digest.pipeline.render import Render
from digest.store import Store
from digest.store.messages import NewMessage

PURPOSE = OwnMail.DRAFT_READY

_CAN_BE_DRAFTED = frozenset({IssueState.DRAFT, IssueState.SKIPPED})


def draft_ahead(
    store: Store,
    mailing_list: MailingList,
    refresh: Callable[[], None],
    *,
    now: Callable[[], datetime],
    nonce: Callable[[], str],
) -> Issue | None:
    """The draft of the list's next issue, made now if it is older than its hour. None when its editors need not be told."""
    due, ahead_at = mailing_list.next_due_at, mailing_list.ahead_at
    assert due is not None
    assert ahead_at is not None
    period = period_of(mailing_list.schedule, due)
    with store.read() as tx:
        issue = tx.issues.of_period(mailing_list.id, period)
    if issue is not None and (issue.announced_at is not None or issue.state not in _CAN_BE_DRAFTED):
        return None
    if issue is not None and issue.window_to >= ahead_at:
        return issue
    refresh()  # takes a while: no transaction is open
    try:
        return assemble(store, mailing_list, period, now=now(), salt=nonce(), only=_CAN_BE_DRAFTED).issue
    except WrongState:  # an editor was faster
        return None


def announce(
    store: Store,
    mailing_list: MailingList,
    issue: Issue,
    render: Render,
    keys: Keys,
    *,
    now: datetime,
    own_templates: Path | None = None,
) -> str:
    """Tell the editors once; returns what was done in a sentence, "" when another scheduler did it."""
    notice, trouble = _notice(mailing_list, issue, render, own_templates)
    with store.write() as tx:
        if not tx.issues.announce(issue.id, now):
            return ""
        if notice is not None:
            edition = tx.editions.keep(notice, None, now)
            for address in mailing_list.editors:
                tx.messages.add(_message(issue, edition, address, keys), now)
    told = f"{len(mailing_list.editors)} told" if notice is not None else f"nobody was told: {trouble}"
    return f"Issue {issue.id} of {mailing_list.name} is drafted ahead; editors: {told or 'none'}."


def _notice(
    mailing_list: MailingList, issue: Issue, render: Render, own_templates: Path | None
) -> tuple[Edition | None, str]:
    """The mail, or why there is none: a template of the operator's own that is wrong must not be tried every 15 seconds."""
    from digest.rendering.ready import render_draft_ready  # noqa: PLC0415  premailer takes half a second to load

    if not mailing_list.editors:
        return None, "the list has no editors"
    size, trouble = _measure(mailing_list, issue, render)
    assert mailing_list.next_due_at is not None
    local = mailing_list.next_due_at.astimezone(ZoneInfo(mailing_list.schedule.zone))
    try:
        return render_draft_ready(
            issue, mailing_list, goes_out=local, size=size, trouble=trouble, own_templates=own_templates
        ), ""
    except DigestError as error:
        return None, str(error)


def _measure(mailing_list: MailingList, issue: Issue, render: Render) -> tuple[int, str]:
    """How many bytes each mail has, and why it cannot be rendered as things are."""
    if not issue.content.items:
        return 0, ""
    try:
        return len(render(issue, mailing_list).skeleton), ""
    except TryLater:
        raise
    except DigestError as error:
        return 0, str(error)


def _message(issue: Issue, edition: Edition, address: Address, keys: Keys) -> NewMessage:
    hashed = keys.address_hash(address)
    return NewMessage(
        key=f"{PURPOSE}:{issue.id}:{hashed}",
        purpose=PURPOSE,
        list_id=edition.list_id,
        edition_id=edition.id,
        address=address,
        address_hash=hashed,
    )
