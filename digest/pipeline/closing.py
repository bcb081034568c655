"""The end of an issue: every message has one, so its campaign is over and it has been sent. In the caller's transaction."""

from datetime import datetime

from digest.model.event import EventKind
from digest.model.issue import IssueState
from digest.store import Transaction


def close_if_over(tx: Transaction, campaign_id: int, now: datetime) -> bool:
    """True for the one who closed it. Safe twice, and at once."""
    if not tx.campaigns.finish(campaign_id, now):
        return False
    campaign = tx.campaigns.get(campaign_id)
    issue = tx.issues.get(campaign.issue_id)
    tx.issues.move(issue.id, IssueState.SENT)
    counts = {state.value: count for state, count in tx.campaigns.account(campaign_id).counts.items()}
    tx.events.add(EventKind.SENT, now, list_id=issue.list_id, issue=issue.id, audience=campaign.audience, **counts)
    return True
