"""From the articles we have to an issue's content: what goes in, in which order, and why the rest does not.

    within the window ─▶ each story once ─▶ by score, up to the caps ─▶ enough? ─▶ lead, sections ─▶ the editor's wishes

Pure and deterministic: the order of the candidates does not matter, and every one of them is either in the issue or in
`left_out` with a reason in words.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.issues.choose import Reasons, Scores, choose, choose_lead, counted, newest_first, section_of
from digest.issues.desk import apply_wishes
from digest.issues.score import score
from digest.model.article import Article, KeptArticle
from digest.model.issue import IssueContent, IssueItem, LeftOut, Section
from digest.model.mailing_list import MailingList, TooFew
from digest.model.web_address import canonical_url
from digest.model.wish import NO_WISHES, Wishes

#: An article that we saw first inside the window may have been published this much before it: one that stood in its feed
#: a minute after the last issue was assembled must not be lost between two issues.
LATE_FEED = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class TooLittle:
    """No issue: nothing, or less than the list asks for, is new. No mail, said plainly."""

    found: int
    wanted: int
    reason: str
    left_out: tuple[LeftOut, ...] = ()


def assemble(
    mailing_list: MailingList,
    candidates: Sequence[KeptArticle],
    *,
    window_from: datetime,
    window_to: datetime,
    wishes: Wishes = NO_WISHES,
    outlets: Mapping[int, int] | None = None,
) -> IssueContent | TooLittle:
    """Both ends of the window are inside it. Whoever calls leaves out what stood in an earlier issue.

    `outlets` says of an article how many tell its story, itself included; 1 where it says nothing.
    `window_to` should be the moment of assembly, not the slot: an article without a date is dated by its first sight.
    """
    ordered = sorted(candidates, key=newest_first)
    fresh, outside = _within(ordered, window_from, window_to, wishes)
    once, repeats = _each_story_once(fresh)
    in_once = {kept.id for kept in once} | wishes.wanted  # an editor may want both of two copies
    told = [kept for kept in fresh if kept.id in in_once]
    scores = _scores(told, mailing_list, window_to, wishes, outlets or {})
    chosen, unchosen = choose(told, mailing_list, scores, wishes)
    left_out = _left_out(outside | repeats | unchosen, ordered, but=chosen)
    wanted = _wanted(mailing_list)
    if len(chosen) < wanted:
        return TooLittle(len(chosen), wanted, _too_little(len(chosen), len(told), wanted, mailing_list), left_out)
    lead = choose_lead(chosen, scores)
    rest = [kept for kept in chosen if kept is not lead]
    content = IssueContent(_item(lead, scores), _sections(rest, mailing_list.topics, scores), left_out)
    return apply_wishes(content, wishes, mailing_list.topics)


def _scores(
    told: list[KeptArticle], mailing_list: MailingList, at: datetime, wishes: Wishes, outlets: Mapping[int, int]
) -> Scores:
    return {
        kept.id: score(
            kept,
            at=at,
            half_life_hours=mailing_list.half_life_hours,
            outlets=outlets.get(kept.id, 1),
            pinned=kept.id in wishes.pinned,
        )
        for kept in told
    }


def _wanted(mailing_list: MailingList) -> int:
    """A short edition goes out however little there is, but never without an article."""
    return 1 if mailing_list.too_few is TooFew.SHORT else max(1, mailing_list.min_articles)


def _within(
    articles: list[KeptArticle], start: datetime, end: datetime, wishes: Wishes
) -> tuple[list[KeptArticle], Reasons]:
    reasons = {kept.id: _outside(kept, start, end) for kept in articles if kept.id not in wishes.wanted}
    return [kept for kept in articles if not reasons.get(kept.id)], {key: why for key, why in reasons.items() if why}


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
    return not pictured, not article.summary, -article.word_count, *newest_first(kept)


def _title(article: Article) -> str:
    return " ".join(article.title.casefold().split())


def _is_copy(one: KeptArticle, other: KeptArticle) -> bool:
    """Of two with one headline. A feed's daily column ("Morning briefing") has one headline and another text each day."""
    return one.feed_id != other.feed_id or one.article.summary == other.article.summary


def _from(article: Article) -> str:
    return f", from {article.publisher}" if article.publisher else ""


def _sections(articles: list[KeptArticle], topics: tuple[str, ...], scores: Scores) -> tuple[Section, ...]:
    """In the list's order of topics; what has none of them comes last. An empty section is none."""
    by_topic: defaultdict[str, list[IssueItem]] = defaultdict(list)
    for kept in articles:
        by_topic[section_of(kept.topic, topics)].append(_item(kept, scores))
    order = dict.fromkeys((*topics, section_of("", topics)))
    return tuple(Section(title, tuple(by_topic[title])) for title in order if title in by_topic)


def _item(kept: KeptArticle, scores: Scores) -> IssueItem:
    reckoned = scores[kept.id]
    return IssueItem(kept.id, kept.topic, kept.article, score=round(reckoned.value, 4), factors=str(reckoned))


def _left_out(reasons: Reasons, ordered: Sequence[KeptArticle], *, but: list[KeptArticle]) -> tuple[LeftOut, ...]:
    inside = {kept.id for kept in but}
    out = [kept for kept in ordered if kept.id in reasons and kept.id not in inside]
    return tuple(LeftOut(kept.article.title, reasons[kept.id], kept.id) for kept in out)


def _too_little(found: int, new: int, wanted: int, mailing_list: MailingList) -> str:
    if not new:
        return "Nothing new means no mail: no article came since the last issue."
    kept = ", and what came is kept for the next issue" if mailing_list.too_few is TooFew.CARRY else ""
    if found < new:
        return f"Only {found} of {new} new articles are within this list's limits, and it asks for {wanted}: no mail{kept}."
    return f"Only {counted(found)} came, and this list asks for {wanted}: no mail{kept}."
