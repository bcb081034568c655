"""`digest issue`: draft it, look at it, send it, and see what became of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.rehearsing import dry_run as dry_run_
from digest.cli.rehearsing import replay
from digest.cli.show import Json, Yes, confirm, counted, dump, note, nothing_to_do, pairs, say, table
from digest.model.errors import BadInput

if TYPE_CHECKING:
    from digest.app import App
    from digest.model.issue import Issue
    from digest.model.message import Account
    from digest.model.segment import Aim
    from digest.model.wish import Wishes
    from digest.store import Transaction

app = typer.Typer(no_args_is_help=True, help="Issues: draft, look, send, and see what became of it.")

Number = Annotated[int, typer.Argument(metavar="ID", help="The issue's number, as `digest issue list` shows it.")]
Day = Annotated[
    str | None, typer.Option("--for", metavar="DATE", help="The day it is for, 2026-11-23 [default: today].")
]
To = Annotated[
    list[str] | None, typer.Option("--to", metavar="ADDRESS", help="Send a test there only; may be repeated.")
]


app.command()(replay)

ListName = Annotated[str, typer.Argument(metavar="LIST", help="The list.")]


@app.command()
def draft(list_name: ListName, day: Day = None, as_json: Json = False) -> None:
    """Assemble an issue from the articles that are new. Run it again to take in what came since."""
    from digest.cli.context import opened
    from digest.pipeline.describe import describe_issue
    from digest.pipeline.draft import draft as draft_by_hand

    with opened() as run:
        done = draft_by_hand(run.store, list_name, run.pictures, day=day or "", now=run.now(), salt=run.nonce())
    drafted, issue = done.drafted, done.drafted.issue
    if as_json:
        dump(describe_issue(issue))
    if drafted.too_little is not None:
        nothing_to_do(drafted.too_little.reason)
    for said in done.remarks:
        note(said)
    if not as_json:
        say(
            f"Drafted issue {issue.id}: {list_name} for {issue.period}, {counted(len(issue.content.items), 'article')}."
        )
        say(f"Look at it: digest issue show {issue.id}, or digest issue preview {issue.id} --out DIR")


@app.command("list")
def list_(
    list_name: Annotated[str | None, typer.Argument(metavar="LIST", help="One list's; all if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Show the issues, newest first."""
    from digest.cli.context import opened
    from digest.pipeline.describe import summarise_issue

    with opened() as run, run.store.read() as tx:
        list_id = tx.lists.by_name(list_name).id if list_name else None
        names = {found.id: found.name for found in tx.lists.all()}
        issues = tx.issues.all(list_id)
        accounts = {issue.id: _account(tx, issue) for issue in issues}
    if as_json:
        dump(
            [
                summarise_issue(issue) | {"list": names[issue.list_id], "account": _counts(accounts[issue.id])}
                for issue in issues
            ]
        )
        return
    if not issues:
        nothing_to_do("There are no issues yet; digest issue draft LIST makes one.")
    rows = [
        (
            issue.id,
            names[issue.list_id],
            issue.number,
            str(issue.period),
            issue.state,
            _brief(accounts[issue.id]) or issue.reason,
        )
        for issue in issues
    ]
    table(("id", "list", "number", "for", "state", "what became of it"), rows)


