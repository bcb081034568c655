"""Counts by relay and domain, beats, open alerts, and figures that are read from an index, whatever the size of the outbox."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event

from digest.model.alert import Alert, AlertKind
from digest.model.message import MessageState
from digest.store import Store, Transaction
from digest.store.watching import MOST_NAMED, OTHERS, Beat
from tests.store import rows

NOW = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACCEPTED, BOUNCED = MessageState.ACCEPTED, MessageState.BOUNCED


def test_what_is_counted_adds_up(store: Store) -> None:
    for counts in (
        {("main", "a.example", ACCEPTED): 3},
        {("main", "a.example", ACCEPTED): 2, ("main", "b.example", BOUNCED): 1},
    ):
        with store.write() as tx:
            tx.watching.count(counts, NOW)
    with store.read() as tx:
        assert tx.watching.counts() == {("main", "a.example", ACCEPTED): 5, ("main", "b.example", BOUNCED): 1}


def test_few_domains_have_a_name_and_keep_it(store: Store) -> None:
    """So a counter never goes down, and whoever draws it sees no more than so many lines."""
    first = {("", f"d{number:03}.example", ACCEPTED): number + 1 for number in range(MOST_NAMED + 5)}
    with store.write() as tx:
        tx.watching.count(first, NOW)
        tx.watching.count({("", "new.example", ACCEPTED): 1000, ("", "d054.example", ACCEPTED): 1}, NOW)
    with store.read() as tx:
        counts = tx.watching.counts()
    assert len(counts) == MOST_NAMED + 1
    assert counts["", OTHERS, ACCEPTED] == sum(range(1, 6)) + 1000
    assert counts["", "d054.example", ACCEPTED] == 56


def test_lately_is_this_hour_and_the_one_before(store: Store) -> None:
    one = ("main", "a.example", BOUNCED)
    for hours, count in ((0, 1), (1, 2), (1, 4), (2, 8)):
        with store.write() as tx:
            tx.watching.count({one: count}, NOW + hours * HOUR)
    with store.read() as tx:
        assert tx.watching.counts_lately(NOW + 2 * HOUR) == {one: 8 + 6}
        assert tx.watching.counts_lately(NOW + 3 * HOUR) == {one: 8}
        assert tx.watching.counts_lately(NOW + 4 * HOUR) == {}
        assert tx.watching.counts() == {one: 15}
    with store.write() as tx:
        tx.watching.count({one: 1}, NOW + 9 * HOUR)
        assert tx.watching.counts_lately(NOW + 9 * HOUR) == {one: 1}


def test_a_job_that_fails_keeps_when_it_began_to(store: Store) -> None:
    with store.write() as tx:
        tx.watching.miss("tick", NOW)
        assert tx.watching.beats() == {}
        tx.watching.beat("tick", NOW)
        tx.watching.miss("tick", NOW + HOUR)
        tx.watching.miss("tick", NOW + 2 * HOUR)
        assert tx.watching.beats() == {"tick": Beat("tick", NOW, NOW + HOUR)}
        tx.watching.beat("tick", NOW + 3 * HOUR)
        assert tx.watching.beats() == {"tick": Beat("tick", NOW + 3 * HOUR)}


def test_an_alert_is_opened_and_closed_once(store: Store) -> None:
    with store.write() as tx:
        alert = Alert(AlertKind.FEED_SILENT, "3", "A feed is silent.", rows.a_list(tx).id)
        assert tx.watching.open_alert(alert, NOW)
        assert not tx.watching.open_alert(alert, NOW)
    with store.write() as tx:
        assert tx.watching.open_alerts() == {"feed-silent:3": alert}
        assert tx.watching.close_alert(alert.key)
        assert not tx.watching.close_alert(alert.key)
        assert tx.watching.open_alerts() == {}


def test_the_figures_of_the_outbox_read_indexes_only(store: Store) -> None:
    """What is really asked is asked again with EXPLAIN. PostgreSQL likes to read small tables whole, so it is kept from it."""
    asked: list[tuple[str, Any]] = []
    with store.write() as tx:
        list_id = rows.a_list(tx).id
        rows.a_reader(tx, list_id)
        rows.a_campaign(tx, list_id)
    with store.read() as tx:
        event.listen(tx._connection, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
        queues, held = tx.watching.queues(), tx.watching.held()
        plans = [plan(tx, sql, values) for sql, values in asked[:] if "messages" in sql]
    assert [(queue.issue_id, queue.waiting) for queue in queues] == [(None, 0), (1, 1)]
    assert held == 0
    assert len(plans) == 5
    assert all("ix_messages_due" in each or "ix_messages_held" in each for each in plans), plans


def plan(tx: Transaction, sql: str, values: Any) -> str:
    is_sqlite = tx._connection.dialect.name == "sqlite"
    if not is_sqlite:
        tx._connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    rows_ = tx._connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{sql}", values)
    return "\n".join(str(row[-1]) for row in rows_)
