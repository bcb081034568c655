"""`digest feed` and `digest refresh`: the addresses we read, and reading them."""

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.show import Json, ago, counted, dump, note, nothing_to_do, progress, say, table
from digest.model.errors import BadInput

if TYPE_CHECKING:
    from digest.pipeline.refresh import FeedReport

app = typer.Typer(no_args_is_help=True, help="Feeds: the addresses that a list's articles come from.")

ListName = Annotated[str, typer.Argument(metavar="LIST", help="The list.")]


@app.command()
def add(
    list_name: ListName,
    address: Annotated[
        str,
        typer.Argument(help="A feed, a site's home page, an article page, or a folder of .md, .html and .txt files."),
    ],
    topic: Annotated[str, typer.Option(help="The section that its articles stand in.")] = "",
    weight: Annotated[float, typer.Option(help="How much its articles count beside those of other feeds.")] = 1.0,
    own: Annotated[bool, typer.Option("--own", help="Your own newsroom's: its copy of a story leads.")] = False,
) -> None:
    """Add a feed to a list. It is read once now, so a wrong address is said at once."""
    from digest.cli.context import opened
    from digest.pipeline.follow import follow

    with opened() as run:
        followed = follow(run.store, list_name, address, topic=topic, limits=run.limits, weight=weight, own=own)
    feed = followed.feed
    say(f"Added feed {feed.id} to {list_name}: {feed.title or feed.location} ({feed.kind}, {feed.location})")
    for other in followed.found.others:
        note(f"Also found there: {other}")


@app.command("list")
def list_(
    list_name: Annotated[str | None, typer.Argument(metavar="LIST", help="One list's; all if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Show the feeds, when they were last read, and their errors."""
    from digest.cli.context import opened

    with opened() as run:
        with run.store.read() as tx:
            of_list = tx.lists.by_name(list_name).id if list_name else None
            feeds = tx.feeds.of_list(of_list)
            names = {found.id: found.name for found in tx.lists.all()}
        if as_json:
            dump([_described(feed) | {"list": names[feed.list_id]} for feed in feeds])
            return
        if not feeds:
            nothing_to_do("There are no feeds yet; digest feed add LIST ADDRESS adds one.")
        rows = [
            (
                feed.id,
                names[feed.list_id],
                feed.topic,
                f"{feed.weight:g}",
                feed.title or feed.location,
                "own" if feed.own else "",
                ago(feed.last_ok_at, run.now()),
                feed.last_error,
            )
            for feed in feeds
        ]
    table(("feed", "list", "topic", "weight", "title", "", "last read", "last error"), rows)


@app.command("set")
def set_(
    list_name: ListName,
    feed: Annotated[str, typer.Argument(help="The feed's number or address.")],
    own: Annotated[bool | None, typer.Option("--own/--not-own", help="Whether it is your own newsroom's.")] = None,
    weight: Annotated[float | None, typer.Option(help="1 is what any feed has; 2 counts twice, 0.5 half.")] = None,
) -> None:
    """Change a feed, from the next draft on. What you do not name stays as it is."""
    from digest.cli.context import opened
    from digest.pipeline.follow import change_feed

    if own is None and weight is None:
        raise BadInput(f"Nothing to change in feed {feed}; say --own, --not-own or --weight.")
    with opened() as run:
        changed = change_feed(run.store, list_name, _as_kept(feed), weight=weight, own=own)
    whose = "your own, " if changed.own else ""
    say(
        f"Feed {changed.id} ({changed.title or changed.location}) of {list_name} is {whose}of weight {changed.weight:g}."
    )


@app.command()
def remove(list_name: ListName, feed: Annotated[str, typer.Argument(help="The feed's number or address.")]) -> None:
    """Stop reading a feed. Articles that came from it stay."""
    from digest.cli.context import opened

    with opened() as run, run.store.write() as tx:
        removed = tx.feeds.remove(tx.lists.by_name(list_name).id, _as_kept(feed))
    say(f"Removed feed {removed.id} ({removed.location}) from {list_name}; its articles stay.")


def _as_kept(feed: str) -> str:
    """A folder as it was added, however it is named now."""
    from pathlib import Path

    return feed if feed.isdecimal() or "://" in feed else str(Path(feed).resolve())


def refresh(
    list_name: Annotated[str | None, typer.Argument(metavar="LIST", help="One list's feeds; all if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Read the feeds and keep what is new."""
    from digest.cli.context import opened
    from digest.pipeline.refresh import refresh as refresh_feeds

    with opened() as run:
        with run.store.read() as tx:
            list_id = tx.lists.by_name(list_name).id if list_name else None
            total = len(tx.feeds.of_list(list_id, active_only=True))
        if not total:
            nothing_to_do("There is no feed to read; digest feed add LIST ADDRESS adds one.")
        reports = []
        with progress("Reading feeds", total) as step:
            for report in refresh_feeds(run.store, run.limits, now=run.now, list_id=list_id):
                reports.append(report)
                step()
    reports.sort(key=lambda report: report.feed.id)
    if as_json:
        dump([_told(report) for report in reports])
    else:
        _tell(reports)
    if failed := sum(1 for report in reports if report.error):
        raise typer.Exit(1 if failed == len(reports) else 3)


def _tell(reports: "list[FeedReport]") -> None:
    table(
        ("feed", "title", "new", "changed", "said"),
        [
            (report.feed.id, report.feed.title or report.feed.location, report.new, report.changed, _said(report))
            for report in reports
        ],
    )
    for report in reports:
        for remark in report.notes:
            note(f"feed {report.feed.id}: {remark}")
    new = sum(report.new for report in reports)
    say(f"{counted(new, 'new article')} from {counted(len(reports), 'feed')}.")


def _said(report: "FeedReport") -> str:
    return report.error or ("unchanged" if report.unchanged else "")


def _told(report: "FeedReport") -> dict[str, object]:
    return {
        "feed": report.feed.id,
        "location": report.feed.location,
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "error": report.error,
        "notes": list(report.notes),
    }


def _described(feed: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(feed)  # type: ignore[call-overload, no-any-return]  # a frozen Feed
