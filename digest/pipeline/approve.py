"""Approving an issue that was checked: what an editor's button and command do. It is asked whether its links live, so it may take a
minute; nothing is changed before that is known.
"""

from datetime import datetime

from digest.issues.mark import mark_of, refuse_outdated
from digest.pipeline.desk import Approved, approve
from digest.pipeline.lint import Linter, lint_issue, stop_failures
from digest.pipeline.render import Render
from digest.store import Store


def approve_checked(
    store: Store,
    issue_id: int,
    render: Render,
    linter: Linter,
    *,
    now: datetime,
    seen: str = "",
    force: bool = False,
    at: datetime | None = None,
) -> Approved:
    """`seen` is the mark of what the editor looked at, `at` when it is to go out if not at its slot.

    Raises Outdated when it was changed, LintFailed unless it is forced.
    """
    with store.read() as tx:
        issue = tx.issues.get(issue_id)
    refuse_outdated(issue, seen)
    if not force and issue.content.items:  # else approving says why not
        stop_failures(issue_id, lint_issue(store, issue_id, render, linter))
    return approve(store, issue_id, now=now, seen=seen or mark_of(issue), at=at)
