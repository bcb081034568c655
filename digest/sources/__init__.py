"""Station 1: a feed's address → entries. Knows HTTP, files and formats; knows nothing of what is new or kept.

    read_feed     address → guard → fetch → confined process: parse or page → entries       (or folder → textfile)
                  and there, entry → gist, by a function that is handed in
    read_picture  address → guard → fetch → confined process: renditions
    read_page_picture   the same way: the picture that an article's page names (og:image)
    where_it_leads      an address that only leads on → the page
    discover      what stands behind an address that an operator typed

What is imported here is light; feedparser, trafilatura and Pillow are loaded only in the confined process, httpx2 when first used.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from digest.model.errors import BadInput
from digest.model.feed import Entry, Feed, FeedKind, FeedOutcome, FetchLimits, Gist
from digest.model.picture import PagePicture, PictureOutcome
from digest.sources.discovered import Discovered
from digest.sources.parsed import Parsed, Unreadable

__all__ = [
    "Discovered",
    "discover",
    "read_feed",
    "read_opml",
    "read_page_picture",
    "read_picture",
    "where_it_leads",
    "write_opml",
]


def read_feed(feed: Feed, limits: FetchLimits, gist: Callable[[Entry], Gist] | None = None) -> FeedOutcome:
    """Reads a feed once. Never raises for a bad feed; may be called from several threads at once, and again at any time.

    `gist`, a function of some module, tells the gist of each entry where it is parsed; a folder's few files have none.
    """
    if feed.kind is FeedKind.FOLDER:
        from digest.sources.folder import read_folder  # noqa: PLC0415 - this face stays light

        return read_folder(feed, limits)
    from digest.sources.webfeed import read_web_feed  # noqa: PLC0415 - this face stays light

    return read_web_feed(feed, limits, gist)


def discover(location: str, limits: FetchLimits) -> Discovered:
    """What to read for an address that somebody typed. Raises BadInput or TryLater, in a sentence that names it."""
    from digest.sources.discovery import discover as look  # noqa: PLC0415 - this face stays light

    return look(location, limits)


def read_opml(content: bytes, called: str) -> Parsed:
    """The feeds that an OPML document names; `called` is its name for the sentence of a BadInput."""
    from digest.sources import confine  # noqa: PLC0415 - this face stays light

    try:
        return confine.run("opml", content)
    except Unreadable as error:
        raise BadInput(f"{called} could not be read: {error}.") from None


def write_opml(title: str, feeds: Iterable[Feed], now: datetime) -> str:
    """An OPML document of these feeds, folders left out."""
    from digest.sources.opml import format_opml  # noqa: PLC0415 - this face stays light

    return format_opml(title, feeds, now)


def read_picture(url: str, limits: FetchLimits) -> PictureOutcome:
    """Our renditions of a picture on the web. Never raises; may be called from several threads at once, and again."""
    from digest.sources.webpicture import read_web_picture  # noqa: PLC0415 - this face stays light

    return read_web_picture(url, limits)


def read_page_picture(url: str, limits: FetchLimits) -> PagePicture:
    """The picture that an article's page names. Never raises; may be called from several threads at once, and again."""
    from digest.sources.webpicture import read_web_page_picture  # noqa: PLC0415 - this face stays light

    return read_web_page_picture(url, limits)


def where_it_leads(address: str, limits: FetchLimits) -> str:
    """Where one redirect of it leads; "" when it leads nowhere or does not answer. Never raises."""
    from digest.sources.probe import where_it_leads as ask  # noqa: PLC0415 - this face stays light

    return ask(address, limits)
