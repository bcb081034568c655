"""What became of an issue: who got it, who did not and why, who left after it. For people; reading it changes nothing.

Adding up a million messages takes seconds, so `add_up_finished` does it once for each campaign that is over, and keeps it. What is
not over, or not added up yet, has its account alone, unless it is small.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.errors import NotFound
from digest.model.issue import Campaign, Issue
from digest.model.mailing_list import MailingList
from digest.model.message import Account
from digest.model.returned import ReturnKind
from digest.store import Store, Transaction
from digest.store.reports import Breakdown

DAYS = 14  # after an issue, in which those who leave may have left for it
MOST_WORDS = 20
SMALL = 5_000  # messages that are added up while somebody waits


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one issue."""

    issue: Issue
    mailing_list: MailingList
    campaign: Campaign
    account: Account
    excluded: Mapping[str, int]  # readers who got nothing at publishing, by reason
    breakdown: Breakdown | None  # None until it is added up
    returned: Mapping[ReturnKind, int]  # of what was accepted, what came back since
    left: tuple[int, ...]  # who left the list, by day, from the day of publishing to the next issue, or DAYS
    reasons: Mapping[str, int]  # why, as far as they said
    words: tuple[str, ...]
    until_next: bool  # whether the next issue ended that time


def report_on(
    store: Store, issue_id: int, *, now: datetime, words: bool = False, account: Account | None = None
) -> Report:
    """`words` only for who may know what readers wrote; `account` if it was counted already. Raises NotFound for an issue that was
    not sent.
    """
    with store.read() as tx:
        issue = tx.issues.get(issue_id)
        campaign = tx.campaigns.of_issue(issue_id)
        if campaign is None:
            raise NotFound(f"Issue {issue_id} has not been sent: it is {issue.state}.")
        start = campaign.created_at
        days, until_next = _days(tx, campaign, issue.list_id, now)
        return Report(
            issue,
            tx.lists.get(issue.list_id),
            campaign,
            account or tx.campaigns.account(campaign.id),
            {why: count for why, count in tx.campaigns.excluded(campaign.id).items() if count},
            _breakdown(tx, campaign),
            tx.returns.of_campaign(campaign.id),
            tuple(tx.reports.unsubscribed(issue.list_id, start, days)),
            tx.reports.reasons_told(issue.list_id, start, days),
            tuple(tx.reports.words_told(issue.list_id, start, days, MOST_WORDS)) if words else (),
            until_next,
        )


def add_up_finished(store: Store) -> Iterator[int]:
    """The campaigns that were added up. Safe twice, and at the same time as another: both come to the same."""
    with store.read() as tx:
        waiting = tx.reports.to_add_up()
    for campaign_id in waiting:
        with store.read() as tx:  # takes seconds: nobody who writes is kept waiting
            breakdown = tx.reports.add_up(campaign_id)
        with store.write() as tx:
            tx.reports.keep(campaign_id, breakdown)
        yield campaign_id


def _breakdown(tx: Transaction, campaign: Campaign) -> Breakdown | None:
    kept = tx.reports.kept(campaign.id)
    return kept or (tx.reports.add_up(campaign.id) if campaign.audience <= SMALL else None)


def _days(tx: Transaction, campaign: Campaign, list_id: int, now: datetime) -> tuple[int, bool]:
    """Whole days from publishing on, one at least, and whether the next issue ended them."""
    following = tx.campaigns.after(list_id, campaign.id)
    end = min(now, campaign.created_at + timedelta(days=DAYS))
    until_next = following is not None and following.created_at < end
    if following is not None and until_next:
        end = following.created_at
    return max(1, -(-(end - campaign.created_at) // timedelta(days=1))), until_next
