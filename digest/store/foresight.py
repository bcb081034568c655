"""For a dry run of an import: how those stand of whom earlier rows of the file spoke, as if these had been imported.

In a table of this connection alone, so that memory does not grow with the file; it goes with the transaction.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Integer, MetaData, Row, Table, select

from digest.model.imports import Standing
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.store.batches import IN_POSTGRESQL, IN_SQLITE
from digest.store.columns import Words
from digest.store.dialect import insert_new

_foreseen = Table(
    "foreseen",
    MetaData(),
    Column("list_id", Integer, primary_key=True, autoincrement=False),  # 0: of the address, whatever the list
    Column("address_hash", Words, primary_key=True),
    Column("state", Words),
    Column("came_back", Boolean),
    Column("suppressed", Words),
    prefixes=["TEMPORARY"],
)
_VALUES = ("state", "came_back", "suppressed")


class Foresight:
    """`begin` first, once in a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._batches = IN_SQLITE if connection.dialect.name == "sqlite" else IN_POSTGRESQL

    def begin(self) -> None:
        _foreseen.create(self._connection, checkfirst=False)

    def remember(self, list_id: int, standing: Mapping[str, Standing]) -> None:
        rows = [_to_row(list_id, hashed, each) for hashed, each in standing.items()]
        rows += [
            _to_row(0, hashed, Standing(suppressed=each.suppressed))
            for hashed, each in standing.items()
            if each.suppressed
        ]
        if rows:
            new = insert_new(self._connection, _foreseen)
            values = {name: new.excluded[name] for name in _VALUES}
            change = new.on_conflict_do_update(index_elements=["list_id", "address_hash"], set_=values)
            self._connection.execute(change, rows)

    def standing(self, list_id: int, address_hashes: Sequence[str]) -> dict[str, Standing]:
        """Of those that were remembered."""
        query = (
            select(_foreseen)
            .where(
                _foreseen.c.list_id.in_((0, list_id)),
                self._batches.among_words(_foreseen.c.address_hash),
            )
            .order_by(_foreseen.c.list_id)
        )
        found = self._connection.execute(query, self._batches.words(address_hashes))
        return {row.address_hash: _to_standing(row) for row in found}


def _to_row(list_id: int, hashed: str, each: Standing) -> dict[str, Any]:
    return {
        "list_id": list_id,
        "address_hash": hashed,
        "state": each.state,
        "came_back": each.came_back,
        "suppressed": each.suppressed,
    }


def _to_standing(row: Row[Any]) -> Standing:
    return Standing(
        state=SubscriptionState(row.state) if row.state else None,
        came_back=row.came_back,
        suppressed=SuppressionReason(row.suppressed) if row.suppressed else None,
    )
