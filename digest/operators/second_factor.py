"""The second factor: six digits that change every half minute (RFC 6238), and ten codes for when the telephone is lost."""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyotp

from digest.model.errors import BadInput
from digest.model.keys import Keys, token_hash
from digest.model.operator import ActKind, Operator
from digest.operators.sealed import seal, unseal
from digest.operators.sessions import end_others
from digest.store import Store, Transaction

STEP = 30  # seconds
CLOCK_STEPS = 1  # a telephone's clock may be so many steps away
RECOVERY_CODES = 10
PURPOSE = "second factor"
SECRET_CHARACTERS = 32  # of base32: 160 bits, as RFC 4226 §4 recommends


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that is not in force yet: the operator shows by a code that their telephone has it."""

    secret: str
    uri: str  # what the QR code says


def offer(operator: Operator, site: str, secret: str) -> Offer:
    return Offer(secret, pyotp.TOTP(secret).provisioning_uri(name=str(operator.address), issuer_name=site))


def new_secret(random: bytes) -> str:
    """Of 20 random bytes."""
    return base64.b32encode(random[:20]).decode()


def switch_on(
    store: Store, keys: Keys, operator: Operator, secret: str, code: str, *, session: int, now: datetime, nonce: str
) -> tuple[str, ...]:
    """Returns the recovery codes, which are shown this once. Raises BadInput when the code is not the secret's."""
    step = step_of(secret, code, now)
    if step is None:
        raise BadInput("That code does not fit. Look whether the telephone's clock is right, and type the newest one.")
    codes = _recovery_codes(keys, nonce)
    with store.write() as tx:
        tx.operators.set_second_factor(
            operator.id, seal(keys, PURPOSE, secret), [token_hash(_plain(each)) for each in codes]
        )
        tx.operators.use_step(operator.id, step)
        tx.acts.note(ActKind.SECOND_FACTOR_SET, now, f"operator {operator.id}", on=True)
        end_others(tx, operator.id, but=session)
    return codes


def switch_off(store: Store, operator: Operator, *, session: int, now: datetime) -> None:
    """Sessions elsewhere end. Safe twice."""
    with store.write() as tx:
        tx.operators.set_second_factor(operator.id, "", ())
        tx.acts.note(ActKind.SECOND_FACTOR_SET, now, f"operator {operator.id}", on=False)
        end_others(tx, operator.id, but=session)


def take_code(tx: Transaction, keys: Keys, operator: Operator, code: str, now: datetime) -> bool:
    """Whether it is the telephone's, or a recovery code. Each is taken once."""
    proofs = tx.operators.proofs(operator.id)
    step = step_of(unseal(keys, PURPOSE, proofs.totp_secret), code, now)
    if step is not None:
        return tx.operators.use_step(operator.id, step)
    hashed = token_hash(_plain(code))
    left = [each for each in proofs.recovery_hashes if not hmac.compare_digest(each, hashed)]
    if len(left) == len(proofs.recovery_hashes):
        return False
    tx.operators.keep_recovery(operator.id, left)
    return True


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is."""
    typed, at = "".join(code.split()), int(now.timestamp())
    totp = pyotp.TOTP(secret, interval=STEP)
    steps: Sequence[int] = range(-CLOCK_STEPS, CLOCK_STEPS + 1)
    fitting = (
        at // STEP + each
        for each in steps
        if hmac.compare_digest(totp.at(at, counter_offset=each).encode(), typed.encode())
    )
    return next(fitting, None)


def _recovery_codes(keys: Keys, nonce: str) -> tuple[str, ...]:
    """80 bits each."""
    texts = (keys.tag("recovery code", f"{nonce}:{number}".encode()).hex()[:20] for number in range(RECOVERY_CODES))
    return tuple("-".join(text[start : start + 5] for start in range(0, 20, 5)) for text in texts)


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()
