"""One numbered appearance of a list: its states, its content, and the campaign that sends it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from digest.model.article import Article

#: The section of what belongs to none of a list's topics. Mails say it in their frame's language.
OTHER_SECTION = "More"


class IssueState(StrEnum):
    """Where an issue stands."""

    DRAFT = "draft"  # assembled; can be looked at and sent
    APPROVED = "approved"  # an editor has seen it: at its slot it goes out as it stands
    HELD = (
        "held"  # an editor held it, its slot passed too long ago, or it cannot be made as things are: somebody decides
    )
    SKIPPED = "skipped"  # its slot came and there was too little new: no mail, and the reason is kept
    PUBLISHED = "published"  # rendered, audience frozen, outbox filled; being sent
    SENT = "sent"  # every message has an end


#: Legal moves. A skipped slot can be drafted again by hand when articles came late.
ISSUE_MOVES: dict[IssueState, frozenset[IssueState]] = {
    IssueState.DRAFT: frozenset(
        {IssueState.DRAFT, IssueState.APPROVED, IssueState.HELD, IssueState.SKIPPED, IssueState.PUBLISHED}
    ),
    IssueState.APPROVED: frozenset({IssueState.DRAFT, IssueState.HELD, IssueState.PUBLISHED}),  # edited, held, sent
    IssueState.HELD: frozenset({IssueState.DRAFT, IssueState.APPROVED, IssueState.PUBLISHED}),
    IssueState.SKIPPED: frozenset({IssueState.DRAFT}),
    IssueState.PUBLISHED: frozenset({IssueState.SENT}),
    IssueState.SENT: frozenset({IssueState.PUBLISHED}),  # those who missed it are retried
}


class CampaignState(StrEnum):
    """Where the sending of an issue stands."""

    RUNNING = "running"  # its due messages are claimed
    PAUSED = "paused"  # nothing is claimed until an operator resumes it; the reason is kept
    STOPPED = "stopped"  # an operator ended it: what had not gone out by then has failed, and can be retried
    DONE = "done"  # every message has an end and the account balances


#: Legal moves. What is over runs again when an operator retries those who missed it.
CAMPAIGN_MOVES: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.STOPPED, CampaignState.DONE}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.STOPPED}),
    CampaignState.STOPPED: frozenset({CampaignState.RUNNING}),
    CampaignState.DONE: frozenset({CampaignState.RUNNING}),
}


class OnCrash(StrEnum):
    """What recovery does with an armed message, whose fate nobody can know (docs/adr/0001)."""

    RESEND = "resend"  # send it again, with the same Message-ID: nobody is lost
    HOLD = "hold"  # mark it uncertain and list it: nobody gets it twice


@dataclass(frozen=True, slots=True)
class Also:
    """Who else tells the same story, and where."""

    publisher: str
    url: str  # "" when that copy has no page of its own


@dataclass(frozen=True, slots=True)
class IssueItem:
    """An article in its place in an issue, frozen."""

    article_id: int
    topic: str
    article: Article
    score: float = 0.0
    factors: str = ""  # what the score is the product of, in words
    also: tuple[Also, ...] = ()  # one for each other publisher, the best copy first


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An article that did not go in, and why, in words."""

    title: str
    reason: str
    article_id: int = 0  # 0 in issues of before it was kept


@dataclass(frozen=True, slots=True)
class Correction:
    """An article of an earlier issue that reads differently now. Its words are kept, so that it is told once."""

    article_id: int
    issue_number: int  # of the issue that told it otherwise
    title: str
    summary: str
    url: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A topic and its articles, in order. The title is "" when the list has no topics."""

    title: str
    items: tuple[IssueItem, ...]


@dataclass(frozen=True, slots=True)
class IssueContent:
    """What assembly decided. `lead` stands above the sections and in none of them."""

    lead: IssueItem | None
    sections: tuple[Section, ...]
    left_out: tuple[LeftOut, ...] = ()
    subject: str = ""  # an editor's own; "" for the usual one
    intro: str = ""  # an editor's paragraphs above the lead, as plain text
    corrections: tuple[Correction, ...] = ()

    @property
    def items(self) -> tuple[IssueItem, ...]:
        """Every item in reading order."""
        head = (self.lead,) if self.lead else ()
        return head + tuple(item for section in self.sections for item in section.items)


@dataclass(frozen=True, slots=True)
class Issue:
    """One numbered appearance of a list, unique by (list, period)."""

    id: int
    list_id: int
    period: date  # the local calendar date of its slot: a doubled hour cannot make two issues
    number: int
    state: IssueState
    reason: str  # why it is held or skipped, in words
    content: IssueContent
    window_from: datetime
    window_to: datetime
    salt: str  # random, fixed when first drafted; makes slots and Message-IDs unguessable yet repeatable
    created_at: datetime
    send_at: datetime | None = None  # its slot, when the timetable made it
    published_at: datetime | None = None
    announced_at: datetime | None = None  # when its editors were told of the draft made ahead of its slot
    withdrawn_at: datetime | None = None  # when it was taken from the web

    def changed(self, change: Callable[[IssueItem], IssueItem]) -> "Issue":
        """The same with each item as `change` makes it, in its place."""
        content = self.content
        sections = tuple(replace(section, items=tuple(map(change, section.items))) for section in content.sections)
        lead = change(content.lead) if content.lead else None
        return replace(self, content=replace(content, lead=lead, sections=sections))


@dataclass(frozen=True, slots=True)
class Campaign:
    """The sending of one issue to its frozen audience."""

    id: int
    issue_id: int
    state: CampaignState
    reason: str  # why it is paused, in words
    audience: int  # rows frozen at publish
    created_at: datetime
    deadline_at: datetime  # what is deferred then has failed
    canary: tuple[int, int] | None = (
        None  # the first and last message of those that go first, until it is known how they fare
    )
    finished_at: datetime | None = None
    aimed: str = ""  # at whom of the list's readers, in words; "" for all
