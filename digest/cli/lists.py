"""`digest list`: what people subscribe to, and when it appears."""

from collections.abc import Callable
from inspect import signature
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.show import Json, dump, note, nothing_to_do, pairs, say, standard_output, table
from digest.model.errors import BadInput

if TYPE_CHECKING:
    from digest.app import App
    from digest.model.mailing_list import MailingList

app = typer.Typer(no_args_is_help=True, help="Mailing lists: what people subscribe to, and when it appears.")


def _option(help_: str, metavar: str, *names: str) -> Any:
    return typer.Option(*names, help=help_, metavar=metavar)


Name = Annotated[str, typer.Argument(metavar="LIST", help="The list's short name: a-z, 0-9 and hyphens.")]
Title = Annotated[str | None, _option("What readers know it as.", "TEXT")]
Tagline = Annotated[str | None, _option("A line below the title.", "TEXT")]
From = Annotated[str | None, _option("The sender: 'The Town <news@example.org>'.", "ADDR", "--from")]
ReplyTo = Annotated[str | None, _option("Where replies go; '' for the sender.", "ADDR")]
Postal = Annotated[str | None, _option("Your postal address, printed in every issue (most laws want it).", "TEXT")]
Days = Annotated[str | None, _option("mon,thu … or '' for never by itself.", "DAYS")]
At = Annotated[str | None, _option("Local time, 08:00.", "HH:MM")]
Zone = Annotated[str | None, _option("IANA time zone, Europe/Vienna.", "ZONE")]
CatchUp = Annotated[str | None, _option("A missed slot: send or hold.", "HOW")]
Late = Annotated[int | None, _option("A slot missed by more hours than this is held.", "HOURS")]
Window = Annotated[int | None, _option("Articles older than this many days are no news.", "DAYS", "--window")]
Least = Annotated[int | None, _option("Fewer new articles than this: no issue.", "COUNT", "--min-articles")]
Most = Annotated[int | None, _option("At most this many articles.", "COUNT", "--max-articles")]
PerFeed = Annotated[int | None, _option("At most this many from one feed.", "COUNT", "--max-per-feed")]
Topics = Annotated[str | None, _option("Sections in order: 'Town, Science'.", "TEXT")]
Rhythms = Annotated[str | None, _option("How often readers may choose to get it: 'every, weekly, monthly'.", "TEXT")]
Greets = Annotated[
    bool | None,
    typer.Option("--greet/--no-greet", help="Who confirms gets the current issue at once [default: greet]."),
]
Goodbye = Annotated[
    bool | None,
    typer.Option(
        "--goodbye/--no-goodbye", help="Who leaves by a page gets one last mail that says so [default: goodbye]."
    ),
]
Within = Annotated[int | None, _option("What is not sent after so many hours has failed.", "HOURS", "--send-within")]
Seeds = Annotated[str | None, _option("Own mailboxes that get each issue first, commas between them.", "ADDR")]
Canary = Annotated[
    int | None, _option("Of 1,000 readers and more, this many go first; 0 for none.", "PERCENT", "--canary")
]
Refused = Annotated[
    int | None, _option("More refusals among those: the rest waits for you.", "PERCENT", "--canary-refused")
]
PerTopic = Annotated[int | None, _option("At most this many of one topic; 0 for no limit.", "COUNT", "--max-per-topic")]
HalfLife = Annotated[int | None, _option("After these an article's freshness counts half.", "HOURS", "--half-life")]
Few = Annotated[
    str | None,
    _option("Fewer than --min-articles: skip, carry (keep them for the next issue) or short.", "HOW", "--too-few"),
]
Corrections = Annotated[bool | None, typer.Option(help="Note in each issue what changed in articles of earlier ones.")]
Ahead = Annotated[int | None, _option("Draft so long before the slot; 0 for at it.", "HOURS", "--draft-ahead")]
Editors = Annotated[str | None, _option("Who is told of such drafts, commas between them.", "ADDR", "--editor")]
Theme = Annotated[
    str | None,
    _option("How its mails are laid out: front-page, headlines, magazine or your own; '' for the setting.", "NAME"),
]
Brand = Annotated[
    list[str] | None,
    _option("Colours, logo, fonts: accent=#0b5394; once for each, '' for none of its own.", "NAME=VALUE"),
]
Archive = Annotated[
    str | None,
    _option("Former issues on the web: public, noindex (not for search engines), unlisted (not linked) or off.", "HOW"),
]
Language = Annotated[str | None, _option("Language tag: en, de, pt-BR.", "TAG")]


