"""One issue as its editions: what each group of readers gets of it. Pure.

    groups of readers who chose alike and had the same issue last
       ─▶ is it theirs? (rhythm) ─▶ their topics, and what they missed ─▶ same content, form and language: one edition

The whole issue is always an edition, and the first. No edition repeats to its readers what an earlier one told them: what
they had is known by their cursor, the last campaign whose message reached them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from digest.issues.choose import lead_rank
from digest.issues.rhythm import is_due
from digest.model.choices import Choices, Group
from digest.model.edition import Form
from digest.model.issue import OTHER_SECTION, Issue, IssueContent, IssueItem, Section
from digest.model.language import frame_language
from digest.model.mailing_list import MailingList

CATCH_UP = timedelta(
    days=35
)  # nobody is told what is older, however long they paused: a month for a monthly reader, and some
MOST_EDITIONS = 500  # each takes some 100 ms to render, and some 100 kB in the database


class Excluded(StrEnum):
    """Why readers get nothing of an issue."""

    OTHER_RHYTHM = "not this rhythm"
    NOTHING_NEW = "nothing new in their topics"
    PAUSED = "paused"
    SUPPRESSED = "suppressed"
    UNCONFIRMED = "unconfirmed"
    OUTSIDE = "not in the segment"


Mark = tuple[Form, str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Earlier:
    """An issue that was published before."""

    campaign_id: int
    issue: Issue


@dataclass(frozen=True, slots=True)
class Cut:
    """An edition to be rendered, and whose it is."""

    content: IssueContent
    form: Form
    language: str  # of the frame
    groups: tuple[Group, ...]

    @property
    def readers(self) -> int:
        return sum(group.readers for group in self.groups)

    @property
    def mark(self) -> Mark:
        """The same for cuts of an issue that become the same edition."""
        return self.form, self.language, tuple(item.article_id for item in self.content.items)


@dataclass(frozen=True, slots=True)
class Cutting:
    """All editions of an issue, the whole one first, and who gets none."""

    cuts: tuple[Cut, ...]
    excluded: dict[Excluded, tuple[Group, ...]]
    folded: int = 0  # groups that share a coarser edition, because there would be too many

    def readers_without(self, why: Excluded) -> int:
        return sum(group.readers for group in self.excluded.get(why, ()))


def cut_issue(
    mailing_list: MailingList,
    issue: Issue,
    earlier: Sequence[Earlier],
    groups: Iterable[Group],
    *,
    most: int = MOST_EDITIONS,
) -> Cutting:
    """`earlier` are the list's issues published before this one, oldest first, as far back as any is caught up."""
    before = earlier[-1].issue.period if earlier else None
    whole = _Kind((), (), Form.HTML, frame_language(mailing_list.language))
    kinds: defaultdict[_Kind, list[Group]] = defaultdict(list)
    kinds[whole] = []
    excluded: defaultdict[Excluded, list[Group]] = defaultdict(list)
    for group in sorted(groups, key=lambda group: (group.choices_id, group.cursor)):
        if not is_due(group.choices, issue.period, before):
            excluded[Excluded.OTHER_RHYTHM].append(group)
        else:
            kinds[_kind(mailing_list, group, earlier, issue.period)].append(group)
    contents = {kind: _content(mailing_list, issue, earlier, kind) for kind in kinds}
    for kind in [kind for kind, content in contents.items() if not content.items]:
        excluded[Excluded.NOTHING_NEW] += kinds.pop(kind)
    cuts = _alike([Cut(contents[kind], kind.form, kind.language, tuple(theirs)) for kind, theirs in kinds.items()])
    kept, folded = _bounded(cuts, most)
    return Cutting(kept, {why: tuple(theirs) for why, theirs in excluded.items()}, folded)


def caught_up_since(period: date) -> date:
    """Issues of earlier periods than this are not caught up."""
    return period - CATCH_UP


def narrowed_to(mailing_list: MailingList, choices: Choices) -> tuple[str, ...]:
    """The topics that a reader narrowed the list to; () for all."""
    topics = tuple(topic for topic in mailing_list.topics if topic in choices.topics)
    whole = not topics or len(topics) == len(mailing_list.topics) == len(choices.topics)
    return () if whole else topics


