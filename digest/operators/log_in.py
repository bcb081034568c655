"""Logging in: an address and a password, then a code if there is a second factor. All refusals read alike (security S7).

Tries are counted before anything is looked at: so many for an address, whether there is such an operator or not, and so many
for a network. Hashing takes its time and memory, so it is done with no transaction open.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.address import Address
from digest.model.errors import BadInput, DigestError
from digest.model.keys import Keys
from digest.model.operator import ActKind, Actor, Operator, Session, Via
from digest.operators.passwords import is_password
from digest.operators.second_factor import take_code
from digest.operators.sessions import open_session
from digest.store import Store, Transaction
from digest.store.door import Rate
from digest.store.operators import Proofs

AN_ADDRESS = Rate(burst=5, seconds=60)
A_NETWORK = Rate(burst=20, seconds=15)
TICKET_LIFE = timedelta(minutes=5)  # from the password to the code

WRONG = "That address and password do not fit together."
WRONG_CODE = "That code does not fit, or was used before. Wait for the next one."
TOO_OFTEN = "Too many tries. Wait a few minutes, then try again."
TOO_LATE = "That took too long; please log in again."


class Refused(DigestError):
    """Nobody is let in; the sentence is the same whether there is such an operator or not."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who knocks: the browser as it calls itself, and the address it comes from."""

    browser: str
    client: str


@dataclass(frozen=True, slots=True)
class LetIn:
    operator: Operator
    session: Session
    token: str  # for the cookie


@dataclass(frozen=True, slots=True)
class NeedsCode:
    """The password was right; the ticket says so for a few minutes."""

    ticket: str


def log_in(
    store: Store, keys: Keys, address: str, password: str, visitor: Visitor, *, now: datetime, token: str
) -> LetIn | NeedsCode:
    """`token` is random, 256 bits. Raises Refused."""
    try:
        parsed = Address.parse(address.strip())
    except BadInput:
        raise Refused(WRONG) from None
    _count(store, keys, f"login:{keys.inbox_hash(parsed)}", visitor, now)
    with store.read() as tx:
        operator = tx.operators.find(parsed)
        proofs = tx.operators.proofs(operator.id) if operator else Proofs("", "", 0, ())
    if not is_password(password, proofs.password_hash) or operator is None or operator.disabled_at:
        _note_refusal(store, operator, "password", now)
        raise Refused(WRONG)
    if operator.has_second_factor:
        return NeedsCode(_ticket(keys, operator, proofs, now))
    with store.write() as tx:
        return _let_in(tx, keys, operator, visitor, now=now, token=token)


def log_in_with_code(
    store: Store, keys: Keys, ticket: str, code: str, visitor: Visitor, *, now: datetime, token: str
) -> LetIn:
    """The second half. Raises Refused."""
    operator_id = _read_number(ticket)
    _count(store, keys, f"code:{operator_id}", visitor, now)
    with store.write() as tx:
        operator = next((each for each in tx.operators.all() if each.id == operator_id), None)
        if operator is None or operator.disabled_at:
            raise Refused(TOO_LATE)
        proofs = tx.operators.proofs(operator.id)
        if not _is_ticket(keys, operator, proofs, ticket, now):
            raise Refused(TOO_LATE)
        if take_code(tx, keys, operator, code, now):
            return _let_in(tx, keys, operator, visitor, now=now, token=token)
    _note_refusal(store, operator, "code", now)
    raise Refused(WRONG_CODE)


def log_in_unasked(
    store: Store, keys: Keys, operator: Operator, visitor: Visitor, *, now: datetime, token: str
) -> LetIn:
    """Of one who has proved otherwise who they are: by a one-time link, or to another site that we trust."""
    with store.write() as tx:
        return _let_in(tx, keys, operator, visitor, now=now, token=token)


def _let_in(tx: Transaction, keys: Keys, operator: Operator, visitor: Visitor, *, now: datetime, token: str) -> LetIn:
    session = open_session(tx, keys, operator, browser=visitor.browser, client=visitor.client, now=now, token=token)
    tx.operators.saw(operator.id, now)
    tx.acts.note_of(acting(operator), ActKind.LOGGED_IN, now, f"operator {operator.id}", session=session.id)
    return LetIn(operator, session, token)


def acting(operator: Operator, via: Via = Via.DESK) -> Actor:
    return Actor(operator.name or str(operator.address), via, operator.id)


def _note_refusal(store: Store, operator: Operator | None, what: str, now: datetime) -> None:
    if operator is not None:
        with store.write() as tx:
            tx.acts.note_of(acting(operator), ActKind.LOG_IN_REFUSED, now, f"operator {operator.id}", wrong=what)


def _count(store: Store, keys: Keys, key: str, visitor: Visitor, now: datetime) -> None:
    with store.write() as tx:
        network = keys.network_hash(visitor.client)
        if not tx.door.take(key, AN_ADDRESS, now) or (
            network and not tx.door.take(f"login-network:{network}", A_NETWORK, now)
        ):
            raise Refused(TOO_OFTEN)


def _ticket(keys: Keys, operator: Operator, proofs: Proofs, now: datetime) -> str:
    return f"{operator.id}.{int(now.timestamp())}.{_tag(keys, operator.id, proofs, int(now.timestamp()))}"


def _is_ticket(keys: Keys, operator: Operator, proofs: Proofs, ticket: str, now: datetime) -> bool:
    """Of this operator, made a few minutes ago, and since then their password and second factor are the same."""
    try:
        _, at, tag = ticket.split(".")
        age = timedelta(seconds=int(now.timestamp()) - int(at))
    except ValueError:
        return False
    same = hmac.compare_digest(tag.encode(), _tag(keys, operator.id, proofs, int(at)).encode())
    return same and timedelta() <= age <= TICKET_LIFE


def _tag(keys: Keys, operator_id: int, proofs: Proofs, at: int) -> str:
    said = f"{operator_id}\0{at}\0{proofs.password_hash}\0{proofs.totp_secret}".encode()
    return base64.urlsafe_b64encode(keys.tag("login ticket", said)).decode().rstrip("=")


def _read_number(ticket: str) -> int:
    number = ticket.partition(".")[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
