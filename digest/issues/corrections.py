"""Which articles read differently than when an issue told them: noted once in the next issue, never sent again as new. Pure."""

import unicodedata
from collections.abc import Iterable

from digest.model.article import ToldArticle
from digest.model.issue import Correction

MOST = 10  # a feed that rewrites everything is no reason for a mail of corrections


def find_corrections(changed: Iterable[ToldArticle]) -> tuple[Correction, ...]:
    """Of those whose title or summary has other words, the last changed first; other spaces are no other words."""
    ordered = sorted(changed, key=lambda each: (-each.changed_at.timestamp(), each.article_id))
    found = [each for each in ordered if _words(*each.told) != _words(each.now.title, each.now.summary)]
    return tuple(_correction(each) for each in found[:MOST])


def _correction(each: ToldArticle) -> Correction:
    now = each.now
    return Correction(each.article_id, each.issue_number, now.title, now.summary, now.url, now.language)


def _words(*texts: str) -> list[list[str]]:
    return [unicodedata.normalize("NFKC", text).split() for text in texts]
