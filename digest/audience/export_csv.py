"""Everybody as CSV, so that a spreadsheet shows it and `import` reads it again to the same state; no cell is a formula (S25)."""

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import TextIO

from digest.audience.csv_columns import EXPORTED, write_cell
from digest.model.subscriber import SubscriptionState
from digest.store import Store
from digest.store.subscribers import Reader


def export_csv(
    store: Store, stream: TextIO, *, list_name: str | None = None, state: SubscriptionState | None = None
) -> int:
    """Write a header and a line for each subscription; returns how many. Open `stream` as UTF-8 with newline="".

    Streams from one snapshot, whatever changes meanwhile. Raises NotFound for an unknown list.
    """
    writer = csv.writer(stream)  # CRLF, as RFC 4180 wants it
    writer.writerow(EXPORTED)
    count = 0
    for row in _rows(store, list_name, state):
        writer.writerow([write_cell(cell) for cell in row])
        count += 1
    return count


def _rows(store: Store, list_name: str | None, state: SubscriptionState | None) -> Iterator[tuple[str, ...]]:
    with store.read() as tx:
        list_id = None if list_name is None else tx.lists.by_name(list_name).id
        for reader in tx.subscribers.readers(list_id, state):
            yield _row(reader)


def _row(reader: Reader) -> tuple[str, ...]:
    """In the order of EXPORTED."""
    subscriber, subscription, consent = reader.subscriber, reader.subscription, reader.subscription.consent
    return (
        str(subscriber.address),
        subscriber.name,
        subscriber.language,
        reader.list_name,
        subscription.state,
        consent.source,
        consent.text,
        _time(consent.at),
        _time(subscription.confirmed_at),
        _time(subscription.unsubscribed_at),
        reader.suppressed or "",
    )


def _time(value: datetime | None) -> str:
    return value.isoformat() if value else ""
