"""From the articles we have to an issue's content: what goes in, in which order, and why the rest does not.

    within the window ─▶ each story once ─▶ newest first, up to the caps ─▶ enough? ─▶ lead, sections

Pure and deterministic: the order of the candidates does not matter, and every one of them is either in the issue or in
`left_out` with a reason in words.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.article import Article, KeptArticle
from digest.model.issue import IssueContent, IssueItem, LeftOut, Section
from digest.model.mailing_list import MailingList
from digest.model.web_address import canonical_url

#: An article that we saw first inside the window may have been published this much before it: one that stood in its feed
#: a minute after the last issue was assembled must not be lost between two issues.
LATE_FEED = timedelta(days=2)
LEAD_WORDS = 400  # beyond this, length says nothing about which story should lead
LEAD_PICTURE = 300  # pixels; a narrower picture is an icon
OTHER_SECTION = "More"


@dataclass(frozen=True, slots=True)
class TooLittle:
    """No issue: nothing, or less than the list asks for, is new. No mail, said plainly."""

    found: int
    wanted: int
    reason: str
    left_out: tuple[LeftOut, ...] = ()


def assemble(
    mailing_list: MailingList, candidates: Sequence[KeptArticle], *, window_from: datetime, window_to: datetime
) -> IssueContent | TooLittle:
    """Both ends of the window are inside it. Whoever calls leaves out what stood in an earlier issue.

    `window_to` should be the moment of assembly, not the slot: an article without a date is dated by its first sight.
    """
    fresh, outside = _within(sorted(candidates, key=_newest_first), window_from, window_to)
    told, repeats = _each_story_once(fresh)
    chosen, capped = _capped(told, mailing_list)
    left_out = _left_out(outside | repeats | capped, candidates)
    wanted = max(1, mailing_list.min_articles)
    if len(chosen) < wanted:
        return TooLittle(len(chosen), wanted, _too_little(len(chosen), len(told), wanted), left_out)
    lead = choose_lead(chosen)
    rest = [kept for kept in chosen if kept is not lead]
    return IssueContent(_item(lead), _sections(rest, mailing_list.topics), left_out)


def choose_lead(chosen: Iterable[KeptArticle]) -> KeptArticle:
    """One with a picture before one without, then one with a summary, then the longest up to 400 words, then the newest."""
    return min(chosen, key=lambda kept: (*lead_rank(kept.article), *_newest_first(kept)))


Reasons = dict[int, str]  # by the article's id


def _newest_first(kept: KeptArticle) -> tuple[float, int]:
    return -kept.article.published_at.timestamp(), kept.id


def lead_rank(article: Article) -> tuple[bool, bool, int]:
    picture = article.picture
    pictured = picture is not None and bool(picture.url) and (picture.width is None or picture.width >= LEAD_PICTURE)
    return not pictured, not article.summary, -min(article.word_count, LEAD_WORDS)


def _within(articles: list[KeptArticle], start: datetime, end: datetime) -> tuple[list[KeptArticle], Reasons]:
    reasons = {kept.id: _outside(kept, start, end) for kept in articles}
    return [kept for kept in articles if not reasons[kept.id]], {key: why for key, why in reasons.items() if why}


def _outside(kept: KeptArticle, start: datetime, end: datetime) -> str:
    """Why it is no news of this window; "" when it is."""
    published = kept.article.published_at
    if published > end:
        return (
            f"It was published on {published:%Y-%m-%d %H:%M} UTC, after this issue's window; the next one can take it."
        )
    came_late = kept.first_seen_at >= start and published >= start - LATE_FEED
    if published >= start or came_late:
        return ""
    return f"It was published on {published:%Y-%m-%d}, before this issue's window, which starts on {start:%Y-%m-%d}."


def _each_story_once(articles: list[KeptArticle]) -> tuple[list[KeptArticle], Reasons]:
    """Of several copies the fullest stays; near-duplicates are not looked for here."""
    told: defaultdict[str, list[KeptArticle]] = defaultdict(list)  # by page and by headline
    repeats: Reasons = {}
    for kept in sorted(articles, key=_fullest_first):
        page, title = canonical_url(kept.article.url), _title(kept.article)
        before = [*told[page], *(other for other in told[title] if _is_copy(kept, other))]
        if before:
            repeats[kept.id] = f"The same story stands in this issue already{_from(before[0].article)}."
            continue
        for mark in filter(None, (page, title)):
            told[mark].append(kept)
    return [kept for kept in articles if kept.id not in repeats], repeats


def _fullest_first(kept: KeptArticle) -> tuple[bool, bool, int, float, int]:
    article = kept.article
    pictured = article.picture is not None and bool(article.picture.url)
    return not pictured, not article.summary, -article.word_count, *_newest_first(kept)


def _title(article: Article) -> str:
    return " ".join(article.title.casefold().split())


def _is_copy(one: KeptArticle, other: KeptArticle) -> bool:
    """Of two with one headline. A feed's daily column ("Morning briefing") has one headline and another text each day."""
    return one.feed_id != other.feed_id or one.article.summary == other.article.summary


def _from(article: Article) -> str:
    return f", from {article.publisher}" if article.publisher else ""


def _capped(articles: list[KeptArticle], mailing_list: MailingList) -> tuple[list[KeptArticle], Reasons]:
    """The newest, up to the list's caps."""
    chosen: list[KeptArticle] = []
    per_feed: Counter[int] = Counter()
    reasons: Reasons = {}
    for kept in articles:
        if per_feed[kept.feed_id] >= mailing_list.max_per_feed:
            reasons[kept.id] = (
                f"Its feed has {_articles(mailing_list.max_per_feed)} in this issue already, the most that the list takes."
            )
        elif len(chosen) >= mailing_list.max_articles:
            reasons[kept.id] = (
                f"The issue has {_articles(mailing_list.max_articles)} already, the most that the list takes."
            )
        else:
            chosen.append(kept)
            per_feed[kept.feed_id] += 1
    return chosen, reasons


def _sections(articles: list[KeptArticle], topics: tuple[str, ...]) -> tuple[Section, ...]:
    """In the list's order of topics; what has none of them comes last. An empty section is none."""
    by_topic: defaultdict[str, list[IssueItem]] = defaultdict(list)
    other = OTHER_SECTION if topics else ""
    for kept in articles:
        by_topic[kept.topic if kept.topic in topics else other].append(_item(kept))
    order = dict.fromkeys((*topics, other))
    return tuple(Section(title, tuple(by_topic[title])) for title in order if title in by_topic)


def _item(kept: KeptArticle) -> IssueItem:
    return IssueItem(kept.id, kept.topic, kept.article)


def _left_out(reasons: Reasons, candidates: Sequence[KeptArticle]) -> tuple[LeftOut, ...]:
    ordered = sorted(candidates, key=_newest_first)
    return tuple(LeftOut(kept.article.title, reasons[kept.id]) for kept in ordered if kept.id in reasons)


def _too_little(found: int, new: int, wanted: int) -> str:
    if not new:
        return "Nothing new means no mail: no article came since the last issue."
    if found < new:
        return f"Only {found} of {new} new articles are within this list's limits, and it asks for {wanted}: no mail."
    return f"Only {_articles(found)} came, and this list asks for {wanted}: no mail."


def _articles(count: int) -> str:
    return "1 article" if count == 1 else f"{count} articles"