@dataclass(frozen=True, slots=True)
class _Kind:
    """What decides on the content."""

    topics: tuple[str, ...]
    missed: tuple[int, ...]  # campaigns
    form: Form
    language: str  # of the frame


def _kind(mailing_list: MailingList, group: Group, earlier: Sequence[Earlier], period: date) -> _Kind:
    since = caught_up_since(period)
    missed = [each.campaign_id for each in earlier if each.campaign_id > group.cursor and each.issue.period >= since]
    topics = narrowed_to(mailing_list, group.choices)
    language = frame_language(group.choices.language, mailing_list.language)
    return _Kind(topics, tuple(missed) if group.cursor else (), group.choices.form, language)


@dataclass(frozen=True, slots=True)
class _Placed:
    """An item where it stood: its section, its place in its issue, and how many issues ago that was."""

    section: str
    item: IssueItem
    place: int
    ago: int


def _content(mailing_list: MailingList, issue: Issue, earlier: Sequence[Earlier], kind: _Kind) -> IssueContent:
    if not kind.topics and not kind.missed:
        return issue.content
    missed = [each.issue for each in earlier if each.campaign_id in kind.missed]
    placed = [
        each
        for ago, told in enumerate([issue, *reversed(missed)])
        for each in _placed(told.content, ago, mailing_list)
        if not kind.topics or each.item.topic in kind.topics
    ]
    best = sorted(placed, key=lambda each: (each.place, each.ago))[: mailing_list.max_articles]
    if not best:
        return IssueContent(None, ())
    lead = _lead(best, [told.content.lead for told in (issue, *reversed(missed))])
    rest = sorted((each for each in best if each is not lead), key=lambda each: (each.ago, each.place))
    return replace(issue.content, lead=lead.item, sections=_sections(rest, mailing_list.topics))


def _placed(content: IssueContent, ago: int, mailing_list: MailingList) -> list[_Placed]:
    lead = [(_section_of(content.lead, mailing_list), content.lead)] if content.lead else []
    rest = [(section.title, item) for section in content.sections for item in section.items]
    return [_Placed(title, item, place, ago) for place, (title, item) in enumerate(lead + rest)]


def _section_of(lead: IssueItem, mailing_list: MailingList) -> str:
    """Where a lead stands when another leads."""
    if not mailing_list.topics:
        return ""
    return lead.topic if lead.topic in mailing_list.topics else OTHER_SECTION


def _lead(best: Sequence[_Placed], leads: Sequence[IssueItem | None]) -> _Placed:
    """The newest issue's own lead that is there; else by the rule that chooses one for a whole issue."""
    for own in leads:
        for each in best:
            if each.item is own:
                return each
    return min(best, key=lambda each: (*lead_rank(each.item.article), each.ago, each.place))


def _sections(rest: Sequence[_Placed], topics: tuple[str, ...]) -> tuple[Section, ...]:
    by_title: defaultdict[str, list[IssueItem]] = defaultdict(list)
    for each in rest:
        by_title[each.section].append(each.item)
    order = [*topics, *sorted(title for title in by_title if title not in topics)]
    return tuple(Section(title, tuple(by_title[title])) for title in order if title in by_title)


def _alike(cuts: Sequence[Cut]) -> list[Cut]:
    """One for each content, form and language, in the order in which they came."""
    merged: dict[Mark, Cut] = {}
    for each in cuts:
        known = merged.get(each.mark)
        merged[each.mark] = replace(known, groups=known.groups + each.groups) if known else each
    return list(merged.values())


def _bounded(cuts: list[Cut], most: int) -> tuple[tuple[Cut, ...], int]:
    """The largest, and the whole issue. The readers of the others get the whole issue: something beside their topics, and
    nothing of what they missed, but nothing twice.
    """
    if len(cuts) <= most:
        return tuple(cuts), 0
    whole, *rest = cuts
    rest.sort(key=lambda each: -each.readers)
    others = {(each.form, each.language) for each in rest}  # the whole may be needed in each of them
    others.discard((whole.form, whole.language))
    room = max(0, most - 1 - max(1, len(others)))
    kept, folded = rest[:room], rest[room:]
    coarser = [replace(each, content=whole.content) for each in folded]
    return tuple(_alike([whole, *kept, *coarser])), sum(len(each.groups) for each in folded)
