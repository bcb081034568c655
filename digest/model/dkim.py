"""The kinds of key that DKIM signs with; the words are those of its DNS record (RFC 6376 §3.6.1, RFC 8463 §4)."""

from enum import StrEnum


class KeyType(StrEnum):
    RSA = "rsa"  # known to every verifier
    ED25519 = "ed25519"  # short and quick, but many verifiers ignore it: only beside an RSA key

    @property
    def algorithm(self) -> str:
        """As a signature names it (a=)."""
        return f"{self}-sha256"
