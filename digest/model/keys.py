"""What the secret key is used for. Each purpose has a key of its own, derived from the one secret (RFC 5869's idea).

Losing the secret breaks every link in every mail and every suppression; so a database remembers a fingerprint of it.
"""

import base64
import hashlib
import hmac
import ipaddress
from dataclasses import dataclass, field
from functools import lru_cache

from digest.model.address import Address

TAG_BYTES = 16  # 128 bits: a forger needs 2^127 tries on average


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret key of an installation; at least 32 random bytes, as text or bytes of any alphabet."""

    secret: bytes = field(repr=False)

    def tag(self, purpose: str, message: bytes) -> bytes:
        """Proves that we said `message` for `purpose`, and for nothing else: keyed BLAKE2b (RFC 7693)."""
        tag = self.begin_tag(purpose).copy()
        tag.update(message)
        return tag.digest()

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for this purpose alone."""
        return hmac.digest(self.secret, purpose.encode(), "sha256")

    def begin_tag(self, purpose: str) -> "hashlib.blake2b":
        """What many tags for one purpose begin with: each is made with a copy of it."""
        return _begun(self.secret, purpose)

    def address_hash(self, address: Address) -> str:
        """What a suppression remembers of an address; it cannot be turned back without the secret."""
        return self.tag("suppression", address.key.encode()).hex()

    def inbox_hash(self, address: Address) -> str:
        """What a limit remembers of an address: the same for spellings that reach the same person."""
        return self.tag("inbox", address.inbox.encode()).hex()

    def network_hash(self, client: str, *, ipv6_bits: int = 48) -> str:
        """Of the network (/24 of IPv4, /48 of IPv6) that a request came from; "" when that is unknown."""
        try:
            address = ipaddress.ip_address(client)
        except ValueError:
            return ""
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped  # how a socket for both families names a client of IPv4
        kind, length = (ipaddress.IPv4Network, 24) if address.version == 4 else (ipaddress.IPv6Network, ipv6_bits)
        network = kind((int(address), length), strict=False)
        return self.tag("network", str(network).encode()).hex()

    def confirmation_token(self, nonce: str) -> str:
        """The token in a confirmation link. Made anew from a random nonce, so that it is never stored."""
        return base64.urlsafe_b64encode(self.tag("confirmation", nonce.encode())).rstrip(b"=").decode()

    def fresh_token(self, purpose: str, nonce: str) -> str:
        """The token in a fresh link: likewise, and another one for each purpose."""
        return base64.urlsafe_b64encode(self.tag(f"fresh:{purpose}", nonce.encode())).rstrip(b"=").decode()

    @property
    def fingerprint(self) -> str:
        return self.tag("fingerprint", b"").hex()


@lru_cache(32)
def _begun(secret: bytes, purpose: str) -> "hashlib.blake2b":
    return hashlib.blake2b(key=Keys(secret).derive(purpose), digest_size=TAG_BYTES)


def token_hash(token: str) -> str:
    """How a single-use token is stored. It is random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
