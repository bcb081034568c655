"""Looking at an issue before its readers do: a preview, and a test to an address of one's own."""

from datetime import datetime

from digest.links import Links
from digest.model.address import Address
from digest.model.edition import Edition, Slot
from digest.model.errors import WrongState
from digest.model.issue import IssueState
from digest.model.keys import Keys
from digest.model.message import Outgoing, OwnMail
from digest.model.operator import ActKind
from digest.pipeline.compose import Compositor
from digest.pipeline.render import Render
from digest.rendering.compose import fill_html, fill_text
from digest.store import Store
from digest.store.issues import Shown
from digest.store.messages import NewMessage

PRETENDED = Address("reader", "example.org")  # RFC 2606: nobody's


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
        titles = tuple(item.article.title for item in tx.issues.get(issue_id).content.items)
        tx.issues.note_preview(issue_id, Shown(titles, edition.subject, len(edition.skeleton)))
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


def queue_test(
    store: Store, issue_id: int, to: list[Address], render: Render, keys: Keys, *, now: datetime, nonce: str
) -> int:
    """Put a test of the issue for each address into the outbox, one for an address named twice; returns how many."""
    edition = render_now(store, issue_id, render)
    with store.write() as tx:
        kept = tx.editions.keep(edition, None, now)
        tx.acts.note(ActKind.TEST_SENT, now, f"issue {issue_id}", mails=len(set(to)))
        return sum(
            tx.messages.add(
                NewMessage(
                    key=f"test:{issue_id}:{nonce}:{keys.address_hash(address)}",
                    purpose=OwnMail.TEST,
                    list_id=kept.list_id,
                    edition_id=kept.id,
                    address=address,
                    address_hash=keys.address_hash(address),
                ),
                now,
            )
            for address in to
        )
