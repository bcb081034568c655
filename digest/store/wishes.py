"""Queries about what editors asked of issues."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from digest.model.wish import INSTEAD_OF, Wish, Wishes, WishKind
from digest.store.tables import issue_wishes


class IssueWishes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_issue(self, issue_id: int) -> Wishes:
        query = select(issue_wishes).where(issue_wishes.c.issue_id == issue_id).order_by(issue_wishes.c.id)
        rows = self._connection.execute(query)
        return Wishes(tuple(Wish(WishKind(row.kind), row.article_id, row.text, row.position) for row in rows))

    def put(self, issue_id: int, wish: Wish, now: datetime) -> None:
        """In place of the one of its kind, and of those that it takes back. Only one article can lead."""
        self.take_back(issue_id, {wish.kind} | INSTEAD_OF.get(wish.kind, frozenset()), wish.article_id)
        if wish.kind is WishKind.LEAD:
            self._delete(issue_id, issue_wishes.c.kind == WishKind.LEAD)
        self._connection.execute(
            insert(issue_wishes).values(
                issue_id=issue_id,
                kind=wish.kind,
                article_id=wish.article_id,
                text=wish.text,
                position=wish.position,
                created_at=now,
            )
        )

    def take_back(self, issue_id: int, kinds: Collection[WishKind], article_id: int = 0) -> bool:
        """False when nothing of the kind was asked."""
        return self._delete(issue_id, issue_wishes.c.kind.in_(kinds), issue_wishes.c.article_id == article_id)

    def _delete(self, issue_id: int, *which: ColumnElement[bool]) -> bool:
        done = self._connection.execute(delete(issue_wishes).where(issue_wishes.c.issue_id == issue_id, *which))
        return done.rowcount > 0
