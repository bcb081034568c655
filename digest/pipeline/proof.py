"""A proof of an issue: how it would be mailed now, to nobody in particular or to one reader. It is not kept, and asks nobody.

The links of a reader's proof are nobody's: whoever looks at it cannot act as the reader.
"""

from dataclasses import dataclass, replace
from datetime import date

from digest.issues.editions import Cut, Excluded, cut_issue
from digest.links import Links
from digest.model.address import Address
from digest.model.choices import Group
from digest.model.edition import Edition, Slot
from digest.model.errors import NotFound, WrongState
from digest.model.issue import Issue, IssueState
from digest.model.mailing_list import MailingList
from digest.pipeline.editions import earlier_issues
from digest.pipeline.render import Render, largest
from digest.pipeline.trial import PRETENDED
from digest.rendering.compose import fill_html, fill_text
from digest.rendering.schemes import in_scheme
from digest.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Proof:
    """A rendered issue, and whom it is for."""

    issue: Issue  # with what this edition has of it
    mailing_list: MailingList
    edition: Edition
    address: Address
    slots: dict[Slot, str]
    html_size: int  # octets, for the reader with the longest links; 0 without HTML

    def html(self, *, dark: bool = False) -> str:
        """As a mail program shows it that is light, or dark."""
        return in_scheme(fill_html(self.edition, self.slots), dark=dark)

    @property
    def text(self) -> str:
        return fill_text(self.edition, self.slots)


def pull_proof(
    store: Store,
    issue_id: int,
    render: Render,
    links: Links,
    address: Address | None = None,
    *,
    dressed: MailingList | None = None,
) -> Proof:
    """Of the issue as it stands; of one that is out, as it was published. `dressed`: as if its list looked like this. Raises WrongState for an empty one, or when the reader gets
    nothing of it, and NotFound for who is no reader of the list.
    """
    with store.read() as tx:
        issue = tx.issues.get(issue_id)
        mailing_list = dressed or tx.lists.get(issue.list_id)
        if issue.state is IssueState.SKIPPED or not issue.content.items:
            raise WrongState(f"Issue {issue_id} has no articles: {issue.reason or 'draft it first.'}")
        kept = None if dressed else _published(tx, issue, address)
        cut = (
            None
            if address is None or kept
            else _cut_for(tx, issue, mailing_list, address, links.keys.address_hash(address))
        )
    if kept is None:
        issue = replace(issue, content=cut.content) if cut else issue
        kept = render(issue, mailing_list, cut.form, cut.language) if cut else render(issue, mailing_list)
    slots = _slots(kept, links, address or PRETENDED)
    return Proof(issue, mailing_list, kept, address or PRETENDED, slots, largest(kept, links) if kept.html else 0)


def _published(tx: Transaction, issue: Issue, address: Address | None) -> Edition | None:
    """What went out, to this reader if one is named; None while it is a draft."""
    campaign = tx.campaigns.of_issue(issue.id)
    if campaign is None or address is None:
        return tx.editions.of_issue(issue.id) if campaign else None
    reader = tx.subscribers.find(address)
    message = tx.outbox.of_reader(campaign.id, reader.id) if reader else None
    if message is None:
        raise NotFound(f"{address} is not among the readers of issue {issue.id}.")
    return tx.editions.get(message.edition_id)


def _cut_for(tx: Transaction, issue: Issue, mailing_list: MailingList, address: Address, address_hash: str) -> Cut:
    group, paused_until = _group_of(tx, mailing_list, address)
    if tx.suppressions.stands(address_hash):
        raise WrongState(f"{address} gets nothing of this issue: {Excluded.SUPPRESSED}.")
    if paused_until is not None and paused_until > issue.period:
        raise WrongState(f"{address} gets nothing of this issue: paused until {paused_until}.")
    cutting = cut_issue(mailing_list, issue, earlier_issues(tx, issue), [group])
    theirs = next((cut for cut in cutting.cuts if cut.readers), None)
    if theirs is None:
        why = next((why for why in cutting.excluded if cutting.readers_without(why)), Excluded.NOTHING_NEW)
        raise WrongState(f"{address} gets nothing of this issue: {why}.")
    return theirs


def _group_of(tx: Transaction, mailing_list: MailingList, address: Address) -> tuple[Group, date | None]:
    reader = tx.subscribers.find(address)
    found = tx.audiences.group_of(reader.id, mailing_list.id) if reader else None
    if found is None:
        raise NotFound(f"{address} is no confirmed reader of {mailing_list.title}.")
    return found


def _slots(edition: Edition, links: Links, address: Address) -> dict[Slot, str]:
    unsubscribe, preferences = links.unsubscribe(0, edition.list_id), links.preferences(0, edition.list_id)
    return {
        Slot.UNSUBSCRIBE: unsubscribe,
        Slot.PREFERENCES: preferences,
        Slot.VIEW: links.view(edition.id),
        Slot.ADDRESS: str(address),
    }
