"""`digest issue send --dry-run` and `digest issue replay`: who would get what, and what somebody got."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.show import cannot_write, counted, dump, note, pairs, say, table
from digest.model.language import LANGUAGES

if TYPE_CHECKING:
    from digest.app import App
    from digest.model.segment import Aim
    from digest.pipeline.rehearse import Difference, DryRun, EditionAhead

SHOWN_HEADLINES = 10


def dry_run(run: "App", issue_id: int, aim: "Aim", *, as_json: bool) -> None:
    from digest.pipeline.describe import describe_dry_run
    from digest.pipeline.rehearse import dry_run as rehearse

    found = rehearse(run.store, issue_id, run.render, run.links, aim=aim)
    if as_json:
        dump(describe_dry_run(found))
        return
    pairs(_facts(found) | {f"not: {why}": count for why, count in found.excluded.items()})
    say("")
    _tell_editions(found.editions)
    for difference in found.differences:
        _tell(found, difference)
    if found.folded:
        note(
            f"There would be too many editions: {counted(found.folded, 'group')} of readers get the whole issue instead."
        )
    note("Nothing was sent.")


def _tell_editions(editions: "Sequence[EditionAhead]") -> None:
    some_on_the_web = any(each.on_the_web_only for each in editions)
    web = ("on the web only",) if some_on_the_web else ()
    several = len({each.language for each in editions}) > 1
    rows = [_row(each, some_on_the_web=some_on_the_web, several_languages=several) for each in editions]
    table(("readers", "edition", "articles", *web, "HTML", "mail", "subject"), rows, cut=True)


def _facts(found: "DryRun") -> dict[str, object]:
    return {
        "issue": found.issue.id,
        "state": found.issue.state,
        "for": found.issue.period,
        "subject": found.subject,
        "articles": len(found.issue.content.items),
        "readers": found.audience,
    } | ({"aimed at": found.aimed} if found.aimed else {})


def _row(edition: "EditionAhead", *, some_on_the_web: bool, several_languages: bool) -> tuple[object, ...]:
    return (
        edition.readers,
        _name(edition, several_languages=several_languages),
        edition.articles,
        *((edition.on_the_web_only,) if some_on_the_web else ()),
        f"{edition.html_size / 1000:.0f} kB" if edition.html_size else "none",
        f"{edition.size / 1000:.0f} kB",
        edition.subject,
    )


def _name(edition: "EditionAhead", *, several_languages: bool) -> str:
    parts = [", ".join(edition.topics) or "whole"]
    if several_languages:
        parts.append(f"in {LANGUAGES[edition.language]}")
    if edition.catches_up:
        parts.append("with what was missed")
    if not edition.html_size:
        parts.append("as text")
    return ", ".join(parts)


def _tell(found: "DryRun", difference: "Difference") -> None:
    size = f", {difference.size / 1000:.0f} kB" if difference.size else ""
    say("")
    say(f"Beside {difference.beside} ({counted(difference.articles, 'article')}{size}):")
    if difference.subject and difference.subject != found.subject:
        say(f"  subject was: {difference.subject}")
    _headlines("+", difference.added)
    _headlines("-", difference.gone)
    if not difference.added and not difference.gone:
        say("  the same articles")


def _headlines(mark: str, titles: tuple[str, ...]) -> None:
    for title in titles[:SHOWN_HEADLINES]:
        say(f"  {mark} {title}")
    if len(titles) > SHOWN_HEADLINES:
        say(f"  {mark} and {len(titles) - SHOWN_HEADLINES} more")


def replay(
    issue_id: Annotated[int, typer.Argument(metavar="ID", help="The issue's number, as `digest issue list` shows it.")],
    reader: Annotated[str, typer.Option(metavar="ADDRESS", help="Who was sent it.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where it goes; standard output if left out.")
    ] = None,
) -> None:
    """Write out what a reader was sent, byte for byte."""
    from digest.audience.addresses import read_address
    from digest.cli.context import opened
    from digest.pipeline.replay import replay as replay_message

    with opened() as run:
        message = replay_message(run.store, run.links, run.signers, issue_id, read_address(reader))
    try:
        if out is None:
            sys.stdout.buffer.write(message)
            sys.stdout.buffer.flush()
        else:
            out.write_bytes(message)
            say(str(out))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise cannot_write(out, error) from None
