"""The first mails of a campaign: the rest of its audience follows when they fared well, and waits for an operator if not."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from digest.model.event import EventKind
from digest.model.issue import Campaign
from digest.model.message import OPEN, MessageState
from digest.model.refusals import canary_verdict
from digest.store import Transaction

ENOUGH = 1_000  # readers: a hundredth of fewer would say nothing


class Verdict(Enum):
    """On the campaigns whose canaries are out, taken together."""

    NOTHING = auto()  # more can be claimed of none
    SOON = auto()  # canaries are on their way
    GO = auto()  # more can be claimed now


@dataclass(frozen=True, slots=True)
class Judged:
    verdict: Verdict
    paused: dict[int, str] = field(default_factory=dict)  # campaigns, and why


def judge(tx: Transaction, now: datetime) -> Judged:
    """Look at every campaign whose canaries are out."""
    paused: dict[int, str] = {}
    verdicts = {_judge(tx, campaign, paused, now) for campaign in tx.campaigns.on_trial()}
    return Judged(next((each for each in (Verdict.GO, Verdict.SOON) if each in verdicts), Verdict.NOTHING), paused)


def _judge(tx: Transaction, campaign: Campaign, paused: dict[int, str], now: datetime) -> Verdict:
    fare = tx.campaigns.canaries(campaign)
    if any(fare[state] for state in OPEN - {MessageState.DEFERRED}):
        return Verdict.SOON
    if not fare.total() - fare[MessageState.DEFERRED]:
        return Verdict.NOTHING  # those deferred are not waited for, unless it is all of them
    limit = tx.lists.get(tx.issues.get(campaign.issue_id).list_id).canary_refused_percent
    refused = fare[MessageState.BOUNCED] + fare[MessageState.FAILED]
    why = canary_verdict(fare[MessageState.ACCEPTED], refused, limit)
    if not why:
        return Verdict.GO if tx.campaigns.let_all_go(campaign.id) else Verdict.NOTHING
    if tx.campaigns.pause(campaign.id, why):
        paused[campaign.id] = why
        tx.events.add(EventKind.PAUSED, now, campaign=campaign.id, why=why)
    return Verdict.NOTHING
