"""Taking an import back: what it made goes, what it changed stands as before, and what a reader has done since stays.

A transaction for each batch; killed half-way, undoing it again does the rest.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from digest.model.errors import WrongState
from digest.model.event import EventKind
from digest.model.imports import ImportState
from digest.model.operator import ActKind
from digest.store import Store, Transaction

AT_ONCE = 500  # subscriptions of a transaction


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: subscriptions that are gone, those that stand as before, and suppressions that are lifted."""

    removed: int
    restored: int
    lifted: int


def undo(
    store: Store,
    import_id: int,
    *,
    by: str,
    now: datetime,
    progress: Callable[[int], None] | None = None,
    at_once: int = AT_ONCE,
) -> Undone:
    """`progress` hears after each batch how many subscriptions were taken back. Raises NotFound, and WrongState when it was undone."""
    with store.write() as tx:
        found = tx.imports.get(import_id)
        if found.state is ImportState.UNDONE:
            raise WrongState(f"Import {import_id} was undone already.")
        tx.imports.move(import_id, ImportState.UNDOING, undone_by=by)
        tx.acts.note(ActKind.IMPORT_UNDONE, now, f"import {import_id}")
        counts = Counter(found.undone)
    after = 0
    while True:
        with store.write() as tx:
            who = tx.imports.made(import_id, after, at_once)
            if not who:
                break
            after = _take_back(tx, import_id, who, counts, now)
        if progress:
            progress(counts["removed"] + counts["restored"])
    with store.write() as tx:
        counts["lifted"] += tx.imports.lift(import_id)
        tx.imports.forget_changes(import_id)
        tx.imports.move(import_id, ImportState.UNDONE, undone_at=now, undone=dict(counts))
    return Undone(counts["removed"], counts["restored"], counts["lifted"])


def _take_back(tx: Transaction, import_id: int, who: list[tuple[int, int]], counts: Counter[str], now: datetime) -> int:
    """All of these people's that the import made or changed; returns the last of them."""
    people = sorted({subscriber_id for subscriber_id, _ in who})
    restored = tx.imports.restore(import_id, people)
    for subscriber_id, list_id in restored:
        tx.events.add(
            EventKind.IMPORT_UNDONE, now, subscriber_id=subscriber_id, list_id=list_id, **{"import": import_id}
        )
    counts["restored"] += len(restored)
    counts["removed"] += tx.imports.remove(import_id, people)
    tx.imports.count_undone(import_id, counts)
    return people[-1]
