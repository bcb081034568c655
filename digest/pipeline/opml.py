"""Feeds of a list out to OPML and in from it. Nobody is asked: the next refresh reads what came in, and says what cannot be read."""

from dataclasses import dataclass
from datetime import datetime

from digest.model.errors import BadInput
from digest.model.feed import Feed, FeedKind
from digest.model.mailing_list import MailingList
from digest.model.operator import ActKind
from digest.sources import read_opml, write_opml
from digest.sources.parsed import FoundFeed
from digest.store import Store


@dataclass(frozen=True, slots=True)
class Imported:
    """What an OPML file came to."""

    added: tuple[Feed, ...]
    known: int  # the list reads them already
    notes: tuple[str, ...]


def export_opml(store: Store, list_name: str, *, now: datetime) -> tuple[str, int]:
    """The document, and how many folders were left out of it."""
    with store.read() as tx:
        mailing_list = tx.lists.by_name(list_name)
        feeds = tx.feeds.of_list(mailing_list.id)
    folders = sum(feed.kind is FeedKind.FOLDER for feed in feeds)
    return write_opml(mailing_list.title, feeds, now), folders


def import_opml(store: Store, list_name: str, content: bytes, *, called: str, now: datetime) -> Imported:
    """Add the feeds that the list does not read yet, in one transaction. Safe twice. Raises BadInput in words."""
    with store.read() as tx:
        mailing_list = tx.lists.by_name(list_name)
    parsed = read_opml(content, called)
    if not parsed.feeds:
        raise BadInput(f"{called} names no feed with a web address.")
    added: list[Feed] = []
    with store.write() as tx:
        before = {feed.location for feed in tx.feeds.of_list(mailing_list.id)}
        before |= {feed.moved_from for feed in tx.feeds.of_list(mailing_list.id)}
        new = [feed for feed in parsed.feeds if feed.location not in before]
        added.extend(tx.feeds.add(_as_feed(found, mailing_list)) for found in new)
        if added:
            tx.acts.note(ActKind.FEED_CHANGED, now, f"list {list_name}", imported=len(added))
    return Imported(tuple(added), len(parsed.feeds) - len(added), parsed.notes)


def _as_feed(found: FoundFeed, mailing_list: MailingList) -> Feed:
    kind = FeedKind.PAGE if found.is_page else FeedKind.SYNDICATION
    return Feed(0, mailing_list.id, found.location, kind, title=found.title, topic=find_topic(found, mailing_list))


def find_topic(found: FoundFeed, mailing_list: MailingList) -> str:
    """The nearest outline around the feed that is called like a topic of the list, in any case; "" when none is."""
    topics = {topic.casefold(): topic for topic in mailing_list.topics}
    return next((topics[name.casefold()] for name in reversed(found.folders) if name.casefold() in topics), "")
