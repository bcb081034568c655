"""People from a CSV file onto one list. A broken row is refused with its line number, and the others go on.

A transaction for each batch: killed half-way, what was imported is there, and importing the file again does the rest. Memory
holds one batch and the first refusals, however long the file is.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from digest.audience.addresses import clean_language, clean_name, read_address
from digest.audience.csv_columns import Columns, find_columns, read_time
from digest.audience.csv_rows import BadRow, Row, read_rows
from digest.audience.enrol import Enrolled, Person, check_consent, enrol, prepare
from digest.audience.notices import Notices
from digest.model.errors import BadInput
from digest.model.keys import Keys
from digest.model.subscriber import Consent, SubscriptionState
from digest.store import Store

BATCH = 500  # rows of a transaction
MAX_SHOWN = 1000  # refused rows of which we keep the reason


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many rows became what; all of them together are the rows of the file."""

    added: int = 0
    pending: int = 0
    opted_out: int = 0
    already: int = 0
    left_alone: int = 0
    refused: int = 0
    refusals: tuple[BadRow, ...] = ()  # the first MAX_SHOWN

    @property
    def rows(self) -> int:
        return self.added + self.pending + self.opted_out + self.already + self.left_alone + self.refused


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What the operator said. `confirmed` needs `consent`: how and when these people agreed."""

    list_name: str
    confirmed: bool = False
    consent: str = ""


@dataclass(slots=True)
class _Tally:
    became: Counter[Enrolled] = field(default_factory=Counter)
    refused: int = 0
    refusals: list[BadRow] = field(default_factory=list)

    def refuse(self, row: BadRow) -> None:
        self.refused += 1
        if len(self.refusals) < MAX_SHOWN:
            self.refusals.append(row)

    def report(self) -> ImportReport:
        counts = {str(outcome): self.became[outcome] for outcome in Enrolled}
        return ImportReport(**counts, refused=self.refused, refusals=tuple(self.refusals))


def open_csv(path: Path) -> BinaryIO:
    """Raises BadInput in words when there is no such file, or it is not a plain one."""
    if not path.is_file():
        raise BadInput(f"{path} is not a file." if path.exists() else f"There is no file {path}.")
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None


def import_csv(
    store: Store,
    keys: Keys,
    notices: Notices,
    stream: BinaryIO,
    plan: ImportPlan,
    *,
    now: datetime,
    nonce: Callable[[], str],
    progress: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """Safe twice, and after a kill. `nonce` gives a new random text at each call; `progress` hears after each batch.

    Raises BadInput when the list is unknown, when `confirmed` comes without consent, and for a file without addresses.
    """
    check_consent(confirmed=plan.confirmed, consent=plan.consent)
    enrolment = prepare(store, keys, notices, plan.list_name, now=now, nonce=nonce)
    tally = _Tally()
    for batch in _batches(_people(stream, plan, now, tally)):
        with store.write() as tx:
            became = enrol(tx, enrolment, batch)
        tally.became.update(became)
        if progress:
            progress(tally.report())
    return tally.report()


def _batches(people: Iterator[Person]) -> Iterator[list[Person]]:
    batch: list[Person] = []
    for person in people:
        batch.append(person)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _people(stream: BinaryIO, plan: ImportPlan, now: datetime, tally: _Tally) -> Iterator[Person]:
    columns: Columns | None = None
    for row in read_rows(stream):
        if isinstance(row, BadRow):
            tally.refuse(row)
            continue
        if columns is None:
            columns = find_columns(row.cells)
            if columns.has_header:
                continue
        person = _person(row, columns, plan, now)
        if isinstance(person, BadRow):
            tally.refuse(person)
        else:
            yield person
    if columns is None and not tally.refused:
        raise BadInput("The file is empty; it must hold a line for each reader.")


def _person(row: Row, columns: Columns, plan: ImportPlan, now: datetime) -> Person | BadRow:
    of_list, state = columns.cell(row, "list"), columns.state(row)
    if of_list and of_list != plan.list_name:
        return BadRow(row.line, f"belongs to the list {of_list[:80]!r}, not to {plan.list_name!r}")
    if state is None:
        return BadRow(row.line, f"has a state that we do not know: {columns.cell(row, 'state')[:80]!r}")
    try:
        address = read_address(columns.cell(row, "email"))
    except BadInput as error:
        return BadRow(row.line, f"has no usable address: {error}")
    if state is SubscriptionState.CONFIRMED and not plan.confirmed:
        state = SubscriptionState.PENDING
    return Person(
        address=address,
        state=state,
        consent=_consent(row, columns, plan, now),
        name=clean_name(columns.name(row)),
        language=clean_language(columns.cell(row, "language")),
        confirmed_at=_time(row, columns, "confirmed_at", now) if state is not SubscriptionState.PENDING else None,
        unsubscribed_at=_time(row, columns, "unsubscribed_at", now),
        suppressed=columns.suppressed(row),
    )


def _consent(row: Row, columns: Columns, plan: ImportPlan, now: datetime) -> Consent:
    """What the file says of this reader, else what the operator says of all."""
    return Consent(
        source=columns.cell(row, "consent_source") or "import",
        text=columns.cell(row, "consent_text") or plan.consent,
        at=_time(row, columns, "consent_at", now) or now,
    )


def _time(row: Row, columns: Columns, name: str, now: datetime) -> datetime | None:
    return read_time(columns.cell(row, name), now)
