"""`digest feed` and `digest refresh`: the addresses we read, and reading them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.show import (
    Json,
    ago,
    cannot_write,
    counted,
    dump,
    note,
    nothing_to_do,
    pairs,
    progress,
    say,
    standard_output,
    table,
)
from digest.model.errors import BadInput

if TYPE_CHECKING:
    from digest.articles.health import Checkup
    from digest.model.feed import Feed
    from digest.pipeline.refresh import FeedReport

app = typer.Typer(no_args_is_help=True, help="Feeds: the addresses that a list's articles come from.")

MAX_OPML = 20_000_000  # octets

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
        followed = follow(
            run.store, list_name, address, topic=topic, limits=run.limits, weight=weight, own=own, now=run.now()
        )
    feed = followed.feed
    say(f"Added feed {feed.id} to {list_name}: {feed.title or feed.location} ({feed.kind}, {feed.location})")
    for other in followed.found.others:
        note(f"Also found there: {other}")


@app.command("list")
def list_(
    list_name: Annotated[str | None, typer.Argument(metavar="LIST", help="One list's; all if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Show the feeds, how they fare, and how much they bring."""
    from digest.cli.context import opened
    from digest.pipeline.checkup import check_feeds
    from digest.pipeline.describe import describe_feed

    with opened() as run:
        with run.store.read() as tx:
            of_list = tx.lists.by_name(list_name).id if list_name else None
            feeds = list(check_feeds(tx, of_list, run.now()))
            names = {found.id: found.name for found in tx.lists.all()}
        if as_json:
            dump([describe_feed(feed, checkup) | {"list": names[feed.list_id]} for feed, checkup in feeds])
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
                f"{checkup.articles_a_week:g}",
                checkup.health,
                checkup.said,
            )
            for feed, checkup in feeds
        ]
    headings = ("feed", "list", "topic", "weight", "title", "", "last read", "a week", "health", "why")
    table(headings, rows, cut=True)


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
        changed = change_feed(run.store, list_name, _as_kept(feed), weight=weight, own=own, now=run.now())
    whose = "your own, " if changed.own else ""
    say(
        f"Feed {changed.id} ({changed.title or changed.location}) of {list_name} is {whose}of weight {changed.weight:g}."
    )


@app.command()
def show(
    feed_id: Annotated[int, typer.Argument(metavar="FEED", help="The feed's number.")], as_json: Json = False
) -> None:
    """Show how one feed fares. Its last success, errors, moves, rhythm, and what was odd about its last reading."""
    from digest.cli.context import opened
    from digest.pipeline.checkup import check_feeds
    from digest.pipeline.describe import describe_feed

    with opened() as run, run.store.read() as tx:
        list_id = tx.feeds.get(feed_id).list_id
        list_name = tx.lists.get(list_id).name
        feed, checkup = next(pair for pair in check_feeds(tx, list_id, run.now()) if pair[0].id == feed_id)
    if as_json:
        dump(describe_feed(feed, checkup) | {"list": list_name})
        return
    pairs({name: value for name, value in _facts(feed, checkup, list_name).items() if value not in {None, ""}})
    for remark in feed.notes:
        say(f"- {remark}")


@app.command()
def remove(list_name: ListName, feed: Annotated[str, typer.Argument(help="The feed's number or address.")]) -> None:
    """Stop reading a feed. Articles that came from it stay."""
    from digest.cli.context import opened
    from digest.pipeline.follow import unfollow

    with opened() as run:
        removed = unfollow(run.store, list_name, _as_kept(feed), now=run.now())
    say(f"Removed feed {removed.id} ({removed.location}) from {list_name}; its articles stay.")


@app.command("export")
def export(
    list_name: ListName,
    out: Annotated[
        Path | None, typer.Option(help="The file to write; standard output without it.", metavar="FILE")
    ] = None,
) -> None:
    """Write a list's feeds as OPML. Other readers of feeds can take it in."""
    from digest.cli.context import opened
    from digest.pipeline.opml import export_opml

    with opened() as run:
        document, folders = export_opml(run.store, list_name, now=run.now())
    if out is None:
        with standard_output() as output:
            output.write(document)
    else:
        _write(out, document)
        note(f"Wrote {out}.")
    if folders:
        note(f"{counted(folders, 'folder')} left out: others cannot read a folder of yours.")


@app.command("import")
def import_(
    list_name: ListName,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An OPML file; - for standard input.")],
) -> None:
    """Add the feeds of an OPML file to a list. Those it reads already stay as they are, so it can be run again.

    An outline that is called like a topic of the list gives its feeds that topic. Nobody is asked now: `digest refresh`
    reads the feeds, and `digest feed list` says which of them cannot be read.
    """
    from digest.cli.context import opened
    from digest.pipeline.opml import import_opml

    content = _content(file)
    with opened() as run:
        done = import_opml(run.store, list_name, content, called=str(file), now=run.now())
    for remark in done.notes:
        note(remark)
    known = f", {done.known:,} were there already" if done.known else ""
    if not done.added:
        nothing_to_do(f"Nothing to add to {list_name}: all {counted(done.known, 'feed')} were there already.")
    say(f"Added {counted(len(done.added), 'feed')} to {list_name}{known}.")


def _content(file: Path) -> bytes:
    import sys

    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as opened:
            content = opened.read(MAX_OPML + 1)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from None
    if len(content) > MAX_OPML:
        raise BadInput(f"{file} is larger than {MAX_OPML:,} bytes; no list of feeds is.")
    return content


def _write(path: Path, document: str) -> None:
    try:
        path.write_text(document, encoding="utf-8")
    except OSError as error:
        raise cannot_write(path, error) from None


def _as_kept(feed: str) -> str:
    """A folder as it was added, however it is named now."""
    return feed if feed.isdecimal() or "://" in feed else str(Path(feed).resolve())


def refresh(
    list_name: Annotated[str | None, typer.Argument(metavar="LIST", help="One list's feeds; all if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Read the feeds and keep what is new."""
    from digest.cli.context import opened
    from digest.pipeline.refresh import refresh_by_hand

    with opened() as run:
        with run.store.read() as tx:
            list_id = tx.lists.by_name(list_name).id if list_name else None
            total = len(tx.feeds.of_list(list_id, active_only=True))
        if not total:
            nothing_to_do("There is no feed to read; digest feed add LIST ADDRESS adds one.")
        reports = []
        with progress("Reading feeds", total) as step:
            for report in refresh_by_hand(run.store, run.limits, now=run.now, list_id=list_id):
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


def _facts(feed: "Feed", checkup: "Checkup", list_name: str) -> dict[str, object]:
    from digest.articles.health import in_days

    return {
        "feed": feed.id,
        "list": list_name,
        "title": feed.title,
        "address": feed.location,
        "kind": feed.kind,
        "topic": feed.topic,
        "health": checkup.health,
        "why": checkup.said if checkup.said not in feed.notes else "",
        "last success": feed.last_ok_at,
        "last tried": feed.last_tried_at,
        "last error": feed.last_error,
        "failing since": feed.failing_since,
        "failed": f"{counted(feed.failures, 'time')} in a row" if feed.failures else "",
        "moved from": feed.moved_from,
        "moved at": feed.moved_at,
        "articles a week": f"{checkup.articles_a_week:g}",
        "newest article": checkup.newest_at,
        "rhythm": f"one in {in_days(checkup.rhythm)}" if checkup.rhythm else "",
    }
