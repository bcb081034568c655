"""Queries about how operators get in: sessions of browsers, one-time links, keys of programs. Tokens are kept hashed."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from digest.model.errors import NotFound
from digest.model.operator import ApiKey, Right, Session, parse_scopes
from digest.store.operator_tables import api_keys, invitations, operator_sessions


class Sessions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, new: Session, token_hash: str) -> Session:
        """`new.id` is ignored."""
        values = {name: getattr(new, name) for name in ("operator_id", "opened_at", "seen_at", "expires_at")}
        said = {"browser": new.browser, "network": new.network, "token_hash": token_hash}
        key = self._connection.execute(insert(operator_sessions).values(**values, **said)).inserted_primary_key
        assert key is not None
        return replace(new, id=int(key[0]))

    def by_hash(self, token_hash: str) -> Session | None:
        query = select(operator_sessions).where(operator_sessions.c.token_hash == token_hash)
        row = self._connection.execute(query).first()
        return None if row is None else _to_session(row)

    def of_operator(self, operator_id: int, now: datetime) -> list[Session]:
        """Those that have not expired, newest first."""
        theirs = operator_sessions.c.operator_id == operator_id, operator_sessions.c.expires_at > now
        query = select(operator_sessions).where(*theirs).order_by(operator_sessions.c.id.desc())
        return [_to_session(row) for row in self._connection.execute(query)]

    def saw(self, session_id: int, now: datetime) -> None:
        self._connection.execute(
            update(operator_sessions).where(operator_sessions.c.id == session_id).values(seen_at=now)
        )

    def end(self, operator_id: int, session_id: int) -> bool:
        """False when it was not theirs, or had ended."""
        which = operator_sessions.c.id == session_id, operator_sessions.c.operator_id == operator_id
        return self._connection.execute(delete(operator_sessions).where(*which)).rowcount == 1

    def end_all(self, operator_id: int, *, but: int = 0) -> int:
        which = operator_sessions.c.operator_id == operator_id, operator_sessions.c.id != but
        return self._connection.execute(delete(operator_sessions).where(*which)).rowcount

    def end_everybodys(self) -> None:
        """Also links that were mailed: after a restore nobody knows which were ended or used meanwhile."""
        self._connection.execute(delete(operator_sessions))
        self._connection.execute(delete(invitations))

    def forget(self, now: datetime) -> None:
        """Those that have expired, and one-time links that have."""
        self._connection.execute(delete(operator_sessions).where(operator_sessions.c.expires_at <= now))
        self._connection.execute(delete(invitations).where(invitations.c.expires_at <= now))

    # One-time links.

    def invite(self, operator_id: int, token_hash: str, now: datetime, expires_at: datetime) -> None:
        """Older ones of the same operator work no more."""
        self._connection.execute(delete(invitations).where(invitations.c.operator_id == operator_id))
        values = {"operator_id": operator_id, "token_hash": token_hash, "created_at": now, "expires_at": expires_at}
        self._connection.execute(insert(invitations).values(**values))

    def invited(self, token_hash: str, now: datetime) -> int | None:
        """The operator whose unused link this is."""
        works = invitations.c.token_hash == token_hash, invitations.c.used_at.is_(None), invitations.c.expires_at > now
        found: int | None = self._connection.execute(select(invitations.c.operator_id).where(*works)).scalar()
        return found

    def use_invitation(self, token_hash: str, now: datetime) -> bool:
        """True for the one who used it first."""
        works = invitations.c.token_hash == token_hash, invitations.c.used_at.is_(None), invitations.c.expires_at > now
        return self._connection.execute(update(invitations).where(*works).values(used_at=now)).rowcount == 1


class ApiKeys:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: ApiKey, key_hash: str) -> ApiKey:
        """`new.id` is ignored."""
        values = {name: getattr(new, name) for name in ("operator_id", "label", "prefix", "created_at", "expires_at")}
        scopes = sorted(new.scopes)
        key = self._connection.execute(
            insert(api_keys).values(**values, scopes=scopes, key_hash=key_hash)
        ).inserted_primary_key
        assert key is not None
        return replace(new, id=int(key[0]))

    def by_hash(self, key_hash: str) -> ApiKey | None:
        row = self._connection.execute(select(api_keys).where(api_keys.c.key_hash == key_hash)).first()
        return None if row is None else _to_key(row)

    def get(self, key_id: int) -> ApiKey:
        row = self._connection.execute(select(api_keys).where(api_keys.c.id == key_id)).first()
        if row is None:
            raise NotFound(f"There is no API key {key_id}; `digest key list` shows those there are.")
        return _to_key(row)

    def all(self, operator_ids: Collection[int] = ()) -> list[ApiKey]:
        """Newest first; of these operators, or of all."""
        query = select(api_keys).order_by(api_keys.c.id.desc())
        if operator_ids:
            query = query.where(api_keys.c.operator_id.in_(operator_ids))
        return [_to_key(row) for row in self._connection.execute(query)]

    def revoke(self, key_id: int, now: datetime) -> bool:
        """False when it was revoked before."""
        works = api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None)
        return self._connection.execute(update(api_keys).where(*works).values(revoked_at=now)).rowcount == 1

    def used(self, key_id: int, now: datetime) -> None:
        self._connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(used_at=now))


def _to_session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        operator_id=row.operator_id,
        opened_at=row.opened_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        browser=row.browser,
        network=row.network,
    )


def _to_key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        operator_id=row.operator_id,
        label=row.label,
        prefix=row.prefix,
        scopes=parse_scopes([each for each in row.scopes if each in set(Right)]),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
