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
from digest.articles.gist import gist_of
from digest.articles.identity import lookup_keys
from digest.articles.remarks import remarks
from digest.model.feed import Feed, FeedFailed, FeedGone, FeedOutcome, FeedRead, FeedUnchanged, FetchLimits
from digest.model.operator import ActKind
from digest.pipeline.short_links import lead_on
from digest.sources import read_feed
from digest.store import Store, Transaction

AT_ONCE = 8  # feeds; a slow one then holds up an eighth of the work
TOGETHER = 64  # feeds that said "unchanged" are written down in one transaction


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
    same: dict[Feed, datetime] = {}
    with ThreadPoolExecutor(max_workers=max(1, min(AT_ONCE, len(feeds))), thread_name_prefix="refresh") as pool:
        reading = {pool.submit(_read, store, feed, limits, now): feed for feed in feeds}
        for done in as_completed(reading):
            feed, outcome = reading[done], done.result()
            if not isinstance(outcome, FeedUnchanged):
                yield keep(store, feed, outcome, now())
                continue
            same[feed] = now()
            if len(same) >= TOGETHER:
                yield from _keep_unchanged(store, same)
    yield from _keep_unchanged(store, same)


def refresh_by_hand(
    store: Store, limits: FetchLimits, *, now: Callable[[], datetime], list_id: int | None = None
) -> Iterator[FeedReport]:
    """The same because somebody asked for it, which is on record when all are read."""
    new = 0
    for report in refresh(store, limits, now=now, list_id=list_id):
        new += report.new
        yield report
    with store.write() as tx:
        subject = f"list {tx.lists.get(list_id).name}" if list_id is not None else ""
        tx.acts.note(ActKind.FEEDS_READ, now(), subject, articles=new)


def _read(store: Store, feed: Feed, limits: FetchLimits, now: Callable[[], datetime]) -> FeedOutcome:
    return lead_on(store, read_feed(feed, limits, gist_of), limits, now=now())


def _keep_unchanged(store: Store, same: dict[Feed, datetime]) -> Iterator[FeedReport]:
    """Many in one transaction, for a commit on disk takes longer than asking. Who dies before it asks them again."""
    reports = [FeedReport(feed, unchanged=True) for feed in same]
    if same:
        with store.write() as tx:
            tx.feeds.record_all_unchanged({feed.id: when for feed, when in same.items()})
        same.clear()
    yield from reports


def keep(store: Store, feed: Feed, outcome: FeedRead | FeedFailed | FeedGone, now: datetime) -> FeedReport:
    """Write one reading down, in one transaction."""
    with store.write() as tx:
        if not tx.feeds.is_there(feed.id):
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


def _keep_entries(tx: Transaction, feed: Feed, outcome: FeedRead, now: datetime) -> FeedReport:
    titled = replace(feed, title=outcome.title or feed.title)
    known = tx.articles.known(feed.list_id, [key for entry in outcome.entries for key in lookup_keys(entry, feed.id)])
    decisions = decide_all(outcome.entries, feed=titled, known=known, now=now, namesakes=lambda: _namesakes(tx, feed))
    new = [each for each in decisions if isinstance(each, NewArticle)]
    changed = [each for each in decisions if isinstance(each, ChangedArticle)]
    same = [each for each in decisions if isinstance(each, UnchangedArticle)]
    refused = [each.reason for each in decisions if isinstance(each, RefusedEntry)]
    numbers = tx.articles.add_each(feed, [(each.article, each.content_hash, each.topic) for each in new], now)
    for each in changed:
        tx.articles.change(each.article_id, each.article, each.content_hash, now)
    keys = [(number, each.keys) for number, each in zip(numbers, new, strict=True)]
    keys += [(each.article_id, each.keys) for each in changed]
    keys += [(each.article_id, tuple(key for key in each.keys if key not in known)) for each in same]
    tx.articles.add_keys_each(feed.list_id, keys)
    notes = [*outcome.notes, *remarks(outcome.entries, decisions, feed=feed, known=known, now=now), *refused]
    tx.feeds.record_read(feed, outcome, now, notes)
    return FeedReport(feed, len(new), len(changed), notes=tuple(notes))


def _namesakes(tx: Transaction, feed: Feed) -> Namesakes:
    """A feed that was never read has none."""
    found = tx.articles.of_feed(feed.id) if feed.last_ok_at else []
    marks = [
        (name_mark(title, told), article)
        for title, article in found
        for told in (article.published_at, article.content_hash)
    ]
    return dict(reversed(marks))  # the newest first: so that of two it is the newer
