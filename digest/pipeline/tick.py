"""What the timetable calls: lists whose slot has come get their issue, and issues whose slot has come go out.

    take the slot     compare-and-set of the list's next slot, and the issue's row with `send_at`: one transaction
    then, for each draft with `send_at` in the past:  refresh → assemble → publish, or hold, or skip, with the reason kept;
                      an approved one is published as it stands
    ahead             lists that want it get their next issue drafted before its slot, and their editors a mail (ahead.py)

Killed between the two, the row with `send_at` is found again by the next tick: a slot is never dropped silently. Two
schedulers that tick at once take a slot once, and publish its issue once.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from digest.issues.cadence import SlotAction, SlotDecision, missed, next_slot
from digest.model.errors import DigestError, TryLater, WrongState
from digest.model.event import EventKind
from digest.model.feed import FetchLimits
from digest.model.issue import Issue, IssueState
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.pipeline.ahead import announce, draft_ahead
from digest.pipeline.assemble import assemble
from digest.pipeline.lint import Check
from digest.pipeline.publish import publish
from digest.pipeline.refresh import refresh
from digest.pipeline.render import Render
from digest.store import Store

log = logging.getLogger("digest.tick")


@dataclass(frozen=True, slots=True)
class Appeared:
    """What became of a slot, in a sentence."""

    issue: Issue
    said: str


@dataclass(frozen=True, slots=True)
class Ticker:
    """What a tick needs."""

    store: Store
    limits: FetchLimits
    render: Render
    keys: Keys
    now: Callable[[], datetime]
    nonce: Callable[[], str]
    own_templates: Path | None = None
    check: Check | None = None  # what is not good enough is held, not sent

    def tick(self) -> Iterator[Appeared]:
        """Safe twice, at the same time as another, and killed at any line. One list's trouble never stops the others."""
        now = self.now()
        with self.store.read() as tx:
            due = tx.lists.due(now)
        for mailing_list in due:
            self._take_slot_or_say(mailing_list, now)
        with self.store.read() as tx:
            waiting = tx.issues.to_send(now)
        for issue in waiting:
            if appeared := self._appear_or_hold(issue):
                yield appeared
        yield from self._draft_ahead(now)

    def _draft_ahead(self, now: datetime) -> Iterator[Appeared]:
        with self.store.read() as tx:
            lists = tx.lists.drafted_ahead(now)
        for mailing_list in lists:
            try:
                if appeared := self._draft_one_ahead(mailing_list):
                    yield appeared
            except TryLater:
                raise
            except Exception as error:  # noqa: BLE001  whatever it is, it is this list's alone
                log.error("action=ahead list=%s error=%s", mailing_list.name, _why(error))  # noqa: TRY400  no traceback

    def _draft_one_ahead(self, mailing_list: MailingList) -> Appeared | None:
        issue = draft_ahead(
            self.store, mailing_list, lambda: self._refresh(mailing_list), now=self.now, nonce=self.nonce
        )
        if issue is None:
            return None
        said = announce(
            self.store, mailing_list, issue, self.render, self.keys, now=self.now(), own_templates=self.own_templates
        )
        return Appeared(issue, said) if said else None

    def _take_slot_or_say(self, mailing_list: MailingList, now: datetime) -> None:
        try:
            self._take_slot(mailing_list, now)
        except TryLater:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, it is this list's alone
            log.error("action=slot list=%s error=%s", mailing_list.name, _why(error))  # noqa: TRY400  no traceback

    def _take_slot(self, mailing_list: MailingList, now: datetime) -> None:
        assert mailing_list.next_due_at is not None
        decision = missed(mailing_list.schedule, mailing_list.next_due_at, now)
        if decision is None:
            return
        if decision.reason:
            log.warning("action=slot list=%s said=%s", mailing_list.name, decision.reason)
        following = next_slot(mailing_list.schedule, now)
        window = (now - timedelta(days=mailing_list.window_days), now)
        with self.store.write() as tx:
            if tx.lists.move_slot(mailing_list.id, mailing_list.next_due_at, following):
                issue_id = tx.issues.open_slot(
                    mailing_list.id, decision.period, salt=self.nonce(), window=window, now=now, send_at=decision.slot
                )
                issue = tx.issues.get(issue_id)
                if issue.state is IssueState.HELD:
                    log.warning(
                        "action=slot list=%s said=Issue %d is held: %s", mailing_list.name, issue_id, issue.reason
                    )

    def _appear_or_hold(self, issue: Issue) -> Appeared | None:
        """House rule 7: what crashed is kept and shown. An issue that cannot be made now would fail at every tick."""
        try:
            return self._appear(issue)
        except TryLater:
            raise
        except Exception as error:  # noqa: BLE001  a template with an error, or a fault of ours
            why = _why(error)
            with self.store.write() as tx:
                if not tx.issues.move(issue.id, IssueState.HELD, reason=why):
                    return None
                tx.events.add(EventKind.HELD, self.now(), list_id=issue.list_id, issue=issue.id, why=why)
                return Appeared(tx.issues.get(issue.id), f"Issue {issue.id} is held: {why}")

    def _appear(self, issue: Issue) -> Appeared | None:
        """Fill and publish one issue. None: another scheduler, or an operator, was faster."""
        now = self.now()
        with self.store.read() as tx:
            mailing_list = tx.lists.get(issue.list_id)
        assert issue.send_at is not None
        hold = _hold(missed(mailing_list.schedule, issue.send_at, now))
        try:
            ready = self._approved(issue, hold) or self._drafted(issue, mailing_list, hold)
            if ready.state not in _TO_PUBLISH:
                return Appeared(ready, f"Issue {issue.id} of {mailing_list.name} is {ready.state}: {ready.reason}")
            # An issue that an editor holds at this very moment is not sent.
            published = publish(
                self.store, issue.id, self.render, self.keys, now=self.now(), only={ready.state}, check=self.check
            )
        except WrongState:
            return None
        return Appeared(
            ready, f"Issue {issue.id} of {mailing_list.name} is published to {published.campaign.audience} readers."
        )

    def _approved(self, issue: Issue, hold: str) -> Issue | None:
        """As the editor has seen it, or held when it is too late for it; None when nobody has approved it."""
        if issue.state is not IssueState.APPROVED:
            return None
        if not hold:
            return issue
        with self.store.write() as tx:
            tx.issues.move(issue.id, IssueState.HELD, reason=hold)
            return tx.issues.get(issue.id)

    def _drafted(self, issue: Issue, mailing_list: MailingList, hold: str) -> Issue:
        self._refresh(mailing_list)
        return assemble(
            self.store,
            mailing_list,
            issue.period,
            now=self.now(),
            salt=issue.salt,
            hold=hold,
            only={IssueState.DRAFT},
        ).issue

    def _refresh(self, mailing_list: MailingList) -> None:
        for report in refresh(self.store, self.limits, now=self.now, list_id=mailing_list.id):
            if report.error:
                log.warning("action=refresh feed=%d error=%s", report.feed.id, report.error)


_TO_PUBLISH = frozenset({IssueState.DRAFT, IssueState.APPROVED})


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, DigestError) else f"{type(error).__name__}: {error}"


def _hold(decision: SlotDecision | None) -> str:
    return decision.reason if decision and decision.action is SlotAction.HOLD else ""
