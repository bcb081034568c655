"""`digest campaign`: how an issue goes out, and the brake. A campaign is named by the number of its issue."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.show import Json, Yes, ago, confirm, counted, dump, note, nothing_to_do, pairs, plain, say, table
from digest.model.message import MISSED, Account, MessageState

if TYPE_CHECKING:
    from digest.app import App
    from digest.model.issue import Campaign
    from digest.pipeline.brake import Braked
    from digest.store import Transaction

app = typer.Typer(no_args_is_help=True, help="Campaigns: watch, pause, resume, stop, report, retry.")

Number = Annotated[int, typer.Argument(metavar="ID", help="The issue's number, as `digest issue list` shows it.")]
Some = Annotated[int | None, typer.Argument(metavar="ID", help="One issue's; all that are not over if left out.")]
LOOK_SECONDS = 1.0


@app.command()
def status(issue_id: Some = None, as_json: Json = False) -> None:
    """Show how far campaigns are, and who is sending."""
    from digest.cli.context import opened
    from digest.pipeline.describe import describe_campaign

    with opened() as run, run.store.read() as tx:
        campaigns = _chosen(tx, issue_id)
        accounts = {each.issue_id: tx.campaigns.account(each.id) for each in campaigns}
        senders = tx.senders.alive(run.now())
        now = run.now()
    if as_json:
        dump(
            {
                "campaigns": [describe_campaign(each, accounts[each.issue_id]) for each in campaigns],
                "senders": [{"name": each.name, "started_at": each.started_at, **each.state} for each in senders],
            }
        )
        return
    if issue_id is not None:
        pairs(_facts(campaigns[0], accounts[issue_id]))
    elif not campaigns:
        note("No campaign is under way.")
    else:
        table(
            ("issue", "state", "audience", "accepted", "waiting", "missed", "why"),
            [_row(each, accounts) for each in campaigns],
        )
    for sender in senders:
        note(f"The sender {sender.name} began {ago(sender.started_at, now)}: {sender.state['rate']:,.0f} a second.")


@app.command()
def watch(issue_id: Number) -> None:
    """Watch an issue go out.

    Until it is out or Ctrl-C: the rate, how many accepted and refused, how each relay and domain fares, and the time left.
    """
    from digest.cli.context import opened
    from digest.cli.watching import display
    from digest.model.issue import CampaignState
    from digest.pipeline.watch import Follower

    with opened() as run, display() as show:
        follower = Follower(run.store, issue_id, run.now)
        while True:
            campaign, sight = follower.look()
            show(sight)
            if campaign.state is not CampaignState.RUNNING or not sight.account.open:
                break
            time.sleep(LOOK_SECONDS)
        campaign, sight = follower.look(anew=True)
    say(f"Issue {issue_id}: {sight.account}")
    if campaign.state is not CampaignState.DONE:
        note(f"It is {campaign.state}{f': {campaign.reason}' if campaign.reason else ''}.")


@app.command()
def pause(
    issue_id: Number, why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Kept and shown with it.")] = ""
) -> None:
    """Stop sending an issue for now.

    At most one more message goes out on each connection.
    """
    from digest.cli.context import opened
    from digest.pipeline.brake import pause as brake

    with opened() as run:
        _tell(brake(run.store, issue_id, why=plain(why), now=run.now()), "Paused")
    note(f"digest campaign resume {issue_id} goes on, digest campaign stop {issue_id} ends it.")


@app.command()
def resume(issue_id: Number, as_json: Json = False) -> None:
    """Let a paused issue go on.

    It is delivered here, unless another process does.
    """
    from digest.cli.context import opened
    from digest.cli.delivering import deliver_here
    from digest.pipeline.brake import resume as release

    with opened() as run:
        run.check_hops()
        braked = release(run.store, issue_id, now=run.now())
        raise typer.Exit(deliver_here(run, total=braked.account.open, issue_id=issue_id, as_json=as_json))


@app.command()
def stop(issue_id: Number, yes: Yes = False) -> None:
    """End a campaign for good.

    Whoever has not got the issue by now does not get it, unless you retry it.
    """
    from digest.cli.context import opened
    from digest.pipeline.brake import stop as brake

    with opened() as run:
        if waiting := _account(run, issue_id).open:  # else it is over, which is said without a question
            confirm(f"Stop issue {issue_id}? {counted(waiting, 'reader')} will not get it.", yes=yes)
        _tell(brake(run.store, issue_id, now=run.now()), "Stopped")


@app.command()
def retry(  # noqa: PLR0917  Typer reads each as an option
    issue_id: Number,
    bounced: Annotated[bool, typer.Option("--bounced", help="Also those who were refused for good.")] = False,
    uncertain: Annotated[
        bool, typer.Option("--uncertain", help="Also those who may have it: some get it twice.")
    ] = False,
    hours: Annotated[int, typer.Option("--hours", min=1, max=10_000, help="How long to try.")] = 48,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Send an issue again to those who missed it.

    And to nobody else. What is deferred is tried at once.
    """
    from digest.cli.context import opened
    from digest.cli.delivering import deliver_here
    from digest.pipeline.brake import campaign_of, refuse_paused
    from digest.pipeline.brake import retry as again

    states = [
        MessageState.FAILED,
        *([MessageState.BOUNCED] if bounced else []),
        *([MessageState.UNCERTAIN] if uncertain else []),
    ]
    with opened() as run:
        run.check_hops()
        with run.store.read() as tx:
            refuse_paused(campaign_of(tx, issue_id))
        account = _account(run, issue_id)
        missed = sum(account.of(state) for state in (*states, MessageState.DEFERRED))
        if not missed:
            nothing_to_do(f"Nobody to send issue {issue_id} to again: {account}.")
        confirm(f"Send issue {issue_id} again to {counted(missed, 'reader')} who missed it?", yes=yes)
        braked = again(run.store, issue_id, states=states, hours=hours, now=run.now())
        raise typer.Exit(deliver_here(run, total=braked.count, issue_id=issue_id, as_json=as_json))


