"""Queries about articles that stood in an issue and were changed later."""

from datetime import datetime

from sqlalchemy import Connection, select

from digest.model.article import ToldArticle
from digest.store.articles import IS_TOLD
from digest.store.frozen import from_json
from digest.store.tables import articles, issue_items, issues

Told = tuple[int, tuple[str, str]]  # an issue's number, and the title and summary that it told


class Corrections:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def changed_since(self, list_id: int, since: datetime) -> list[ToldArticle]:
        """Told articles that changed since then, beside what readers were told of them last."""
        query = (
            select(articles, issue_items.c.article.label("told"), issues.c.number)
            .join(issue_items, issue_items.c.article_id == articles.c.id)
            .join(issues, issues.c.id == issue_items.c.issue_id)
            .where(articles.c.list_id == list_id, articles.c.changed_at >= since, IS_TOLD)
            .order_by(issues.c.window_to)
        )
        rows = self._connection.execute(query).all()
        corrected = self._corrected(list_id) if rows else {}
        found: dict[int, ToldArticle] = {}
        for row in rows:
            number, told = corrected.get(row.id, (row.number, (row.told["title"], row.told["summary"])))
            found[row.id] = ToldArticle(row.id, number, told, from_json(row.article), row.changed_at)
        return list(found.values())

    def _corrected(self, list_id: int) -> dict[int, Told]:
        """What the published issues' corrections told last, by article."""
        query = select(issues.c.number, issues.c.corrections).where(issues.c.list_id == list_id, IS_TOLD)
        return {
            each["article_id"]: (row.number, (each["title"], each["summary"]))
            for row in self._connection.execute(query.order_by(issues.c.window_to))
            for each in row.corrections or ()
        }
