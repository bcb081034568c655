"""The operator's brake: pause, resume and stop a campaign, and send it again to those who missed it. One transaction each.

A sender at work sees it when it next arms a message, so at most one more goes out on each of its connections.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.errors import NotFound, WrongState
from digest.model.event import EventKind
from digest.model.issue import Campaign, CampaignState, IssueState
from digest.model.message import MISSED, Account, MessageState
from digest.model.operator import ActKind
from digest.pipeline.closing import close_if_over
from digest.store import Store, Transaction

BY_OPERATOR = "an operator paused it"
STOPPED = "an operator stopped the campaign"


@dataclass(frozen=True, slots=True)
class Braked:
    """How the campaign stands after it; `count` is of the messages that were touched."""

    campaign: Campaign
    account: Account
    count: int = 0


def pause(store: Store, issue_id: int, *, why: str = "", now: datetime) -> Braked:
    with store.write() as tx:
        campaign = campaign_of(tx, issue_id)
        why = why or BY_OPERATOR
        if not tx.campaigns.pause(campaign.id, why):
            raise _not_now(campaign, "paused")
        tx.events.add(EventKind.PAUSED, now, campaign=campaign.id, why=why, by="operator")
        tx.acts.note(ActKind.CAMPAIGN_PAUSED, now, f"issue {issue_id}", why=why)
        return _braked(tx, campaign)


def resume(store: Store, issue_id: int, *, now: datetime) -> Braked:
    """Let it go on; canaries that fared badly do not hold up the rest any longer."""
    with store.write() as tx:
        campaign = campaign_of(tx, issue_id)
        if not tx.campaigns.resume(campaign.id):
            raise _not_now(campaign, "resumed")
        tx.campaigns.let_all_go(campaign.id)
        tx.events.add(EventKind.RESUMED, now, campaign=campaign.id)
        tx.acts.note(ActKind.CAMPAIGN_RESUMED, now, f"issue {issue_id}")
        return _braked(tx, campaign)


def stop(store: Store, issue_id: int, *, now: datetime) -> Braked:
    """End it: whoever does not have it by now does not get it, unless it is retried."""
    with store.write() as tx:
        campaign = campaign_of(tx, issue_id)
        count = tx.campaigns.stop(campaign.id, STOPPED, now)
        if count is None:
            raise _not_now(campaign, "stopped")
        tx.events.add(EventKind.STOPPED, now, campaign=campaign.id, failed=count)
        tx.acts.note(ActKind.CAMPAIGN_STOPPED, now, f"issue {issue_id}", failed=count)
        close_if_over(tx, campaign.id, now)
        return _braked(tx, campaign, count)


def retry(store: Store, issue_id: int, *, states: Collection[MessageState] = (), hours: int, now: datetime) -> Braked:
    """Queue those again who missed it, for so many hours; what is deferred is due at once. None of those who have it.

    Without `states` those who failed; bounced and uncertain ones must be asked for: the former were refused for good, the
    latter may have it.
    """
    chosen = frozenset(states) or frozenset({MessageState.FAILED})
    if not chosen <= MISSED:
        raise WrongState("Only those who failed, bounced or are uncertain can be retried.")
    with store.write() as tx:
        campaign = campaign_of(tx, issue_id)
        refuse_paused(campaign)
        count = tx.campaigns.retry(campaign.id, chosen, now + timedelta(hours=hours), now)
        if count:
            tx.issues.move(issue_id, IssueState.PUBLISHED)
            tx.events.add(EventKind.RETRIED, now, campaign=campaign.id, queued=count)
            tx.acts.note(ActKind.CAMPAIGN_RETRIED, now, f"issue {issue_id}", queued=count)
        return _braked(tx, campaign, count)


def refuse_paused(campaign: Campaign) -> None:
    """Raises WrongState: to retry a paused campaign would let all go who wait."""
    if campaign.state is CampaignState.PAUSED:
        number = campaign.issue_id
        raise WrongState(f"Issue {number} is paused, so nobody is retried; `digest campaign resume {number}` goes on.")


def campaign_of(tx: Transaction, issue_id: int) -> Campaign:
    """Raises NotFound when the issue has not been sent."""
    issue = tx.issues.get(issue_id)
    campaign = tx.campaigns.of_issue(issue_id)
    if campaign is None:
        raise NotFound(
            f"Issue {issue_id} has not been sent: it is {issue.state}; `digest issue send {issue_id}` does it."
        )
    return campaign


def _braked(tx: Transaction, campaign: Campaign, count: int = 0) -> Braked:
    return Braked(tx.campaigns.get(campaign.id), tx.campaigns.account(campaign.id), count)


def _not_now(campaign: Campaign, done: str) -> WrongState:
    if campaign.state == done:
        return WrongState(f"The campaign of issue {campaign.issue_id} is {done} already.")
    state = "over" if campaign.state is CampaignState.DONE else campaign.state
    return WrongState(f"The campaign of issue {campaign.issue_id} is {state}, so it cannot be {done}.")
