"""Queries about issues: one per (list, period), frozen when drafted."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, and_, case, delete, func, insert, or_, select, update

from digest.model.errors import NotFound, WrongState
from digest.model.issue import (
    ISSUE_MOVES,
    Also,
    Correction,
    Issue,
    IssueContent,
    IssueItem,
    IssueState,
    LeftOut,
    Section,
)
from digest.store.dialect import TOO_LARGE, insert_new, one_at_a_time
from digest.store.frozen import from_json, to_json
from digest.store.tables import issue_items, issues


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody saw of an issue, in short: enough to tell later what has changed."""

    titles: tuple[str, ...]
    subject: str
    size: int  # octets of the whole mail


class Issues:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, list_id: int | None = None) -> list[Issue]:
        """Newest first, without their content."""
        query = select(issues).order_by(issues.c.period.desc(), issues.c.id.desc())
        if list_id is not None:
            query = query.where(issues.c.list_id == list_id)
        return [_to_issue(row, IssueContent(None, ())) for row in self._connection.execute(query)]

    def page(self, list_id: int | None, *, before: int | None, limit: int) -> list[Issue]:
        """The newest first, those with a smaller number than `before`; without their content."""
        query = select(issues).order_by(issues.c.id.desc()).limit(limit)
        if list_id is not None:
            query = query.where(issues.c.list_id == list_id)
        if before is not None:
            query = query.where(issues.c.id < before)
        return [_to_issue(row, IssueContent(None, ())) for row in self._connection.execute(query)]

    def get(self, issue_id: int) -> Issue:
        known = 0 < issue_id < TOO_LARGE  # people type these
        row = self._connection.execute(select(issues).where(issues.c.id == issue_id)).first() if known else None
        if row is None:
            raise NotFound(f"There is no issue {issue_id}; `digest issue list` shows those there are.")
        return next(self._whole([row]))

    def several(self, issue_ids: Sequence[int]) -> list[Issue]:
        """Of those numbers, in that order."""
        rows = self._connection.execute(select(issues).where(issues.c.id.in_(issue_ids))).all()
        found = {issue.id: issue for issue in self._whole(rows)}
        return [found[number] for number in issue_ids]

    def of_period(self, list_id: int, period: date) -> Issue | None:
        query = select(issues.c.id).where(issues.c.list_id == list_id, issues.c.period == period)
        issue_id = self._connection.execute(query).scalar()
        return None if issue_id is None else self.get(issue_id)

    def told_until(self, list_id: int) -> datetime | None:
        """The end of the last published issue's window; None before the first."""
        published = issues.c.state.in_((IssueState.PUBLISHED, IssueState.SENT))
        query = select(func.max(issues.c.window_to)).where(issues.c.list_id == list_id, published)
        until: datetime | None = self._connection.execute(query).scalar()
        return until

    def skipped_from(self, list_id: int) -> datetime | None:
        """Where the windows begin of the slots that were skipped since the last published issue; None when there are none."""
        since = self.told_until(list_id)
        query = select(func.min(issues.c.window_from)).where(
            issues.c.list_id == list_id, issues.c.state == IssueState.SKIPPED
        )
        if since is not None:
            query = query.where(issues.c.window_to > since)
        start: datetime | None = self._connection.execute(query).scalar()
        return start

    def announce(self, issue_id: int, now: datetime) -> bool:
        """Write down that the editors are told. False when they were: then nobody tells them again."""
        done = self._connection.execute(
            update(issues).where(issues.c.id == issue_id, issues.c.announced_at.is_(None)).values(announced_at=now)
        )
        return done.rowcount == 1

    def to_send(self, now: datetime) -> list[Issue]:
        """Drafts, approved or not, whose slot has come, and that the timetable is to publish."""
        query = (
            select(issues.c.id).where(issues.c.state.in_(_WAITING), issues.c.send_at <= now).order_by(issues.c.send_at)
        )
        return [self.get(issue_id) for issue_id in self._connection.execute(query).scalars().all()]

    def overdue(self, now: datetime) -> list[Issue]:
        """Those of the last week that should be published and are not: their slot has come, or they are held. Without contents."""
        slot_came = and_(issues.c.state.in_(_WAITING), issues.c.send_at.between(now - _WEEK, now))
        is_held = and_(issues.c.state == IssueState.HELD, issues.c.period.between((now - _WEEK).date(), now.date()))
        query = select(issues).where(or_(slot_came, is_held)).order_by(issues.c.id)
        return [_to_issue(row, IssueContent(None, ())) for row in self._connection.execute(query)]

    def hold_begun(self, reason: str) -> list[int]:
        """Those whose slot was taken and that are not published; returns them."""
        begun = update(issues).where(issues.c.state.in_(_WAITING), issues.c.send_at.is_not(None))
        held = begun.values(state=IssueState.HELD, reason=reason, send_at=None).returning(issues.c.id)
        return sorted(self._connection.execute(held).scalars())

    def open_slot(
        self,
        list_id: int,
        period: date,
        *,
        salt: str,
        window: tuple[datetime, datetime],
        now: datetime,
        send_at: datetime | None = None,
    ) -> int:
        """The issue of this period, made now if there is none: two who ask at once get the same one.

        A skipped issue's number is given to the next one. With `send_at`, a draft made ahead or by hand is sent at its slot
        too; one that was skipped before its slot gets its chance then.
        """
        one_at_a_time(self._connection, list_id)  # two periods at once must not get one number
        self._connection.execute(
            insert_new(self._connection, issues)
            .values(
                list_id=list_id,
                period=period,
                number=_next_number(list_id),
                state=IssueState.DRAFT,
                left_out=[],
                salt=salt,
                window_from=window[0],
                window_to=window[1],
                created_at=now,
                send_at=send_at,
            )
            .on_conflict_do_nothing(index_elements=["list_id", "period"])
        )
        query = select(issues.c.id).where(issues.c.list_id == list_id, issues.c.period == period)
        issue_id = int(self._connection.execute(query).scalar_one())
        if send_at is not None:
            self._give_slot(issue_id, send_at)
        return issue_id

    def choose_moment(self, issue_id: int, at: datetime | None) -> None:
        """When the timetable is to publish it, whatever its slot; None for at its slot, if that is to come."""
        waits = issues.c.id == issue_id, issues.c.state.in_(_WAITING)
        self._connection.execute(update(issues).where(*waits).values(send_at=at))

    def _give_slot(self, issue_id: int, send_at: datetime) -> None:
        """Not to one that an editor approved for later."""
        this = issues.c.id == issue_id
        is_later = and_(issues.c.state == IssueState.APPROVED, func.coalesce(issues.c.send_at, send_at) > send_at)
        waits = this, issues.c.state.in_(_WAITING), ~is_later
        self._connection.execute(update(issues).where(*waits).values(send_at=send_at))
        if self._connection.execute(select(issues.c.id).where(this, issues.c.state == IssueState.SKIPPED)).first():
            self.move(issue_id, IssueState.DRAFT, send_at=send_at)

    def move(self, issue_id: int, state: IssueState, *, reason: str = "", **values: Any) -> bool:
        """A legal move; False when the issue is where it cannot come from: someone else moved it first.

        A skipped issue that is drafted after all gets a new number: its own may have gone to the next one.
        """
        before = [old for old, new in ISSUE_MOVES.items() if state in new]
        if state in {IssueState.HELD, IssueState.SKIPPED}:
            values["send_at"] = None  # from here on an operator decides: drafted again, it must not go out by itself
        if state is not IssueState.SKIPPED:
            values["number"] = case(
                (issues.c.state == IssueState.SKIPPED, _next_number(issues.c.list_id)), else_=issues.c.number
            )
        done = self._connection.execute(
            update(issues)
            .where(issues.c.id == issue_id, issues.c.state.in_(before))
            .values(state=state, reason=reason, **values)
        )
        return done.rowcount == 1

    def keep_whole(self, issue_id: int, edition_id: int) -> None:
        """Which of its editions is the whole one."""
        self._connection.execute(update(issues).where(issues.c.id == issue_id).values(edition_id=edition_id))

    def withdraw(self, issue_id: int, at: datetime | None) -> bool:
        """From the web, or back to it with None. False when it was never published."""
        told = issues.c.state.in_((IssueState.PUBLISHED, IssueState.SENT))
        done = self._connection.execute(update(issues).where(issues.c.id == issue_id, told).values(withdrawn_at=at))
        return done.rowcount == 1

    def fill(self, issue: Issue, content: IssueContent, window: tuple[datetime, datetime]) -> None:
        """Put new content into a draft. Raises WrongState when it is no draft any more."""
        values = {"window_from": window[0], "window_to": window[1], **_page(content)}
        if not self.move(issue.id, IssueState.DRAFT, **values):
            raise WrongState(f"Issue {issue.id} is {self.get(issue.id).state} already and is never changed again.")
        self._connection.execute(delete(issue_items).where(issue_items.c.issue_id == issue.id))
        rows = [
            {
                "issue_id": issue.id,
                "position": position,
                "article_id": item.article_id,
                "section": section,
                "is_lead": item is content.lead,
                "topic": item.topic,
                "article": to_json(item.article),
                "score": item.score,
                "factors": item.factors,
                "also": [asdict(other) for other in item.also],
            }
            for position, (section, item) in enumerate(_in_order(content))
        ]
        if rows:
            self._connection.execute(insert(issue_items), rows)

    def note_preview(self, issue_id: int, shown: Shown) -> None:
        kept = {"titles": list(shown.titles), "subject": shown.subject, "size": shown.size}
        self._connection.execute(update(issues).where(issues.c.id == issue_id).values(previewed=kept))

    def previewed(self, issue_id: int) -> Shown | None:
        """What the last preview showed; None when there was none."""
        kept = self._connection.execute(select(issues.c.previewed).where(issues.c.id == issue_id)).scalar()
        return Shown(tuple(kept["titles"]), kept["subject"], kept["size"]) if kept else None

    def best(self, list_id: int, most: int) -> list[IssueItem]:
        """Of the last published issues, by score: articles with a page of their own, each once."""
        last = (
            select(issues.c.id)
            .where(issues.c.list_id == list_id, issues.c.state.in_((IssueState.PUBLISHED, IssueState.SENT)))
            .order_by(issues.c.id.desc())
            .limit(_RECENT)
        )
        query = (
            select(issue_items)
            .where(issue_items.c.issue_id.in_(last))
            .order_by(issue_items.c.score.desc(), issue_items.c.issue_id.desc(), issue_items.c.position)
        )
        found: dict[int, IssueItem] = {}
        for row in self._connection.execute(query):
            item = _to_item(row)
            if item.article.url:
                found.setdefault(item.article_id, item)
        return list(found.values())[:most]

    def _whole(self, rows: Sequence[Row[Any]]) -> Iterator[Issue]:
        """With their content."""
        theirs = issue_items.c.issue_id.in_([row.id for row in rows])
        query = select(issue_items).where(theirs).order_by(issue_items.c.issue_id, issue_items.c.position)
        kept = self._connection.execute(query)
        items = {number: list(group) for number, group in groupby(kept, key=lambda item: item.issue_id)}
        for row in rows:
            yield _to_issue(row, _to_content(row, items.get(row.id, [])))