@app.command()
def show(issue_id: Number, as_json: Json = False) -> None:
    """Show what is in an issue and what became of it. Also what was left out, and why."""
    from digest.cli.context import opened
    from digest.pipeline.describe import describe_issue

    with opened() as run, run.store.read() as tx:
        issue = tx.issues.get(issue_id)
        list_name = tx.lists.get(issue.list_id).name
        account = _account(tx, issue)
        paused = _paused(tx, issue)
        wishes = tx.wishes.of_issue(issue_id)
    if as_json:
        dump(describe_issue(issue) | {"list": list_name, "account": _counts(account), "paused": paused or None})
        return
    facts = {
        "issue": issue.id,
        "list": list_name,
        "number": issue.number,
        "for": issue.period,
        "state": issue.state,
        "because": issue.reason,
        "subject": issue.content.subject,
        "intro": issue.content.intro,
        "wishes": _wishes(wishes),
        "account": account,
        "paused": paused,
    }
    pairs({name: value for name, value in facts.items() if value not in (None, "")})
    if issue.content.items:
        say("")
        table(("article", "section", "headline", "from", "also at", "score"), _lines(issue))
    if issue.content.corrections:
        say("")
        rows = [(each.article_id, each.title, f"No. {each.issue_number}") for each in issue.content.corrections]
        table(("article", "correction", "told otherwise in"), rows)
    if issue.content.left_out:
        say("")
        out = [(left.article_id or "", left.title, left.reason) for left in issue.content.left_out]
        table(("article", "left out", "why"), out)


@app.command()
def preview(
    issue_id: Number, out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the four files go.")]
) -> None:
    """Write an issue as a reader would get it: four files. subject.txt, body.html, body.txt and message.eml."""
    from digest.cli.context import opened
    from digest.pipeline.trial import preview as render_preview

    with opened() as run:
        files = render_preview(run.store, issue_id, run.render, run.links, now=run.now())
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (out / name).write_bytes(content)
            say(str(out / name))
    except OSError as error:
        raise BadInput(f"The preview cannot be written to {error.filename or out}: {error.strerror}.") from None


@app.command()
def lint(
    issue_id: Number,
    no_links: Annotated[bool, typer.Option("--no-links", help="Ask no server whether its links are alive.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also what is merely worth knowing.")] = False,
    as_json: Json = False,
) -> None:
    """Check an issue before it goes out. Headers, links, accessibility, contrast, and what mail clients make of it.

    Ends with 0 if all is well, 3 if there are only warnings, 1 if there are failures: with these it is not sent.
    """
    from digest.cli.context import opened
    from digest.cli.linting import tell
    from digest.pipeline.lint import lint_issue

    with opened() as run:
        if not no_links:
            note("Asking whether its links are alive, which may take a minute.")
        findings = lint_issue(run.store, issue_id, run.render, run.linter, ask=not no_links)
    raise typer.Exit(tell(issue_id, findings, verbose=verbose, as_json=as_json))


