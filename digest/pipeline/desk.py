"""The editor's desk: wishes for an issue that was drafted, holding and approving it. One transaction each; safe twice.

A wish is kept by itself and the issue assembled anew as of the moment of its draft: what a drop makes room for comes in,
what was published since does not. Nothing here touches an article.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.issues.assemble import TooLittle
from digest.issues.cadence import period_of
from digest.issues.choose import section_of
from digest.issues.mark import mark_of_words, refuse_outdated
from digest.model.errors import BadInput, NotFound, Outdated, WrongState
from digest.model.issue import Issue, IssueContent, IssueState
from digest.model.mailing_list import MailingList
from digest.model.operator import ActKind
from digest.model.wish import OF_ISSUE, Wish, WishKind
from digest.pipeline.assemble import decide
from digest.store import Store, Transaction

MOST_INTRO = 2_000  # characters
MOST_LINE = 300  # of a title or subject
MOST_SUMMARY = 1_000
MOST_POSITION = 1_000
FARTHEST = timedelta(days=100)  # ahead, of a moment that an editor chooses

_AT_THE_DESK = frozenset({IssueState.DRAFT, IssueState.APPROVED, IssueState.HELD})
_BOUNDS = {
    WishKind.INTRO: MOST_INTRO,
    WishKind.SUMMARY: MOST_SUMMARY,
    WishKind.TITLE: MOST_LINE,
    WishKind.SUBJECT: MOST_LINE,
}


@dataclass(frozen=True, slots=True)
class Edited:
    """The issue after a wish, and whether it must be approved again."""

    issue: Issue
    was_approved: bool


def wish(store: Store, issue_id: int, asked: Collection[Wish], *, now: datetime, was: str = "") -> Edited:
    """Ask for something. Raises BadInput or WrongState in words when it cannot be; then nothing is changed.

    `was` is the mark of the subject and introduction that somebody saw who writes them anew: Outdated when they are others now.
    """
    with store.write() as tx:
        issue, mailing_list = _at_the_desk(tx, issue_id)
        if was and was != mark_of_words(issue):
            raise Outdated("Somebody else wrote a subject or an introduction meanwhile; yours are not kept yet.")
        for each in asked:
            checked = _checked(tx, issue, mailing_list, each)
            if checked.kind in OF_ISSUE and not checked.text:
                tx.wishes.take_back(issue_id, {checked.kind})
            else:
                tx.wishes.put(issue_id, checked, now)
        asked_for = [each.kind if not each.article_id else f"{each.kind} {each.article_id}" for each in asked]
        tx.acts.note(ActKind.ISSUE_EDITED, now, f"issue {issue_id}", asked=asked_for)
        return _assemble_again(tx, issue, mailing_list, now)


def take_back(
    store: Store, issue_id: int, kinds: Collection[WishKind], article_id: int = 0, *, now: datetime
) -> Edited:
    """Ask for it no more. Raises WrongState when it was not asked."""
    with store.write() as tx:
        issue, mailing_list = _at_the_desk(tx, issue_id)
        if not tx.wishes.take_back(issue_id, kinds, article_id):
            what = f"article {article_id} of issue {issue_id}" if article_id else f"issue {issue_id}"
            raise WrongState(f"Nothing of the kind was asked of {what}; `digest issue show {issue_id}` tells what was.")
        of_article = {"article": article_id} if article_id else {}
        tx.acts.note(ActKind.ISSUE_EDITED, now, f"issue {issue_id}", taken_back=sorted(kinds), **of_article)
        return _assemble_again(tx, issue, mailing_list, now)


def hold(store: Store, issue_id: int, reason: str, *, now: datetime) -> Issue:
    """It does not go out by itself. A held issue gets the new reason. Raises WrongState when it is out or skipped."""
    with store.write() as tx:
        issue = tx.issues.get(issue_id)
        if issue.state is IssueState.HELD:
            tx.issues.move(issue_id, IssueState.DRAFT)
        if not tx.issues.move(issue_id, IssueState.HELD, reason=reason or "An editor held it."):
            advice = (
                "it has nothing to hold" if issue.state is IssueState.SKIPPED else "`digest campaign pause` stops it"
            )
            raise WrongState(f"Issue {issue_id} is {issue.state} already; {advice}.")
        tx.acts.note(ActKind.ISSUE_HELD, now, f"issue {issue_id}", reason=reason)
        return tx.issues.get(issue_id)


@dataclass(frozen=True, slots=True)
class Approved:
    issue: Issue
    goes_out_at: datetime | None  # None when no slot will send it


def approve(store: Store, issue_id: int, *, now: datetime, seen: str = "", at: datetime | None = None) -> Approved:
    """At its slot, or at the moment that is chosen, it goes out as it stands now.

    Raises WrongState when it is out, skipped or empty, Outdated when it is not what was `seen`, BadInput for a moment that has passed.
    """
    if at is not None:
        _check_moment(at, now)
    with store.write() as tx:
        issue, mailing_list = _at_the_desk(tx, issue_id)
        refuse_outdated(issue, seen)
        if issue.state is not IssueState.APPROVED or at is not None:
            tx.issues.move(issue_id, IssueState.APPROVED)
            if at is not None:
                tx.issues.choose_moment(issue_id, at)
            chosen = {"at": f"{at:%Y-%m-%d %H:%M} UTC"} if at else {}
            tx.acts.note(ActKind.ISSUE_APPROVED, now, f"issue {issue_id}", **chosen)
        approved = tx.issues.get(issue_id)
        return Approved(approved, slot_to_come(approved, mailing_list, now))


def _check_moment(at: datetime, now: datetime) -> None:
    if at <= now:
        raise BadInput(f"{at:%d %b %Y, %H:%M} UTC has passed; choose a moment to come, or send it now.")
    if at > now + FARTHEST:
        raise BadInput(f"{at:%d %b %Y} is more than {FARTHEST.days} days ahead; choose an earlier one.")


def slot_to_come(issue: Issue, mailing_list: MailingList, now: datetime) -> datetime | None:
    """When the timetable sends it by itself; None when its slot has passed or it never had one."""
    own = issue.send_at if issue.send_at and issue.send_at > now else None
    if own and issue.state is IssueState.APPROVED:
        return own
    due = mailing_list.next_due_at
    return due if due is not None and period_of(mailing_list.schedule, due) == issue.period else own


def _at_the_desk(tx: Transaction, issue_id: int) -> tuple[Issue, MailingList]:
    issue = tx.issues.get(issue_id)
    if issue.state not in _AT_THE_DESK:
        advice = " Draft it anew first." if issue.state is IssueState.SKIPPED else " and is never changed again."
        raise WrongState(f"Issue {issue_id} is {issue.state}{'.' if issue.state is IssueState.SKIPPED else ''}{advice}")
    if not issue.content.items:
        raise WrongState(f"Issue {issue_id} has no articles; draft it first with `digest issue draft`.")
    return issue, tx.lists.get(issue.list_id)


def _assemble_again(tx: Transaction, issue: Issue, mailing_list: MailingList, now: datetime) -> Edited:
    window = issue.window_from, issue.window_to
    content = decide(tx, mailing_list, issue, window, as_it_was=True)
    if isinstance(content, TooLittle):
        raise WrongState(
            f"That would leave {content.found} of the {content.wanted} articles that {mailing_list.name} asks for; pin another first."
        )
    tx.issues.fill(issue, content, window)
    if issue.state is IssueState.APPROVED and issue.send_at and issue.send_at > now:
        tx.issues.choose_moment(issue.id, None)  # it was chosen for what is another issue now
    if issue.state is IssueState.HELD:
        tx.issues.move(issue.id, IssueState.HELD, reason=issue.reason)
    return Edited(tx.issues.get(issue.id), issue.state is IssueState.APPROVED)


def _checked(tx: Transaction, issue: Issue, mailing_list: MailingList, asked: Wish) -> Wish:
    if asked.kind not in OF_ISSUE:
        _check_article(tx, issue, mailing_list, asked.article_id)
    most = _BOUNDS.get(asked.kind)
    if most and len(asked.text) > most:
        raise BadInput(f"The {asked.kind} has {len(asked.text):,} characters; {most:,} are the most.")
    if asked.kind is WishKind.TITLE and not asked.text.strip():
        raise BadInput("An article needs a title.")
    return _placed(tx, issue, mailing_list, asked) if asked.kind is WishKind.MOVE else asked


def _check_article(tx: Transaction, issue: Issue, mailing_list: MailingList, article_id: int) -> None:
    if tx.articles.of_list(article_id, mailing_list.id) is None:
        raise NotFound(
            f"{mailing_list.name} has no article {article_id}; `digest issue show {issue.id}` shows their numbers."
        )
    number = tx.articles.told_in(article_id)
    if number is not None:
        raise WrongState(f"Article {article_id} stood in No. {number} already; nothing is sent again as new.")


def _placed(tx: Transaction, issue: Issue, mailing_list: MailingList, asked: Wish) -> Wish:
    """With the section that it stands in, or would stand in, when none is named."""
    if not 0 <= asked.position <= MOST_POSITION:
        raise BadInput(f"There is no place {asked.position} in a section; the first is 1.")
    sections = known_sections(issue.content, mailing_list)
    if asked.text:
        named = next((each for each in sections if each.casefold() == asked.text.strip().casefold()), None)
        if named is None:
            there = ", ".join(filter(None, sections)) or "none, for the list has no topics"
            raise BadInput(f"Issue {issue.id} has no section {asked.text!r}; there is {there}.")
        return Wish(asked.kind, asked.article_id, named, asked.position)
    article = tx.articles.of_list(asked.article_id, mailing_list.id)
    assert article is not None
    stands = (each.title for each in issue.content.sections for item in each.items if item.article_id == article.id)
    return Wish(
        asked.kind, asked.article_id, next(stands, section_of(article.topic, mailing_list.topics)), asked.position
    )


def known_sections(content: IssueContent, mailing_list: MailingList) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*mailing_list.topics, *(section.title for section in content.sections))))
