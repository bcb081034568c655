"""The editor's desk: `digest issue pin`, `drop`, `move`, `edit`, `intro`, `hold`, `approve` and `withdraw`."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from digest.cli.show import counted, say
from digest.model.errors import BadInput

if TYPE_CHECKING:
    from digest.model.mailing_list import MailingList
    from digest.model.wish import Wish, WishKind
    from digest.pipeline.desk import Edited

Number = Annotated[int, typer.Argument(metavar="ID", help="The issue's number, as `digest issue list` shows it.")]
ArticleNumber = Annotated[
    int, typer.Argument(metavar="ARTICLE", help="The article's number, as `digest issue show` tells.")
]
ArticleNumbers = Annotated[
    list[int], typer.Argument(metavar="ARTICLE...", help="The articles' numbers, as `digest issue show` tells.")
]
Undo = Annotated[bool, typer.Option("--undo", help="Take it back.")]

MOST_READ = 100_000  # characters of an introduction's file: more is another file


def add_to(app: typer.Typer) -> None:
    """Make these commands of `digest issue`."""
    for command in (pin, drop, move, edit, intro, hold, approve, withdraw):
        app.command()(command)


def pin(issue_id: Number, articles: ArticleNumbers, undo: Undo = False) -> None:
    """Have articles in an issue, first in their sections. Whatever their age and the list's limits."""
    from digest.model.wish import WishKind

    edited = _wish_each(issue_id, articles, WishKind.PIN, undo=undo)
    _tell(edited, f"{'Unpinned' if undo else 'Pinned'} {_named(articles)}")


def drop(issue_id: Number, articles: ArticleNumbers, undo: Undo = False) -> None:
    """Leave articles out of an issue. The next best take their places."""
    from digest.model.wish import WishKind

    edited = _wish_each(issue_id, articles, WishKind.DROP, undo=undo)
    _tell(edited, f"{'No longer dropped:' if undo else 'Dropped'} {_named(articles)}")


def move(  # noqa: PLR0917  Typer reads each as an option
    issue_id: Number,
    article: ArticleNumber,
    section: Annotated[str, typer.Option(metavar="NAME", help="To this section [default: where it stands].")] = "",
    position: Annotated[
        int, typer.Option(metavar="PLACE", help="To this place in it, from 1 on [default: its end].")
    ] = 0,
    lead: Annotated[bool, typer.Option("--lead", help="Above the sections.")] = False,
    undo: Undo = False,
) -> None:
    """Move an article to another place. It stays in the issue, whatever comes."""
    from digest.model.wish import Wish, WishKind

    if lead and (section or position):
        raise BadInput("An article leads, or it has a place in a section: say --lead, or --section and --position.")
    if undo:
        edited = _take_back(issue_id, {WishKind.MOVE, WishKind.LEAD}, article)
    else:
        kind = WishKind.LEAD if lead else WishKind.MOVE
        edited = _wish(issue_id, [Wish(kind, article, section, position)])
    _tell(edited, f"{'Back where the rules put it:' if undo else 'Moved'} article {article}")


def edit(  # noqa: PLR0917  Typer reads each as an option
    issue_id: Number,
    article: Annotated[
        int | None, typer.Argument(metavar="ARTICLE", help="The article's number; none for the issue's subject.")
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="The article's headline in this issue.")] = None,
    summary: Annotated[str | None, typer.Option(metavar="TEXT", help="Its summary in this issue.")] = None,
    subject: Annotated[str | None, typer.Option(metavar="TEXT", help="The issue's subject; '' for the usual.")] = None,
    undo: Undo = False,
) -> None:
    """Edit an article's words in this issue, or the subject. The article itself stays as it is."""
    from digest.model.wish import WishKind

    if undo and article is not None:
        edited = _take_back(issue_id, {WishKind.TITLE, WishKind.SUMMARY}, article)
    else:
        edited = _wish(issue_id, _edits(article, title, summary, subject))
    _tell(edited, f"Edited {'the subject' if article is None else f'article {article}'}")


def intro(
    issue_id: Number,
    text: Annotated[str | None, typer.Option(metavar="TEXT", help="The words; '' for none.")] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file with the words; - for standard input.")
    ] = None,
) -> None:
    """Put an introduction above the lead. Plain text, an empty line between paragraphs."""
    from digest.model.wish import Wish, WishKind

    if (text is None) == (file is None):
        raise BadInput("Say what the introduction is: --text TEXT or --file FILE, one of them.")
    words = text if text is not None else _read(file or Path("-"))
    edited = _wish(issue_id, [Wish(WishKind.INTRO, text=words.strip())])
    _tell(edited, "The introduction is set" if words.strip() else "The introduction is gone")


