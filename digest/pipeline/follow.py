"""Following a feed: an address becomes a feed of a list. The network is asked first, then one transaction."""

from dataclasses import dataclass

from digest.model.errors import BadInput
from digest.model.feed import Feed, FetchLimits
from digest.sources import Discovered, discover
from digest.store import Store


@dataclass(frozen=True, slots=True)
class Followed:
    """The feed as it was added, and what else was found at its address."""

    feed: Feed
    found: Discovered


def follow(
    store: Store, list_name: str, location: str, *, topic: str, limits: FetchLimits, own: bool = False
) -> Followed:
    """Add a feed to a list. Raises BadInput or TryLater in words when nothing can be read there."""
    with store.read() as tx:
        mailing_list = tx.lists.by_name(list_name)
    if topic and mailing_list.topics and topic not in mailing_list.topics:
        raise BadInput(
            f"{mailing_list.name} has no topic {topic!r}; it has {', '.join(mailing_list.topics)} (`digest list set --topics`)."
        )
    found = discover(location, limits)
    new = Feed(0, mailing_list.id, found.location, found.kind, title=found.title, topic=topic, own=own)
    with store.write() as tx:
        return Followed(tx.feeds.add(new), found)
