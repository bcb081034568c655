"""Queries about articles and the keys by which an entry is recognised as one of them."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    select,
    true,
    update,
)

from digest.model.article import Article, KeptArticle, KnownArticle
from digest.model.feed import Feed
from digest.model.issue import IssueState
from digest.store.batches import IN_POSTGRESQL, IN_SQLITE, Prepared, instant
from digest.store.columns import storable
from digest.store.dialect import TOO_LARGE, insert_new, one_at_a_time
from digest.store.frozen import from_json, to_json
from digest.store.tables import article_keys, articles, feeds, issue_items, issues

_KNOWN = (
    articles.c.id,
    articles.c.feed_id,
    articles.c.content_hash,
    articles.c.first_seen_at,
    articles.c.published_at,
)


class Articles:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, list_id: int, keys: Iterable[str]) -> dict[str, KnownArticle]:
        """Which of these keys lead to an article, and to which.

        In a transaction that writes, no other one asks about this list until it ends: so two feeds cannot both find an
        article new that stands in both.
        """
        one_at_a_time(self._connection, list_id)
        words = _statements(self._connection.dialect)
        wanted = list(dict.fromkeys(map(storable, keys)))
        found = words.known.rows(self._connection, {"list": list_id, **words.batches.words(wanted)})
        return {key: _to_known(*rest) for key, *rest in found}

    def of_feed(self, feed_id: int, most: int = 1_000) -> list[tuple[str, KnownArticle]]:
        """The headlines of the newest articles that a feed brought, and what deciding needs to know of each."""
        query = (
            select(articles.c.article["title"].as_string().label("title"), *_KNOWN)
            .where(articles.c.feed_id == feed_id)
            .order_by(articles.c.published_at.desc(), articles.c.id.desc())
            .limit(most)
        )
        return [(title, _to_known(*rest)) for title, *rest in self._connection.execute(query)]

    def newest_dates(self, list_id: int | None, most: int = 30) -> dict[int, list[datetime]]:
        """When each feed's newest articles were published, the newest first."""
        place = func.row_number().over(partition_by=articles.c.feed_id, order_by=articles.c.published_at.desc())
        ranked = self._of_feeds(list_id).add_columns(articles.c.published_at, place.label("place")).subquery()
        query = select(ranked.c.feed_id, ranked.c.published_at).where(ranked.c.place <= most).order_by(ranked.c.place)
        found: dict[int, list[datetime]] = {}
        for feed_id, date in self._connection.execute(query):
            found.setdefault(feed_id, []).append(date)
        return found

    def counts_since(self, list_id: int | None, since: datetime) -> dict[int, int]:
        """How many articles each feed brought that were published since then."""
        query = self._of_feeds(list_id).add_columns(func.count()).where(articles.c.published_at >= since)
        rows = self._connection.execute(query.group_by(articles.c.feed_id))
        return {row[0]: row[1] for row in rows}

    def _of_feeds(self, list_id: int | None) -> Select[Any]:
        query = select(articles.c.feed_id).where(articles.c.feed_id.is_not(None))
        return query if list_id is None else query.where(articles.c.list_id == list_id)

    def add(self, feed: Feed, article: Article, content_hash: str, now: datetime, *, topic: str | None = None) -> int:
        """`topic` is the article's own; None for its feed's."""
        (article_id,) = self.add_each(feed, [(article, content_hash, feed.topic if topic is None else topic)], now)
        return article_id

    def add_each(self, feed: Feed, new: Iterable[tuple[Article, str, str]], now: datetime) -> list[int]:
        """Articles of a feed, each with the hash of its content and its topic; returns their numbers, in order."""
        rows = [
            {
                "list_id": feed.list_id,
                "feed_id": feed.id,
                "topic": storable(topic),
                "article": to_json(article),
                "content_hash": content_hash,
                "published_at": article.published_at,
                "first_seen_at": now,
            }
            for article, content_hash, topic in new
        ]
        if not rows:
            return []
        if self._connection.dialect.name == "sqlite":
            add = _statements(self._connection.dialect).add
            return [add.rows(self._connection, row | {"article": json.dumps(row["article"])})[0][0] for row in rows]
        query = insert(articles).returning(articles.c.id, sort_by_parameter_order=True)
        return list(self._connection.execute(query, rows).scalars())

    def change(self, article_id: int, article: Article, content_hash: str, now: datetime) -> None:
        """An edited article is the same article. Its first sight stays, and it is never sent again as new."""
        self._connection.execute(
            update(articles)
            .where(articles.c.id == article_id)
            .values(
                article=to_json(article),
                content_hash=content_hash,
                published_at=article.published_at,
                changed_at=now,
            )
        )

    def add_keys(self, list_id: int, article_id: int, keys: Iterable[str]) -> None:
        """A key that leads elsewhere already stays as it is."""
        self.add_keys_each(list_id, [(article_id, keys)])

    def add_keys_each(self, list_id: int, of_articles: Iterable[tuple[int, Iterable[str]]]) -> None:
        """The same for many articles; of two that want one key the first gets it."""
        rows = [
            {"list_id": list_id, "key": storable(key), "article_id": article_id}
            for article_id, keys in of_articles
            for key in dict.fromkeys(keys)
        ]
        if rows:
            _statements(self._connection.dialect).add_keys.each(self._connection, rows)

    def get(self, article_id: int) -> Article | None:
        kept = self._connection.execute(select(articles.c.article).where(articles.c.id == article_id)).scalar()
        return None if kept is None else from_json(kept)

    def candidates(
        self,
        list_id: int,
        since: datetime,
        until: datetime,
        issue_id: int | None,
        *,
        wanted: Collection[int] = (),
        seen_until: datetime | None = None,
    ) -> list[KeptArticle]:
        """Articles dated from since to until that no published issue of the list holds, and those wanted, however old.

        `issue_id` is the draft being assembled, whose own items do not count against it. With `seen_until`, what came
        later is none.
        """
        seen = true() if seen_until is None else articles.c.first_seen_at <= seen_until
        dated = and_(articles.c.published_at.between(since, until), seen)
        query = (
            _kept()
            .where(articles.c.list_id == list_id, dated | articles.c.id.in_(wanted), ~exists(_told(issue_id or 0)))
            .order_by(articles.c.published_at.desc(), articles.c.id)
        )
        return [_to_kept(row) for row in self._connection.execute(query)]

    def told_since(
        self, list_id: int, since: datetime, but: int, *, until: datetime | None = None
    ) -> list[tuple[KeptArticle, int]]:
        """Articles dated since then that stand in a published issue, and its number. `but` is an issue that does not count.

        With `until`, nor does what was published later.
        """
        told = IS_TOLD if until is None else and_(IS_TOLD, issues.c.published_at <= until)
        number = func.max(issues.c.number).label("number")
        last = (
            select(issue_items.c.article_id, number)
            .join(issues, issues.c.id == issue_items.c.issue_id)
            .where(issues.c.list_id == list_id, issues.c.id != but, told)
            .group_by(issue_items.c.article_id)
            .subquery()
        )
        query = (
            _kept()
            .add_columns(last.c.number)
            .join(last, last.c.article_id == articles.c.id)
            .where(articles.c.list_id == list_id, articles.c.published_at >= since)
            .order_by(articles.c.id)
        )
        return [(_to_kept(row), row.number) for row in self._connection.execute(query)]

    def of_list(self, article_id: int, list_id: int) -> KeptArticle | None:
        """None when the list has no such article."""
        if not 0 < article_id < TOO_LARGE:  # people type these
            return None
        query = _kept().where(articles.c.id == article_id, articles.c.list_id == list_id)
        row = self._connection.execute(query).first()
        return None if row is None else _to_kept(row)

    def told_in(self, article_id: int) -> int | None:
        """The number of the published issue that an article stood in; None for in none."""
        query = (
            select(func.max(issues.c.number))
            .join(issue_items, issue_items.c.issue_id == issues.c.id)
            .where(issue_items.c.article_id == article_id, IS_TOLD)
        )
        number: int | None = self._connection.execute(query).scalar()
        return number


