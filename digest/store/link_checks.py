"""Queries about links that were asked for: each address once, with the newest answer."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from digest.model.link_check import LinkCheck, LinkState
from digest.store.dialect import insert_new
from digest.store.fetched_tables import link_checks

AT_ONCE = 500  # keys in a query


class LinkChecks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, addresses: Sequence[str], now: datetime) -> dict[str, LinkCheck]:
        """Of these, what still holds."""
        keys = [_key(address) for address in addresses]
        found = [
            LinkCheck(row.address, LinkState(row.state), row.said, row.checked_at)
            for start in range(0, len(keys), AT_ONCE)
            for row in self._connection.execute(
                select(link_checks).where(link_checks.c.key.in_(keys[start : start + AT_ONCE]))
            )
        ]
        return {check.address: check for check in found if check.holds(now)}

    def keep(self, checks: Iterable[LinkCheck]) -> None:
        """The newest answer wins, whoever asked."""
        for check in checks:
            values = {"state": check.state, "said": check.said, "checked_at": check.checked_at}
            self._connection.execute(
                insert_new(self._connection, link_checks)
                .values(key=_key(check.address), address=check.address, **values)
                .on_conflict_do_update(index_elements=["key"], set_=values)
            )

    def forget(self, before: datetime) -> None:
        self._connection.execute(delete(link_checks).where(link_checks.c.checked_at < before))


def _key(address: str) -> str:
    return hashlib.blake2b(address.encode("utf-8", "replace"), digest_size=16).hexdigest()
