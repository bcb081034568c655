"""`digest segment`: saved filters over readers, to send an issue to these or to all but these."""

from typing import Annotated

import typer

from digest.cli.show import Json, Yes, confirm, dump, nothing_to_do, pairs, say, table
from digest.model.segment import Match

app = typer.Typer(no_args_is_help=True, help="Segments: saved filters over readers.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The segment's name.")]


@app.command()
def add(
    name: Name,
    where: Annotated[
        list[str],
        typer.Option(
            metavar="CONDITION", help="'language is de', 'joined since 30 days'; say it several times for several."
        ),
    ],
    match: Annotated[Match, typer.Option(help="Whether all conditions must hold, or any of them.")] = Match.ALL,
) -> None:
    """Save a segment. Its readers are found anew at each use."""
    from digest.audience.segments import add_segment
    from digest.cli.context import opened

    with opened() as run:
        kept = add_segment(run.store, name, where, match=match, now=run.now())
    say(f"Saved {kept.name}: {kept}.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Show the segments."""
    from digest.cli.context import opened

    with opened() as run, run.store.read() as tx:
        found = tx.segments.all()
    if as_json:
        dump(
            [
                {"id": each.id, "name": each.name, "match": each.match, "where": list(map(str, each.conditions))}
                for each in found
            ]
        )
    elif found:
        table(("segment", "readers for whom"), [(each.name, str(each)) for each in found])
    else:
        nothing_to_do("There are no segments yet; digest segment add NAME --where CONDITION makes one.")


@app.command()
def show(name: Name) -> None:
    """Show one segment, and how many readers of each list are in it."""
    from digest.audience.segments import count_segment
    from digest.cli.context import opened

    with opened() as run:
        with run.store.read() as tx:
            found = tx.segments.by_name(name)
        counts = count_segment(run.store, found, now=run.now())
    pairs(
        {
            "segment": found.name,
            "readers for whom": str(found),
            **{f"on {each}": count for each, count in counts.items()},
        }
    )


@app.command()
def count(
    where: Annotated[list[str], typer.Option(metavar="CONDITION", help="As of `digest segment add`.")],
    match: Annotated[Match, typer.Option(help="Whether all conditions must hold, or any of them.")] = Match.ALL,
    as_json: Json = False,
) -> None:
    """Count the readers whom conditions find, without saving them."""
    from digest.audience.search import split_condition
    from digest.audience.segments import count_segment
    from digest.cli.context import opened
    from digest.model.segment import read_filter

    asked = read_filter([split_condition(each) for each in where], match)
    with opened() as run:
        counts = count_segment(run.store, asked, now=run.now())
    if as_json:
        dump(counts)
    else:
        pairs({f"on {each}": count for each, count in counts.items()})


@app.command()
def remove(name: Name, yes: Yes = False) -> None:
    """Remove a segment. Issues that were sent by it stay as they are."""
    from digest.audience.segments import remove_segment
    from digest.cli.context import opened

    with opened() as run:
        with run.store.read() as tx:
            found = tx.segments.by_name(name)
        confirm(f"Remove the segment {found.name} ({found})?", yes=yes)
        remove_segment(run.store, found.id, now=run.now())
    say(f"Removed the segment {found.name}.")
