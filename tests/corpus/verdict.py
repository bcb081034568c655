"""What our parser makes of one file: read or refused in words, the same each time and in the confined process, and harmless."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from digest.articles.decide import decide_all
from digest.model.address import unprintable
from digest.model.feed import Entry, Feed, FeedKind
from digest.model.web_address import is_web_address
from digest.sources import charset as encodings
from digest.sources import confine
from digest.sources.confine import decode
from digest.sources.parse import _feedparser, _parsed
from digest.sources.parsed import Unreadable
from digest.sources.plainrss import read_plain_rss
from digest.sources.worker import answer, encode
from tests.corpus.harm import find_harm

LOCATION = "https://corpus.example/feeds/all.xml"
FEED = Feed(1, 1, LOCATION, FeedKind.SYNDICATION)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
CRASHES = ("confuses the parser", confine.CRASHED, confine.TOO_SLOW, "more memory")


def judge(content: bytes) -> tuple[str, list[str]]:
    """`read` or why it was refused, and what is wrong with that: nothing, it is hoped."""
    first, again = _answer(content), _answer(content)
    faults = [] if first == again else ["two readings differ"]
    if _confined(content) != first:
        faults.append("the confined process reads it differently")
    if not _alike(content):
        faults.append("what reads plain RSS quickly reads it differently from feedparser")
    if "error" in first:
        crashed = [first["error"] for crash in CRASHES if crash in first["error"]]
        return first["error"], [*faults, *crashed]
    parsed = decode(_answer(content)["parsed"])
    entries = parsed.entries
    faults.extend(fault for entry in entries for fault in _faults(entry))
    if decide_all(entries, feed=FEED, known={}, now=NOW) != decide_all(entries, feed=FEED, known={}, now=NOW):
        faults.append("two decisions differ")
    return "read", faults


def _alike(content: bytes) -> bool:
    text = encodings.decode(content)[0]
    quick = read_plain_rss(text, _feedparser)
    return quick is None or _parsed(quick, text, LOCATION, ()) == _parsed(_feedparser(text), text, LOCATION, ())


def _answer(content: bytes) -> dict[str, Any]:
    return answer("feed", content, {"location": LOCATION, "charset": "", "max_entries": 5_000})


def _confined(content: bytes) -> dict[str, Any]:
    try:
        return {"parsed": encode(confine.run("feed", content, location=LOCATION, charset="", max_entries=5_000))}
    except Unreadable as error:
        return {"error": str(error)}


def _faults(entry: Entry) -> Iterator[str]:
    for html in (entry.summary_html, entry.content_html):
        yield from find_harm(html)
    for link in (entry.url, entry.picture.url if entry.picture else None):
        if link and not is_web_address(link):
            yield f"a link {link!r} that is no web address"
    for line in (entry.title, entry.author, entry.publisher, entry.guid or ""):
        if unprintable(line) is not None:
            yield f"a line {line!r} that cannot be printed"
