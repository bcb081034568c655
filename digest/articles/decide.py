"""What becomes of an entry: a new article, a change to one we have, nothing, or a refusal in words.

    decide_all(entries of one reading)  →  decide(entry, its gist)  →  New | Changed | Unchanged | Refused

Rules, each with its reason:
    * An entry is recognised by any of its keys (identity.py); an edit never makes a second article.
    * A GUID that several entries have is nobody's: those are known by their pages, or by their headlines without one.
    * Where no GUID of a reading is known, a headline that we have, with the same date or (undated) the same text, is
      the article that we have: a site's new software must not make all its news new.
    * Only the feed that brought an article may change it: two feeds with the same page would else undo each other's
      words at every refresh.
    * A date is believed from 1995 up to the article's first sight; without one it is the first sight. An article we
      have keeps its date, so that no feed can make old news new by redating it.
    * A change is a change of what is shown; another date alone is none.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from digest.articles.gist import gist_of
from digest.articles.identity import all_are_changed, identity_keys, shared_guids, shared_key, without_guids
from digest.articles.summary import headline
from digest.articles.text import tidy
from digest.model.article import Article, KnownArticle
from digest.model.feed import Entry, Feed, FeedKind, Gist, Picture
from digest.model.web_address import canonical_url, is_web_address

_AS_JSON = json.JSONEncoder().encode
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


Namesakes = Mapping[tuple[str, datetime | str], KnownArticle]  # by headline with date, and by headline with content


def decide_all(
    entries: Sequence[Entry],
    *,
    feed: Feed,
    known: Mapping[str, KnownArticle],
    now: datetime,
    namesakes: Callable[[], Namesakes] = dict,
) -> tuple[ArticleDecision, ...]:
    """A decision for each entry of one reading, in order. Of entries that share a key the first counts.

    `known` has the articles behind `identity.lookup_keys` of the entries; `namesakes` is asked only when no GUID is known.
    """
    shared = shared_guids(entries, feed.id, known)
    told_apart = without_guids(entries, shared)
    named = namesakes() if all_are_changed(told_apart, feed.id, known) else {}
    seen: set[str] = set()
    decisions: list[ArticleDecision] = []
    for entry, bare in zip(entries, told_apart, strict=True):
        keys = identity_keys(bare, feed.id)
        repeated = not seen.isdisjoint(keys)
        seen.update(keys)
        decision = _repeated(bare) if repeated else decide(bare, feed=feed, known=known, now=now, namesakes=named)
        decisions.append(
            decision if bare is entry else _remembering(decision, shared_key(tidy(entry.guid or ""), feed.id))
        )
    return tuple(decisions)


def decide(
    entry: Entry, *, feed: Feed, known: Mapping[str, KnownArticle], now: datetime, namesakes: Namesakes | None = None
) -> ArticleDecision:
    """What becomes of one entry. `known` maps keys of the feed's list to articles; keys of other entries do no harm."""
    gist = entry.gist or gist_of(entry)
    article = _article(entry, gist, feed, now)
    if not article.title:
        return RefusedEntry("", f"An entry{_of(entry)} has neither a title nor a text.")
    keys = identity_keys(entry, feed.id)
    before = _oldest(keys, known) or _namesake(entry, article, namesakes or {}, now)
    if before is None:
        return NewArticle(keys, article, content_hash(article), tidy(gist.topic) or feed.topic)
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
    as_json = f"[{', '.join(map(_AS_JSON, shown))}]"  # text by text, which is quicker than the list as one
    return hashlib.sha256(as_json.encode()).hexdigest()


def believable_date(entry: Entry, first_seen_at: datetime) -> datetime:
    """When it was published, as far as we may believe the feed."""
    return _believed(entry, first_seen_at) or first_seen_at


def is_in_the_future(entry: Entry, now: datetime) -> bool:
    claimed = entry.published_at or entry.updated_at
    return claimed is not None and claimed > now


def name_mark(title: str, told: datetime | str) -> tuple[str, datetime | str]:
    """By which namesakes are found: the headline, and its date or its content's hash."""
    return title.casefold(), told


def _believed(entry: Entry, now: datetime) -> datetime | None:
    claimed = entry.published_at or entry.updated_at  # Atom demands only the latter (RFC 4287 §4.1.2)
    return claimed if claimed and EARLIEST <= claimed <= now else None


def _article(entry: Entry, gist: Gist, feed: Feed, now: datetime) -> Article:
    url = _link(entry)
    return Article(
        title=tidy(gist.title),
        url=url,
        summary=tidy(gist.summary),
        body_html=entry.content_html,
        word_count=gist.word_count,
        published_at=believable_date(entry, now),
        language=gist.language,
        author=tidy(gist.author),
        publisher=tidy(gist.publisher) or _publisher(feed) or _site(url),
        agency=tidy(gist.agency),
        picture=gist.picture and replace(gist.picture, alt=tidy(gist.picture.alt), credit=tidy(gist.picture.credit)),
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


def _oldest(keys: tuple[str, ...], known: Mapping[str, KnownArticle]) -> KnownArticle | None:
    """The keys may lead to two articles that only now turn out to be one; the older is it."""
    found = [known[key] for key in keys if key in known]
    return min(found, key=lambda article: (article.first_seen_at, article.article_id), default=None)


def _namesake(entry: Entry, article: Article, namesakes: Namesakes, now: datetime) -> KnownArticle | None:
    if not namesakes:
        return None
    return namesakes.get(name_mark(article.title, _believed(entry, now) or content_hash(article)))


def _remembering(decision: ArticleDecision, key: str) -> ArticleDecision:
    return decision if isinstance(decision, RefusedEntry) else replace(decision, keys=(*decision.keys, key))


def _repeated(entry: Entry) -> RefusedEntry:
    title = headline(entry)
    return RefusedEntry(title, f"{title!r} stands in the feed twice; the first one counts.")


def _of(entry: Entry) -> str:
    name = tidy(entry.url or entry.guid or "")
    return f" ({name})" if name else ""
