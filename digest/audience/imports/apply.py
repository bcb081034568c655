"""Files become readers, a transaction for each batch. The import itself is kept, so that it can be gone on with and undone.

Killed half-way, what was imported is there with how far it was; importing the same bytes again does the rest.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.audience.enrol import Enrolment, enrol, prepare
from digest.audience.imports.parts import File, fingerprint
from digest.audience.imports.people import Brought, Shut
from digest.audience.imports.plan import REFUSED, Plan, Progress, Remark, Report, Tally
from digest.audience.imports.reading import Item, Tables, open_tables
from digest.audience.judge import Enrolled, Judged, Person
from digest.audience.notices import Notices
from digest.model.errors import WrongState
from digest.model.imports import ImportState, NewImport
from digest.model.keys import Keys
from digest.model.operator import ActKind
from digest.store import Store, Transaction


def apply(
    store: Store,
    keys: Keys,
    notices: Notices,
    files: Sequence[File],
    plan: Plan,
    *,
    by: str,
    now: datetime,
    nonce: Callable[[], str],
    progress: Callable[[Progress], None] | None = None,
    remark: Callable[[Remark], None] | None = None,
) -> Report:
    """Safe twice, and after a kill. `nonce` gives a new random text at each call; `progress` hears after each batch.

    Raises BadInput as `open_tables` does, and WrongState when somebody undoes the import while it runs.
    """
    with store.read() as tx:
        tables = open_tables(tx, keys, files, plan, now)
    enrolments = {name: prepare(store, keys, notices, name, now=now, nonce=nonce) for name in tables.lists}
    list_id = None if plan.list_name is None else tables.lists[plan.list_name].id
    named = ", ".join(each.name for each in files)
    with store.write() as tx:
        begun = tx.imports.begin(NewImport(named, fingerprint(files), list_id, by), now)
        tx.acts.note(ActKind.READERS_IMPORTED, now, f"import {begun.id}", list=list_id)
    enrolments = {name: replace(each, import_id=begun.id, by=by) for name, each in enrolments.items()}
    tally = Tally(remark, Counter(begun.counts), sources=dict.fromkeys(tables.sources))
    _Run(store, tables, enrolments, begun.id, tally, progress).all()
    with store.write() as tx:
        tx.imports.move(begun.id, ImportState.FINISHED, finished_at=now)
    return tally.report(begun.id)


@dataclass(frozen=True)
class _Run:
    store: Store
    tables: Tables
    enrolments: Mapping[str, Enrolment]
    import_id: int
    tally: Tally
    progress: Callable[[Progress], None] | None

    def all(self) -> None:
        left = self.tally.rows  # that were imported before it was killed
        for rows in self.tables.batches():
            skipped = min(left, len(rows.items))
            left -= skipped
            for item in rows.items[:skipped]:
                self._remark(rows.file, item, None)
            if fresh := rows.items[skipped:]:
                self._batch(rows.file, fresh)
            if self.progress:
                self.progress(Progress(rows.done, self.tables.total, self.tally.rows - left))

    def _batch(self, file: str, items: Sequence[Item]) -> None:
        with self.store.write() as tx:
            judged = take(
                items,
                lambda name, people: enrol(tx, self.enrolments[name], people),
                lambda shut: _shut(tx, next(iter(self.enrolments.values())), shut),
            )
            counts = self.tally.counts + Counter(map(count_as, judged))
            if not tx.imports.tally(self.import_id, counts):
                raise WrongState(f"Import {self.import_id} is being undone, so it stopped.")
        self.tally.counts = counts
        for item, each in zip(items, judged, strict=True):
            self._remark(file, item, each)

    def _remark(self, file: str, item: Item, judged: Judged | None) -> None:
        remark = remark_on(file, item, judged)
        if remark is not None:
            self.tally.note(remark)


def take(
    items: Sequence[Item],
    enrol_each: Callable[[str, list[tuple[str, Person]]], list[Judged]],
    shut_each: Callable[[list[Shut]], list[Judged]],
) -> list[Judged | None]:
    """What becomes of each item, in their order; None for a broken row. Lists in the order of their names, as by who signs up."""
    judged: list[Judged | None] = [None] * len(items)
    by_list: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        if isinstance(item, Brought):
            by_list.setdefault(item.list_name, []).append(place)
    for name in sorted(by_list):
        brought = [items[place] for place in by_list[name]]
        people = [(each.hashed, each.person) for each in brought if isinstance(each, Brought)]
        for place, outcome in zip(by_list[name], enrol_each(name, people), strict=True):
            judged[place] = outcome
    shut = [(place, item) for place, item in enumerate(items) if isinstance(item, Shut)]
    for (place, _), outcome in zip(shut, shut_each([item for _, item in shut]) if shut else [], strict=True):
        judged[place] = outcome
    return judged


def _shut(tx: Transaction, enrolment: Enrolment, addresses: list[Shut]) -> list[Judged]:
    known = tx.suppressions.reasons([each.hashed for each in addresses])
    new = {each.hashed: (each.reason, each.at) for each in addresses if each.hashed not in known}
    tx.incoming.suppress(enrolment.batch, new)
    return [judge_shut(new=each.hashed in new) for each in addresses]


def judge_shut(*, new: bool) -> Judged:
    return Judged(Enrolled.OPTED_OUT if new else Enrolled.ALREADY)


def count_as(judged: Judged | None) -> str:
    return REFUSED if judged is None else str(judged.outcome)


def remark_on(file: str, item: Item, judged: Judged | None) -> Remark | None:
    if not isinstance(item, Brought | Shut):
        return Remark(file, item.line, item.reason, REFUSED)
    if judged is not None and judged.why:
        return Remark(file, item.line, judged.why, str(judged.outcome))
    return None
