"""What somebody saw of an issue, as a mark: so that a decision is about that and nothing that was changed meanwhile. Pure."""

import hashlib

from digest.model.errors import Outdated
from digest.model.issue import Issue


def mark_of(issue: Issue) -> str:
    """The same for as long as the issue stands as it does: its state, its articles, their order and words."""
    return hashlib.sha256(repr((issue.id, issue.state, issue.content)).encode()).hexdigest()[:32]


def mark_of_words(issue: Issue) -> str:
    """The same for as long as its subject and introduction are."""
    return hashlib.sha256(repr((issue.id, issue.content.subject, issue.content.intro)).encode()).hexdigest()[:32]


def refuse_outdated(issue: Issue, seen: str) -> None:
    """Raises Outdated unless `seen` is its mark; "" is who looks at nothing, such as the timetable."""
    if seen and seen != mark_of(issue):
        raise Outdated(
            f"Issue {issue.id} was changed while you looked at it, so nothing was done. This is how it is now."
        )
