"""From the articles we have to an issue's content: what goes in, in which order, and why the rest does not.

    within the window ─▶ each story once ─▶ by score, up to the caps ─▶ enough? ─▶ lead, sections ─▶ the editor's wishes

Pure and deterministic: the order of the candidates does not matter, and every one of them is either in the issue or in
`left_out` with a reason in words.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType

from digest.issues.choose import Reasons, Scores, choose, choose_lead, counted, newest_first, section_of
from digest.issues.desk import apply_wishes
from digest.issues.score import score
from digest.model.article import Article, KeptArticle, Story
from digest.model.issue import Also, IssueContent, IssueItem, LeftOut, Section
from digest.model.mailing_list import MailingList, TooFew
from digest.model.web_address import canonical_url
from digest.model.wish import NO_WISHES, Wishes

#: An article that we saw first inside the window may have been published this much before it: one that stood in its feed
#: a minute after the last issue was assembled must not be lost between two issues.
LATE_FEED = timedelta(days=2)


Others = dict[int, tuple[Also, ...]]  # who else tells an article's story, by its number
Told = Mapping[int, tuple[int, str]]  # articles of earlier issues: the issue's number and the headline
NOTHING_TOLD: Told = MappingProxyType({})


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
    stories: Sequence[Story] = (),
    *,
    told_before: Told = NOTHING_TOLD,
    window_from: datetime,
    window_to: datetime,
    wishes: Wishes = NO_WISHES,
) -> IssueContent | TooLittle:
    """Both ends of the window are inside it. Whoever calls leaves out what stood in an earlier issue, and says which
    candidates are copies of one story, or of what was `told_before`.

    `window_to` should be the moment of assembly, not the slot: an article without a date is dated by its first sight.
    """
    ordered = sorted(candidates, key=newest_first)
    fresh, outside = _within(ordered, window_from, window_to, wishes)
    fresh, stale = _without_told(fresh, stories, told_before, wishes)
    once, repeats, also = _each_story_once(fresh, stories)
    in_once = {kept.id for kept in once} | wishes.wanted  # an editor may want both of two copies
    told = [kept for kept in fresh if kept.id in in_once]
    scores = _scores(told, mailing_list, window_to, wishes, also)
    chosen, unchosen = choose(told, mailing_list, scores, wishes)
    left_out = _left_out(outside | stale | repeats | unchosen, ordered, but=chosen)
    wanted = _wanted(mailing_list)
    if len(chosen) < wanted:
        return TooLittle(len(chosen), wanted, _too_little(len(chosen), len(told), wanted, mailing_list), left_out)
    lead = choose_lead(chosen, scores)
    rest = [kept for kept in chosen if kept is not lead]
    make_item = partial(_item, scores=scores, also=also)
    content = IssueContent(make_item(lead), _sections(rest, mailing_list.topics, make_item), left_out)
    return apply_wishes(content, wishes, mailing_list.topics)


def _scores(told: list[KeptArticle], mailing_list: MailingList, at: datetime, wishes: Wishes, also: Others) -> Scores:
    return {
        kept.id: score(
            kept,
            at=at,
            half_life_hours=mailing_list.half_life_hours,
            outlets=1 + len(also.get(kept.id, ())),
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


def _without_told(
    articles: list[KeptArticle], stories: Sequence[Story], told: Told, wishes: Wishes
) -> tuple[list[KeptArticle], Reasons]:
    """What another feed brings of a story that an earlier issue told is no news, unless the editor wants it."""
    stale: Reasons = {}
    for story in stories:
        if issue := next((told[key] for key in story.article_ids if key in told), None):
            number, title = issue
            stale |= dict.fromkeys(story.article_ids, f"Issue No. {number} told this story already: “{title}”.")
    stale = {key: why for key, why in stale.items() if key not in wishes.wanted}
    return [kept for kept in articles if kept.id not in stale], stale


def _each_story_once(
    articles: list[KeptArticle], stories: Sequence[Story]
) -> tuple[list[KeptArticle], Reasons, Others]:
    """Of several copies the best that is fresh stays, and says who else has the story."""
    fresh = {kept.id: kept for kept in articles}
    repeats: Reasons = {}
    also: Others = {}
    for story in stories:
        copies = [fresh[key] for key in story.article_ids if key in fresh]
        if len(copies) > 1:
            also[copies[0].id] = _others(copies[0], copies[1:])
            repeats |= {copy.id: _repeats(copies[0].article) for copy in copies[1:]}
    return [kept for kept in articles if kept.id not in repeats], repeats, also


def _others(best: KeptArticle, copies: list[KeptArticle]) -> tuple[Also, ...]:
    """One for each publisher; one that is not known by name is known by its site."""
    found: dict[str, str] = {}
    for copy in copies:
        found.setdefault(_publisher(copy.article), copy.article.url)
    return tuple(Also(name, url) for name, url in found.items() if name not in {"", _publisher(best.article)})


def _repeats(best: Article) -> str:
    return f"The same story is told by {_publisher(best) or 'another article'}, whose copy leads."


def _publisher(article: Article) -> str:
    return article.publisher or canonical_url(article.url).removeprefix("https://").partition("/")[0]


def _sections(
    articles: list[KeptArticle], topics: tuple[str, ...], make_item: Callable[[KeptArticle], IssueItem]
) -> tuple[Section, ...]:
    """In the list's order of topics; what has none of them comes last. An empty section is none."""
    by_topic: defaultdict[str, list[IssueItem]] = defaultdict(list)
    for kept in articles:
        by_topic[section_of(kept.topic, topics)].append(make_item(kept))
    order = dict.fromkeys((*topics, section_of("", topics)))
    return tuple(Section(title, tuple(by_topic[title])) for title in order if title in by_topic)


def _item(kept: KeptArticle, scores: Scores, also: Others) -> IssueItem:
    reckoned = scores[kept.id]
    value, others = round(reckoned.value, 4), also.get(kept.id, ())
    return IssueItem(kept.id, kept.topic, kept.article, score=value, factors=str(reckoned), also=others)


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
