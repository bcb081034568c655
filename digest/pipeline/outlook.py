"""What an operator wants to know first: what needs somebody now, and what comes next. Few queries, however much there is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from digest.model.feed import Feed, FeedHealth
from digest.model.issue import Campaign, CampaignState, IssueState
from digest.model.mailing_list import MailingList
from digest.pipeline.checkup import check_feeds
from digest.pipeline.draft import next_day
from digest.pipeline.progress import Snapshot
from digest.store import Store, Transaction
from digest.store.issue_lines import IssueLine
from digest.store.senders import SenderSeen

LATE = timedelta(minutes=5)  # a slot that nobody took, or a message that nobody sends, for longer than this
BAD_FEEDS = frozenset({FeedHealth.GONE, FeedHealth.DEAD, FeedHealth.FAILING, FeedHealth.SILENT})
MOST = 20  # of a kind
LAST = 5  # issues


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that waits for somebody: what, why in words, and what it is about."""

    kind: str  # "issue", "campaign", "feed", "list", "sending"
    title: str
    why: str
    number: int = 0  # of the issue, for "campaign" too; of the feed
    list_name: str = ""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next issue of a list."""

    mailing_list: MailingList
    day: date
    issue: IssueLine | None  # None when nothing is drafted yet
    fresh: int  # articles that came since the last one


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A campaign that is not over."""

    campaign: Campaign
    called: str  # its list and number
    rate: float  # messages a second, of all that is sent just now


@dataclass(frozen=True, slots=True)
class Outlook:
    problems: tuple[Problem, ...]
    ahead: tuple[Ahead, ...]
    under_way: tuple[UnderWay, ...]
    last: tuple[IssueLine, ...]
    names: dict[int, MailingList]


def look_out(store: Store, *, now: datetime, cannot_send: str = "") -> Outlook:
    """`cannot_send` is what is wrong with how mails are to leave, "" for nothing."""
    with store.read() as tx:
        lists = tx.lists.all()
        under_way, senders = tx.campaigns.not_over(), tx.senders.alive(now)
        titles = {each.id: each.title for each in lists}
        lines = tx.issue_lines.numbered([each.issue_id for each in under_way])
        names = {line.id: f"{titles[line.list_id]}, No. {line.number}" for line in lines}
        problems = [
            *_sending(tx.messages.next_due(), senders, now, cannot_send),
            *(problem for campaign in under_way for problem in _paused(campaign, names)),
            *_held(tx, lists),
            *_late(lists, now),
            *_feeds(tx, lists, now),
        ]
        rate = sum(Snapshot.from_json(each.state).rate for each in senders)
        return Outlook(
            tuple(problems),
            tuple(_ahead(tx, lists, now)),
            tuple(UnderWay(campaign, names[campaign.issue_id], rate) for campaign in under_way),
            tuple(tx.issue_lines.published(most=LAST)),
            {each.id: each for each in lists},
        )


def _sending(due: datetime | None, senders: Sequence[SenderSeen], now: datetime, cannot_send: str) -> Iterator[Problem]:
    if cannot_send:
        yield Problem("sending", "Nothing can be sent", cannot_send)
    if due is not None and due < now - LATE and not senders:
        why = f"Messages have been due since {due:%d %b, %H:%M} UTC. Is the scheduler running (digest run)?"
        yield Problem("sending", "Nobody is sending", why)


def _paused(campaign: Campaign, names: Mapping[int, str]) -> Iterator[Problem]:
    if campaign.state is CampaignState.PAUSED:
        yield Problem("campaign", f"{names[campaign.issue_id]} is paused", campaign.reason, campaign.issue_id)


def _held(tx: Transaction, lists: list[MailingList]) -> Iterator[Problem]:
    titles = {each.id: each.title for each in lists}
    for line in tx.issue_lines.in_state(IssueState.HELD, most=MOST):
        title = f"{titles[line.list_id]}: the issue of {line.period:%d %b} is held"
        yield Problem("issue", title, line.reason, line.id)


def _late(lists: list[MailingList], now: datetime) -> Iterator[Problem]:
    for each in lists:
        if each.next_due_at is not None and each.next_due_at < now - LATE:
            why = f"It was due at {each.next_due_at:%d %b, %H:%M} UTC. Is the scheduler running (digest run)?"
            yield Problem("list", f"{each.title}: nobody made its issue", why, list_name=each.name)


def _feeds(tx: Transaction, lists: list[MailingList], now: datetime) -> Iterator[Problem]:
    names = {each.id: each.name for each in lists}
    bad = [(feed, checkup) for feed, checkup in check_feeds(tx, None, now) if checkup.health in BAD_FEEDS]
    for feed, checkup in bad[:MOST]:
        yield Problem("feed", f"{called(feed)} is {checkup.health}", checkup.said, feed.id, names[feed.list_id])
    if len(bad) > MOST:
        yield Problem("feed", f"{len(bad) - MOST} more feeds need care", "")


def called(feed: Feed) -> str:
    return feed.title or feed.location


def _ahead(tx: Transaction, lists: list[MailingList], now: datetime) -> Iterator[Ahead]:
    days = {each.id: next_day(each, now) for each in lists}
    drafts = tx.issue_lines.of_days(list(days.items()))
    longest = max((each.window_days for each in lists), default=0)
    fresh = tx.issue_lines.fresh([*days], now - timedelta(days=longest))
    for each in sorted(lists, key=lambda one: (one.next_due_at is None, one.next_due_at or now, one.title)):
        yield Ahead(each, days[each.id], drafts.get(each.id), fresh.get(each.id, 0))
