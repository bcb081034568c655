"""Queries about former issues as everybody may read them: published ones, in short, without a word of any article's body."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, select

from digest.model.feed import Picture
from digest.model.issue import CampaignState
from digest.model.mailing_list import Archive as Openness
from digest.store.articles import IS_TOLD
from digest.store.dialect import TOO_LARGE
from digest.store.tables import campaigns, editions, issue_items, issues, lists


@dataclass(frozen=True, slots=True)
class Archived:
    """A published issue in short, with the words and the picture of its first article."""

    id: int
    number: int
    period: date
    published_at: datetime
    edition_id: int  # the whole issue
    subject: str
    headline: str  # "" when that article is gone
    standfirst: str
    language: str  # "" when unknown
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class ArchivedStory:
    """An article as a published issue told it, in short."""

    issue_id: int
    article_id: int
    section: str
    topic: str
    told_at: datetime  # when that issue was published
    published_at: datetime
    title: str
    url: str  # "" when it has no page of its own
    summary: str
    language: str
    author: str
    publisher: str


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is."""

    issues: int
    newest_at: datetime | None


class Archive:
    """An issue is in it from its publishing on, until somebody withdraws it.

    One whose campaign an operator stopped is not: something was wrong with it. It comes back when that campaign is retried.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def extent(self, list_id: int) -> Extent:
        query = select(func.count(), func.max(issues.c.published_at)).where(issues.c.list_id == list_id, IS_ARCHIVED)
        count, newest = self._connection.execute(query).one()
        return Extent(count, newest)

    def page(self, list_id: int, *, most: int, after: int = 0) -> list[Archived]:
        """Newest first; `after` are passed over."""
        chosen = _newest(list_id, most, after)
        query = _archived().where(issues.c.id.in_(chosen)).order_by(issues.c.number.desc())
        return [_to_archived(row) for row in self._connection.execute(query)]

    def get(self, list_id: int, number: int) -> Archived | None:
        if not 0 < number < TOO_LARGE:  # people type these
            return None
        row = self._connection.execute(_archived().where(_numbered(list_id, number))).first()
        return None if row is None else _to_archived(row)

    def before(self, issue: Archived, list_id: int) -> Archived | None:
        older = select(func.max(issues.c.number)).where(issues.c.number < issue.number)
        return self._neighbour(list_id, older)

    def behind(self, issue: Archived, list_id: int) -> Archived | None:
        newer = select(func.min(issues.c.number)).where(issues.c.number > issue.number)
        return self._neighbour(list_id, newer)

    def _neighbour(self, list_id: int, query: Select[Any]) -> Archived | None:
        number = self._connection.execute(query.where(issues.c.list_id == list_id, IS_ARCHIVED)).scalar()
        return None if number is None else self.get(list_id, number)

    def has_withdrawn(self, edition_id: int) -> bool:
        """Whether this edition is of an issue that its editors took from the web."""
        query = (
            select(issues.c.withdrawn_at)
            .join(editions, editions.c.issue_id == issues.c.id)
            .where(editions.c.id == edition_id)
        )
        return self._connection.execute(query).scalar() is not None

    def stories(self, of_issues: Collection[int]) -> list[ArchivedStory]:
        """Of these issues, each in its reading order."""
        query = _stories().where(issues.c.id.in_(of_issues)).order_by(issues.c.number.desc(), issue_items.c.position)
        return [_to_story(row) for row in self._connection.execute(query)]

    def newest_stories(self, list_id: int, topics: Collection[str], most: int) -> list[ArchivedStory]:
        """Of these topics, or of all when none is named; the newest issue's first. Of no more issues than stories."""
        place = issue_items.c.issue_id, issue_items.c.position
        order = issues.c.number.desc(), issue_items.c.position
        items = select(*place).join(issues, issues.c.id == issue_items.c.issue_id)
        items = items.where(issues.c.id.in_(_newest(list_id, most)))
        if topics:
            items = items.where(issue_items.c.topic.in_(topics))
        chosen = items.order_by(*order).limit(most).subquery()
        is_chosen = and_(chosen.c.issue_id == issue_items.c.issue_id, chosen.c.position == issue_items.c.position)
        query = _stories().join(chosen, is_chosen).order_by(*order)
        return [_to_story(row) for row in self._connection.execute(query)]

    def for_search_engines(self, most: int) -> list[tuple[str, int, datetime]]:
        """Each issue that they may keep: its list's name, its number, and when it was published. The newest first."""
        query = (
            select(lists.c.name, issues.c.number, issues.c.published_at)
            .join(lists, lists.c.id == issues.c.list_id)
            .where(lists.c.archive == Openness.PUBLIC, IS_ARCHIVED)
            .order_by(issues.c.published_at.desc(), issues.c.id.desc())
            .limit(most)
        )
        return [(row.name, row.number, row.published_at) for row in self._connection.execute(query)]

    def begins_at(self, list_id: int) -> datetime:
        """When the list was made."""
        made: datetime = self._connection.execute(select(lists.c.created_at).where(lists.c.id == list_id)).scalar_one()
        return made


