"""Assembling a draft from so many new articles, beside reading the same rows and nothing more."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from bench.measure import Step, Subject
from bench.world import NOW, PERIOD, SALT, Database, a_database, add_articles
from digest.issues.assemble import assemble as decide_content
from digest.model.article import KeptArticle
from digest.model.issue import IssueContent
from digest.pipeline.assemble import assemble

SINCE = NOW - timedelta(days=7)


@contextmanager
def _open(size: int, place: Path) -> Iterator[Sequence[Subject]]:
    database = a_database(place)
    add_articles(database, size)
    candidates = _candidates(database)
    plain = sqlite3.connect(database.path)
    yield (
        Subject("assemble", lambda: _assemble(database)),
        Subject("of it: reading the articles", lambda: len(_candidates(database))),
        Subject("of it: deciding", lambda: _decide(database, candidates)),
        Subject("plain SELECT of the same rows, and json.loads", lambda: _select(plain)),
    )
    plain.close()
    database.close()


def _assemble(database: Database) -> int:
    content = assemble(database.store, database.mailing_list, PERIOD, now=NOW, salt=SALT).issue.content
    return _judged(content)


def _candidates(database: Database) -> list[KeptArticle]:
    with database.store.read() as tx:
        return tx.articles.candidates(database.mailing_list.id, SINCE, NOW, None)


def _decide(database: Database, candidates: list[KeptArticle]) -> int:
    content = decide_content(database.mailing_list, candidates, window_from=SINCE, window_to=NOW)
    assert isinstance(content, IssueContent)
    return _judged(content)


def _judged(content: IssueContent) -> int:
    return len(content.items) + len(content.left_out)


def _select(plain: sqlite3.Connection) -> int:
    rows = plain.execute(
        "SELECT id, feed_id, topic, first_seen_at, article FROM articles ORDER BY published_at DESC, id"
    )
    return len([(*row[:-1], json.loads(row[-1])) for row in rows])


STEP = Step("assemble", "articles", (100, 1_000, 10_000), (50, 500), _open)