@app.command()
def send(
    issue_id: Number,
    *,
    to: To = None,
    force: Annotated[bool, typer.Option("--force", help="Also if it does not pass its checks.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show who would get what, and send nothing.")] = False,
    segment: Annotated[str | None, typer.Option(metavar="NAME", help="Only to these of the list's readers.")] = None,
    exclude: Annotated[str | None, typer.Option(metavar="NAME", help="To all but these.")] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Publish an issue and deliver it, here and now. After a kill, `digest deliver` takes up the rest.

    An issue that was paused goes on.
    """
    from digest.cli.context import opened
    from digest.pipeline.aim import find_aim

    with opened() as run:
        aim = find_aim(run.store, segment, exclude, run.now())
        if dry_run:
            dry_run_(run, issue_id, aim, as_json=as_json)
        elif to:
            _send_test(run, issue_id, to, as_json=as_json)
        else:
            _send(run, issue_id, aim, force=force, yes=yes, as_json=as_json)


def _send_test(run: "App", issue_id: int, to: list[str], *, as_json: bool) -> None:
    from digest.audience.addresses import read_address
    from digest.cli.delivering import deliver_here
    from digest.pipeline.trial import queue_test

    addresses = [read_address(text) for text in to]
    run.check_hops()  # said now when none is set, before anything is queued
    count = queue_test(run.store, issue_id, addresses, run.render, run.keys, now=run.now(), nonce=run.nonce())
    _tell(f"Sending a test of issue {issue_id} to {', '.join(map(str, addresses))}.", as_json=as_json)
    raise typer.Exit(deliver_here(run, total=count, as_json=as_json))


def _send(run: "App", issue_id: int, aim: "Aim", *, force: bool, yes: bool, as_json: bool) -> None:
    from digest.cli.delivering import deliver_here
    from digest.model.issue import IssueState

    run.check_hops()
    with run.store.read() as tx:
        issue = tx.issues.get(issue_id)
        account = _account(tx, issue)
        paused = _paused(tx, issue)
    if issue.state is IssueState.SENT:
        nothing_to_do(f"Issue {issue_id} was sent already: {account}.")
    if issue.state is not IssueState.PUBLISHED:
        owed = _publish(run, issue, aim, force=force, yes=yes)
        _tell(f"Published issue {issue_id} to {counted(owed, 'reader')}.", as_json=as_json)
    else:
        assert account is not None
        if paused:
            _resume(run, issue, paused, yes=yes)
        owed = account.open
        _tell(f"Issue {issue_id} is published already; delivering what is left.", as_json=as_json)
    raise typer.Exit(deliver_here(run, total=owed, issue_id=issue_id, as_json=as_json))


def _publish(run: "App", issue: "Issue", aim: "Aim", *, force: bool, yes: bool) -> int:
    from digest.pipeline.aim import Nobody, count_readers
    from digest.pipeline.publish import publish

    with run.store.read() as tx:
        mailing_list = tx.lists.get(issue.list_id)
    try:
        if readers := count_readers(run.store, issue.id, aim):  # else publishing says why not
            whom = f"{counted(readers, 'reader')}{f', {aim}' if str(aim) else ''}"
            confirm(f"Send issue {issue.id} of {mailing_list.title} to {whom}?", yes=yes)
    except Nobody as error:
        nothing_to_do(str(error))
    check = None if force else run.linter
    published = publish(run.store, issue.id, run.render, run.keys, now=run.now(), check=check, aim=aim)
    if published.editions > 1:
        note(f"There are {published.editions} editions; `digest issue send {issue.id} --dry-run` shows whose they are.")
    return published.campaign.audience


def _resume(run: "App", issue: "Issue", why: str, *, yes: bool) -> None:
    from digest.pipeline.brake import resume

    confirm(f"Issue {issue.id} is paused ({why}). Go on sending it?", yes=yes)
    resume(run.store, issue.id, now=run.now())


def _tell(sentence: str, *, as_json: bool) -> None:
    """How it goes; beside the result when that is for a program."""
    (note if as_json else say)(sentence)


def _account(tx: "Transaction", issue: "Issue") -> "Account | None":
    campaign = tx.campaigns.of_issue(issue.id)
    return tx.campaigns.account(campaign.id) if campaign else None


def _paused(tx: "Transaction", issue: "Issue") -> str:
    """Why its campaign is paused; "" when it is not."""
    from digest.model.issue import CampaignState

    campaign = tx.campaigns.of_issue(issue.id)
    return campaign.reason if campaign and campaign.state is CampaignState.PAUSED else ""


def _brief(account: "Account | None") -> str:
    """`39 of 40 accepted, 1 bounced`."""
    if account is None:
        return ""
    from digest.model.message import MessageState

    done = MessageState.ACCEPTED
    rest = [f"{count:,} {state}" for state, count in sorted(account.counts.items()) if count and state is not done]
    return ", ".join([f"{account.of(done):,} of {account.audience:,} accepted", *rest])


def _counts(account: "Account | None") -> dict[str, int] | None:
    from digest.pipeline.describe import describe_account

    return describe_account(account) if account else None


def _lines(issue: "Issue") -> list[tuple[object, ...]]:
    from digest.pipeline.describe import placed

    return [
        (
            item.article_id,
            "lead" if item is issue.content.lead else section,
            item.article.title,
            item.article.publisher,
            ", ".join(other.publisher for other in item.also),
            f"{item.score:.2f} = {item.factors}" if item.factors else "",
        )
        for section, item in placed(issue)
    ]


def _wishes(wishes: "Wishes") -> str:
    """What its editor asked: `pin 12, drop 7, subject`."""
    return ", ".join(f"{wish.kind} {wish.article_id or ''}".strip() for wish in wishes.each)
