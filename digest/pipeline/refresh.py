"""Step 1, refresh: feed → articles. Several feeds at once; one transaction a feed; one broken feed never stops the others."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime

from digest.articles.decide import (
    ChangedArticle,
    Namesakes,
    NewArticle,
    RefusedEntry,
    UnchangedArticle,
    decide_all,
    name_mark,
)
from digest.articles.identity import lookup_keys
from digest.articles.remarks import remarks
from digest.model.feed import Feed, FeedFailed, FeedGone, FeedOutcome, FeedRead, FetchLimits
from digest.sources import read_feed
from digest.store import Store, Transaction

AT_ONCE = 8  # feeds; a slow one then holds up an eighth of the work


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What reading one feed came to."""

    feed: Feed
    new: int = 0
    changed: int = 0
    unchanged: bool = False  # the feed said so itself
    error: str = ""
    notes: tuple[str, ...] = ()


def refresh(
    store: Store,
    limits: FetchLimits,
    *,
    now: Callable[[], datetime],
    list_id: int | None = None,
) -> Iterator[FeedReport]:
    """Read every active feed of a list, or of all, and keep what is new. Reports come as feeds are done.

    Safe twice, killed and at the same time as another: articles are unique by identity.
    """
    with store.read() as tx:
        feeds = tx.feeds.of_list(list_id, active_only=True)
    with ThreadPoolExecutor(max_workers=max(1, min(AT_ONCE, len(feeds))), thread_name_prefix="refresh") as pool:
        reading = {pool.submit(read_feed, feed, limits): feed for feed in feeds}
        for done in as_completed(reading):
            yield keep(store, reading[done], done.result(), now())


def keep(store: Store, feed: Feed, outcome: FeedOutcome, now: datetime) -> FeedReport:
    """Write one reading down, in one transaction."""
    with store.write() as tx:
        if feed.id not in {one.id for one in tx.feeds.of_list(feed.list_id)}:
            return FeedReport(feed, error=f"{feed.location} was removed while it was read; nothing of it was kept.")
        match outcome:
            case FeedRead():
                return _keep_entries(tx, feed, outcome, now)
            case FeedFailed(reason):
                tx.feeds.record_failed(feed.id, reason, now)
                return FeedReport(feed, error=reason)
            case FeedGone(reason):
                tx.feeds.record_gone(feed.id, reason, now)
                return FeedReport(feed, error=reason)
            case _:
                tx.feeds.record_unchanged(feed.id, now)
                return FeedReport(feed, unchanged=True)


def _keep_entries(tx: Transaction, feed: Feed, outcome: FeedRead, now: datetime) -> FeedReport:
    titled = replace(feed, title=outcome.title or feed.title)
    known = tx.articles.known(feed.list_id, [key for entry in outcome.entries for key in lookup_keys(entry, feed.id)])
    decisions = decide_all(outcome.entries, feed=titled, known=known, now=now, namesakes=lambda: _namesakes(tx, feed))
    new = changed = 0
    notes = [*outcome.notes, *remarks(outcome.entries, decisions, feed=feed, known=known, now=now)]
    for decision in decisions:
        match decision:
            case NewArticle(found, article, content_hash, topic):
                article_id = tx.articles.add(feed, article, content_hash, now, topic=topic)
                tx.articles.add_keys(feed.list_id, article_id, found)
                new += 1
            case ChangedArticle(article_id, found, article, content_hash):
                tx.articles.change(article_id, article, content_hash, now)
                tx.articles.add_keys(feed.list_id, article_id, found)
                changed += 1
            case UnchangedArticle(article_id, found):
                tx.articles.add_keys(feed.list_id, article_id, [key for key in found if key not in known])
            case RefusedEntry(_, reason):
                notes.append(reason)
    tx.feeds.record_read(feed, outcome, now, notes)
    return FeedReport(feed, new, changed, notes=tuple(notes))


def _namesakes(tx: Transaction, feed: Feed) -> Namesakes:
    """A feed that was never read has none."""
    found = tx.articles.of_feed(feed.id) if feed.last_ok_at else []
    marks = [
        (name_mark(title, told), article)
        for title, article in found
        for told in (article.published_at, article.content_hash)
    ]
    return dict(reversed(marks))  # the newest first: so that of two it is the newer
