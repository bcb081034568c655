"""An entry we kept: identified, dated by a rule, and cut to what a digest shows."""

from dataclasses import dataclass
from datetime import datetime

from digest.model.feed import Picture

WORDS_A_MINUTE = 230  # adults reading English non-fiction silently: Brysbaert 2019, 238; rounded down


@dataclass(frozen=True, slots=True)
class Article:
    """What we keep of an entry. Frozen into an issue as it stands when the issue is drafted."""

    title: str
    url: str  # absolute http(s), or "" for a folder's text without one
    summary: str  # plain text, two or three sentences
    body_html: str  # sanitised
    word_count: int
    published_at: datetime  # aware UTC, believable: never in the future of its first sight
    language: str = ""  # BCP 47, "" when unknown
    author: str = ""
    publisher: str = ""
    agency: str = ""
    picture: Picture | None = None

    @property
    def reading_minutes(self) -> int:
        return max(1, round(self.word_count / WORDS_A_MINUTE))


@dataclass(frozen=True, slots=True)
class KeptArticle:
    """An article with its place in the store."""

    id: int
    feed_id: int
    topic: str
    first_seen_at: datetime
    article: Article
    weight: float = 1.0  # its feed's: how much its articles count beside those of others
    own: bool = False  # it came by a feed of the operator's own newsroom


@dataclass(frozen=True, slots=True)
class ToldArticle:
    """An article that stood in an issue and was changed later."""

    article_id: int
    issue_number: int  # of the last issue that told it, or noted a correction of it
    told: tuple[str, str]  # its title and summary there
    now: Article
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """What several articles tell: their numbers, the best copy first."""

    article_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What deciding about an entry needs to know of the article that we have under one of its keys."""

    article_id: int
    feed_id: int | None  # the only feed whose reading may change it; None when that feed was removed
    content_hash: str
    first_seen_at: datetime
    published_at: datetime