_RECENT = 6  # issues, when the best of the last ones is asked for
_WAITING = (IssueState.DRAFT, IssueState.APPROVED)
_WEEK = timedelta(days=7)


def _next_number(list_id: Any) -> Any:
    others = issues.alias()
    numbered = select(func.max(others.c.number)).where(
        others.c.list_id == list_id, others.c.state != IssueState.SKIPPED
    )
    return func.coalesce(numbered.scalar_subquery(), 0) + 1


def _in_order(content: IssueContent) -> Iterator[tuple[str, IssueItem]]:
    if content.lead:
        yield "", content.lead
    for section in content.sections:
        for item in section.items:
            yield section.title, item


def _page(content: IssueContent) -> dict[str, Any]:
    """What of an issue's content stands in its own row."""
    return {
        "left_out": [asdict(left) for left in content.left_out],
        "subject": content.subject,
        "intro": content.intro,
        "corrections": [asdict(each) for each in content.corrections],
    }


def _to_content(row: Row[Any], kept: Sequence[Row[Any]]) -> IssueContent:
    lead = next((_to_item(item) for item in kept if item.is_lead), None)
    rest = (item for item in kept if not item.is_lead)
    sections = tuple(
        Section(title, tuple(_to_item(item) for item in group))
        for title, group in groupby(rest, key=lambda item: item.section)
    )
    return IssueContent(
        lead,
        sections,
        tuple(LeftOut(**left) for left in row.left_out),
        row.subject,
        row.intro,
        tuple(Correction(**each) for each in row.corrections or ()),
    )


def _to_item(row: Row[Any]) -> IssueItem:
    also = tuple(Also(**other) for other in row.also or ())
    article = from_json(row.article)
    return IssueItem(row.article_id, row.topic, article, score=row.score, factors=row.factors, also=also)


def _to_issue(row: Row[Any], content: IssueContent) -> Issue:
    return Issue(
        id=row.id,
        list_id=row.list_id,
        period=row.period,
        number=row.number,
        state=IssueState(row.state),
        reason=row.reason,
        content=content,
        window_from=row.window_from,
        window_to=row.window_to,
        salt=row.salt,
        created_at=row.created_at,
        send_at=row.send_at,
        published_at=row.published_at,
        announced_at=row.announced_at,
        withdrawn_at=row.withdrawn_at,
    )
