"""Keys, a mail to sign, and two verifiers: dkimpy, and the RFC's steps written down as plainly as can be."""

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache

import dkim
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from digest.delivery.dkim_keys import DkimKey, make_key
from digest.model.dkim import KeyType

WHEN = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)

FIELDS = (
    b"From: The Weekly <news@example.org>",
    b"Reply-To: editors@example.org",
    b"To: Ann <ann@example.net>",
    b"Subject: =?utf-8?B?V2FzIGltIFdhbGQgZ2VzY2hhaA==?=\r\n =?utf-8?B?IHVuZCB3YXMgbmljaHQ=?=",
    b"Date: Mon, 23 Nov 2026 07:30:00 +0000",
    b"Message-ID: <12.abc@example.org>",
    b"List-Id: The Weekly <weekly.example.org>",
    b"List-Unsubscribe: <https://news.example.org/u/12.abc>",
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    b"List-Post: NO",
    b"List-Archive: <https://news.example.org/archive>",
    b"Precedence: bulk",
    b"Auto-Submitted: auto-generated",
    b"Feedback-ID: 12:weekly:issue:example-org00",
    b"MIME-Version: 1.0",
    b"Content-Type: text/plain; charset=utf-8",
    b"Content-Transfer-Encoding: quoted-printable",
)
BODY = b"Dear Ann,\r\n\r\nwhat  happened in the  wood: \tnothing. =\r\n \r\nSee you\t\r\n-- \r\n\r\n\r\n"
MAIL = b"\r\n".join(FIELDS) + b"\r\n\r\n" + BODY


@cache
def rsa_key() -> DkimKey:
    return make_key("example.org", "r1", KeyType.RSA)


@cache
def ed25519_key() -> DkimKey:
    return make_key("example.org", "e1", KeyType.ED25519)


def dkimpy_verifies(signed: bytes, keys: Iterable[DkimKey]) -> list[bool]:
    """What dkimpy says of each signature, from the top."""
    records = {f"{key.name}.".encode(): key.record.encode() for key in keys}
    message = signed if signed.endswith(b"\r\n") else signed + b"\r\n"
    verifier = dkim.DKIM(message)
    count = sum(name.lower() == b"dkim-signature" for name, _ in verifier.headers)
    return [_verify(verifier, index, records) for index in range(count)]


def _verify(verifier: dkim.DKIM, index: int, records: dict[bytes, bytes]) -> bool:
    try:
        return bool(verifier.verify(index, dnsfunc=lambda name, timeout=5: records[name]))  # noqa: ARG005  as it calls it
    except dkim.ValidationError:
        return False


def plainly_verified(field: bytes, message: bytes, key: DkimKey) -> bool:
    """Whether this one DKIM-Signature field is right for the message, by RFC 6376 §3.4, §3.7 and §6.1.3, step by step."""
    header, _, body = message.partition(b"\r\n\r\n")
    unfolded = unfold(field)
    tags = dict(tag.strip().split(b"=", 1) for tag in unfolded.partition(b":")[2].split(b";") if tag.strip())
    if base64.b64decode(tags[b"bh"]) != hashlib.sha256(relaxed_body(body)).digest():
        return False
    signed = b"".join(line + b"\r\n" for line in named(unfold(header).split(b"\r\n"), tags[b"h"]))
    itself = relaxed_field(re.sub(rb"([;:]\s*b=)[^;]*", rb"\1", unfolded.removesuffix(b"\r\n")))
    digest = hashlib.sha256(signed + itself)
    return holds(key, base64.b64decode(tags[b"b"].replace(b" ", b"")), digest.digest(), signed + itself)


def holds(key: DkimKey, signature: bytes, digest: bytes, text: bytes) -> bool:
    try:
        if isinstance(key.private, RSAPrivateKey):
            key.private.public_key().verify(signature, text, PKCS1v15(), SHA256())
        else:
            key.private.public_key().verify(signature, digest)
    except InvalidSignature:
        return False
    return True


def named(lines: Sequence[bytes], names: bytes) -> list[bytes]:
    """The fields that h= means, canonical: of equal names the last one first."""
    left = [relaxed_field(line) for line in lines if line]
    found = []
    for name in names.lower().split(b":"):
        at = max((at for at, line in enumerate(left) if line.partition(b":")[0] == name.strip()), default=None)
        if at is not None:
            found.append(left.pop(at))
    return found


def unfold(header: bytes) -> bytes:
    return re.sub(rb"\r\n([ \t])", rb"\1", header)


def relaxed_field(unfolded: bytes) -> bytes:
    name, _, value = unfolded.partition(b":")
    return name.strip(b" \t").lower() + b":" + re.sub(rb"[ \t]+", b" ", value).strip(b" ")


def relaxed_body(body: bytes) -> bytes:
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
