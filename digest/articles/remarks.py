"""What is odd about the entries of one reading, in sentences that an operator can act on. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from digest.articles.decide import ArticleDecision, ChangedArticle, UnchangedArticle, is_in_the_future
from digest.articles.identity import all_are_changed, shared_guids
from digest.articles.text import tidy
from digest.model.article import KnownArticle
from digest.model.feed import Entry, Feed

SHOWN = 40  # characters of a GUID


def remarks(
    entries: Sequence[Entry],
    decisions: Sequence[ArticleDecision],
    *,
    feed: Feed,
    known: Mapping[str, KnownArticle],
    now: datetime,
) -> tuple[str, ...]:
    """`known` as `decide_all` had it, and what it decided."""
    found = _shared(entries, feed.id, known), _future(entries, now), _changed(entries, decisions, feed, known)
    return tuple(filter(None, found))


def _shared(entries: Sequence[Entry], feed_id: int, known: Mapping[str, KnownArticle]) -> str:
    guids = sorted(shared_guids(entries, feed_id, known))
    if not guids:
        return ""
    count = sum(tidy(entry.guid or "") in guids for entry in entries)
    named = f"the GUID {guids[0][:SHOWN]!r}" if len(guids) == 1 else f"{len(guids)} GUIDs, such as {guids[0][:SHOWN]!r}"
    return f"{_entries(count)} that share {named}: they were told apart by their addresses and headlines."


def _future(entries: Sequence[Entry], now: datetime) -> str:
    count = sum(is_in_the_future(entry, now) for entry in entries)
    return f"{_entries(count)} dated in the future: each counts from when it was first seen." if count else ""


def _changed(
    entries: Sequence[Entry], decisions: Sequence[ArticleDecision], feed: Feed, known: Mapping[str, KnownArticle]
) -> str:
    recognised = sum(isinstance(decision, ChangedArticle | UnchangedArticle) for decision in decisions)
    if not feed.last_ok_at or not recognised or not all_are_changed(entries, feed.id, known):
        return ""
    articles = "1 article was" if recognised == 1 else f"{recognised:,} articles were"
    return f"All its GUIDs have changed; {articles} recognised by address or headline and are not told again."


def _entries(count: int) -> str:
    return f"It has {count:,} {'entry' if count == 1 else 'entries'}"
