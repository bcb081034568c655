"""What an operator typed → the feed that was meant: a folder, a feed, an article page, or a site whose feeds are found.

folder?  →  fetch  →  parses as a feed?  →  says it is one article?  →  names feeds?  →  feeds in common places?  →  article?
"""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from digest.model.errors import BadInput, DigestError, TryLater
from digest.model.feed import FeedKind, FetchLimits
from digest.sources import confine, guard
from digest.sources.discovered import Discovered
from digest.sources.fetch import Failed, Fetched, Outcome, fetch
from digest.sources.parsed import FoundFeed, Parsed, Unreadable
from digest.sources.webfeed import name, parse

#: Where sites keep feeds that their pages do not name; asked in this order, under the page and then under the host.
COMMON_PLACES = ("feed", "rss", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed.json")
MAX_TRIED = 3  # named feeds that are asked before we give up on them

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)")
_HOST = re.compile(r"(?:[\w-]+(?:\.[\w-]+)+|localhost|\[[0-9a-fA-F:.]+\])(?::\d+)?(?:[/?#]\S*)?")


def discover(location: str, limits: FetchLimits, look_up: guard.Resolver = guard.resolve) -> Discovered:
    """Raises BadInput when nothing can be read there, TryLater when it may be readable later. Asks at most 19 addresses."""
    text = location.strip()
    if not text:
        raise BadInput("There is no address: name a folder or a web address.")
    return _folder(text) or _Site(text, limits, look_up).discover()


def _folder(text: str) -> Discovered | None:
    """A folder that is there; None when it can only be a web address. A path that is no folder raises BadInput."""
    if _SCHEME.match(text) and not text.lower().startswith("file:"):
        return None
    try:
        path = Path(unquote(urlsplit(text).path)) if text.lower().startswith("file:") else Path(text).expanduser()
        if path.is_dir():
            return Discovered(FeedKind.FOLDER, str(path.resolve()), path.resolve().name)
        is_there = path.exists()
    except (OSError, ValueError, RuntimeError):
        raise BadInput(f"{text!r} is neither a folder nor a web address.") from None
    if is_there:
        raise BadInput(
            f"{text} is a file; give the folder that it is in, and every .md, .html and .txt file there is read."
        )
    if text.lower().startswith("file:") or text.startswith(("/", ".", "~")) or not _HOST.fullmatch(text):
        raise BadInput(f"{text} is no folder here and no web address.")
    return None


class _Site:
    """One address on the web, and what else has to be asked to understand it."""

    def __init__(self, text: str, limits: FetchLimits, look_up: guard.Resolver) -> None:
        self._text = text
        self._limits = limits
        self._look_up = look_up

    def discover(self) -> Discovered:
        fetched = self._first()
        try:
            return self._as_feed(fetched)
        except Unreadable as error:
            why = str(error)
        page = self._links(fetched, why)
        if page.is_article and (article := self._as_article(fetched, page.feeds)):
            return article
        return (
            self._from(page.feeds, page.feeds[:MAX_TRIED])
            or self._from((), _common(fetched.final))
            or self._as_article(fetched, ())
            or self._give_up()
        )

    def _first(self) -> Fetched:
        """What was typed; without a scheme https is tried first."""
        text = re.sub(r"^feed:(?://)?(?=https?:)", "", self._text, flags=re.IGNORECASE)
        text = re.sub(r"^feed://", "https://", text, flags=re.IGNORECASE)
        tries = [text] if _SCHEME.match(text) else [f"https://{text}", f"http://{text}"]
        outcome: Outcome = Failed("")
        for address in tries:
            outcome = self._fetch(address)
            if isinstance(outcome, Fetched):
                return outcome
        raise self._refusal(outcome)

    def _refusal(self, outcome: Outcome) -> DigestError:
        if not isinstance(outcome, Failed):
            return BadInput(f"{name(self._text)} is gone for good (410 Gone).")
        kind = TryLater if outcome.later else BadInput
        return kind(f"{name(self._text)} could not be read: {outcome.reason}.")

    def _fetch(self, address: str) -> Outcome:
        return fetch(address, self._limits, look_up=self._look_up)

    def _as_feed(self, fetched: Fetched) -> Discovered:
        parsed = parse(fetched, FeedKind.SYNDICATION, self._limits)
        return Discovered(FeedKind.SYNDICATION, fetched.location, parsed.title)

    def _links(self, fetched: Fetched, why: str) -> Parsed:
        try:
            return confine.run("links", fetched.content, location=fetched.final, charset=fetched.charset)
        except Unreadable:
            raise BadInput(f"{name(self._text)} could not be read: {why}.") from None

    def _as_article(self, fetched: Fetched, others: tuple[FoundFeed, ...]) -> Discovered | None:
        try:
            entry = parse(fetched, FeedKind.PAGE, self._limits).entries[0]
        except Unreadable:
            return None
        return Discovered(FeedKind.PAGE, fetched.location, entry.title, others)

    def _from(self, named: tuple[FoundFeed, ...], tried: Iterable[FoundFeed]) -> Discovered | None:
        """The first that really is a feed; the others that the page named are told of."""
        for candidate in tried:
            outcome = self._fetch(candidate.location)
            if not isinstance(outcome, Fetched):
                continue
            try:
                found = self._as_feed(outcome)
            except Unreadable:
                continue
            others = tuple(feed for feed in named if feed.location != candidate.location)
            return Discovered(found.kind, found.location, found.title or candidate.title, others)
        return None

    def _give_up(self) -> Discovered:
        raise BadInput(
            f"{name(self._text)} is neither a feed nor an article, and the page names no feed that can be read."
        )


def _common(page: str) -> tuple[FoundFeed, ...]:
    """Below the page if it is a folder of the site, and at its root."""
    bases = dict.fromkeys((urljoin(page, "./"), urljoin(page, "/")))
    return tuple(FoundFeed(urljoin(base, place)) for base in bases for place in COMMON_PLACES)