@app.command()
def report(
    issue_id: Number,
    missed: Annotated[bool, typer.Option("--missed", help="Only those who did not get it.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, for a spreadsheet.")] = False,
    as_json: Json = False,
) -> None:
    """List who got an issue, who did not, and why."""
    from digest.cli import reporting
    from digest.cli.context import opened
    from digest.pipeline.describe import describe_account

    with opened() as run, run.store.read() as tx:
        campaign = _chosen(tx, issue_id)[0]
        account = tx.campaigns.account(campaign.id)
        returned = {kind.value: count for kind, count in tx.returns.of_campaign(campaign.id).items()}
        lines = tx.messages.each_recipient(campaign.id, but=reporting.GOOD if missed else ())
        if as_json:
            said = {"issue": issue_id, "account": describe_account(account), "balanced": account.balanced}
            reporting.as_json(said | {"returned": returned}, lines)
        elif as_csv:
            reporting.as_csv(lines)
        else:
            reporting.as_table(lines)
            say(f"Issue {issue_id}: {account}")
            if returned:
                say(f"Came back since: {', '.join(f'{kind} {count}' for kind, count in sorted(returned.items()))}")


def _chosen(tx: "Transaction", issue_id: int | None) -> list["Campaign"]:
    from digest.pipeline.brake import campaign_of

    if issue_id is not None:
        return [campaign_of(tx, issue_id)]
    return tx.campaigns.not_over()


def _account(run: "App", issue_id: int) -> Account:
    from digest.pipeline.brake import campaign_of

    with run.store.read() as tx:
        return tx.campaigns.account(campaign_of(tx, issue_id).id)


def _tell(braked: "Braked", done: str) -> None:
    issue_id = braked.campaign.issue_id
    say(f"{done} issue {issue_id}: {braked.account}")


def _row(campaign: "Campaign", accounts: dict[int, Account]) -> tuple[object, ...]:
    account = accounts[campaign.issue_id]
    missed = sum(account.of(state) for state in MISSED)
    accepted = account.of(MessageState.ACCEPTED)
    return campaign.issue_id, campaign.state, account.audience, accepted, account.open, missed, campaign.reason


def _facts(campaign: "Campaign", account: Account) -> dict[str, object]:
    facts = {
        "issue": campaign.issue_id,
        "state": campaign.state,
        "because": campaign.reason,
        "account": account,
        "aimed at": campaign.aimed,
        "canaries": "on their way" if campaign.canary else "",
        "published": campaign.created_at,
        "deadline": campaign.deadline_at,
        "finished": campaign.finished_at,
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}
