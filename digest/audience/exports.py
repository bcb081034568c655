"""Everybody with all that is kept of their subscriptions, as CSV or JSON Lines, from which `imports` makes the same state again.

No cell of the CSV is a formula (security S25); nothing is held in memory but the choices that readers made.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TextIO

from digest.audience.csv_cells import write_cell
from digest.audience.imports.fields import Field
from digest.audience.imports.people import KEY_SHOWN
from digest.audience.imports.sources.digest import EXPORTED
from digest.model.choices import Choices
from digest.model.edition import Form
from digest.model.exports import Shape
from digest.model.keys import Keys
from digest.model.mailing_list import WEEKDAYS, Rhythm
from digest.model.subscriber import SubscriptionState
from digest.store import Store, Transaction
from digest.store.subscribers import Reader
from digest.store.suppressions import Suppression


def export(
    store: Store,
    keys: Keys,
    stream: TextIO,
    *,
    shape: Shape = Shape.CSV,
    list_name: str | None = None,
    state: SubscriptionState | None = None,
) -> int:
    """A line for each subscription, and, of all lists and states, one for each suppressed address without one; returns how many.

    Streams from one snapshot, whatever changes meanwhile. Raises NotFound for an unknown list. Open `stream` as UTF-8 with
    newline="".
    """
    write = _write_csv if shape is Shape.CSV else _write_jsonl
    return write(stream, _rows(store, keys, list_name, state))


Cells = Mapping[Field, str]  # what is empty may be left out


def _write_csv(stream: TextIO, rows: Iterator[Cells]) -> int:
    writer = csv.writer(stream)  # CRLF, as RFC 4180 wants it
    writer.writerow(EXPORTED)
    count = 0
    for row in rows:
        writer.writerow([write_cell(row.get(name, "")) for name in EXPORTED])
        count += 1
    return count


def _write_jsonl(stream: TextIO, rows: Iterator[Cells]) -> int:
    """What is empty is left out; topics are an array."""
    count = 0
    for row in rows:
        said: dict[str, object] = {name: row[name] for name in EXPORTED if row.get(name)}
        if Field.TOPICS in said:
            said[Field.TOPICS] = row[Field.TOPICS].split(_BETWEEN)
        stream.write(f"{json.dumps(said, ensure_ascii=False)}\n")
        count += 1
    return count


_BETWEEN = ", "  # topics: they have no commas in them


def _rows(store: Store, keys: Keys, list_name: str | None, state: SubscriptionState | None) -> Iterator[Cells]:
    with store.read() as tx:
        list_id = None if list_name is None else tx.lists.by_name(list_name).id
        chosen = tx.audiences.all_choices()
        for reader in tx.subscribers.readers(list_id, state):
            yield _of_reader(reader, chosen)
        if list_name is None and state is None:
            yield from _of_nobody(tx, keys)


def _of_nobody(tx: Transaction, keys: Keys) -> Iterator[Cells]:
    for each in tx.suppressions.of_nobody():
        yield _of_suppression(each, keys)


def _of_suppression(each: Suppression, keys: Keys) -> Cells:
    """Its hash means something to this secret key alone, so the key is named with it."""
    return {
        Field.SUPPRESSED: each.reason,
        Field.SUPPRESSED_AT: _time(each.at),
        Field.ADDRESS_HASH: f"{keys.fingerprint[:KEY_SHOWN]}:{each.address_hash}",
    }


def _of_reader(reader: Reader, chosen: Mapping[int, Choices]) -> Cells:
    subscriber, subscription, consent = reader.subscriber, reader.subscription, reader.subscription.consent
    return {
        Field.EMAIL: str(subscriber.address),
        Field.NAME: subscriber.name,
        Field.LANGUAGE: subscriber.language,
        Field.NOTE: subscriber.note,
        Field.JOINED_AT: _time(subscriber.created_at),
        Field.LIST: reader.list_name,
        Field.STATE: subscription.state,
        Field.PAUSED_UNTIL: _time(subscription.paused_until),
        Field.CONSENT_SOURCE: consent.source,
        Field.CONSENT_TEXT: consent.text,
        Field.CONSENT_AT: _time(consent.at),
        Field.CONSENT_NETWORK: consent.network_hash,
        Field.CONFIRMED_AT: _time(subscription.confirmed_at),
        Field.UNSUBSCRIBED_AT: _time(subscription.unsubscribed_at),
        Field.SUPPRESSED: reader.suppressed or "",
        Field.SUPPRESSED_AT: _time(reader.suppressed_at),
    } | (_choices(chosen[subscription.choices_id]) if subscription.choices_id else {})


def _choices(chosen: Choices) -> dict[Field, str]:
    """The usual is left empty."""
    return {
        Field.TOPICS: _BETWEEN.join(chosen.topics),
        Field.RHYTHM: "" if chosen.rhythm is Rhythm.EVERY else chosen.rhythm,
        Field.WEEKDAY: "" if chosen.weekday is None else WEEKDAYS[chosen.weekday],
        Field.HOUR: "" if chosen.hour is None else str(chosen.hour),
        Field.ZONE: chosen.zone,
        Field.FRAME_LANGUAGE: chosen.language,
        Field.FORM: "" if chosen.form is Form.HTML else chosen.form,
    }


def _time(value: date | datetime | None) -> str:
    return value.isoformat() if value else ""
