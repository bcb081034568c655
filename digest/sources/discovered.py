"""What an address that an operator typed turned out to be."""

from dataclasses import dataclass

from digest.model.feed import FeedKind
from digest.sources.parsed import FoundFeed


@dataclass(frozen=True, slots=True)
class Discovered:
    """What to keep as a feed, and the other feeds of the same site, which the operator may have meant."""

    kind: FeedKind
    location: str  # an http(s) address, or a folder's absolute path
    title: str = ""
    others: tuple[FoundFeed, ...] = ()