def hold(
    issue_id: Number,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Kept and shown with it.")] = "",
) -> None:
    """Keep an issue from going out by itself. Until it is approved, drafted anew, or sent by hand."""
    from digest.cli.context import opened
    from digest.pipeline.desk import hold as hold_issue

    with opened() as run:
        held = hold_issue(run.store, issue_id, reason, now=run.now())
    say(f"Issue {issue_id} is held: {held.reason}")


def approve(
    issue_id: Number,
    force: Annotated[bool, typer.Option("--force", help="Also if it does not pass its checks.")] = False,
    at: Annotated[
        str, typer.Option("--at", metavar="WHEN", help="Not at its slot: '2026-11-30 14:00' on the list's clock.")
    ] = "",
) -> None:
    """Let an issue go out as it stands. At its slot, or when you say, it is not drafted anew."""
    from digest.cli.context import opened
    from digest.issues.cadence import read_moment
    from digest.pipeline.approve import approve_checked

    with opened() as run:
        with run.store.read() as tx:
            mailing_list = tx.lists.get(tx.issues.get(issue_id).list_id)
        when = read_moment(at, mailing_list.schedule.zone) if at else None
        approved = approve_checked(run.store, issue_id, run.render, run.linter, now=run.now(), force=force, at=when)
    articles = counted(len(approved.issue.content.items), "article")
    if approved.goes_out_at is None:
        say(f"Issue {issue_id} is approved, {articles}. No slot of its own is to come: digest issue send {issue_id}")
    else:
        say(f"Issue {issue_id} is approved, {articles}. It goes out {_local(approved.goes_out_at, mailing_list)}.")


def withdraw(issue_id: Number, undo: Undo = False) -> None:
    """Take a published issue from the web.

    From the archive, the feeds and its readers' links; mailboxes keep it.
    """
    from digest.cli.context import opened
    from digest.pipeline import withdraw as withdrawing

    with opened() as run:
        if undo:
            issue = withdrawing.restore(run.store, issue_id, now=run.now())
        else:
            issue = withdrawing.withdraw(run.store, issue_id, now=run.now())
    say(f"Issue {issue.id} (No. {issue.number}) is {'in the archive again' if undo else 'withdrawn from the web'}.")


def _local(moment: datetime, mailing_list: "MailingList") -> str:
    zone = mailing_list.schedule.zone
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


def _edits(article: int | None, title: str | None, summary: str | None, subject: str | None) -> "list[Wish]":
    from digest.model.wish import Wish, WishKind

    of_article = [
        (kind, text) for kind, text in ((WishKind.TITLE, title), (WishKind.SUMMARY, summary)) if text is not None
    ]
    if article is None:
        if subject is None or of_article:
            raise BadInput("Say what to edit: an article with --title or --summary, or the issue with --subject.")
        return [Wish(WishKind.SUBJECT, text=" ".join(subject.split()))]
    if not of_article or subject is not None:
        raise BadInput("Of an article --title and --summary can be edited; the subject is the issue's.")
    return [Wish(kind, article, " ".join(text.split())) for kind, text in of_article]


def _wish_each(issue_id: int, articles: list[int], kind: "WishKind", *, undo: bool) -> "Edited":
    from digest.model.wish import Wish

    if not undo:
        return _wish(issue_id, [Wish(kind, article) for article in articles])
    return [_take_back(issue_id, {kind}, article) for article in articles][-1]


def _wish(issue_id: int, asked: "list[Wish]") -> "Edited":
    from digest.cli.context import opened
    from digest.pipeline.desk import wish

    with opened() as run:
        return wish(run.store, issue_id, asked, now=run.now())


def _take_back(issue_id: int, kinds: "set[WishKind]", article: int) -> "Edited":
    from digest.cli.context import opened
    from digest.pipeline.desk import take_back

    with opened() as run:
        return take_back(run.store, issue_id, kinds, article, now=run.now())


def _named(articles: list[int]) -> str:
    return f"article{'' if len(articles) == 1 else 's'} {', '.join(map(str, articles))}"


def _tell(edited: "Edited", done: str) -> None:
    issue = edited.issue
    say(f"{done}; issue {issue.id} has {counted(len(issue.content.items), 'article')}.")
    if edited.was_approved:
        say(f"It was approved before this: approve it again with digest issue approve {issue.id}")


def _read(file: Path) -> str:
    try:
        if str(file) == "-":
            return sys.stdin.read(MOST_READ)
        with file.open(encoding="utf-8") as opened:
            return opened.read(MOST_READ)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not in UTF-8; save it as UTF-8.") from None