def _kept() -> Select[Any]:
    weight = func.coalesce(feeds.c.weight, 1.0).label("weight")  # a feed that was removed weighs what any does
    return select(articles, weight, feeds.c.own).outerjoin(feeds, feeds.c.id == articles.c.feed_id)


def _told(but: int) -> Select[Any]:
    """The published issues' items of an article."""
    return (
        select(issue_items.c.article_id)
        .join(issues, issues.c.id == issue_items.c.issue_id)
        .where(issue_items.c.article_id == articles.c.id, IS_TOLD, issues.c.id != but)
    )


IS_TOLD: ColumnElement[bool] = issues.c.state.in_((IssueState.PUBLISHED, IssueState.SENT))


def _to_kept(row: Row[Any]) -> KeptArticle:
    return KeptArticle(
        row.id, row.feed_id or 0, row.topic, row.first_seen_at, from_json(row.article), row.weight, bool(row.own)
    )


def _to_known(number: int, feed_id: int | None, content_hash: str, seen: Any, published: Any) -> KnownArticle:
    """From _KNOWN."""
    return KnownArticle(number, feed_id, content_hash, instant(seen), instant(published))


class _Statements:
    """What each reading of a feed asks and writes, in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.batches = IN_SQLITE if dialect.name == "sqlite" else IN_POSTGRESQL
        known = select(article_keys.c.key, *_KNOWN).join(articles, articles.c.id == article_keys.c.article_id)
        here = article_keys.c.list_id == bindparam("list", type_=Integer)
        self.known = Prepared(known.where(here, self.batches.among_words(article_keys.c.key)), dialect)
        given = ["list_id", "feed_id", "topic", "article", "content_hash", "published_at", "first_seen_at"]
        add = insert(articles).values({name: bindparam(name) for name in given})
        self.add = Prepared(add.returning(articles.c.id), dialect)
        key: dict[str, Any] = {name: bindparam(name) for name in ("list_id", "key", "article_id")}
        self.add_keys = Prepared(insert_new(dialect, article_keys).values(key).on_conflict_do_nothing(), dialect)


@lru_cache
def _statements(dialect: Dialect) -> _Statements:
    return _Statements(dialect)
