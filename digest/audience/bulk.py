"""An operator does something to many readers at once, and takes it back. A transaction for some hundred of them: killed in between,
the rest is as it was, and doing it again goes on.

An unsubscribing is undone for who has not acted since: the reader never said that they wanted to leave. Erasing is not.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from digest.audience.person import forget
from digest.model.bulk import MOST_AT_ONCE, Bulk, BulkKind
from digest.model.errors import BadInput, WrongState
from digest.model.event import EventKind
from digest.model.keys import Keys
from digest.model.operator import ActKind
from digest.model.subscriber import SuppressionReason
from digest.store import Store, Transaction

AT_ONCE = 200  # readers in one transaction
OPERATOR = "operator"


def change_many(
    store: Store, keys: Keys, kind: BulkKind, numbers: Sequence[int], *, list_id: int | None = None, now: datetime
) -> Bulk:
    """How many it changed is in what it returns. Raises BadInput for too many, and for no list where one is needed."""
    if not 0 < len(numbers) <= MOST_AT_ONCE:
        raise BadInput(f"From 1 to {MOST_AT_ONCE:,} readers can be changed at once, not {len(numbers):,}.")
    if (kind is BulkKind.UNSUBSCRIBE) != (list_id is not None):
        raise BadInput("Readers are unsubscribed from one list: say from which.")
    with store.write() as tx:
        bulk = tx.bulks.get(tx.bulks.begin(kind, list_id, now))
        of_list = {"list": list_id} if list_id else {}
        tx.acts.note(ActKind.READERS_CHANGED, now, f"bulk {bulk.id}", done=kind, readers=len(numbers), **of_list)
    for some in _batches(numbers):
        with store.write() as tx:
            tx.bulks.count(bulk.id, len(_change(tx, keys, bulk, some, now)))
    with store.read() as tx:
        return tx.bulks.get(bulk.id)


def undo(store: Store, bulk_id: int, *, now: datetime) -> int:
    """Of how many readers. Raises WrongState when it is too late, was done before, or cannot be."""
    with store.write() as tx:
        bulk = tx.bulks.get(bulk_id)
        if not bulk.can_be_undone(now) or not tx.bulks.undo(bulk_id):
            raise WrongState(
                "That cannot be undone any more: it was before, or it is too long ago, or they are erased."
            )
        tx.acts.note(ActKind.READERS_CHANGED, now, f"bulk {bulk_id}", undone=True)
    back = 0
    while True:
        with store.write() as tx:
            some = _take_back(tx, bulk, now)
            left = tx.bulks.is_left(bulk.id)
        back += len(some)
        if not left:
            return back


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), AT_ONCE):
        yield numbers[start : start + AT_ONCE]


def _change(tx: Transaction, keys: Keys, bulk: Bulk, numbers: Sequence[int], now: datetime) -> list[int]:
    if bulk.kind is BulkKind.ERASE:
        return [number for number in numbers if _erase(tx, keys, number, now)]
    if bulk.kind is BulkKind.SUPPRESS:
        changed = tx.bulks.suppress(bulk, numbers)
        for number in changed:
            tx.events.add(
                EventKind.SUPPRESSED, now, subscriber_id=number, reason=SuppressionReason.OPERATOR, bulk=bulk.id
            )
        return changed
    assert bulk.list_id is not None
    changed = tx.bulks.unsubscribe(bulk, numbers)
    tx.events.add_each(
        EventKind.UNSUBSCRIBED, now, subscriber_ids=changed, list_id=bulk.list_id, by=OPERATOR, bulk=bulk.id
    )
    return changed


def _erase(tx: Transaction, keys: Keys, number: int, now: datetime) -> bool:
    person = tx.subscribers.get(number)
    if person is None:
        return False
    forget(tx, keys, person, now=now)
    return True


def _take_back(tx: Transaction, bulk: Bulk, now: datetime) -> list[int]:
    if bulk.kind is BulkKind.SUPPRESS:
        return tx.bulks.lift(bulk, AT_ONCE)
    assert bulk.list_id is not None
    back = tx.bulks.put_back(bulk, AT_ONCE)
    tx.events.add_each(EventKind.PUT_BACK, now, subscriber_ids=back, list_id=bulk.list_id, by=OPERATOR, bulk=bulk.id)
    return back
