"""What is answered: problems, pages, and each noun in plain values."""

from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from digest.model.edition import Form
from digest.model.feed import FeedHealth, FeedKind, FeedState
from digest.model.finding import Severity
from digest.model.issue import CampaignState, IssueState
from digest.model.mailing_list import Archive, CatchUp, Rhythm, TooFew
from digest.model.message import MessageState

Item = TypeVar("Item")


class Said(BaseModel):
    """What comes in. A name that we do not know is a slip, and is said."""

    model_config = ConfigDict(extra="forbid")


class Invalid(BaseModel):
    at: str
    said: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="one sentence that names the thing and says what to do")
    errors: list[Invalid] | None = Field(None, description="with 422: each thing that is wrong in the request")


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next: int | None = Field(None, description="`after` for the next page; null on the last one")


class ListShown(BaseModel):
    name: str
    title: str
    tagline: str
    sender: str = Field(alias="from")
    reply_to: str
    postal_address: str
    list_id: str
    language: str
    topics: list[str]
    rhythms: list[Rhythm]
    greets_with_issue: bool
    says_goodbye: bool
    weekdays: list[str]
    at: str
    zone: str
    catch_up: CatchUp
    late_hours: int
    window_days: int
    min_articles: int
    max_articles: int
    max_per_feed: int
    send_within_hours: int
    seeds: list[str]
    canary_percent: int
    canary_refused_percent: int
    max_per_topic: int
    half_life_hours: int
    too_few: TooFew
    corrections: bool
    draft_ahead_hours: int
    editors: list[str]
    theme: str
    brand: list[str]
    archive: Archive
    next_due_at: datetime | None


class ListCounts(BaseModel):
    pending: int = 0
    confirmed: int = 0
    unsubscribed: int = 0


class FeedShown(BaseModel):
    id: int
    location: str
    kind: FeedKind
    title: str
    topic: str
    own: bool
    weight: float
    state: FeedState
    health: FeedHealth
    said: str = Field(description="why it is not well")
    articles_a_week: float
    newest_at: datetime | None
    rhythm: float | None = Field(description="days between articles")
    last_tried_at: datetime | None
    last_ok_at: datetime | None
    last_error: str
    failures: int
    failing_since: datetime | None
    moved_from: str
    notes: list[str]
    list: str  # last: in a class body it hides the type


class Followed(BaseModel):
    feed: FeedShown
    others: list[str] = Field(description="what else was found at that address")


class IssueLine(BaseModel):
    id: int
    list: str
    number: int
    period: date
    state: IssueState
    reason: str
    created_at: datetime
    published_at: datetime | None
    withdrawn_at: datetime | None


class ItemShown(BaseModel):
    article: int
    title: str
    url: str
    summary: str
    section: str
    publisher: str
    agency: str
    credit: str
    score: float
    factors: str


class LeftOutShown(BaseModel):
    article: int
    title: str
    reason: str


class CorrectionShown(BaseModel):
    article: int
    title: str
    url: str
    number: int


class IssueShown(IssueLine):
    mark: str = Field(description="of what it is now: hand it over as `seen` when you decide about it")
    window: tuple[datetime, datetime]
    lead: str | None
    subject: str
    intro: str
    articles: list[ItemShown]
    left_out: list[LeftOutShown]
    corrections: list[CorrectionShown]
    pictures: list[str] = Field(default=[], description="what became of its pictures, when it was drafted just now")


class Edited(BaseModel):
    issue: IssueShown
    was_approved: bool = Field(description="then it must be approved again")


class Approved(BaseModel):
    issue: IssueShown
    goes_out_at: datetime | None = Field(description="null when no slot will send it")


class Preview(BaseModel):
    """As a pretended reader would get it."""

    subject: str
    html: str
    text: str
    message: str = Field(description="the whole message as it is sent (RFC 5322)")


class FindingShown(BaseModel):
    severity: Severity
    rule: str
    said: str
    where: str
    times: int


class Linted(BaseModel):
    passes: bool
    findings: list[FindingShown]


class EditionAhead(BaseModel):
    readers: int
    articles: int
    topics: list[str]
    catches_up: bool
    form: Form
    language: str
    subject: str
    html_size: int
    size: int
    on_the_web_only: int


class Difference(BaseModel):
    beside: str
    added: list[str]
    gone: list[str]
    subject: str
    articles: int
    size: int


class DryRunShown(BaseModel):
    """Who would get it if it were sent now, and what."""

    issue: int
    state: IssueState
    period: date = Field(alias="for")
    subject: str
    articles: int
    aimed: str
    readers: int
    excluded: dict[str, int] = Field(description="confirmed readers who would get nothing, by reason")
    editions: list[EditionAhead]
    differences: list[Difference]


class CampaignShown(BaseModel):
    issue: int
    state: CampaignState
    reason: str
    account: dict[str, int] = Field(description="the audience, and how many of its messages are in which state")
    balanced: bool
    aimed: str = Field(description="at whom of the list's readers; empty for all")
    on_trial: bool = Field(description="whether the first mails are out and the rest waits for how they fare")
    created_at: datetime
    deadline_at: datetime
    finished_at: datetime | None


class Braked(BaseModel):
    campaign: CampaignShown
    count: int = Field(description="messages that it touched")


class Sent(BaseModel):
    campaign: CampaignShown
    editions: int
    excluded: dict[str, int] = Field(description="confirmed readers who get nothing, by reason")


class Queued(BaseModel):
    queued: int


class OfDomain(BaseModel):
    domain: str
    accepted: int
    deferred: int
    missed: int = Field(description="bounced, failed or uncertain")


class OfReason(BaseModel):
    state: str
    code: str = Field(description='"550 5.1.1"; empty when nobody replied')
    said: str
    messages: int


class ReportShown(BaseModel):
    campaign: CampaignShown
    excluded: dict[str, int] = Field(description="readers who got nothing when it was published, by reason")
    domains: list[OfDomain] | None = Field(description="the largest first; null until it is added up")
    reasons: list[OfReason] | None
    returned: dict[str, int] = Field(description="of what was accepted, what came back since: failed, complaint")
    left: list[int] = Field(description="who left the list, day by day from its publishing on")
    left_until_next: bool = Field(description="whether the next issue ended these days")
    why_they_left: dict[str, int]
    words: list[str] = Field(description="what they wrote; for keys that may know readers")


class RecipientShown(BaseModel):
    subscriber: int
    address: str
    state: MessageState
    attempts: int
    relay: str
    said: str = Field(description="the last answer of the relay")


def _problem(description: str, **headers: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if headers:
        found["headers"] = {
            name.replace("_", "-"): {"description": said, "schema": {"type": "string"}}
            for name, said in headers.items()
        }
    return found


#: What any request may come to.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: _problem("There is no key, or it does not work (any more).", WWW_Authenticate="`Bearer`"),
    403: _problem("The key has not the right that this needs."),
    404: _problem("There is no such thing."),
    408: _problem("The body took too long."),
    409: _problem("It cannot be done to the thing as it stands."),
    413: _problem("The body is too big."),
    422: _problem("Something in the request can be mended; `errors` says what."),
    429: _problem("The key has sent too many requests.", Retry_After="seconds"),
    503: _problem("The database is busy; nothing was done.", Retry_After="seconds"),
}
