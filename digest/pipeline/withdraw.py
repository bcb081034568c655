"""Taking a published issue from the web: out of the archive and the feeds, and its readers' links to it. Safe twice."""

from datetime import datetime

from digest.model.errors import WrongState
from digest.model.issue import Issue
from digest.model.operator import ActKind
from digest.store import Store


def withdraw(store: Store, issue_id: int, *, now: datetime) -> Issue:
    """What is in mailboxes nobody can take back. Raises WrongState when it was never published."""
    return _put(store, issue_id, now, now)


def restore(store: Store, issue_id: int, *, now: datetime) -> Issue:
    """It is there again, as it was."""
    return _put(store, issue_id, None, now)


def _put(store: Store, issue_id: int, withdrawn_at: datetime | None, now: datetime) -> Issue:
    with store.write() as tx:
        issue = tx.issues.get(issue_id)
        if not tx.issues.withdraw(issue_id, withdrawn_at):
            raise WrongState(f"Issue {issue_id} is {issue.state}: it never was in the archive.")
        tx.acts.note(ActKind.ISSUE_WITHDRAWN, now, f"issue {issue_id}", undone=withdrawn_at is None)
        return issue
