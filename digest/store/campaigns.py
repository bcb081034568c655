"""Queries about campaigns: the sending of an issue to its frozen audience, and the account of it."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, insert, or_, select, update

from digest.model.errors import NotFound
from digest.model.issue import CAMPAIGN_MOVES, Campaign, CampaignState
from digest.model.message import OPEN, Account, MessageState
from digest.store.audiences import Audience, Audiences
from digest.store.tables import IS_DUE, IS_HELD, campaigns, issues, messages


@dataclass(frozen=True, slots=True)
class Terms:
    """How a campaign is to be sent, and what is remembered of its making."""

    deadline_at: datetime
    canary_percent: int = 0  # of the audience, which goes first
    canary_from: int = 0  # readers: of a smaller audience nobody goes first
    seeds: bool = False  # messages to mailboxes of our own are to be seen first
    frozen: Mapping[str, object] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)  # readers, by why they get nothing
    aimed: str = ""  # at whom of the list's readers, in words; "" for all

    def canaries(self, audience: int) -> int | None:
        """How many of the audience go first, perhaps none; None when nothing is waited for."""
        count = audience * self.canary_percent // 100 if audience >= self.canary_from else 0
        return count if count or (self.seeds and audience) else None


class Campaigns:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_issue(self, issue_id: int) -> Campaign | None:
        row = self._connection.execute(select(campaigns).where(campaigns.c.issue_id == issue_id)).first()
        return None if row is None else to_campaign(row)

    def get(self, campaign_id: int) -> Campaign:
        row = self._connection.execute(select(campaigns).where(campaigns.c.id == campaign_id)).first()
        if row is None:
            raise NotFound(f"There is no campaign {campaign_id}.")
        return to_campaign(row)

    def in_state(self, state: CampaignState) -> list[Campaign]:
        query = select(campaigns).where(campaigns.c.state == state).order_by(campaigns.c.id)
        return [to_campaign(row) for row in self._connection.execute(query)]

    def freeze(self, issue_id: int, list_id: int, audience: Audience, now: datetime, terms: Terms) -> Campaign:
        """Make the campaign and its outbox rows: one for each confirmed reader of the audience who is not suppressed.

        In the caller's transaction, so that the audience is there whole or not at all.
        """
        key = self._connection.execute(
            insert(campaigns).values(
                issue_id=issue_id,
                state=CampaignState.RUNNING,
                audience=0,
                created_at=now,
                deadline_at=terms.deadline_at,
                frozen=dict(terms.frozen),
                aimed=terms.aimed,
            )
        ).inserted_primary_key
        assert key is not None
        campaign_id = int(key[0])
        filled = Audiences(self._connection).fill_outbox(campaign_id, list_id, audience)
        first, last = self._canary(campaign_id, terms.canaries(filled))
        suppressed = sum(each.group.readers for each in audience.assigned) - filled
        self._connection.execute(
            update(campaigns)
            .where(campaigns.c.id == campaign_id)
            .values(
                audience=filled,
                canary_from=first,
                canary_until=last,
                excluded=dict(terms.excluded) | {"suppressed": suppressed},
            )
        )
        return self.get(campaign_id)

    def _canary(self, campaign_id: int, count: int | None) -> tuple[int | None, int | None]:
        """The first and the last of so many messages, which are next to each other in the index of what is due."""
        if count is None:
            return None, None
        due = (
            select(messages.c.id)
            .where(messages.c.campaign_id == campaign_id, IS_DUE)
            .order_by(messages.c.due_at, messages.c.id)
        )
        first = self._connection.execute(due.limit(1)).scalar_one()
        if count < 1:
            return first, first - 1
        return first, self._connection.execute(due.offset(count - 1).limit(1)).scalar_one()

    def published_before(self, list_id: int, campaign_id: int | None = None) -> list[tuple[int, int, date]]:
        """The list's campaigns, their issues and their days, oldest first; those before a campaign, if one is named.

        Without those that were aimed at some readers: the others have missed nothing that was meant for them.
        """
        query = (
            select(campaigns.c.id, campaigns.c.issue_id, issues.c.period)
            .join(issues, issues.c.id == campaigns.c.issue_id)
            .where(issues.c.list_id == list_id, campaigns.c.aimed == "")
            .order_by(campaigns.c.id)
        )
        if campaign_id is not None:
            query = query.where(campaigns.c.id < campaign_id)
        return [(row.id, row.issue_id, row.period) for row in self._connection.execute(query)]

    def latest(self, list_id: int) -> Campaign | None:
        """The list's last one that was for all of its readers."""
        of_list = issues.c.list_id == list_id, campaigns.c.aimed == ""
        query = select(campaigns).join(issues, issues.c.id == campaigns.c.issue_id).where(*of_list)
        row = self._connection.execute(query.order_by(campaigns.c.id.desc()).limit(1)).first()
        return None if row is None else to_campaign(row)

    def after(self, list_id: int, campaign_id: int) -> Campaign | None:
        """The list's next one."""
        query = select(campaigns).join(issues, issues.c.id == campaigns.c.issue_id).where(issues.c.list_id == list_id)
        row = self._connection.execute(
            query.where(campaigns.c.id > campaign_id).order_by(campaigns.c.id).limit(1)
        ).first()
        return None if row is None else to_campaign(row)

    def with_cursors_behind(self, list_id: int) -> list[Campaign]:
        """Those that may have reached readers whose cursors do not say so, oldest first."""
        query = (
            select(campaigns)
            .join(issues, issues.c.id == campaigns.c.issue_id)
            .where(issues.c.list_id == list_id, campaigns.c.cursors_until == 0)
            .order_by(campaigns.c.id)
        )
        return [to_campaign(row) for row in self._connection.execute(query)]

    def over_with_cursors_behind(self) -> list[tuple[int, int]]:
        """Those that are over, oldest first, each with its list."""
        query = (
            select(campaigns.c.id, issues.c.list_id)
            .join(issues, issues.c.id == campaigns.c.issue_id)
            .where(campaigns.c.finished_at.is_not(None), campaigns.c.cursors_until == 0)
            .order_by(campaigns.c.id)
        )
        return [(row.id, row.list_id) for row in self._connection.execute(query)]

    def excluded(self, campaign_id: int) -> dict[str, int]:
        """Confirmed readers who got nothing at publishing, by reason; {} of a campaign from before that was kept."""
        kept: dict[str, int] | None = self._connection.execute(
            select(campaigns.c.excluded).where(campaigns.c.id == campaign_id)
        ).scalar()
        return kept or {}

    def frozen(self, campaign_id: int) -> dict[str, Any]:
        """What it was made with, beside its editions."""
        kept: dict[str, Any] | None = self._connection.execute(
            select(campaigns.c.frozen).where(campaigns.c.id == campaign_id)
        ).scalar()
        return kept or {}

    def messages_of(self, campaign_id: int) -> tuple[int, int]:
        """The first and the last; (0, 0) when there is none."""
        ends = select(func.min(messages.c.id), func.max(messages.c.id)).where(messages.c.campaign_id == campaign_id)
        first, last = self._connection.execute(ends).one()
        return first or 0, last or 0

    def cursors_moved(self, campaign_id: int, until: int) -> None:
        """All of a campaign that is over."""
        over = campaigns.c.id == campaign_id, campaigns.c.finished_at.is_not(None)
        self._connection.execute(update(campaigns).where(*over).values(cursors_until=until))

    def account(self, campaign_id: int) -> Account:
        """Counted as it is now; of a campaign that is over, as it was counted then."""
        row = self._connection.execute(
            select(campaigns.c.audience, campaigns.c.counts).where(campaigns.c.id == campaign_id)
        ).one()
        kept: dict[str, int] | None = row.counts
        if kept is not None:
            return Account(row.audience, {MessageState(state): count for state, count in kept.items()})
        return Account(row.audience, self._counts(messages.c.campaign_id == campaign_id))

    def not_over(self) -> list[Campaign]:
        """Those that run or are paused, and those that were stopped while messages were on their way."""
        under_way = or_(_UNFINISHED, campaigns.c.state == CampaignState.PAUSED)
        query = select(campaigns).where(under_way).order_by(campaigns.c.id)
        return [to_campaign(row) for row in self._connection.execute(query)]

    def on_trial(self) -> list[Campaign]:
        """Those that run, and whose canaries are out."""
        runs = campaigns.c.state == CampaignState.RUNNING
        query = select(campaigns).where(runs, campaigns.c.canary_until.is_not(None)).order_by(campaigns.c.id)
        return [to_campaign(row) for row in self._connection.execute(query)]

    def canaries(self, campaign: Campaign) -> Counter[MessageState]:
        """How those fare that go first: the seeds, and the first of the audience.

        A refusal for good that may be about us leaves its message deferred, and counts as bounced here.
        """
        fare = self._fare(messages.c.key.between(f"seed:{campaign.id}:", f"seed:{campaign.id};"))
        if campaign.canary is not None:
            ours = messages.c.campaign_id + 0 == campaign.id  # by number: by its index, all of a campaign would be read
            fare += self._fare(messages.c.id.between(*campaign.canary), ours)
        return fare

    def _fare(self, *which: ColumnElement[bool]) -> Counter[MessageState]:
        for_good = messages.c.reply_code.between(500, 599), messages.c.reply_code != 552  # 552 may be a full mailbox
        refused = self._counts(*which, messages.c.state == MessageState.DEFERRED, *for_good)
        count = refused.get(MessageState.DEFERRED, 0)
        fare = Counter(self._counts(*which))
        fare[MessageState.DEFERRED] -= count
        fare[MessageState.BOUNCED] += count
        return fare

    def _counts(self, *which: ColumnElement[bool]) -> dict[MessageState, int]:
        """One pass, without the sorting that GROUP BY would cost SQLite."""
        counted = [func.count().filter(messages.c.state == state) for state in MessageState]
        row = self._connection.execute(select(*counted).select_from(messages).where(*which)).one()
        return {state: count for state, count in zip(MessageState, row, strict=True) if count}

    def pause(self, campaign_id: int, reason: str) -> bool:
        return self._move(campaign_id, CampaignState.PAUSED, reason=reason)

    def resume(self, campaign_id: int) -> bool:
        return self._move(campaign_id, CampaignState.RUNNING, CampaignState.PAUSED, reason="")

    def let_all_go(self, campaign_id: int) -> bool:
        """The canaries fared well: the rest of the audience follows."""
        done = self._connection.execute(
            update(campaigns)
            .where(campaigns.c.id == campaign_id, campaigns.c.canary_until.is_not(None))
            .values(canary_from=None, canary_until=None)
        )
        return done.rowcount == 1

    def stop(self, campaign_id: int, reason: str, now: datetime) -> int | None:
        """End it: what has not gone out has failed; returns how many that are. None: it is over already.

        What is armed just now may still go out.
        """
        if not self._move(campaign_id, CampaignState.STOPPED, reason=reason):
            return None
        return self._fail_the_rest(campaign_id, reason, now)

    def retry(self, campaign_id: int, states: Collection[MessageState], deadline_at: datetime, now: datetime) -> int:
        """Queue those again whose messages ended in these states; returns how many. What waits for a later time is due now."""
        missed = update(messages).where(messages.c.campaign_id == campaign_id)
        queued = self._connection.execute(
            missed.where(messages.c.state.in_(states)).values(
                state=MessageState.QUEUED,
                due_at=now,
                attempts=0,
                settled_at=None,
                reply_code=0,
                reply_status="",
                reply_text="",
            )
        ).rowcount
        queued += self._connection.execute(
            missed.where(IS_DUE, messages.c.state == MessageState.DEFERRED).values(due_at=now)
        ).rowcount
        if queued:
            self._move(
                campaign_id,
                CampaignState.RUNNING,
                reason="",
                finished_at=None,
                counts=None,
                report=None,
                cursors_until=0,
            )
            self._connection.execute(
                update(campaigns).where(campaigns.c.id == campaign_id).values(deadline_at=deadline_at)
            )
        return queued

    def any_over(self) -> bool:
        """Whether a campaign owes nothing any more and waits to be finished: its sender died, or a reader was erased."""
        over = select(campaigns.c.id).where(_UNFINISHED, ~_owed(campaigns.c.id)).limit(1)
        return self._connection.execute(over).first() is not None

    def unfinished(self) -> list[int]:
        """Those that run, and those that were stopped while messages were on their way."""
        return list(
            self._connection.execute(select(campaigns.c.id).where(_UNFINISHED).order_by(campaigns.c.id)).scalars()
        )

    def finish(self, campaign_id: int, now: datetime) -> bool:
        """Draw up its account, if every message has an end; one that ran is DONE. False when some have none, or it was before."""
        campaign = self.get(campaign_id)
        if campaign.state is CampaignState.STOPPED and campaign.finished_at is None:
            self._fail_the_rest(campaign_id, campaign.reason, now)
        whose = and_(campaigns.c.id == campaign_id, _UNFINISHED, ~_owed(campaign_id))
        if self._connection.execute(select(campaigns.c.id).where(whose)).first() is None:
            return False
        counts = {state.value: count for state, count in self.account(campaign_id).counts.items()}
        state = CampaignState.DONE if campaign.state is CampaignState.RUNNING else campaign.state
        done = self._connection.execute(
            update(campaigns).where(whose).values(state=state, finished_at=now, counts=counts)
        )
        return done.rowcount == 1

    def _fail_the_rest(self, campaign_id: int, reason: str, now: datetime) -> int:
        """But for what is armed: nobody can know yet what becomes of that."""
        waiting = or_(IS_DUE, and_(IS_HELD, messages.c.state == MessageState.CLAIMED))
        failed = {"state": MessageState.FAILED, "reply_text": reason, "settled_at": now}
        return self._connection.execute(
            update(messages)
            .where(messages.c.campaign_id == campaign_id, waiting)
            .values(lease_owner="", lease_until=None, **failed)
        ).rowcount

    def _move(self, campaign_id: int, new: CampaignState, *old: CampaignState, **values: Any) -> bool:
        """From any state from which it may go there, or from those named only."""
        before = old or tuple(state for state in CampaignState if new in CAMPAIGN_MOVES[state])
        done = self._connection.execute(
            update(campaigns)
            .where(campaigns.c.id == campaign_id, campaigns.c.state.in_(before))
            .values(state=new, **values)
        )
        return done.rowcount == 1


_UNFINISHED = or_(
    campaigns.c.state == CampaignState.RUNNING,
    and_(campaigns.c.state == CampaignState.STOPPED, campaigns.c.finished_at.is_(None)),
)


def _owed(campaign_id: Any) -> Any:
    return exists().where(messages.c.campaign_id == campaign_id, messages.c.state.in_(OPEN))


def to_campaign(row: Row[Any]) -> Campaign:
    return Campaign(
        id=row.id,
        issue_id=row.issue_id,
        state=CampaignState(row.state),
        reason=row.reason,
        audience=row.audience,
        created_at=row.created_at,
        deadline_at=row.deadline_at,
        canary=None if row.canary_until is None else (row.canary_from, row.canary_until),
        finished_at=row.finished_at,
        aimed=row.aimed,
    )
