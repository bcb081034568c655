"""Queries about fresh links: hashed, for one purpose, expiring. An address that never confirmed is forgotten with its link."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from digest.model.fresh_link import FreshLink, LinkPurpose
from digest.model.message import MessageState
from digest.store.messages import ERASED
from digest.store.tables import HAS_KEY, IS_DUE, fresh_links, messages


def message_key(token_hash: str) -> str:
    """Of the mail that a link stands in."""
    return f"fresh:{token_hash}"


class FreshLinks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: FreshLink, token_hash: str, address_hash: str = "") -> FreshLink:
        """`new.id` is ignored."""
        key = self._connection.execute(
            insert(fresh_links).values(
                subscriber_id=new.subscriber_id,
                list_id=new.list_id,
                purpose=new.purpose,
                token_hash=token_hash,
                address=new.address,
                address_hash=address_hash,
                created_at=new.created_at,
                expires_at=new.expires_at,
            )
        ).inserted_primary_key
        assert key is not None
        return replace(new, id=int(key[0]))

    def by_hash(self, token_hash: str) -> FreshLink | None:
        row = self._connection.execute(select(fresh_links).where(fresh_links.c.token_hash == token_hash)).first()
        return None if row is None else _to_link(row)

    def of_subscriber(self, subscriber_id: int) -> list[FreshLink]:
        query = select(fresh_links).where(fresh_links.c.subscriber_id == subscriber_id).order_by(fresh_links.c.id)
        return [_to_link(row) for row in self._connection.execute(query)]

    def made_for(self, address_hash: str) -> list[datetime]:
        """When links were made that ask whether this other address is theirs, whoever asked for them."""
        theirs = fresh_links.c.address_hash == address_hash, fresh_links.c.purpose == LinkPurpose.MOVE
        return list(self._connection.execute(select(fresh_links.c.created_at).where(*theirs)).scalars())

    def use(self, link_id: int, now: datetime) -> bool:
        """True for the one who used it first."""
        unused = fresh_links.c.id == link_id, fresh_links.c.used_at.is_(None)
        return self._connection.execute(update(fresh_links).where(*unused).values(used_at=now)).rowcount == 1

    def forget(self, expired_before: datetime) -> int:
        return self._forget(fresh_links.c.expires_at < expired_before)

    def forget_addresses(self, address_hashes: Sequence[str]) -> int:
        """Nothing of people who are erased is kept with the links that others asked for."""
        return self._forget(fresh_links.c.address_hash.in_(address_hashes))

    def _forget(self, which: ColumnElement[bool]) -> int:
        unproved = which, fresh_links.c.purpose == LinkPurpose.MOVE, fresh_links.c.used_at.is_(None)
        keys = self._connection.execute(select(fresh_links.c.token_hash).where(*unproved)).scalars()
        self._blank([message_key(token_hash) for token_hash in keys])
        return self._connection.execute(delete(fresh_links).where(which)).rowcount

    def _blank(self, keys: Sequence[str]) -> None:
        for key in keys:
            mail = HAS_KEY, messages.c.key == key
            self._connection.execute(update(messages).where(*mail, IS_DUE).values(state=MessageState.SUPPRESSED))
            nothing = {"address": ERASED, "name": "", "slots": "", "reply_text": ""}
            self._connection.execute(update(messages).where(*mail).values(**nothing))


def _to_link(row: Row[Any]) -> FreshLink:
    return FreshLink(
        id=row.id,
        subscriber_id=row.subscriber_id,
        list_id=row.list_id,
        purpose=LinkPurpose(row.purpose),
        address=row.address,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
