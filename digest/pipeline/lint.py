"""An issue is looked at before it goes out: as a message to a pretended reader, by the checks of `rendering.lint`.

Offline, so that it may stand before every sending; what is known of the links from an earlier look counts. `lint_issue` also asks
for those that are not known.
"""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from digest.links import Links
from digest.model.edition import Edition, Slot
from digest.model.feed import FetchLimits
from digest.model.finding import Finding, Severity, sort_findings
from digest.model.issue import Issue
from digest.model.link_check import LinkCheck, LinkState
from digest.model.mailing_list import MailingList
from digest.model.message import Outgoing
from digest.pipeline.compose import Compositor, ReadyEdition
from digest.pipeline.dead_links import Manners, check_links
from digest.pipeline.publish import Render
from digest.pipeline.trial import PRETENDED, render_now
from digest.store import Store

if TYPE_CHECKING:
    from digest.rendering.lint import Mail


@dataclass(frozen=True, slots=True)
class Linter:
    """What looking at a mail needs. `clients` are the mail clients to think of; () for the usual ones."""

    store: Store
    links: Links
    limits: FetchLimits
    now: Callable[[], datetime]
    clients: tuple[str, ...] = ()
    manners: Manners = field(default_factory=Manners)

    def __call__(self, issue: Issue, mailing_list: MailingList, edition: Edition) -> tuple[Finding, ...]:
        """Without the network, but with what is known of the links."""
        from digest.rendering.lint import CLIENTS, lint_mail, web_links  # noqa: PLC0415  lxml and tinycss2 load slowly

        mail = self.read(issue, mailing_list, edition)
        addresses = web_links(mail)
        with self.store.read() as tx:
            known = tx.link_checks.known(list(addresses), self.now())
        told = (finding for check in known.values() for finding in _judge(check, addresses[check.address]))
        return sort_findings((*lint_mail(mail, self.clients or CLIENTS), *told))

    def ask(self, issue: Issue, mailing_list: MailingList, edition: Edition) -> None:
        """Asks for the links that nothing is known of, so that the next look knows. May take a minute."""
        from digest.rendering.lint import web_links  # noqa: PLC0415  the same

        addresses = list(web_links(self.read(issue, mailing_list, edition)))
        check_links(self.store, addresses, self.limits, now=self.now, manners=self.manners)

    def read(self, issue: Issue, mailing_list: MailingList, edition: Edition) -> "Mail":
        """As a pretended reader would get it."""
        from digest.rendering.lint import read_mail  # noqa: PLC0415  the same

        same = {Slot.VIEW: self.links.view(edition.id)}
        ready = ReadyEdition(edition, mailing_list.sender.address, mailing_list.list_id, same, None)
        _, content = Compositor(self.store, self.links).fill(ready, _pretended(mailing_list, self.now()))
        return read_mail(
            content.plain, salt=edition.salt, own=(f"{self.links.base_url}/",), quoted=tuple(_words(issue))
        )


def lint_issue(store: Store, issue_id: int, render: Render, linter: Linter, *, ask: bool = True) -> tuple[Finding, ...]:
    """All that is found in an issue as it is, or as it would be published now. `ask`: for its links, over the network."""
    edition = render_now(store, issue_id, render)
    with store.read() as tx:
        issue = tx.issues.get(issue_id)
        mailing_list = tx.lists.get(issue.list_id)
    if ask:
        linter.ask(issue, mailing_list, edition)
    return linter(issue, mailing_list, edition)


def _judge(check: LinkCheck, kind: str) -> Iterator[Finding]:
    if check.state is LinkState.DEAD:
        severity = Severity.FAILURE if kind == "link" else Severity.WARNING  # a picture has its words
        yield Finding(severity, "dead-link", f"a {kind} is dead, {check.said}: {check.address}")
    elif check.state is LinkState.UNKNOWN:
        yield Finding(Severity.NOTE, "dead-link", f"a {kind} could not be checked, {check.said}: {check.address}")


def _pretended(mailing_list: MailingList, now: datetime) -> Outgoing:
    return Outgoing(
        id=0,
        campaign_id=None,
        edition_id=0,
        subscriber_id=None,
        list_id=mailing_list.id,
        address=PRETENDED,
        name="",
        attempts=0,
        created_at=now,
    )


def _words(issue: Issue) -> Iterator[str]:
    """What others wrote: every text of the articles."""
    for item in issue.content.items:
        yield from _texts(item.article)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield " ".join(value.split())
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for each in dataclasses.fields(value):
            yield from _texts(getattr(value, each.name))
