"""A feed or an article page over HTTP → what one reading of it comes to."""

import re
from dataclasses import replace

from digest.model.feed import (
    Entry,
    Feed,
    FeedFailed,
    FeedGone,
    FeedKind,
    FeedOutcome,
    FeedRead,
    FeedUnchanged,
    FetchLimits,
)
from digest.sources import confine, guard
from digest.sources.fetch import Failed, Fetched, Gone, NotModified, fetch
from digest.sources.parsed import Parsed, Unreadable

_PASSWORD = re.compile(r"(?<=://)[^/?#]*@")


def read_web_feed(
    feed: Feed, limits: FetchLimits, gist: confine.GistOf | None = None, look_up: guard.Resolver = guard.resolve
) -> FeedOutcome:
    """Never raises. `gist` is done in the confined process, `look_up` stands for DNS."""
    outcome = fetch(feed.location, limits, etag=feed.etag, last_modified=feed.last_modified, look_up=look_up)
    match outcome:
        case NotModified():
            return FeedUnchanged()
        case Gone():
            return FeedGone(f"{name(feed.location)} is gone for good (410 Gone) and will not be asked again.")
        case Failed(reason):
            return FeedFailed(f"{name(feed.location)} could not be read: {reason}.")
        case Fetched():
            return _read(feed, outcome, limits, gist)


def parse(fetched: Fetched, kind: FeedKind, limits: FetchLimits, gist: confine.GistOf | None = None) -> Parsed:
    """In the confined process. Raises Unreadable."""
    told = {"location": fetched.final, "charset": fetched.charset}
    if kind is FeedKind.PAGE:
        return confine.run("page", fetched.content, gist, **told)
    return confine.run("feed", fetched.content, gist, **told, max_entries=limits.max_entries)


def name(location: str) -> str:
    """How a feed is called in a sentence: its address, without a password that somebody put into it."""
    return _PASSWORD.sub("", location)


def _read(feed: Feed, fetched: Fetched, limits: FetchLimits, gist: confine.GistOf | None) -> FeedOutcome:
    try:
        parsed = parse(fetched, feed.kind, limits, gist)
    except Unreadable as error:
        return FeedFailed(f"{name(feed.location)} could not be read: {error}.")
    return FeedRead(
        location=fetched.location,
        kind=feed.kind,
        title=parsed.title,
        entries=tuple(_remembering(entry, feed, fetched) for entry in parsed.entries),
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        language=parsed.language,
        notes=tuple(f"{name(feed.location)}: {note}" for note in parsed.notes),
    )


def _remembering(entry: Entry, feed: Feed, fetched: Fetched) -> Entry:
    """An article page that has moved for good is known by both addresses: other feeds may still give the old one.

    An address that leads elsewhere for now (`/latest`) is no name of what stands there today.
    """
    moved = feed.kind is FeedKind.PAGE and fetched.location != feed.location
    return replace(entry, guid=feed.location) if moved else entry
