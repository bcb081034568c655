"""Following a feed: an address becomes a feed of a list. The network is asked first, then one transaction."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from digest.model.errors import BadInput
from digest.model.feed import Feed, FetchLimits
from digest.model.operator import ActKind
from digest.sources import Discovered, discover
from digest.store import Store

WEB = re.compile(r"https?://", re.IGNORECASE)
LEAST_WEIGHT = 0.01
MOST_WEIGHT = 10.0  # a pin outweighs it


@dataclass(frozen=True, slots=True)
class Followed:
    """The feed as it was added, and what else was found at its address."""

    feed: Feed
    found: Discovered


def follow(
    store: Store,
    list_name: str,
    location: str,
    *,
    topic: str,
    limits: FetchLimits,
    weight: float = 1.0,
    own: bool = False,
    folders: bool = True,
    now: datetime,
) -> Followed:
    """Add a feed to a list. Raises BadInput or TryLater in words when nothing can be read there.

    `folders` says whether it may be one on this machine: who has no shell here is not to read its files.
    """
    check_weight(weight)
    if not folders and not WEB.match(location.strip()):
        raise BadInput(
            f"{location!r} is no web address; write it with https://. Folders are added by `digest feed add`."
        )
    with store.read() as tx:
        mailing_list = tx.lists.by_name(list_name)
    if topic and mailing_list.topics and topic not in mailing_list.topics:
        raise BadInput(
            f"{mailing_list.name} has no topic {topic!r}; it has {', '.join(mailing_list.topics)} (`digest list set --topics`)."
        )
    found = discover(location, limits)
    new = Feed(0, mailing_list.id, found.location, found.kind, title=found.title, topic=topic, weight=weight, own=own)
    with store.write() as tx:
        added = tx.feeds.add(new)
        tx.acts.note(ActKind.FEED_CHANGED, now, f"feed {added.id}", added=True, list=list_name)
        return Followed(added, found)


def unfollow(store: Store, list_name: str, which: str, *, now: datetime) -> Feed:
    """The list follows it no more; articles of it stay. Raises NotFound."""
    with store.write() as tx:
        removed = tx.feeds.remove(tx.lists.by_name(list_name).id, which)
        tx.acts.note(ActKind.FEED_CHANGED, now, f"feed {removed.id}", removed=True, list=list_name)
        return removed


def change_feed(
    store: Store, list_name: str, which: str, *, weight: float | None = None, own: bool | None = None, now: datetime
) -> Feed:
    """How much a feed's articles count, and whether its copy of a story leads, from the next draft on. None changes nothing."""
    if weight is not None:
        check_weight(weight)
    with store.write() as tx:
        feed = tx.feeds.find(tx.lists.by_name(list_name).id, which)
        changed = replace(feed, weight=feed.weight if weight is None else weight, own=feed.own if own is None else own)
        tx.feeds.change(changed)
        tx.acts.note(ActKind.FEED_CHANGED, now, f"feed {feed.id}", weight=changed.weight, own=changed.own)
        return changed


def check_weight(weight: float) -> None:
    """Raises BadInput when it is none. (Compared this way round, for NaN is neither.)"""
    if not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
        raise BadInput(f"A weight of {weight:g} is none; it must be from {LEAST_WEIGHT:g} to {MOST_WEIGHT:g}.")
