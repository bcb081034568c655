"""Which of the new stories go in: the highest scores, up to the list's caps; what the editor wants always, what they dropped never."""

from collections import Counter
from collections.abc import Iterable, Mapping

from digest.issues.score import Score, figure
from digest.model.article import Article, KeptArticle
from digest.model.issue import OTHER_SECTION
from digest.model.mailing_list import MailingList
from digest.model.wish import Wishes

LEAD_WORDS = 400  # beyond this, length says nothing about which story should lead
LEAD_PICTURE = 300  # pixels; a narrower picture is an icon

Reasons = dict[int, str]  # by the article's id
Scores = Mapping[int, Score]


def choose(
    told: Iterable[KeptArticle], mailing_list: MailingList, scores: Scores, wishes: Wishes
) -> tuple[list[KeptArticle], Reasons]:
    """In their order in the issue, and why each of the others is not in it."""
    chosen: list[KeptArticle] = []
    reasons: Reasons = {}
    count = _Count(mailing_list)
    ranked = sorted(told, key=lambda kept: (-scores[kept.id].value, *newest_first(kept)))
    for kept in sorted(ranked, key=lambda kept: kept.id not in wishes.wanted):  # they take their places first
        why = "" if kept.id in wishes.wanted else count.full(kept)
        if kept.id in wishes.dropped:
            reasons[kept.id] = "The editor dropped it."
        elif why:
            reasons[kept.id] = f"{why}; its score is {figure(scores[kept.id].value)}."
        else:
            chosen.append(kept)
            count.add(kept)
    return [kept for kept in ranked if kept.id not in reasons], reasons


class _Count:
    """How many of each feed and topic are in."""

    def __init__(self, mailing_list: MailingList) -> None:
        self._list = mailing_list
        self._feeds: Counter[int] = Counter()
        self._topics: Counter[str] = Counter()

    def add(self, kept: KeptArticle) -> None:
        self._feeds[kept.feed_id] += 1
        self._topics[section_of(kept.topic, self._list.topics)] += 1

    def full(self, kept: KeptArticle) -> str:
        """Why it does not fit any more; "" when it does."""
        per_feed, per_topic, most = self._list.max_per_feed, self._list.max_per_topic, self._list.max_articles
        section = section_of(kept.topic, self._list.topics)
        if self._feeds[kept.feed_id] >= per_feed:
            return f"Its feed has {counted(per_feed)} in this issue already, the most that the list takes"
        if per_topic and self._list.topics and self._topics[section] >= per_topic:
            return f"{section} has {counted(per_topic)} already, the most that the list takes of a topic"
        if self._feeds.total() >= most:
            return f"The issue has {counted(most)} already, the most that the list takes"
        return ""


def choose_lead(chosen: Iterable[KeptArticle], scores: Scores | None = None) -> KeptArticle:
    """One with a picture before one without, then one with a summary, then the longest up to 400 words, then by score."""

    def rank(kept: KeptArticle) -> tuple[object, ...]:
        scored = -scores[kept.id].value if scores else 0.0
        return *lead_rank(kept.article), scored, *newest_first(kept)

    return min(chosen, key=rank)


def newest_first(kept: KeptArticle) -> tuple[float, int]:
    return -kept.article.published_at.timestamp(), kept.id


def lead_rank(article: Article) -> tuple[bool, bool, int]:
    picture = article.picture
    pictured = picture is not None and bool(picture.url) and (picture.width is None or picture.width >= LEAD_PICTURE)
    return not pictured, not article.summary, -min(article.word_count, LEAD_WORDS)


def section_of(topic: str, topics: tuple[str, ...]) -> str:
    """Where an article of that topic stands: "" in a list without topics."""
    return topic if topic in topics else OTHER_SECTION if topics else ""


def counted(count: int) -> str:
    return "1 article" if count == 1 else f"{count} articles"
