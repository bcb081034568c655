"""A feed, the entries that stand in it, and what reading it can come to."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FeedKind(StrEnum):
    """How a feed's address is read."""

    SYNDICATION = "feed"  # RSS 0.9x/1.0/2.0, RDF, Atom or JSON Feed over HTTP; which one is seen from the bytes
    PAGE = "page"  # one article page over HTTP
    FOLDER = "folder"  # a directory of .md, .html and .txt files


class FeedState(StrEnum):
    """Whether a feed is still read."""

    ACTIVE = "active"  # read at every refresh
    GONE = "gone"  # answered 410 Gone: never asked again


class FeedHealth(StrEnum):
    """How a feed fares, the worst first; `articles.health` judges it."""

    GONE = "gone"  # answered 410 Gone: it is not read any more
    DEAD = "dead"  # reading it has failed for a day and longer
    FAILING = "failing"  # the last reading failed
    SILENT = "silent"  # nothing new for longer than its rhythm
    MOVED = "moved"  # well, and at another address since lately
    ODD = "odd"  # read, with something that is worth a look
    UNREAD = "unread"  # not read yet
    WELL = "well"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by link. Width and height are pixels where the feed says them."""

    url: str  # absolute http(s), or "" when only the credit line is known, as on a copied news page
    alt: str = ""
    credit: str = ""  # the photographer's or agency's line
    width: int | None = None
    height: int | None = None
    thumb: str = ""  # the address of a small rendition, where we keep one


@dataclass(frozen=True, slots=True)
class Gist:
    """What a digest shows of an entry, whatever its feed and its address. Each text is one line."""

    title: str
    summary: str
    word_count: int
    language: str
    author: str
    publisher: str
    agency: str
    topic: str
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as it stands in a feed, before we judge it. HTML is already sanitised and its links are absolute.

    Dates are what the feed claims (aware UTC) or None; `articles.decide` judges them.
    """

    title: str  # plain text
    guid: str | None = None  # as the feed gives it, meaningful within that feed only
    url: str | None = None  # absolute http(s)
    summary_html: str = ""  # the standfirst or description, if the feed has one
    content_html: str = ""  # the body, if the feed has one
    published_at: datetime | None = None
    updated_at: datetime | None = None
    author: str = ""
    publisher: str = ""  # who first published it, when the feed says (RSS <source>, a page's site name)
    agency: str = ""  # the agency credit under a story, e.g. "Al Jazeera and wire services"
    picture: Picture | None = None
    language: str = ""  # BCP 47, as claimed
    topic: str = ""  # when the entry itself names one (a folder's front matter); "" leaves the feed's
    gist: Gist | None = None  # where it was told when the entry was parsed


@dataclass(frozen=True, slots=True)
class Feed:
    """An address we read for one list."""

    id: int
    list_id: int
    location: str  # an http(s) address, or a folder's absolute path
    kind: FeedKind
    title: str = ""
    topic: str = ""  # the topic that its articles belong to; "" for none
    own: bool = False  # the operator's own newsroom: of several copies of a story its copy leads
    state: FeedState = FeedState.ACTIVE
    etag: str = ""
    last_modified: str = ""
    last_tried_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_error: str = ""  # the last reading's error in one sentence; "" after a good one
    weight: float = 1.0  # how much its articles count beside those of other feeds
    moved_from: str = ""  # the address before the last move for good (301, 308)
    moved_at: datetime | None = None
    failures: int = 0  # readings that failed one after the other
    failing_since: datetime | None = None
    notes: tuple[str, ...] = ()  # what was odd about the last whole reading, in sentences


@dataclass(frozen=True, slots=True)
class FeedRead:
    """A good reading. `location` is new when the feed has moved for good (301, 308)."""

    location: str
    kind: FeedKind
    title: str
    entries: tuple[Entry, ...]
    etag: str = ""
    last_modified: str = ""
    language: str = ""
    notes: tuple[str, ...] = ()  # what was odd but did not stop us, in words


@dataclass(frozen=True, slots=True)
class FeedUnchanged:
    """The feed said 304, or has the same bytes as before."""


@dataclass(frozen=True, slots=True)
class FeedGone:
    """The feed said 410: stop reading it."""

    reason: str


@dataclass(frozen=True, slots=True)
class FeedFailed:
    """This reading failed; the next refresh tries again. Nothing we had is lost."""

    reason: str


FeedOutcome = FeedRead | FeedUnchanged | FeedGone | FeedFailed


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one reading of one feed may cost."""

    max_bytes: int = 10_000_000  # of the body, decoded
    max_seconds: float = 30.0  # for the whole exchange, redirects included
    max_redirects: int = 5
    max_entries: int = 5_000  # the rest of a longer feed is left out, and that is noted
    max_files: int = 5_000  # of a folder
    allow_private: frozenset[str] = field(default_factory=frozenset)  # networks that may be asked, e.g. "127.0.0.0/8"
