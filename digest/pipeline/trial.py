"""Looking at an issue before its readers do: a preview, a test to an address of one's own, a dry run."""

from dataclasses import dataclass
from datetime import datetime

from digest.links import Links
from digest.model.address import Address
from digest.model.edition import Edition, Slot
from digest.model.errors import WrongState
from digest.model.issue import Issue, IssueState
from digest.model.keys import Keys
from digest.model.message import Outgoing
from digest.model.subscriber import SubscriptionState
from digest.pipeline.compose import Compositor
from digest.pipeline.publish import Render
from digest.rendering.compose import fill_html, fill_text
from digest.store import Store
from digest.store.messages import NewMessage

PRETENDED = Address("reader", "example.org")  # RFC 2606: nobody's


@dataclass(frozen=True, slots=True)
class DryRun:
    """Who would get an issue that is sent now, and what."""

    issue: Issue
    subject: str
    audience: int
    suppressed: int  # confirmed readers who are left out
    pending: int  # asked for the list, not confirmed
    bytes_each: int


def render_now(store: Store, issue_id: int, render: Render) -> Edition:
    """The issue as published, or as it would be published now."""
    with store.read() as tx:
        issue = tx.issues.get(issue_id)
        published = tx.editions.of_issue(issue_id)
        mailing_list = tx.lists.get(issue.list_id)
    if published is not None:
        return published
    if issue.state is IssueState.SKIPPED or not issue.content.items:
        raise WrongState(f"Issue {issue_id} has no articles: {issue.reason or 'draft it first.'}")
    return render(issue, mailing_list)


def preview(store: Store, issue_id: int, render: Render, links: Links, *, now: datetime) -> dict[str, bytes]:
    """The four files of a preview, as a pretended reader would get the issue: subject, both bodies, the whole message."""
    edition = render_now(store, issue_id, render)
    with store.write() as tx:
        edition = tx.editions.keep(edition, None, now)
    pretended = Outgoing(
        id=0,
        campaign_id=None,
        edition_id=edition.id,
        subscriber_id=None,
        list_id=edition.list_id,
        address=PRETENDED,
        name="",
        attempts=0,
        created_at=now,
    )
    compositor = Compositor(store, links)
    _, content = compositor.compose(pretended)
    slots = compositor.slots(pretended) | compositor.edition(edition.id).same | {Slot.ADDRESS: str(PRETENDED)}
    return {
        "subject.txt": edition.subject.encode() + b"\n",
        "body.html": fill_html(edition, slots).encode(),
        "body.txt": fill_text(edition, slots).encode(),
        "message.eml": content.plain,
    }


def dry_run(store: Store, issue_id: int, render: Render) -> DryRun:
    edition = render_now(store, issue_id, render)
    with store.read() as tx:
        issue = tx.issues.get(issue_id)
        audience, suppressed = tx.campaigns.audience_size(issue.list_id)
        pending = tx.subscribers.counts(issue.list_id)
    return DryRun(
        issue, edition.subject, audience, suppressed, pending.get(SubscriptionState.PENDING, 0), len(edition.skeleton)
    )


def queue_test(
    store: Store, issue_id: int, to: list[Address], render: Render, keys: Keys, *, now: datetime, nonce: str
) -> int:
    """Put a test of the issue for each address into the outbox, one for an address named twice; returns how many."""
    edition = render_now(store, issue_id, render)
    with store.write() as tx:
        kept = tx.editions.keep(edition, None, now)
        return sum(
            tx.messages.add(
                NewMessage(
                    key=f"test:{issue_id}:{nonce}:{keys.address_hash(address)}",
                    purpose="test",
                    list_id=kept.list_id,
                    edition_id=kept.id,
                    address=address,
                    address_hash=keys.address_hash(address),
                ),
                now,
            )
            for address in to
        )