IS_ARCHIVED: ColumnElement[bool] = and_(
    IS_TOLD,
    issues.c.withdrawn_at.is_(None),
    ~exists().where(campaigns.c.issue_id == issues.c.id, campaigns.c.state == CampaignState.STOPPED),
)


def _newest(list_id: int, most: int, after: int = 0) -> Select[Any]:
    """The numbers of their rows, chosen before anything else of them is read."""
    query = select(issues.c.id).where(issues.c.list_id == list_id, IS_ARCHIVED).order_by(issues.c.number.desc())
    return query.limit(most).offset(after).correlate(None)


def _numbered(list_id: int, number: int) -> ColumnElement[bool]:
    return and_(issues.c.list_id == list_id, issues.c.number == number)


_IN_SHORT = ("title", "summary", "language")
_PICTURED = ("url", "alt", "credit", "width", "height")


def _said(*names: str) -> list[Any]:
    """These words of an item's article; the rest of it stays in the database."""
    return [issue_items.c.article[name].as_string().label(name) for name in names]


def _pictured() -> list[Any]:
    return [issue_items.c.article["picture", name].as_string().label(f"picture_{name}") for name in _PICTURED]


def _archived() -> Select[Any]:
    first = and_(issue_items.c.issue_id == issues.c.id, issue_items.c.position == 0)
    return (
        select(
            *(issues.c.id, issues.c.number, issues.c.period, issues.c.published_at),
            *(editions.c.id.label("edition_id"), editions.c.subject),
            *_said(*_IN_SHORT),
            *_pictured(),
        )
        .join(editions, editions.c.id == issues.c.edition_id)
        .outerjoin(issue_items, first)
        .where(IS_ARCHIVED)
    )


def _stories() -> Select[Any]:
    return (
        select(
            *(issue_items.c.issue_id, issue_items.c.article_id, issue_items.c.section, issue_items.c.topic),
            issues.c.published_at.label("told_at"),
            *_said("title", "url", "summary", "language", "author", "publisher", "published_at"),
        )
        .join(issues, issues.c.id == issue_items.c.issue_id)
        .where(IS_ARCHIVED)
    )


def _to_archived(row: Row[Any]) -> Archived:
    return Archived(
        id=row.id,
        number=row.number,
        period=row.period,
        published_at=row.published_at,
        edition_id=row.edition_id,
        subject=row.subject,
        headline=row.title or "",
        standfirst=row.summary or "",
        language=row.language or "",
        picture=_to_picture(row) if row.picture_url else None,
    )


def _to_picture(row: Row[Any]) -> Picture:
    return Picture(
        row.picture_url,
        row.picture_alt or "",
        row.picture_credit or "",
        int(row.picture_width) if row.picture_width else None,
        int(row.picture_height) if row.picture_height else None,
    )


def _to_story(row: Row[Any]) -> ArchivedStory:
    return ArchivedStory(**dict(row._mapping) | {"published_at": datetime.fromisoformat(row.published_at)})  # noqa: SLF001  SQLAlchemy's own public name
