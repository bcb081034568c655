"""The tree of commands, without what they do."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from digest import __version__
from digest.cli import (
    backup,
    campaigns,
    desk,
    diagnosis,
    dkim,
    feeds,
    issues,
    lists,
    operate,
    operators,
    segments,
    setup,
    subscribers,
    webhooks,
)


class InOrder(TyperGroup):
    """Help names the commands in the order in which an operator meets them."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  as Typer calls it
        return [*ORDER, *(name for name in self.commands if name not in ORDER)]


ORDER = (
    "init",
    "list",
    "feed",
    "refresh",
    "issue",
    "campaign",
    "subscriber",
    "segment",
    "operator",
    "key",
    "webhook",
    "record",
    "dkim",
    "deliver",
    "absorb",
    "scheduler",
    "web",
    "run",
    "doctor",
    "backup",
    "restore",
)

app = typer.Typer(
    name="digest",
    cls=InOrder,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # main() tells what went wrong, in words
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A self-hosted newsletter: many feeds in, one beautiful digest out, nobody lost.",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"digest {__version__}")
        raise typer.Exit


@app.callback()
def everywhere(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="The settings file [default: digest.toml, or DIGEST_CONFIG].", metavar="FILE")
    ] = None,
    version: Annotated[  # noqa: ARG001  acts by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    if config is not None:
        from digest.cli.context import use_config

        use_config(config, to_be_made=context.invoked_subcommand == "init")


app.command("init")(setup.init)
app.add_typer(lists.app, name="list")
app.add_typer(feeds.app, name="feed")
app.command("refresh")(feeds.refresh)
desk.add_to(issues.app)
app.add_typer(issues.app, name="issue")
app.add_typer(campaigns.app, name="campaign")
app.add_typer(subscribers.app, name="subscriber")
app.add_typer(segments.app, name="segment")
app.add_typer(operators.app, name="operator")
app.add_typer(operators.keys, name="key")
app.add_typer(webhooks.app, name="webhook")
app.command("record")(operators.show_record)
app.add_typer(dkim.app, name="dkim")
app.command("deliver")(operate.deliver)
app.command("absorb")(operate.absorb)
app.command("scheduler")(operate.scheduler)
app.command("web")(operate.web)
app.command("run")(operate.run)
app.command("doctor")(diagnosis.doctor)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(setup.db, name="db")
app.add_typer(setup.config, name="config")
app.command("demo")(setup.demo)
