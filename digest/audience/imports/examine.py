"""A dry run: what importing these files would come to, by the same rules, and nothing is changed."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from digest.audience.imports.apply import count_as, judge_shut, remark_on, take
from digest.audience.imports.parts import File
from digest.audience.imports.people import Shut
from digest.audience.imports.plan import Plan, Progress, Remark, Report, Tally
from digest.audience.imports.reading import Tables, open_tables
from digest.audience.judge import Judged, Person, judge
from digest.model.imports import Standing
from digest.model.keys import Keys
from digest.store import Store, Transaction


def examine(
    store: Store,
    keys: Keys,
    files: Sequence[File],
    plan: Plan,
    *,
    now: datetime,
    progress: Callable[[Progress], None] | None = None,
    remark: Callable[[Remark], None] | None = None,
) -> Report:
    """As `apply` would report it. Raises BadInput as that does."""
    with store.read() as tx:
        tables = open_tables(tx, keys, files, plan, now)
        tx.foresight.begin()
        return _run(tx, tables, Tally(remark, sources=dict.fromkeys(tables.sources)), progress)


def _run(tx: Transaction, tables: Tables, tally: Tally, progress: Callable[[Progress], None] | None) -> Report:
    for rows in tables.batches():
        judged = take(
            rows.items, lambda name, people: _judge(tx, tables.lists[name].id, people), lambda shut: _shut(tx, shut)
        )
        tally.counts += Counter(map(count_as, judged))
        for item, each in zip(rows.items, judged, strict=True):
            if remarked := remark_on(rows.file, item, each):
                tally.note(remarked)
        if progress:
            progress(Progress(rows.done, tables.total, tally.rows))
    return tally.report()


def _judge(tx: Transaction, list_id: int, people: list[tuple[str, Person]]) -> list[Judged]:
    hashes = [hashed for hashed, _ in people]
    standing = tx.incoming.standing(list_id, hashes)
    for hashed, seen in tx.foresight.standing(list_id, hashes).items():
        before = standing.get(hashed, Standing())
        standing[hashed] = _later(before, seen)
    verdict = judge(people, standing)
    tx.foresight.remember(list_id, verdict.after)
    return verdict.judged


def _later(before: Standing, seen: Standing) -> Standing:
    """What was foreseen counts; of the address alone it says nothing about the list."""
    return Standing(
        before.subscriber_id,
        seen.state or before.state,
        came_back=seen.came_back or before.came_back,
        suppressed=before.suppressed or seen.suppressed,
    )


def _shut(tx: Transaction, addresses: list[Shut]) -> list[Judged]:
    hashes = [each.hashed for each in addresses]
    known = {
        *tx.suppressions.reasons(hashes),
        *(h for h, each in tx.foresight.standing(0, hashes).items() if each.suppressed),
    }
    tx.foresight.remember(
        0, {each.hashed: Standing(suppressed=each.reason) for each in addresses if each.hashed not in known}
    )
    return [judge_shut(new=each.hashed not in known) for each in addresses]
