"""Keys of programs: made and shown once, found again by their hash, revoked. 256 random bits, so a plain hash is enough."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.errors import BadInput, WrongState
from digest.model.keys import token_hash
from digest.model.operator import ActKind, ApiKey, Operator, Right, rights_of
from digest.store import Store

MARK = "digest_"  # by which a key that got out is recognised, in logs and by scanners of repositories
SHOWN = len(MARK) + 6
USED_EVERY = timedelta(minutes=5)  # how exactly it is known when a key was used
MOST_DAYS = 3_650
MOST_LABEL = 100


@dataclass(frozen=True, slots=True)
class NewKey:
    kept: ApiKey
    key: str  # shown once


def make_key(
    store: Store,
    operator: Operator,
    label: str,
    scopes: Collection[Right],
    *,
    days: int | None,
    now: datetime,
    random: str,
) -> NewKey:
    """`random`: 256 bits in hexadecimal. Raises BadInput for no label, no scope, or one that its operator has not."""
    wanted, called = frozenset(scopes), " ".join(label.split())
    if not 0 < len(called) <= MOST_LABEL or not called.isprintable():
        raise BadInput(f"A key needs a label of at most {MOST_LABEL} characters that says what it is for.")
    if not wanted or not wanted <= operator.rights:
        beyond = ", ".join(sorted(wanted - operator.rights)) or "nothing at all"
        raise BadInput(f"{operator.address} is {operator.role}, so its keys cannot be for {beyond}.")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise BadInput(f"A key works for 1 to {MOST_DAYS:,} days, or without an end.")
    key = f"{MARK}{random}"
    expires_at = None if days is None else now + timedelta(days=days)
    new = ApiKey(0, operator.id, called, key[:SHOWN], wanted, now, expires_at)
    with store.write() as tx:
        kept = tx.api_keys.add(new, token_hash(key))
        tx.acts.note(ActKind.KEY_MADE, now, f"key {kept.id}", operator=operator.id, scopes=sorted(wanted))
    return NewKey(kept, key)


def find_key(store: Store, key: str, now: datetime) -> tuple[Operator, ApiKey, frozenset[Right]] | None:
    """Whose it is and what it may, while it works."""
    with store.read() as tx:
        kept = tx.api_keys.by_hash(token_hash(key))
        if kept is None or not kept.works(now):
            return None
        operator = tx.operators.get(kept.operator_id)
    if operator.disabled_at is not None:
        return None
    if kept.used_at is None or now - kept.used_at >= USED_EVERY:
        with store.write() as tx:
            tx.api_keys.used(kept.id, now)
    return operator, kept, rights_of(kept, operator)


def revoke_key(store: Store, key_id: int, *, now: datetime) -> ApiKey:
    """At once. Raises WrongState when it was revoked before."""
    with store.write() as tx:
        kept = tx.api_keys.get(key_id)
        if not tx.api_keys.revoke(key_id, now):
            raise WrongState(f"The key {kept.label} was revoked already.")
        tx.acts.note(ActKind.KEY_REVOKED, now, f"key {key_id}")
        return tx.api_keys.get(key_id)
