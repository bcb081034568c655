"""How the feeds of a list fare: what the store knows of each, judged by articles.health."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from digest.articles.health import WEEKS, Activity, Checkup, check_up
from digest.model.feed import Feed
from digest.store import Transaction


def check_feeds(tx: Transaction, list_id: int | None, now: datetime) -> Iterator[tuple[Feed, Checkup]]:
    """Each feed of a list, or of all, in the order in which `digest feed list` shows them."""
    newest = tx.articles.newest_dates(list_id)
    counts = tx.articles.counts_since(list_id, now - timedelta(weeks=WEEKS))
    for feed in tx.feeds.of_list(list_id):
        activity = Activity(tuple(newest.get(feed.id, ())), counts.get(feed.id, 0))
        yield feed, check_up(feed, activity, now)
