"""Passwords: argon2id (RFC 9106), and what is too weak (NIST SP 800-63B §3.1.1: length, and no rules of composition)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from digest.model.errors import BadInput
from digest.model.operator import Operator

LEAST = 12  # characters
MOST = 1_000
DIFFERENT = 5  # characters at least: "aaaaaaaaaaaa" is none

#: Who logs in with an address that nobody has waits as long as others do (security S7).
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5bm9ib2R5bm8$Gvd2K2p6LzpYYz6kFHhLHq7Zd0PKyxMmsNmYhRrtzrE"


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


def same_twice(password: str, again: str) -> str:
    """Raises BadInput when a password was typed differently the second time."""
    if password != again:
        raise BadInput("The two passwords are not the same.")
    return password


def hash_password(password: str, operator: Operator) -> str:
    """Raises BadInput in words for one that is easily guessed. Takes about 50 ms, so no transaction should be open."""
    _check(password, operator)
    return _hasher().hash(password)


def is_password(password: str, password_hash: str) -> bool:
    """Takes as long when there is no hash."""
    try:
        return _hasher().verify(password_hash or _NOBODYS, password[: MOST + 1]) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def _check(password: str, operator: Operator) -> None:
    if not LEAST <= len(password) <= MOST:
        raise BadInput(f"A password has {LEAST} characters at least; a few words in a row are good.")
    folded = password.casefold()
    known = (operator.address.local.casefold(), operator.address.domain.casefold(), operator.name.casefold())
    rest = folded
    for word in sorted((word for word in known if len(word) > 2), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(set(folded)) < DIFFERENT or len(rest) < LEAST // 2:
        raise BadInput(
            "That password is easily guessed: it is mostly your name or address, or one character over and over."
        )
