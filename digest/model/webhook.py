"""Webhooks (standardwebhooks.com): what other programs are told as it happens, and when a call is tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digest.model.event import EventKind


class Topic(StrEnum):
    """What a webhook may be told."""

    SUBSCRIBED = "subscriber.subscribed"  # somebody asked for a list
    CONFIRMED = "subscriber.confirmed"  # and confirmed
    UNSUBSCRIBED = "subscriber.unsubscribed"  # left a list
    BOUNCED = "message.bounced"  # a mail was refused for good, at once or later
    COMPLAINED = "message.complained"  # a reader told their provider that a mail is spam
    SENT = "issue.sent"  # every mail of an issue has an end
    FAILED = "issue.failed"  # an issue could not go out and was held, or its campaign paused by itself


#: Which facts a topic is about.
TOPICS: dict[EventKind, Topic] = {
    EventKind.SIGNED_UP: Topic.SUBSCRIBED,
    EventKind.CONFIRMED: Topic.CONFIRMED,
    EventKind.UNSUBSCRIBED: Topic.UNSUBSCRIBED,
    EventKind.BOUNCED: Topic.BOUNCED,
    EventKind.COMPLAINED: Topic.COMPLAINED,
    EventKind.SENT: Topic.SENT,
    EventKind.HELD: Topic.FAILED,
    EventKind.PAUSED: Topic.FAILED,
}

#: After how long a call that failed is made again: as Standard Webhooks advises, over three days.
PAUSES = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5)),
    *(timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24)),
)
LEASE = timedelta(minutes=2)  # for one call


class CallState(StrEnum):
    """Where a call stands."""

    QUEUED = "queued"  # owed, or due again later
    DONE = "done"  # answered with 2xx
    FAILED = "failed"  # given up after the last try, or because the webhook is switched off


@dataclass(frozen=True, slots=True)
class Webhook:
    id: int
    url: str
    label: str
    topics: frozenset[Topic]
    created_at: datetime
    disabled_at: datetime | None = None
    reason: str = ""  # why it was switched off
    sealed_secret: str = ""
    old_secret: str = ""  # sealed too; while programs change over, calls are signed with both


@dataclass(frozen=True, slots=True)
class Call:
    """One fact for one webhook. Its id is the same at each try, so that the receiver can tell repeats."""

    id: int
    webhook_id: int
    topic: Topic
    event_id: int
    attempts: int
    created_at: datetime
    due_at: datetime
    state: CallState = CallState.QUEUED
    said: str = ""  # by the last try


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a call after a try."""

    state: CallState
    due_at: datetime
    gone: bool = False  # the receiver wants no more of them: 410, as Standard Webhooks has it


def judge(status: int | None, attempts: int, now: datetime, jitter: float) -> Verdict:
    """`status` is None when nothing answered; `attempts` counts this try; `jitter` is from 0 to 1."""
    if status is not None and 200 <= status < 300:
        return Verdict(CallState.DONE, now)
    if status == 410:
        return Verdict(CallState.FAILED, now, gone=True)
    if attempts > len(PAUSES):
        return Verdict(CallState.FAILED, now)
    return Verdict(CallState.QUEUED, now + PAUSES[attempts - 1] * (1 + jitter / 10))
