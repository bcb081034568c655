"""Sessions: which browsers are let in. A token is random, in a cookie, and kept hashed."""

from datetime import datetime, timedelta

from digest.model.errors import NotFound
from digest.model.keys import Keys, token_hash
from digest.model.operator import ActKind, Operator, Session
from digest.store import Store, Transaction

LIFE = timedelta(days=14)  # then everybody logs in anew
IDLE = timedelta(hours=12)  # who was away for so long does too
SEEN_EVERY = timedelta(minutes=5)  # how exactly it is known when somebody was here
MOST_BROWSER = 200  # characters of what a browser calls itself


def open_session(
    tx: Transaction, keys: Keys, operator: Operator, *, browser: str, client: str, now: datetime, token: str
) -> Session:
    new = Session(0, operator.id, now, now, now + LIFE, browser[:MOST_BROWSER], keys.network_hash(client))
    return tx.sessions.open(new, token_hash(token))


def find_session(store: Store, token: str, now: datetime) -> tuple[Operator, Session] | None:
    """Whose it is, while it lasts and they may log in."""
    with store.read() as tx:
        session = tx.sessions.by_hash(token_hash(token))
        if session is None or not is_alive(session, now):
            return None
        operator = tx.operators.get(session.operator_id)
    if operator.disabled_at is not None:
        return None
    if now - session.seen_at >= SEEN_EVERY:
        with store.write() as tx:
            tx.sessions.saw(session.id, now)
    return operator, session


def is_alive(session: Session, now: datetime) -> bool:
    return now < session.expires_at and now - session.seen_at < IDLE


def end_session(store: Store, operator: Operator, session_id: int, *, now: datetime) -> None:
    """Raises NotFound when it is none of theirs, or has ended."""
    with store.write() as tx:
        if not tx.sessions.end(operator.id, session_id):
            raise NotFound("That session has ended already.")
        tx.acts.note(ActKind.LOGGED_OUT, now, f"operator {operator.id}", session=session_id)


def end_others(tx: Transaction, operator_id: int, *, but: int = 0) -> int:
    """What was known of an operator has changed: whoever holds an older session logs in anew (security S12)."""
    return tx.sessions.end_all(operator_id, but=but)
