"""Queries of the desk about many issues at once: a line for each, with its campaign, in one query however many there are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select

from digest.model.issue import Campaign, IssueState
from digest.model.message import Account, MessageState
from digest.store.campaigns import to_campaign
from digest.store.tables import articles, campaigns, issue_items, issues

PUBLISHED = (IssueState.PUBLISHED, IssueState.SENT)


@dataclass(frozen=True, slots=True)
class IssueLine:
    """One issue in a list of many."""

    id: int
    list_id: int
    number: int
    period: date
    state: IssueState
    reason: str
    subject: str  # an editor's, or the lead's headline
    articles: int
    send_at: datetime | None
    published_at: datetime | None
    withdrawn_at: datetime | None
    campaign: Campaign | None = None
    account: Account | None = None  # of a campaign that is over: no other one is counted for a list


class IssueLines:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, list_id: int | None = None, *, before: int | None = None, most: int) -> list[IssueLine]:
        """Newest first; those made before the issue `before`."""
        which = [issues.c.list_id == list_id] if list_id is not None else []
        which += [issues.c.id < before] if before is not None else []
        return self._find(*which, most=most)

    def published(self, list_id: int | None = None, *, before: int | None = None, most: int) -> list[IssueLine]:
        which = [issues.c.list_id == list_id] if list_id is not None else []
        which += [issues.c.id < before] if before is not None else []
        return self._find(issues.c.state.in_(PUBLISHED), *which, most=most)

    def in_state(self, state: IssueState, *, most: int) -> list[IssueLine]:
        return self._find(issues.c.state == state, most=most)

    def numbered(self, issue_ids: Collection[int]) -> list[IssueLine]:
        return self._find(issues.c.id.in_(issue_ids), most=len(issue_ids)) if issue_ids else []

    def latest(self, list_ids: Collection[int]) -> dict[int, IssueLine]:
        """The last published issue of each list."""
        newest = (
            select(func.max(issues.c.id))
            .where(issues.c.list_id.in_(list_ids), issues.c.state.in_(PUBLISHED))
            .group_by(issues.c.list_id)
        )
        return {line.list_id: line for line in self._find(issues.c.id.in_(newest), most=len(list_ids))}

    def of_days(self, days: Collection[tuple[int, date]]) -> dict[int, IssueLine]:
        """The issues of lists on a day each, by list."""
        if not days:
            return {}
        which = or_(*(and_(issues.c.list_id == list_id, issues.c.period == day) for list_id, day in days))
        return {line.list_id: line for line in self._find(which, most=len(days))}

    def fresh(self, list_ids: Collection[int], start: datetime) -> dict[int, int]:
        """By list, the articles that came after its last issue was drafted, and are dated no earlier than `start`."""
        last = (
            select(func.max(issues.c.window_to))
            .where(issues.c.list_id == articles.c.list_id, issues.c.state.in_(PUBLISHED))
            .scalar_subquery()
        )
        earliest = literal(start, issues.c.window_to.type)
        query = (
            select(articles.c.list_id, func.count())
            .where(articles.c.list_id.in_(list_ids), articles.c.published_at >= start)
            .where(articles.c.first_seen_at > func.coalesce(last, earliest))
            .group_by(articles.c.list_id)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def _find(self, *which: ColumnElement[bool], most: int) -> list[IssueLine]:
        count = select(func.count()).where(issue_items.c.issue_id == issues.c.id).scalar_subquery()
        lead = (
            select(issue_items.c.article["title"].as_string())
            .where(issue_items.c.issue_id == issues.c.id, issue_items.c.is_lead)
            .limit(1)
            .scalar_subquery()
        )
        query = (
            select(issues, count.label("count"), lead.label("lead"))
            .where(*which)
            .order_by(issues.c.id.desc())
            .limit(most)
        )
        rows = self._connection.execute(query).all()
        sent = self._campaigns([row.id for row in rows])
        return [_to_line(row, *sent.get(row.id, (None, None))) for row in rows]

    def _campaigns(self, issue_ids: Collection[int]) -> dict[int, tuple[Campaign, Account | None]]:
        found = self._connection.execute(select(campaigns).where(campaigns.c.issue_id.in_(issue_ids)))
        return {row.issue_id: (to_campaign(row), _to_account(row)) for row in found}


def _to_account(row: Any) -> Account | None:
    if row.counts is None:
        return None
    return Account(row.audience, {MessageState(state): count for state, count in row.counts.items()})


def _to_line(row: Any, campaign: Campaign | None, account: Account | None) -> IssueLine:
    return IssueLine(
        id=row.id,
        list_id=row.list_id,
        number=row.number,
        period=row.period,
        state=IssueState(row.state),
        reason=row.reason,
        subject=row.subject or row.lead or "",
        articles=row.count,
        send_at=row.send_at,
        published_at=row.published_at,
        withdrawn_at=row.withdrawn_at,
        campaign=campaign,
        account=account,
    )
