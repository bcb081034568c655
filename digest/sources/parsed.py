"""What parsing strangers' bytes comes to. Every parser gives a `Parsed` or raises `Unreadable`; nothing else."""

from dataclasses import dataclass

from digest.model.feed import Entry


class Unreadable(Exception):
    """The bytes are not what they should be. `str()` is a clause for "… could not be read: <clause>.", without a full stop."""


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that a page or an OPML document tells of."""

    location: str  # absolute http(s)
    title: str = ""
    folders: tuple[str, ...] = ()  # of OPML: the outlines and categories that it stands in, the outermost first
    is_page: bool = False  # of OPML: one article page


@dataclass(frozen=True, slots=True)
class Parsed:
    """Plain values only, so that it can cross from the confined process as JSON."""

    title: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()  # what was odd but did not stop us, as sentences
    feeds: tuple[FoundFeed, ...] = ()  # of a page: the feeds it names
    is_article: bool = False  # of a page: it says that it is one article
