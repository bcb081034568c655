"""`digest subscriber choose`: what a reader wants of a list, set by an operator for them."""

from typing import Annotated

import typer

from digest.cli.show import pairs
from digest.model.errors import BadInput

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The reader's e-mail address.")]
ListName = Annotated[str, typer.Option("--list", metavar="NAME", help="The list.")]
Topics = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Only these of the list's topics: 'Town, Science'; '' for all.")
]
Rhythm = Annotated[str | None, typer.Option(metavar="HOW", help="every, weekly or monthly, as the list offers.")]
Weekday = Annotated[
    str | None, typer.Option(metavar="DAY", help="For weekly: mon … sun; '' for the week's first issue.")
]
Hour = Annotated[str | None, typer.Option(metavar="0-23", help="Their local hour; '' for when the issue appears.")]
Zone = Annotated[str | None, typer.Option(metavar="ZONE", help="Their time zone, Asia/Tokyo; '' for the list's.")]
Language = Annotated[str | None, typer.Option(metavar="TAG", help="Of the mail's own words; '' for the list's.")]
Form = Annotated[str | None, typer.Option(metavar="FORM", help="html, or text for plain text alone.")]
Pause = Annotated[
    str | None, typer.Option("--pause-until", metavar="DATE", help="No issue before this day; '' ends a pause.")
]


def choose(  # noqa: PLR0917  Typer reads each as an option
    address: Address,
    list_name: ListName,
    topics: Topics = None,
    rhythm: Rhythm = None,
    weekday: Weekday = None,
    hour: Hour = None,
    zone: Zone = None,
    language: Language = None,
    form: Form = None,
    pause_until: Pause = None,
) -> None:
    """Set what a reader wants of a list, from the next issue on. What you do not name stays as it is."""
    from digest.audience.choose import choose_for
    from digest.cli.context import opened
    from digest.model.choices import ChoiceChange
    from digest.model.mailing_list import WEEKDAYS

    said = ChoiceChange(topics, rhythm, weekday, hour, zone, language, form, pause_until)
    if said.empty:
        raise BadInput(f"Nothing to choose for {address}; name what, such as --topics.")
    with opened() as run:
        chosen = choose_for(run.store, address, list_name, said, now=run.now())
    choices = chosen.choices
    pairs(
        {
            "topics": ", ".join(choices.topics) or "all",
            "rhythm": choices.rhythm,
            "weekday": "any" if choices.weekday is None else WEEKDAYS[choices.weekday],
            "hour": "when it appears" if choices.hour is None else f"{choices.hour}:00",
            "zone": choices.zone or "the list's",
            "language": choices.language or "the list's",
            "form": choices.form,
            "paused until": chosen.paused_until or "not",
        }
    )
