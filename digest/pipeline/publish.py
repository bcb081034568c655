"""Step 3, publish: a draft → rendered editions → outbox rows. One transaction freezes the audience whole, or not at all."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest import __version__
from digest.issues.mark import refuse_outdated
from digest.model.address import Address
from digest.model.edition import Edition
from digest.model.errors import Outdated, WrongState
from digest.model.event import EventKind
from digest.model.issue import Campaign, Issue, IssueState
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.model.message import OwnMail
from digest.model.operator import ActKind
from digest.model.segment import EVERYBODY, Aim
from digest.pipeline.canary import ENOUGH
from digest.pipeline.closing import close_if_over
from digest.pipeline.cursors import move_cursors
from digest.pipeline.editions import Editions, Readership, find_readership
from digest.pipeline.lint import Check, refuse_failures
from digest.pipeline.render import Render
from digest.store import Store, Transaction
from digest.store.campaigns import Terms
from digest.store.messages import NewMessage

_OPEN = frozenset({IssueState.DRAFT, IssueState.APPROVED, IssueState.HELD})


@dataclass(frozen=True, slots=True)
class Published:
    campaign: Campaign
    edition: Edition  # the whole issue
    editions: int
    excluded: dict[str, int]  # readers who get nothing, by reason

    @property
    def left_out(self) -> int:
        """Confirmed readers who are suppressed."""
        return self.excluded["suppressed"]


def publish(
    store: Store,
    issue_id: int,
    render: Render,
    keys: Keys,
    *,
    now: datetime,
    step: Callable[[], None] = lambda: None,
    only: Collection[IssueState] = _OPEN,
    check: Check | None = None,
    seen: str = "",
    aim: Aim = EVERYBODY,
) -> Published:
    """Render the issue's editions, look at each with `check` if there is one, freeze its audience and fill the outbox.

    `step` is called with each edition.

    Safe twice and at once: only the first finds a draft. Raises WrongState when it was published already, is skipped, or
    was drafted anew while it was being rendered; for the timetable also when it is held, which `only` does not name.
    LintFailed when the check finds a failure, Outdated when it is not what an editor has `seen` (issues/mark.py).
    """
    with store.read() as tx:
        issue = tx.issues.get(issue_id)
        mailing_list = tx.lists.get(issue.list_id)
    if issue.state not in only:
        raise WrongState(_not_now(issue))
    refuse_outdated(issue, seen)
    if not issue.content.items:  # a slot that was taken, and not yet filled
        raise WrongState(f"Issue {issue_id} has no articles; draft it first with `digest issue draft`.")
    move_cursors(store, issue.list_id)
    editions = Editions(render, issue, mailing_list, refuse_failures(check) if check else None)
    publishing = _Publishing(store, issue, mailing_list, editions, keys, now, aim)
    while (published := publishing.attempt(step)) is None:
        pass  # readers chose anew while it was being rendered: few, and only what is new to us is rendered again
    return published


@dataclass(frozen=True, slots=True)
class _Publishing:
    store: Store
    issue: Issue
    mailing_list: MailingList
    editions: Editions
    keys: Keys
    now: datetime
    aim: Aim = EVERYBODY

    def attempt(self, step: Callable[[], None]) -> Published | None:
        """None when a group of readers came up that nothing was rendered for."""
        with self.store.read() as tx:
            readership = find_readership(tx, self.issue, self.mailing_list, aim=self.aim)
        # Takes a while: no transaction is open.
        self.editions.make(readership.cutting, step)
        with self.store.write() as tx:
            now_it_is = tx.issues.get(self.issue.id)
            if now_it_is != self.issue and now_it_is.state in _OPEN:
                raise Outdated(
                    f"Issue {self.issue.id} was changed while it was being rendered; look at it and send it again."
                )
            candidates = tx.audiences.candidates(self.mailing_list.id, self.issue.period, aim=self.aim)
            if candidates != readership.candidates:
                readership = find_readership(tx, self.issue, self.mailing_list, aim=self.aim)
                if not self.editions.have(readership.cutting):
                    return None
            return self._freeze(tx, readership)

    def _freeze(self, tx: Transaction, readership: Readership) -> Published:
        issue, now = self.issue, self.now
        if not tx.issues.move(issue.id, IssueState.PUBLISHED, published_at=now):
            raise WrongState(_not_now(tx.issues.get(issue.id)))
        editions, audience = self.editions.keep(tx, readership, now)
        tx.issues.keep_whole(issue.id, editions[0].id)
        last = max((each.due_at for each in audience.assigned), default=now)
        terms = Terms(
            last + timedelta(hours=self.mailing_list.send_within_hours),
            frozen={"digest": __version__, "list": tx.lists.as_kept(issue.list_id)},
            excluded={str(why): count for why, count in readership.excluded.items()},
            canary_percent=self.mailing_list.canary_percent,
            canary_from=ENOUGH,
            seeds=bool(self.mailing_list.seeds),
            aimed=str(self.aim),
        )
        campaign = tx.campaigns.freeze(issue.id, issue.list_id, audience, now, terms)
        for address in self.mailing_list.seeds:
            tx.messages.add(_seed(campaign, editions[0], address, self.keys), now)
        excluded = tx.campaigns.excluded(campaign.id)
        self._tell(tx, campaign, excluded, len(editions))
        if close_if_over(tx, campaign.id, now):  # nobody to send it to
            campaign = tx.campaigns.get(campaign.id)
        return Published(campaign, editions[0], len(editions), excluded)

    def _tell(self, tx: Transaction, campaign: Campaign, excluded: dict[str, int], editions: int) -> None:
        tx.events.add(
            EventKind.PUBLISHED,
            self.now,
            list_id=self.issue.list_id,
            issue=self.issue.id,
            audience=campaign.audience,
            left_out=excluded["suppressed"],
            excluded=excluded,
            editions=editions,
        )
        tx.acts.note(ActKind.ISSUE_PUBLISHED, self.now, f"issue {self.issue.id}", audience=campaign.audience)


def _seed(campaign: Campaign, edition: Edition, address: Address, keys: Keys) -> NewMessage:
    """The issue, to a mailbox of our own: it is no part of the audience."""
    hashed = keys.address_hash(address)
    return NewMessage(
        key=f"seed:{campaign.id}:{hashed}",
        purpose=OwnMail.SEED,
        list_id=edition.list_id,
        edition_id=edition.id,
        address=address,
        address_hash=hashed,
    )


def _not_now(issue: Issue) -> str:
    if issue.state is IssueState.SKIPPED:
        return f"Issue {issue.id} was skipped ({issue.reason}) Draft it anew first."
    return f"Issue {issue.id} is {issue.state} already; an issue is sent once."
