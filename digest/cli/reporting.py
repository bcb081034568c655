"""Who got an issue, line by line: a campaign of a million readers is never in memory as a whole."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from digest.audience.csv_cells import write_cell
from digest.cli.show import note, standard_output, table
from digest.model.message import MessageState

if TYPE_CHECKING:
    from digest.store.messages import Recipient

GOOD = frozenset({MessageState.ACCEPTED, MessageState.SUPPRESSED})  # nobody missed anything
HEADINGS = ("address", "state", "attempts", "relay", "said")
MOST_SHOWN = 1000  # lines of a table, whose columns are as wide as the widest


def as_table(lines: "Iterable[Recipient]") -> None:
    rows = list(islice(_rows(lines), MOST_SHOWN + 1))
    if rows:
        table(HEADINGS, rows[:MOST_SHOWN], cut=True)
    if len(rows) > MOST_SHOWN:
        note(f"The first {MOST_SHOWN:,} are shown; --csv and --json give them all.")


def as_csv(lines: "Iterable[Recipient]") -> None:
    with standard_output() as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADINGS)
        writer.writerows(map(write_cell, map(str, row)) for row in _rows(lines))


def as_json(said: Mapping[str, object], lines: "Iterable[Recipient]") -> None:
    """One object: what is said, and `readers`, one a line."""
    with standard_output() as out:
        out.write(f'{json.dumps(said)[:-1]}, "readers": [')
        for number, row in enumerate(_rows(lines)):
            reader = json.dumps(dict(zip(HEADINGS, row, strict=True)), ensure_ascii=False)
            out.write(f"{',' if number else ''}\n  {reader}")
        out.write("\n]}\n")


def _rows(lines: "Iterable[Recipient]") -> Iterator[tuple[str, str, int, str, str]]:
    return ((each.address, each.state.value, each.attempts, each.relay, each.reply) for each in lines)
