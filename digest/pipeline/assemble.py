"""Step 2, assemble: articles → a draft. One transaction; nothing half-written."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from digest.articles.similarity import stories
from digest.issues.assemble import LATE_FEED, TooLittle
from digest.issues.assemble import assemble as decide_content
from digest.model.errors import WrongState
from digest.model.issue import Issue, IssueContent, IssueState
from digest.model.mailing_list import MailingList
from digest.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft, or a skipped issue with its reason."""

    issue: Issue
    too_little: TooLittle | None = None


def assemble(
    store: Store, mailing_list: MailingList, period: date, *, now: datetime, salt: str, hold: str = ""
) -> Drafted:
    """Draft the issue of a period, or draft it anew. `hold` says why it must wait for an operator.

    Two who ask at once get the same issue. Raises WrongState when it was published already.
    """
    with store.write() as tx:
        window = _window(tx, mailing_list, now)
        issue_id = tx.issues.open_slot(mailing_list.id, period, salt=salt, window=window, now=now)
        issue = tx.issues.get(issue_id)
        if issue.state in {IssueState.PUBLISHED, IssueState.SENT}:
            raise WrongState(
                f"The issue of {mailing_list.name} for {period} is issue {issue_id}, and it is {issue.state} already."
            )
        too_little = _fill(tx, mailing_list, issue, window)
        if too_little is None and hold:
            tx.issues.move(issue_id, IssueState.HELD, reason=hold)
        return Drafted(tx.issues.get(issue_id), too_little)


def _window(tx: Transaction, mailing_list: MailingList, now: datetime) -> tuple[datetime, datetime]:
    """The list's window; after a late or missed issue it reaches back to where the last one ended, up to twice as far."""
    days = timedelta(days=mailing_list.window_days)
    told_until = tx.issues.told_until(mailing_list.id) or now
    return max(now - 2 * days, min(now - days, told_until)), now


def _fill(
    tx: Transaction, mailing_list: MailingList, issue: Issue, window: tuple[datetime, datetime]
) -> TooLittle | None:
    # As far back again as the window reaches: so that what has just become too old is told, with its reason.
    since = window[0] - max(LATE_FEED, timedelta(days=mailing_list.window_days))
    candidates = tx.articles.candidates(mailing_list.id, since, window[1], issue.id)
    content = decide_content(mailing_list, candidates, stories(candidates), window_from=window[0], window_to=window[1])
    if isinstance(content, TooLittle):
        tx.issues.fill(issue, IssueContent(None, (), content.left_out), window)
        tx.issues.move(issue.id, IssueState.SKIPPED, reason=content.reason)
        return content
    tx.issues.fill(issue, content, window)
    return None