@app.command()
def add(  # noqa: PLR0917  Typer reads each as an option
    name: Name,
    sender: From = None,
    title: Title = None,
    tagline: Tagline = None,
    reply_to: ReplyTo = None,
    postal_address: Postal = None,
    weekdays: Days = None,
    at: At = None,
    zone: Zone = None,
    catch_up: CatchUp = None,
    late_hours: Late = None,
    window: Window = None,
    min_articles: Least = None,
    max_articles: Most = None,
    max_per_feed: PerFeed = None,
    topics: Topics = None,
    rhythms: Rhythms = None,
    greets_with_issue: Greets = None,
    says_goodbye: Goodbye = None,
    language: Language = None,
    send_within: Within = None,
    seeds: Seeds = None,
    canary: Canary = None,
    canary_refused: Refused = None,
    max_per_topic: PerTopic = None,
    half_life: HalfLife = None,
    too_few: Few = None,
    corrections: Corrections = None,
    draft_ahead: Ahead = None,
    editor: Editors = None,
    theme: Theme = None,
    brand: Brand = None,
    archive: Archive = None,
) -> None:
    """Add a list. Only its name and its sender must be said; it appears on Mondays at 08:00 UTC unless you say otherwise."""
    from digest.cli.context import opened
    from digest.pipeline.plan import add_list

    change = _change(locals())
    with opened() as run:
        _check_theme(change, run)
        added = add_list(run.store, name, change, now=run.now())
    say(f"Added {added.title} ({added.name}); {_appears(added)}")
    if not added.postal_address:
        note(f"It has no postal address yet, which most laws want: digest list set {added.name} --postal-address TEXT")


def _options_of(model: Callable[..., None]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of another one, which Typer reads from its signature."""

    def adopt(command: Callable[..., None]) -> Callable[..., None]:
        command.__signature__ = signature(model)  # type: ignore[attr-defined]  # what inspect.signature looks at first
        command.__annotations__ = model.__annotations__
        return command

    return adopt


@app.command("set")
@_options_of(add)
def set_(**said: Any) -> None:
    """Change a list; what you do not name stays as it is."""
    from digest.cli.context import opened
    from digest.pipeline.plan import change_list

    name, change = said["name"], _change(said)
    if change.empty:
        raise BadInput(f"Nothing to change in {name}; name what to set, such as --title.")
    with opened() as run:
        _check_theme(change, run)
        changed = change_list(run.store, name, change, now=run.now())
    say(f"Changed {changed.title} ({changed.name}); {_appears(changed)}")


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(metavar="LIST", help="One list; all if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Show one list, or all."""
    from digest.cli.context import opened
    from digest.pipeline.describe import describe_list

    with opened() as run, run.store.read() as tx:
        lists = tx.lists.all() if name is None else [tx.lists.by_name(name)]
        counts = [{str(state): count for state, count in tx.subscribers.counts(found.id).items()} for found in lists]
    described = [describe_list(found) | {"subscriptions": each} for found, each in zip(lists, counts, strict=True)]
    if as_json:
        dump(described if name is None else described[0])
    elif name is not None:
        pairs({what: _shown(value) for what, value in described[0].items()})
    elif not lists:
        nothing_to_do("There are no lists yet; digest list add LIST --from ADDR adds one.")
    else:
        rows = [
            (found.name, found.title, each.get("confirmed", 0), each.get("pending", 0), found.next_due_at or "by hand")
            for found, each in zip(lists, counts, strict=True)
        ]
        table(("list", "title", "readers", "pending", "next issue"), rows)


@app.command()
def embed(name: Name) -> None:
    """Print the sign-up box as HTML, for pages of your site."""
    from digest.cli.context import opened
    from digest.web.embed import snippet_for

    with opened() as run:
        with run.store.read() as tx:
            found = tx.lists.by_name(name)
        with standard_output() as out:
            out.write(snippet_for(run.settings, found))


def _change(said: dict[str, Any]) -> Any:
    from digest.pipeline.plan import ListChange

    words = {key: value for key, value in said.items() if key in ListChange.__dataclass_fields__ and key != "brand"}
    return ListChange(
        **words,
        window_days=said["window"],
        send_within_hours=said["send_within"],
        canary_percent=said["canary"],
        canary_refused_percent=said["canary_refused"],
        half_life_hours=said["half_life"],
        draft_ahead_hours=said["draft_ahead"],
        editors=said["editor"],
        brand=tuple(said["brand"]) if said["brand"] else None,
    )


def _check_theme(change: Any, run: "App") -> None:
    if change.theme:
        from digest.rendering.themes import check_theme

        check_theme(change.theme, run.settings.templates)


def _appears(found: "MailingList") -> str:
    return (
        f"its next issue is due {found.next_due_at:%Y-%m-%d %H:%M} UTC."
        if found.next_due_at
        else "it is sent by hand only."
    )


def _shown(value: object) -> object:
    if isinstance(value, dict):
        return ", ".join(f"{count:,} {state}" for state, count in value.items()) or "none"
    return ", ".join(value) if isinstance(value, list) else value
