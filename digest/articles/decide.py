"""What becomes of an entry: a new article, a change to one we have, nothing, or a refusal in words.

    decide_all(entries of one reading)  →  decide(entry)  →  New | Changed | Unchanged | Refused

Rules, each with its reason:
    * An entry is recognised by any of its keys (identity.py); an edit never makes a second article.
    * Only the feed that brought an article may change it: two feeds with the same page would else undo each other's
      words at every refresh.
    * A date is believed from 1995 up to the article's first sight; without one it is the first sight. An article we
      have keeps its date, so that no feed can make old news new by redating it.
    * A change is a change of what is shown; another date alone is none.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from digest.articles.identity import identity_keys
from digest.articles.language import language_of
from digest.articles.summary import headline, picture_words, summary
from digest.articles.text import plain_text, tidy, word_count
from digest.model.article import Article, KnownArticle
from digest.model.feed import Entry, Feed, FeedKind, Picture
from digest.model.web_address import canonical_url, is_web_address

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # no page was dated before; what is, is a zero or a typing error


@dataclass(frozen=True, slots=True)
class NewArticle:
    """Keep it, under all these keys; its first sight is now."""

    keys: tuple[str, ...]
    article: Article
    content_hash: str
    topic: str  # the entry's own, else its feed's


@dataclass(frozen=True, slots=True)
class ChangedArticle:
    """The article we have reads differently now."""

    article_id: int
    keys: tuple[str, ...]  # some may be new
    article: Article
    content_hash: str


@dataclass(frozen=True, slots=True)
class UnchangedArticle:
    """Nothing to write but keys that may be new."""

    article_id: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """Not kept, and why, in words that go after a feed's name."""

    title: str
    reason: str


ArticleDecision = NewArticle | ChangedArticle | UnchangedArticle | RefusedEntry


def decide_all(
    entries: Iterable[Entry], *, feed: Feed, known: Mapping[str, KnownArticle], now: datetime
) -> tuple[ArticleDecision, ...]:
    """A decision for each entry of one reading, in order. Of entries that share a key the first counts."""
    seen: set[str] = set()
    decisions: list[ArticleDecision] = []
    for entry in entries:
        keys = identity_keys(entry, feed.id)
        repeated = not seen.isdisjoint(keys)
        seen.update(keys)
        decisions.append(_repeated(entry) if repeated else decide(entry, feed=feed, known=known, now=now))
    return tuple(decisions)


def decide(entry: Entry, *, feed: Feed, known: Mapping[str, KnownArticle], now: datetime) -> ArticleDecision:
    """What becomes of one entry. `known` maps keys of the feed's list to articles; keys of other entries do no harm."""
    article = _article(entry, feed, now)
    if not article.title:
        return RefusedEntry("", f"An entry{_of(entry)} has neither a title nor a text.")
    keys = identity_keys(entry, feed.id)
    before = _oldest(keys, known)
    if before is None:
        return NewArticle(keys, article, content_hash(article), tidy(entry.topic) or feed.topic)
    article = replace(article, published_at=before.published_at)
    fingerprint = content_hash(article)
    if fingerprint == before.content_hash or before.feed_id not in {feed.id, None}:
        return UnchangedArticle(before.article_id, keys)
    return ChangedArticle(before.article_id, keys, article, fingerprint)


def content_hash(article: Article) -> str:
    """Over all that readers are shown, dates excepted; tracking parameters that change at every reading do not count."""
    picture = article.picture or Picture("")
    shown = [
        *(article.title, canonical_url(article.url), article.summary, article.body_html, article.language),
        *(article.author, article.publisher, article.agency),
        *(canonical_url(picture.url), picture.alt, picture.credit),
    ]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def believable_date(entry: Entry, first_seen_at: datetime) -> datetime:
    """When it was published, as far as we may believe the feed."""
    claimed = entry.published_at or entry.updated_at  # Atom demands only the latter (RFC 4287 §4.1.2)
    return claimed if claimed and EARLIEST <= claimed <= first_seen_at else first_seen_at


def _article(entry: Entry, feed: Feed, now: datetime) -> Article:
    url, title, standfirst = _link(entry), headline(entry), summary(entry)
    return Article(
        title=title,
        url=url,
        summary=standfirst,
        body_html=entry.content_html,
        word_count=word_count(plain_text(entry.content_html or entry.summary_html)),
        published_at=believable_date(entry, now),
        language=language_of(tidy(entry.language), f"{title}\n{standfirst}"),
        author=tidy(entry.author),
        publisher=tidy(entry.publisher) or _publisher(feed) or _site(url),
        agency=tidy(entry.agency),
        picture=_picture(entry),
    )


def _link(entry: Entry) -> str:
    """Where readers are sent: the entry's address, else a GUID that is one. Spaces in it are escaped."""
    for address in (entry.url or "", entry.guid or ""):
        if is_web_address(address):
            return tidy(address).replace(" ", "%20")
    return ""


def _publisher(feed: Feed) -> str:
    """A folder's title is a directory's name, which tells readers nothing."""
    return "" if feed.kind is FeedKind.FOLDER else tidy(feed.title)


def _site(url: str) -> str:
    return (urlsplit(canonical_url(url)).hostname or "").removeprefix("www.")


def _picture(entry: Entry) -> Picture | None:
    picture = entry.picture
    if picture is None:
        return None
    url, credit = picture.url if is_web_address(picture.url) else "", tidy(picture.credit)
    return replace(picture, url=url, alt=picture_words(picture.alt), credit=credit) if url or credit else None


def _oldest(keys: tuple[str, ...], known: Mapping[str, KnownArticle]) -> KnownArticle | None:
    """The keys may lead to two articles that only now turn out to be one; the older is it."""
    found = [known[key] for key in keys if key in known]
    return min(found, key=lambda article: (article.first_seen_at, article.article_id), default=None)


def _repeated(entry: Entry) -> RefusedEntry:
    title = headline(entry)
    return RefusedEntry(title, f"{title!r} stands in the feed twice; the first one counts.")


def _of(entry: Entry) -> str:
    name = tidy(entry.url or entry.guid or "")
    return f" ({name})" if name else ""
