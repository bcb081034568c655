"""What is wrong, as a rule: from facts to alerts, each with a sentence that says what to do. Pure; `watchman` tells them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.alert import Alert, AlertKind
from digest.model.issue import Campaign, Issue, IssueState
from digest.model.mailing_list import MailingList
from digest.model.message import MessageState
from digest.store.watching import OTHERS, Outcome, Queue

LATE = timedelta(minutes=20)  # after its slot an issue should be on its way
STANDS_STILL = timedelta(hours=1)  # what has been due for so long is not moving
REFUSED_SHARE = 0.05  # of what came to an end in these two hours
REFUSED_LEAST = 20  # of fewer refusals no share is made
PUT_OFF_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Unwell:
    """A feed that needs care, and why in a sentence."""

    list_id: int
    number: int
    name: str
    said: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at one moment, by a few queries."""

    lists: Mapping[int, MailingList]
    waiting: tuple[Issue, ...] = ()  # whose slot has come, and that are not published
    paused: tuple[tuple[Campaign, int], ...] = ()  # with the list of each
    queues: tuple[Queue, ...] = ()
    feeds: tuple[Unwell, ...] = ()
    lately: Mapping[Outcome, int] | None = None
    backed_up_at: datetime | None = None
    backup_due_at: datetime | None = None  # None: nobody minds


def judge(facts: Facts, now: datetime) -> tuple[Alert, ...]:
    """Everything that is wrong now, what concerns readers first."""
    found = (*_late(facts, now), *_refusals(facts.lately or {}), *_backup(facts, now), *map(_feed, facts.feeds))
    return tuple({alert.key: alert for alert in found}.values())


def _late(facts: Facts, now: datetime) -> Iterator[Alert]:
    for mailing_list in facts.lists.values():
        due = mailing_list.next_due_at
        if due is not None and due < now - LATE:
            said = (
                f"{mailing_list.title} was due at {_shown(due)}, and no scheduler has begun with it; see that one runs."
            )
            yield Alert(AlertKind.ISSUE_LATE, f"list-{mailing_list.id}", said, mailing_list.id)
    for issue in facts.waiting:
        yield from _waits(issue, facts.lists[issue.list_id].title, now)
    for campaign, list_id in facts.paused:
        number = campaign.issue_id
        said = (
            f"Issue {number} of {facts.lists[list_id].title} is paused: {campaign.reason.rstrip('.')}. "
            f"`digest campaign resume {number}` lets it go on, `digest campaign stop {number}` ends it."
        )
        yield Alert(AlertKind.ISSUE_LATE, f"paused-{number}", said, list_id)
    for queue in facts.queues:
        if queue.oldest_due_at is not None and queue.oldest_due_at < now - STANDS_STILL:
            yield _stands_still(queue, queue.oldest_due_at)


def _waits(issue: Issue, title: str, now: datetime) -> Iterator[Alert]:
    named = f"Issue {issue.id} of {title}"
    if issue.state is IssueState.HELD:
        said = f"{named}, for {issue.period}, is held: {issue.reason.rstrip('.')}. `digest issue send {issue.id}` sends it."
        yield Alert(AlertKind.ISSUE_LATE, f"held-{issue.id}", said, issue.list_id)
    elif issue.send_at is not None and issue.send_at < now - LATE:
        said = f"{named} was due at {_shown(issue.send_at)} and is not published; the log of the scheduler says why."
        yield Alert(AlertKind.ISSUE_LATE, f"issue-{issue.id}", said, issue.list_id)


def _stands_still(queue: Queue, since: datetime) -> Alert:
    what = (
        "Mails of their own (confirmations and the like)"
        if queue.issue_id is None
        else f"Mails of issue {queue.issue_id}"
    )
    said = f"{what} have been due since {_shown(since)} and do not go out; `digest doctor` tells whether the relay is well."
    return Alert(AlertKind.ISSUE_LATE, "mails" if queue.issue_id is None else f"queue-{queue.issue_id}", said)


def _refusals(lately: Mapping[Outcome, int]) -> Iterator[Alert]:
    """Of all domains together or, when these fare well, of single ones."""
    if alert := _refused("all", "all domains", _by_state(lately.items())):
        yield alert
        return
    for domain in sorted({domain for _, domain, _ in lately} - {OTHERS}):
        theirs = _by_state((outcome, count) for outcome, count in lately.items() if outcome[1] == domain)
        if alert := _refused(domain, domain, theirs):
            yield alert


def _refused(about: str, whom: str, counts: Counter[MessageState]) -> Alert | None:
    ends = counts[MessageState.ACCEPTED] + counts[MessageState.BOUNCED]
    for state, share, done in (
        (MessageState.BOUNCED, REFUSED_SHARE, "refused for good"),
        (MessageState.DEFERRED, PUT_OFF_SHARE, "put off"),
    ):
        of = ends + (counts[state] if state is MessageState.DEFERRED else 0)
        if counts[state] >= REFUSED_LEAST and counts[state] > share * of:
            said = (
                f"Of the last {of:,} mails to {whom}, {counts[state]:,} were {done}; "
                "`digest campaign report ID --missed` lists them with what was said."
            )
            return Alert(AlertKind.REFUSALS_HIGH, about, said)
    return None


def _by_state(outcomes: Iterable[tuple[Outcome, int]]) -> Counter[MessageState]:
    counts: Counter[MessageState] = Counter()
    for (_, _, state), count in outcomes:
        counts[state] += count
    return counts


def _backup(facts: Facts, now: datetime) -> Iterator[Alert]:
    if facts.backup_due_at is not None and facts.backup_due_at < now:
        last = (
            f"The last backup is of {_shown(facts.backed_up_at)}" if facts.backed_up_at else "There never was a backup"
        )
        yield Alert(AlertKind.BACKUP_OLD, "backup", f"{last}; `digest backup` makes one, a timer each night.")


def _feed(feed: Unwell) -> Alert:
    said = f"{feed.name}: {feed.said.rstrip('.')}; `digest feed show {feed.number}` tells more."
    return Alert(AlertKind.FEED_SILENT, str(feed.number), said, feed.list_id)


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
