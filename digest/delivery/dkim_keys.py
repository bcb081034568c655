"""Keys for DKIM: made, read from PEM files, checked at start, and their DNS records (RFC 6376 §3.6, RFC 8301, RFC 8463)."""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from digest.model.address import Address
from digest.model.dkim import KeyType
from digest.model.errors import BadInput, BadSetting

MIN_BITS = 2048  # RFC 8301 §3.2: signers SHOULD
MAX_BITS = 4096  # RFC 8301 §3.2: no verifier need know longer ones
MAX_FILE = 65536  # octets; no key is nearly as long
MAX_STRING = 255  # octets of one string in a TXT record, RFC 1035 §3.3
MAX_NAME = 253  # characters of a name in DNS

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")  # RFC 6376 §3.1
_PADDING, _HASH = PKCS1v15(), Prehashed(SHA256())


class KeySetting(Protocol):
    """Where a key is and what it is for, as somebody has set it."""

    @property
    def domain(self) -> str: ...
    @property
    def selector(self) -> str: ...
    @property
    def key_file(self) -> Path: ...


@dataclass(frozen=True)
class DkimKey:
    """A private key under its name in DNS. Safe to share between threads."""

    domain: str
    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        """Raises BadInput for names that cannot stand in DNS and in a signature."""
        if not _SELECTOR.fullmatch(self.selector):
            raise BadInput(f"{self.selector!r} is no DKIM selector; use letters, digits and hyphens, such as s2026.")
        if len(self.name) > MAX_NAME:
            raise BadInput(f"{self.name!r} is too long for a name in DNS ({MAX_NAME} characters).")

    @cached_property
    def type(self) -> KeyType:
        return KeyType.RSA if isinstance(self.private, RSAPrivateKey) else KeyType.ED25519

    @property
    def name(self) -> str:
        """Where its record stands in DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """What its TXT record says (RFC 6376 §3.6.1)."""
        return f"v=DKIM1; k={self.type}; p={_public(self.private)}"

    @property
    def zone_line(self) -> str:
        """The same as a line of a zone file, in strings that are short enough."""
        strings = [f'"{self.record[at : at + MAX_STRING]}"' for at in range(0, len(self.record), MAX_STRING)]
        return f"{self.name}. IN TXT ( {' '.join(strings)} )"

    @property
    def pem(self) -> bytes:
        """The private key, PKCS #8, not encrypted."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, digest: bytes) -> bytes:
        """Of a SHA-256 digest. A millisecond with RSA, during which other threads may run."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(digest, _PADDING, _HASH)
        return self.private.sign(digest)  # of the digest, not the text: RFC 8463 §3


def make_key(domain: str, selector: str, kind: KeyType) -> DkimKey:
    """A new one. Raises BadInput when it can have no such name."""
    private = generate_private_key(65537, MIN_BITS) if kind is KeyType.RSA else Ed25519PrivateKey.generate()
    return DkimKey(parse_domain(domain), selector, private)


def load_keys(settings: Iterable[KeySetting]) -> list[DkimKey]:
    """Read and check them. Raises BadSetting in words; what stands in a file is never told."""
    keys = [_load_key(setting) for setting in settings]
    names = [key.name.lower() for key in keys]
    for name in names:
        if names.count(name) > 1:
            raise BadSetting(f"The setting dkim has {name} twice; give each key a selector of its own.")
    return keys


def _load_key(setting: KeySetting) -> DkimKey:
    try:
        return DkimKey(parse_domain(setting.domain), setting.selector, _read(setting.key_file))
    except BadSetting:
        raise
    except BadInput as error:
        raise BadSetting(f"The setting dkim is wrong: {error}") from None


def parse_domain(text: str) -> str:
    """In A-labels, lower case. Raises BadInput."""
    try:
        return Address.parse(f"dkim@{text}").domain
    except BadInput:
        raise BadInput(f"{text!r} is no domain that mails can be signed for; write it as example.org.") from None


def _read(path: Path) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        with path.open("rb") as file:
            pem = file.read(MAX_FILE)
    except (OSError, ValueError) as error:  # ValueError: NUL in its name
        why = (isinstance(error, OSError) and error.strerror) or "that is no file's name"
        raise BadSetting(f"The DKIM key file {path} cannot be read: {why}. `digest dkim new` makes one.") from None
    private = _parse(pem, path)
    if isinstance(private, RSAPrivateKey) and not MIN_BITS <= private.key_size <= MAX_BITS:
        raise BadSetting(
            f"The DKIM key file {path} holds an RSA key of {private.key_size} bits; RFC 8301 asks for {MIN_BITS} to "
            f"{MAX_BITS}. `digest dkim new` makes a good one."
        )
    return private


def _parse(pem: bytes, path: Path) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        private = load_pem_private_key(pem, password=None)
    except TypeError:  # as cryptography says that there should have been a password
        raise BadSetting(
            f"The DKIM key file {path} is encrypted, and nobody is here to give its password; "
            "keep it without one, readable to digest alone."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        public = " but a public one" if b"PUBLIC KEY" in pem else ""
        raise BadSetting(
            f"The DKIM key file {path} holds no private key in PEM{public}; name the file that does."
        ) from None
    if not isinstance(private, (RSAPrivateKey, Ed25519PrivateKey)):
        raise BadSetting(
            f"The key in {path} is neither RSA nor Ed25519, and DKIM knows no others; name another key file."
        )
    return private


def _public(private: RSAPrivateKey | Ed25519PrivateKey) -> str:
    """For p=. That of Ed25519 is bare (RFC 8463 §4.2); of RSA a SubjectPublicKeyInfo, as OpenSSL writes it (RFC 6376 §C)."""
    public = private.public_key()
    if isinstance(public, Ed25519PublicKey):
        return base64.b64encode(public.public_bytes_raw()).decode()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
