"""Who gets what of an issue: the groups of its readers, what each is to have, and the editions that are rendered for them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from digest.issues.cadence import ON_TIME
from digest.issues.editions import Cut, Cutting, Earlier, Excluded, Mark, caught_up_since, cut_issue
from digest.issues.rhythm import reaches_at
from digest.model.choices import Group
from digest.model.edition import Edition
from digest.model.issue import Issue
from digest.model.mailing_list import MailingList
from digest.model.segment import EVERYBODY, Aim
from digest.pipeline.render import Render
from digest.store import Transaction
from digest.store.audiences import Assigned, Audience, Candidates


@dataclass(frozen=True, slots=True)
class Readership:
    """Who would get what of an issue at a moment."""

    candidates: Candidates
    cutting: Cutting
    aim: Aim = EVERYBODY

    @property
    def excluded(self) -> dict[Excluded, int]:
        """Readers who get nothing, by reason."""
        counts = {why: self.cutting.readers_without(why) for why in (Excluded.OTHER_RHYTHM, Excluded.NOTHING_NEW)}
        counts |= {Excluded.PAUSED: self.candidates.paused, Excluded.SUPPRESSED: self.candidates.suppressed}
        counts[Excluded.OUTSIDE] = self.candidates.outside
        return {why: count for why, count in counts.items() if count}

    @property
    def readers(self) -> int:
        return sum(cut.readers for cut in self.cutting.cuts)


def find_readership(tx: Transaction, issue: Issue, mailing_list: MailingList, *, aim: Aim = EVERYBODY) -> Readership:
    """Cursors must have been moved before; those who are suppressed count as readers. `rehearse.readership_of` is exact."""
    candidates = tx.audiences.candidates(mailing_list.id, issue.period, aim=aim)
    return Readership(candidates, cut_issue(mailing_list, issue, earlier_issues(tx, issue), candidates.groups), aim)


def earlier_issues(tx: Transaction, issue: Issue) -> list[Earlier]:
    """The issues that anybody may have missed, and the last one, whenever that was."""
    own = tx.campaigns.of_issue(issue.id)
    before = tx.campaigns.published_before(issue.list_id, own.id if own else None)
    since = caught_up_since(issue.period)
    missed = [(campaign_id, issue_id) for campaign_id, issue_id, period in before[:-1] if period >= since]
    missed += [(campaign_id, issue_id) for campaign_id, issue_id, _ in before[-1:]]
    found = tx.issues.several([issue_id for _, issue_id in missed])
    return [Earlier(campaign_id, each) for (campaign_id, _), each in zip(missed, found, strict=True)]


Look = Callable[[Issue, MailingList, Edition], None]  # the issue with what this edition has of it


class Editions:
    """An issue's editions, each rendered once, and then looked at; `look` may raise what ends it all."""

    def __init__(self, render: Render, issue: Issue, mailing_list: MailingList, look: Look | None = None) -> None:
        self._render = render
        self._issue = issue
        self._mailing_list = mailing_list
        self._look = look
        self._rendered: dict[Mark, Edition] = {}

    def __getitem__(self, cut: Cut) -> Edition:
        return self._rendered[cut.mark]

    def have(self, cutting: Cutting) -> bool:
        return all(cut.mark in self._rendered for cut in cutting.cuts)

    def make(self, cutting: Cutting, step: Callable[[], None] = lambda: None) -> None:
        """Those that are not there yet. Takes a while: not within a transaction."""
        for cut in cutting.cuts:
            if cut.mark not in self._rendered:
                self._rendered[cut.mark] = self._make(cut)
            step()

    def keep(self, tx: Transaction, readership: Readership, now: datetime) -> tuple[list[Edition], Audience]:
        """Store them, the whole one first, and say which group gets which and when."""
        kept, assigned = [], []
        for cut in readership.cutting.cuts:
            edition = tx.editions.keep(self[cut], self._issue.id, now)
            kept.append(edition)
            assigned += [Assigned(group, edition.id, self._reaches_at(group, now)) for group in cut.groups]
        return kept, Audience(self._issue.period, tuple(assigned), readership.candidates, readership.aim)

    def _make(self, cut: Cut) -> Edition:
        issue = replace(self._issue, content=cut.content)
        edition = self._render(issue, self._mailing_list, cut.form, cut.language)
        if self._look is not None:
            self._look(issue, self._mailing_list, edition)
        own = {item.article_id for item in self._issue.content.items}
        return replace(edition, catches_up=any(item.article_id not in own for item in cut.content.items))

    def _reaches_at(self, group: Group, now: datetime) -> datetime:
        """From its slot on, if that is just now, so that a reader whose hour is the slot's need not wait for a day."""
        slot = self._issue.send_at
        appears_at = slot if slot and slot <= now <= slot + ON_TIME else now
        return max(now, reaches_at(group.choices, self._mailing_list.schedule.zone, appears_at))
