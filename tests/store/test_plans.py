"""The queries that every message costs find their rows by an index, however long the outbox has grown."""

from collections.abc import Callable
from typing import Any

import pytest

from digest.model.issue import OnCrash
from digest.model.message import MessageState
from digest.store import Transaction, open_store
from digest.store.campaigns import Terms
from tests.store import rows
from tests.store.rows import NOW, outcome

QUERIES: dict[str, Callable[[Transaction], object]] = {
    "claim": lambda tx: tx.outbox.claim_from(1, "me", 10, NOW),
    "claim mails of their own": lambda tx: tx.outbox.claim_from(None, "me", 10, NOW),
    "arm": lambda tx: tx.outbox.arm(1, "me", NOW),
    "settle": lambda tx: tx.outbox.settle(outcome(1, MessageState.ACCEPTED), NOW),
    "put back": lambda tx: tx.outbox.put_back("me"),
    "recover": lambda tx: tx.outbox.recover(OnCrash.HOLD, NOW),
    "in hand": lambda tx: tx.messages.in_hand(),
    "owed": lambda tx: tx.messages.owed(),
    "next due": lambda tx: tx.messages.next_due(),
    "any over": lambda tx: tx.campaigns.any_over(),
    "finish": lambda tx: tx.campaigns.finish(1, NOW),
    "account": lambda tx: tx.campaigns.account(1),
    "of a subscriber": lambda tx: tx.messages.of_subscriber(1),
    "erase": lambda tx: tx.subscribers.erase(1),
}
#: While the first message of the campaign is its canary.
OF_CANARIES: dict[str, Callable[[Transaction], object]] = {
    "claim canaries": lambda tx: tx.outbox.claim_from(1, "me", 10, NOW),
    "how canaries fare": lambda tx: tx.campaigns.canaries(tx.campaigns.get(1)),
}
#: What has a few rows: campaigns, what is in hand, and what a statement brings along.
SMALL = {"SCAN campaigns", "SCAN CONSTANT ROW", "ix_messages_held", "VIRTUAL TABLE"}


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_of_the_outbox_reads_all_of_it_or_sorts(sqlite_url: str, name: str) -> None:
    plans = plans_of(sqlite_url, QUERIES[name], Terms(NOW))
    assert plans
    slow = [plan for plan in plans if plan.startswith("SCAN") and not any(small in plan for small in SMALL)]
    assert slow == []
    assert not [plan for plan in plans if "TEMP B-TREE" in plan]


@pytest.mark.parametrize("name", OF_CANARIES)
def test_canaries_are_found_by_their_numbers(sqlite_url: str, name: str) -> None:
    """By the index of what is due, all the others would be looked through for them."""
    plans = plans_of(sqlite_url, OF_CANARIES[name], Terms(NOW, canary_percent=100, canary_from=1))
    assert "SEARCH messages USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in plans
    assert not [plan for plan in plans if "ix_messages_due" in plan or "TEMP B-TREE" in plan]


def plans_of(url: str, query: Callable[[Transaction], object], terms: Terms) -> list[str]:
    """How SQLite goes about it, with one campaign of one reader."""
    store = open_store(url)
    with store.write() as tx:
        rows.readers(tx, rows.a_list(tx).id, 1)
        rows.a_campaign(tx, 1, terms=terms)
    said: list[str] = []
    with store.write() as tx:
        raw: Any = tx._connection.connection.dbapi_connection
        raw.set_trace_callback(said.append)  # the driver's, with the values: not all statements are SQLAlchemy's
        query(tx)
        raw.set_trace_callback(None)
        asked = [each for each in said if each.startswith(("SELECT", "UPDATE", "DELETE"))]
        plans = [row[3] for each in asked for row in raw.execute(f"EXPLAIN QUERY PLAN {each}").fetchall()]
    store.close()
    return plans
