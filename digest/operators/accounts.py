"""Operators: added, invited by a one-time link, given a role, disabled. There is always an owner who can log in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.address import Address
from digest.model.errors import BadInput, NotFound, WrongState
from digest.model.keys import Keys, token_hash
from digest.model.operator import ActKind, Operator, Role
from digest.operators.passwords import hash_password, is_password
from digest.operators.sessions import end_others
from digest.store import Store, Transaction

INVITATION_LIFE = timedelta(hours=48)
MOST_NAME = 100  # characters
SAME_AGAIN = "That link works once, for two days, and this one does not any more. Ask an owner for another one."


@dataclass(frozen=True, slots=True)
class Invited:
    operator: Operator
    token: str  # of the link by which they set a password


def add_operator(
    store: Store, keys: Keys, address: str, role: Role, *, name: str = "", now: datetime, nonce: str
) -> Invited:
    """With a link to set a password by, unless it is a program. Raises BadInput when there is one with that address."""
    parsed, called = Address.parse(address), _checked_name(name)
    with store.write() as tx:
        if tx.operators.find(parsed) is not None:
            raise BadInput(f"There is an operator with the address {parsed} already.")
        operator = tx.operators.add(parsed, called, role, now)
        tx.acts.note(ActKind.OPERATOR_ADDED, now, f"operator {operator.id}", role=role)
        return Invited(operator, "" if role is Role.PROGRAM else _invite(tx, keys, operator, now, nonce))


def invite(store: Store, keys: Keys, operator_id: int, *, now: datetime, nonce: str) -> Invited:
    """Another link to set a password by: the first was lost, or the password was. The password stays until it is used."""
    with store.write() as tx:
        operator = tx.operators.get(operator_id)
        if operator.role is Role.PROGRAM or operator.disabled_at:
            raise WrongState(f"{operator.address} cannot log in: it is {_why_not(operator)}.")
        return Invited(operator, _invite(tx, keys, operator, now, nonce))


def find_invited(store: Store, token: str, now: datetime) -> Operator:
    """Whose link this is. Raises NotFound when it does not work, or not any more."""
    with store.read() as tx:
        return _invited(tx, token, now)


def accept(store: Store, token: str, password: str, *, now: datetime) -> Operator:
    """Set the first password, or another one. All sessions end. Raises BadInput for a weak one; the link then works on."""
    hashed = hash_password(password, find_invited(store, token, now))
    with store.write() as tx:
        operator = _invited(tx, token, now)
        tx.sessions.use_invitation(token_hash(token), now)
        _set_password(tx, operator, hashed, now)
        return tx.operators.get(operator.id)


def change_password(store: Store, operator: Operator, old: str, new: str, *, session: int, now: datetime) -> None:
    """Sessions elsewhere end. Raises BadInput when the old one is wrong, or the new one weak."""
    with store.read() as tx:
        proofs = tx.operators.proofs(operator.id)
    if not is_password(old, proofs.password_hash):
        raise BadInput("The old password is another one.")
    hashed = hash_password(new, operator)
    with store.write() as tx:
        _set_password(tx, operator, hashed, now, session)


def change_operator(
    store: Store,
    operator_id: int,
    *,
    role: Role | None = None,
    name: str | None = None,
    disabled: bool | None = None,
    now: datetime,
) -> Operator:
    """What is None stays. Another role, or being disabled, ends their sessions (security S12).

    Raises WrongState when nobody would be left who may manage operators.
    """
    with store.write() as tx:
        before = tx.operators.get(operator_id)
        since = before.disabled_at if disabled is None else now if disabled else None
        after = tx.operators.change(
            operator_id,
            name=before.name if name is None else _checked_name(name),
            role=role or before.role,
            disabled_at=since,
        )
        if before.rights != after.rights:
            if before.role is Role.OWNER and not tx.operators.count_owners():
                raise WrongState(f"{before.address} is the only owner who can log in; make another one first.")
            end_others(tx, operator_id)
        tx.acts.note(
            ActKind.OPERATOR_CHANGED, now, f"operator {operator_id}", role=after.role, disabled=since is not None
        )
        return after


def find_operator(store: Store, said: str) -> Operator:
    """By number or address. Raises NotFound."""
    with store.read() as tx:
        if said.isdecimal():
            return tx.operators.get(int(said))
        found = tx.operators.find(Address.parse(said))
    if found is None:
        raise NotFound(f"There is no operator {said}; `digest operator list` shows those there are.")
    return found


def _invite(tx: Transaction, keys: Keys, operator: Operator, now: datetime, nonce: str) -> str:
    token = keys.fresh_token("invitation", nonce)
    tx.sessions.invite(operator.id, token_hash(token), now, now + INVITATION_LIFE)
    tx.acts.note(ActKind.INVITED, now, f"operator {operator.id}")
    return token


def _invited(tx: Transaction, token: str, now: datetime) -> Operator:
    operator_id = tx.sessions.invited(token_hash(token), now)
    operator = None if operator_id is None else tx.operators.get(operator_id)
    if operator is None or operator.disabled_at:
        raise NotFound(SAME_AGAIN)
    return operator


def _set_password(tx: Transaction, operator: Operator, hashed: str, now: datetime, session: int = 0) -> None:
    tx.operators.set_password(operator.id, hashed)
    tx.acts.note(ActKind.PASSWORD_SET, now, f"operator {operator.id}")
    end_others(tx, operator.id, but=session)


def _why_not(operator: Operator) -> str:
    return "disabled" if operator.disabled_at else "a program"


def _checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if len(plain) > MOST_NAME or not plain.isprintable():
        raise BadInput(f"A name has {MOST_NAME} characters at most, all of them printable.")
    return plain
