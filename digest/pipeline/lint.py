"""An issue is looked at before it goes out: as a message to a pretended reader, by the checks of `rendering.lint`.

Offline, so that it may stand before every sending; what is known of the links from an earlier look counts. `lint_issue` also asks
for those that are not known.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from digest.links import Links
from digest.model.edition import Edition, Slot
from digest.model.errors import LintFailed, WrongState
from digest.model.feed import FetchLimits
from digest.model.finding import Finding, Severity, failures, sort_findings
from digest.model.issue import Issue, IssueState
from digest.model.link_check import LinkCheck, LinkState
from digest.model.mailing_list import MailingList
from digest.model.message import Outgoing
from digest.pipeline.compose import Compositor, ReadyEdition
from digest.pipeline.dead_links import Manners, check_links
from digest.pipeline.editions import Editions, Look
from digest.pipeline.rehearse import readership_of
from digest.pipeline.render import Render
from digest.pipeline.trial import PRETENDED
from digest.store import Store

if TYPE_CHECKING:
    from digest.rendering.lint import Mail


Check = Callable[[Issue, MailingList, Edition], Sequence[Finding]]


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

    def ask(self, mails: "Iterable[Mail]") -> None:
        """Asks for the links that nothing is known of, so that the next look knows. May take a minute."""
        from digest.rendering.lint import web_links  # noqa: PLC0415  the same

        addresses = [address for mail in mails for address in web_links(mail)]
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
    """All that is found in the editions of an issue as it is, or would be published now. `ask`: for its links, over the network."""
    with store.read() as tx:
        issue = tx.issues.get(issue_id)
        mailing_list = tx.lists.get(issue.list_id)
    seen = _editions(store, issue, mailing_list, render)
    if ask:
        linter.ask(linter.read(cut, mailing_list, edition) for cut, edition in seen)
    found: dict[tuple[str, str], Finding] = {}
    for cut, edition in seen:
        for finding in linter(cut, mailing_list, edition):
            found.setdefault((finding.rule, finding.said), finding)  # most of what is in one edition is in others
    return sort_findings(found.values())


def refuse_failures(check: Check) -> Look:
    """Raises LintFailed at the first edition with failures; it says what is wrong and what can be done."""

    def look(issue: Issue, mailing_list: MailingList, edition: Edition) -> None:
        stop_failures(issue.id, check(issue, mailing_list, edition))

    return look


def stop_failures(issue_id: int, findings: Sequence[Finding]) -> None:
    """The same for findings that are there already."""
    if found := failures(findings):
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise LintFailed(
            f"Issue {issue_id} does not pass its checks: {found[0]}{more}. See `digest issue lint {issue_id}`; "
            f"`digest issue send {issue_id} --force` sends it as it is."
        )


def _editions(store: Store, issue: Issue, mailing_list: MailingList, render: Render) -> list[tuple[Issue, Edition]]:
    """Each with what it has of the issue; of one that was published, the whole."""
    with store.read() as tx:
        published = tx.editions.of_issue(issue.id)
    if published is not None:
        return [(issue, published)]
    if issue.state is IssueState.SKIPPED or not issue.content.items:
        raise WrongState(f"Issue {issue.id} has no articles: {issue.reason or 'draft it first.'}")
    seen: list[tuple[Issue, Edition]] = []
    editions = Editions(render, issue, mailing_list, lambda cut, _, edition: seen.append((cut, edition)))
    editions.make(readership_of(store, issue, mailing_list).cutting)
    return seen


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
