"""Step 3, publish: a draft → rendered edition → outbox rows. One transaction freezes the audience whole, or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.address import Address
from digest.model.edition import Edition
from digest.model.errors import LintFailed, WrongState
from digest.model.event import EventKind
from digest.model.finding import Finding, failures
from digest.model.issue import Campaign, Issue, IssueState
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.pipeline.canary import ENOUGH
from digest.store import Store
from digest.store.campaigns import Terms
from digest.store.messages import NewMessage

_OPEN = frozenset({IssueState.DRAFT, IssueState.HELD})

Render = Callable[[Issue, MailingList], Edition]
Check = Callable[[Issue, MailingList, Edition], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Published:
    campaign: Campaign
    edition: Edition
    left_out: int  # confirmed readers who are suppressed


def publish(
    store: Store, issue_id: int, render: Render, keys: Keys, *, now: datetime, check: Check | None = None
) -> Published:
    """Render the issue, look at it with `check` if there is one, freeze its audience and fill the outbox.

    Safe twice and at once: only the first finds a draft. Raises WrongState when it was published already, is skipped, or
    was drafted anew while it was being rendered; LintFailed when the check finds a failure.
    """
    with store.read() as tx:
        issue = tx.issues.get(issue_id)
        mailing_list = tx.lists.get(issue.list_id)
    if issue.state not in _OPEN:
        raise WrongState(_not_now(issue))
    if not issue.content.items:  # a slot that was taken, and not yet filled
        raise WrongState(f"Issue {issue_id} has no articles; draft it first with `digest issue draft`.")
    rendered = render(issue, mailing_list)  # takes a while: no transaction is open
    if check is not None:
        refuse_failures(issue_id, check(issue, mailing_list, rendered))
    with store.write() as tx:
        now_it_is = tx.issues.get(issue_id)
        if now_it_is != issue and now_it_is.state in _OPEN:
            raise WrongState(f"Issue {issue_id} was changed while it was being rendered; look at it and send it again.")
        if not tx.issues.move(issue_id, IssueState.PUBLISHED, published_at=now):
            raise WrongState(_not_now(tx.issues.get(issue_id)))
        edition = tx.editions.keep(rendered, issue_id, now)
        _, left_out = tx.campaigns.audience_size(issue.list_id)
        campaign = tx.campaigns.freeze(issue_id, issue.list_id, edition.id, now, _terms(mailing_list, now))
        for address in mailing_list.seeds:
            tx.messages.add(_seed(campaign, edition, address, keys), now)
        tx.events.add(
            EventKind.PUBLISHED,
            now,
            list_id=issue.list_id,
            issue=issue_id,
            audience=campaign.audience,
            left_out=left_out,
        )
        if tx.campaigns.finish(campaign.id, now):  # nobody to send it to
            tx.issues.move(issue_id, IssueState.SENT)
            campaign = tx.campaigns.get(campaign.id)
    return Published(campaign, edition, left_out)


def refuse_failures(issue_id: int, findings: Sequence[Finding]) -> None:
    """Raises LintFailed, which says what is wrong and what can be done."""
    if found := failures(findings):
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise LintFailed(
            f"Issue {issue_id} does not pass its checks: {found[0]}{more}. See `digest issue lint {issue_id}`; "
            f"`digest issue send {issue_id} --force` sends it as it is."
        )


def _terms(mailing_list: MailingList, now: datetime) -> Terms:
    return Terms(
        now + timedelta(hours=mailing_list.send_within_hours),
        mailing_list.canary_percent,
        canary_from=ENOUGH,
        seeds=bool(mailing_list.seeds),
    )


def _seed(campaign: Campaign, edition: Edition, address: Address, keys: Keys) -> NewMessage:
    """The issue, to a mailbox of our own: it is no part of the audience."""
    hashed = keys.address_hash(address)
    return NewMessage(
        key=f"seed:{campaign.id}:{hashed}",
        purpose="seed",
        list_id=edition.list_id,
        edition_id=edition.id,
        address=address,
        address_hash=hashed,
    )


def _not_now(issue: Issue) -> str:
    if issue.state is IssueState.SKIPPED:
        return f"Issue {issue.id} was skipped ({issue.reason}) Draft it anew first."
    return f"Issue {issue.id} is {issue.state} already; an issue is sent once."
