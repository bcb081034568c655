"""The mail that tells an editor of a draft: what is in it, what was left out and why, and when it goes out by itself."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.model.edition import Edition
from digest.model.issue import Issue, IssueItem, LeftOut
from digest.model.mailing_list import MailingList
from digest.rendering.context import view_issue
from digest.rendering.edition import render_edition
from digest.rendering.phrasing import shorten, tell_moment

MOST_LEFT_OUT = 25  # lines; the command shows the rest


@dataclass(frozen=True, slots=True)
class LineView:
    """An article in the draft, or one that was left out."""

    number: int  # of the article, in commands; 0 when it is not known
    title: str
    about: str  # where it stands and its score, or why it was left out


@dataclass(frozen=True, slots=True)
class DraftView:
    """`draft` in the mail draft-ready."""

    id: int  # the issue's, in commands
    number: int
    count: int
    kilobytes: int  # of each mail; 0 when that is not known
    goes_out: str  # local time of the list
    reason: str  # why there is no draft yet; "" when there is one
    trouble: str  # why it cannot be rendered as things are; "" when it can
    headline: str
    articles: tuple[LineView, ...]
    left_out: tuple[LineView, ...]
    more_left_out: int


def render_draft_ready(
    issue: Issue,
    mailing_list: MailingList,
    *,
    goes_out: datetime,
    size: int,
    trouble: str = "",
    own_templates: Path | None = None,
) -> Edition:
    """`goes_out` is in the list's own time zone, `size` in bytes. No slot to fill but ADDRESS."""
    return render_edition(
        "draft-ready",
        mailing_list=mailing_list,
        salt=issue.salt,
        context={"draft": view_draft(issue, mailing_list, goes_out=goes_out, size=size, trouble=trouble)},
        own_templates=own_templates,
        language="en",  # as the commands are that it names
    )


def view_draft(issue: Issue, mailing_list: MailingList, *, goes_out: datetime, size: int, trouble: str) -> DraftView:
    content = issue.content
    left_out = content.left_out
    return DraftView(
        id=issue.id,
        number=issue.number,
        count=len(content.items),
        kilobytes=max(1, round(size / 1000)) if size else 0,
        goes_out=tell_moment(goes_out, mailing_list.schedule.zone),
        reason="" if content.items else issue.reason or "It has no articles.",
        trouble=trouble,
        headline=view_issue(issue, mailing_list.language).headline,
        articles=tuple(_line(section, item) for section, item in _placed(issue)),
        left_out=tuple(map(_left_out, left_out[:MOST_LEFT_OUT])),
        more_left_out=max(0, len(left_out) - MOST_LEFT_OUT),
    )


def _placed(issue: Issue) -> list[tuple[str, IssueItem]]:
    content = issue.content
    lead = [("Lead", content.lead)] if content.lead else []
    return lead + [(section.title, item) for section in content.sections for item in section.items]


def _line(section: str, item: IssueItem) -> LineView:
    score = f"{item.score:.2f} = {item.factors}" if item.factors else ""
    return LineView(item.article_id, shorten(item.article.title, 120), " · ".join(filter(None, (section, score))))


def _left_out(left: LeftOut) -> LineView:
    return LineView(left.article_id, shorten(left.title, 120), left.reason)
