"""Step 2, assemble: articles → a draft, with the editor's wishes. One transaction; nothing half-written."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from digest.articles.likeness import SAME_NEWS_DAYS
from digest.articles.similarity import stories
from digest.issues.assemble import LATE_FEED, TooLittle
from digest.issues.assemble import assemble as decide_content
from digest.issues.corrections import find_corrections
from digest.model.article import KeptArticle, Story
from digest.model.errors import WrongState
from digest.model.issue import Issue, IssueContent, IssueState
from digest.model.mailing_list import MailingList, TooFew
from digest.model.operator import ActKind
from digest.model.wish import Wishes
from digest.store import Store, Transaction

Window = tuple[datetime, datetime]
Group = Callable[[Sequence[KeptArticle]], Sequence[Story]]
SAME_NEWS = timedelta(days=SAME_NEWS_DAYS)

OPEN = frozenset(IssueState) - {IssueState.PUBLISHED, IssueState.SENT}


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft, or a skipped issue with its reason."""

    issue: Issue
    too_little: TooLittle | None = None


def assemble(
    store: Store,
    mailing_list: MailingList,
    period: date,
    *,
    now: datetime,
    salt: str,
    hold: str = "",
    only: Collection[IssueState] = OPEN,
    by_hand: bool = False,
) -> Drafted:
    """Draft the issue of a period, or draft it anew. `hold` says why it must wait for an operator; `by_hand` puts it on
    record.

    Two who ask at once get the same issue. Raises WrongState when it is in none of the states that `only` names: published
    already, or, for the timetable, held or approved in the meantime.
    """
    group = _Grouping()
    with store.read() as tx:
        heap = _Heap.read(
            tx, mailing_list, tx.issues.of_period(mailing_list.id, period), _window(tx, mailing_list, now)
        )
    group(heap.articles)  # takes its time, so nobody is kept waiting for the transaction below
    with store.write() as tx:
        window = _window(tx, mailing_list, now)
        issue_id = tx.issues.open_slot(mailing_list.id, period, salt=salt, window=window, now=now)
        issue = tx.issues.get(issue_id)
        if issue.state not in only:
            raise WrongState(
                f"The issue of {mailing_list.name} for {period} is issue {issue_id}, and it is {issue.state} already."
            )
        if by_hand:
            tx.acts.note(ActKind.ISSUE_DRAFTED, now, f"issue {issue_id}", list=mailing_list.name)
        decided = decide(tx, mailing_list, issue, window, group=group)
        if isinstance(decided, TooLittle):
            tx.issues.fill(issue, IssueContent(None, (), decided.left_out), window)
            tx.issues.move(issue.id, IssueState.SKIPPED, reason=decided.reason)
            return Drafted(tx.issues.get(issue_id), decided)
        tx.issues.fill(issue, decided, window)
        if hold:
            tx.issues.move(issue_id, IssueState.HELD, reason=hold)
        return Drafted(tx.issues.get(issue_id))


def decide(
    tx: Transaction,
    mailing_list: MailingList,
    issue: Issue,
    window: Window,
    *,
    as_it_was: bool = False,
    group: Group = stories,
) -> IssueContent | TooLittle:
    """What the issue holds by the rules and the editor's wishes. `as_it_was`: without what came after the window's end."""
    heap = _Heap.read(tx, mailing_list, issue, window, as_it_was=as_it_was)
    content = decide_content(
        mailing_list,
        heap.candidates,
        group(heap.articles),
        told_before={kept.id: (number, kept.article.title) for kept, number in heap.told},
        window_from=window[0],
        window_to=window[1],
        wishes=heap.wishes,
    )
    if isinstance(content, TooLittle) or not mailing_list.corrections:
        return content
    return replace(content, corrections=find_corrections(tx.corrections.changed_since(mailing_list.id, window[0])))


@dataclass
class _Grouping:
    """Finds the stories of some articles, and knows them when it is asked about the same ones again."""

    articles: Sequence[KeptArticle] | None = None
    found: Sequence[Story] = ()

    def __call__(self, articles: Sequence[KeptArticle]) -> Sequence[Story]:
        if articles != self.articles:
            self.articles, self.found = articles, stories(articles)
        return self.found


@dataclass(frozen=True, slots=True)
class _Heap:
    """What an issue is chosen from, and what earlier ones told lately."""

    candidates: list[KeptArticle]
    told: list[tuple[KeptArticle, int]]  # with the issue's number
    wishes: Wishes

    @property
    def articles(self) -> list[KeptArticle]:
        return [*self.candidates, *(kept for kept, _ in self.told)]

    @classmethod
    def read(
        cls, tx: Transaction, mailing_list: MailingList, issue: Issue | None, window: Window, *, as_it_was: bool = False
    ) -> "_Heap":
        # As far back again as the window reaches: so that what has just become too old is told, with its reason.
        since = window[0] - max(LATE_FEED, timedelta(days=mailing_list.window_days))
        until = window[1] if as_it_was else None
        number = issue.id if issue else 0
        wishes = tx.wishes.of_issue(number)
        candidates = tx.articles.candidates(
            mailing_list.id, since, window[1], number, wanted=wishes.wanted, seen_until=until
        )
        told = tx.articles.told_since(mailing_list.id, since - SAME_NEWS, number, until=until)
        return cls(candidates, told, wishes)


def _window(tx: Transaction, mailing_list: MailingList, now: datetime) -> Window:
    """The list's window; after a late or missed issue it reaches back to where the last one ended, up to twice as far.

    In a list that carries over, as far as the windows of skipped slots did.
    """
    days = timedelta(days=mailing_list.window_days)
    told_until = tx.issues.told_until(mailing_list.id) or now
    start = max(now - 2 * days, min(now - days, told_until))
    if mailing_list.too_few is TooFew.CARRY:
        start = min(start, tx.issues.skipped_from(mailing_list.id) or start)
    return start, now
