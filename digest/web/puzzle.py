"""The puzzle that a browser solves before it signs somebody up: proof of work by ALTCHA, made and checked here (security S2).

A puzzle is signed, and says when it was made and for which form; a solution is taken once, for that form, for PUZZLE_LIFE. The
library looks at the clock itself, so what expires is kept in the signed data, and judged by ours.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import altcha

from digest.audience.door import Proof
from digest.model.keys import Keys

PUZZLE_LIFE = timedelta(hours=1)
#: A first byte of zero, among keys of so many rounds: 256 tries in the middle, half a second of a desktop's time.
ALGORITHM, ROUNDS, PREFIX = "PBKDF2/SHA-256", 5_000, "00"


@dataclass(frozen=True, slots=True)
class Solved:
    """A solution that is right; when its puzzle was made, and what keeps it from being used twice."""

    made_at: datetime
    proof: Proof


def make_puzzle(keys: Keys, form: str, now: datetime) -> dict[str, Any]:
    """As JSON, in ALTCHA's form (version 2). Nothing is kept of it."""
    data = {"form": form, "made": _ms(now)}
    made: dict[str, Any] = altcha.create_challenge(
        ALGORITHM, ROUNDS, key_prefix=PREFIX, data=data, hmac_secret=_secret(keys)
    ).to_dict()
    return made


def check_solution(keys: Keys, form: str, solution: str, now: datetime) -> Solved | None:
    """None for what is no right solution of a puzzle of ours, made for this form and not too long ago."""
    try:
        payload = altcha.Payload.from_base64(solution)
        right = altcha.verify_solution(payload, _secret(keys)).verified
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    said = payload.challenge.parameters.data
    if not right or not said or said["form"] != form:
        return None
    made_at = datetime.fromtimestamp(said["made"] / 1000, UTC)
    if not timedelta(0) <= now - made_at < PUZZLE_LIFE:
        return None
    signature = str(payload.challenge.signature)  # of the puzzle, not of one of its many solutions
    return Solved(made_at, Proof(hashlib.sha256(signature.encode()).hexdigest(), made_at + PUZZLE_LIFE))


def _secret(keys: Keys) -> bytes:
    return keys.tag("puzzle", b"")


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
