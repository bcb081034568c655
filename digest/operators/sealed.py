"""Secrets that we must be able to read again: encrypted with a key that is not in the database (Fernet: AES-CBC and HMAC)."""

import base64

from cryptography.fernet import Fernet, InvalidToken

from digest.model.errors import DigestError
from digest.model.keys import Keys


def seal(keys: Keys, purpose: str, secret: str) -> str:
    return _box(keys, purpose).encrypt(secret.encode()).decode()


def unseal(keys: Keys, purpose: str, sealed: str) -> str:
    """Raises DigestError when it was not sealed with this secret key, or for another purpose."""
    try:
        return _box(keys, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise DigestError(f"A {purpose} in the database was not sealed with this secret_key; set it anew.") from None


def _box(keys: Keys, purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(keys.derive(f"sealed:{purpose}")))
