"""Keys: what is no good one is refused at start in one sentence, and DNS records say what verifiers look for."""

import base64
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)

from digest.delivery.dkim import open_signer
from digest.delivery.dkim_keys import DkimKey, load_keys, make_key, parse_domain
from digest.model.address import Address
from digest.model.dkim import KeyType
from digest.model.errors import BadInput, BadSetting
from tests.unit.delivery.signing import MAIL, WHEN, dkimpy_verifies, ed25519_key, rsa_key


@dataclass(frozen=True)
class Setting:
    domain: str
    selector: str
    key_file: Path


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "key.pem"


def refused(key_file: Path, domain: str = "example.org", selector: str = "s1") -> str:
    with pytest.raises(BadSetting) as caught:
        load_keys([Setting(domain, selector, key_file)])
    said = str(caught.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


# files


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_rsa_key_is_read_in_either_form(key_file: Path, form: PrivateFormat) -> None:
    key_file.write_bytes(rsa_key().private.private_bytes(Encoding.PEM, form, NoEncryption()))
    (key,) = load_keys([Setting("EXAMPLE.org", "s1", key_file)])
    assert (key.domain, key.type) == ("example.org", KeyType.RSA)
    assert key.record == rsa_key().record


@pytest.mark.parametrize("kind", KeyType)
def test_what_is_made_can_be_read_again_and_signs_the_same(key_file: Path, kind: KeyType) -> None:
    made = make_key("example.org", "s1", kind)
    key_file.write_bytes(made.pem)
    signer = open_signer([Setting("example.org", "s1", key_file)]).for_sender(Address.parse("news@example.org"))
    assert signer is not None
    signature = signer.prepare([MAIL]).sign([], WHEN)
    assert dkimpy_verifies(signature + MAIL, [made]) == [True]
    assert made.type is kind


def test_a_file_that_is_not_there_or_cannot_be_read_is_named(tmp_path: Path, key_file: Path) -> None:
    assert refused(key_file) == (
        f"The DKIM key file {key_file} cannot be read: No such file or directory. `digest dkim new` makes one."
    )
    assert "Is a directory" in refused(tmp_path)
    assert "that is no file's name" in refused(Path("key\0.pem"))


@pytest.mark.parametrize("content", [b"", b"no key", b"\xff" * 100_000, b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_file_that_holds_no_key_is_refused(key_file: Path, content: bytes) -> None:
    key_file.write_bytes(content)
    assert refused(key_file) == f"The DKIM key file {key_file} holds no private key in PEM; name the file that does."


def test_the_public_key_is_not_the_one_that_signs(key_file: Path) -> None:
    public = rsa_key().private.public_key()
    key_file.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert "holds no private key in PEM but a public one" in refused(key_file)


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_encrypted_key_is_refused(key_file: Path, form: PrivateFormat) -> None:
    key_file.write_bytes(rsa_key().private.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"secret")))
    assert "is encrypted, and nobody is here to give its password" in refused(key_file)


def test_a_key_of_another_kind_is_refused(key_file: Path) -> None:
    private = generate_ec(SECP256R1())
    key_file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert "is neither RSA nor Ed25519" in refused(key_file)


def test_a_key_that_is_too_short_is_refused(key_file: Path) -> None:
    private = generate_rsa(65537, 1024)
    key_file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert "holds an RSA key of 1024 bits; RFC 8301 asks for 2048 to 4096" in refused(key_file)


def test_no_part_of_a_key_is_ever_shown(key_file: Path) -> None:
    secret = base64.b64encode(b"a secret " * 30)
    key_file.write_bytes(b"-----BEGIN PRIVATE KEY-----\n" + secret + b"\n-----END PRIVATE KEY-----\n")
    assert secret[:20].decode() not in refused(key_file)
    assert "private" not in repr(ed25519_key())


# names


@pytest.mark.parametrize(
    "domain", ["", "example org", "a@example.org", "-.org", "example.org.", "x" * 64 + ".org", "a\nb"]
)
def test_a_domain_that_is_none_is_refused(key_file: Path, domain: str) -> None:
    key_file.write_bytes(ed25519_key().pem)
    assert f"{domain!r} is no domain that mails can be signed for" in refused(key_file, domain=domain)


@pytest.mark.parametrize("selector", ["", "a b", "a;b", "-a", "a.", ".a", "a_b", "ä", "x" * 64, "a\n"])
def test_a_selector_that_is_none_is_refused(key_file: Path, selector: str) -> None:
    key_file.write_bytes(ed25519_key().pem)
    assert f"{selector!r} is no DKIM selector" in refused(key_file, selector=selector)


def test_a_name_that_dns_cannot_hold_is_refused() -> None:
    with pytest.raises(BadInput, match="is too long for a name in DNS"):
        replace(ed25519_key(), domain=".".join(["label" * 10] * 5))


def test_a_domain_is_known_by_its_a_labels() -> None:
    assert parse_domain("Bücher.example") == "xn--bcher-kva.example"


def test_a_key_that_is_set_twice_is_refused(key_file: Path) -> None:
    key_file.write_bytes(ed25519_key().pem)
    with pytest.raises(BadSetting, match=r"has s1\._domainkey\.example\.org twice"):
        load_keys([Setting("example.org", "s1", key_file), Setting("Example.org", "S1", key_file)])


# records


def test_the_record_of_an_rsa_key_holds_its_public_half() -> None:
    key = rsa_key()
    match = re.fullmatch(r"v=DKIM1; k=rsa; p=([A-Za-z0-9+/]+=*)", key.record)
    assert match
    assert match[1].startswith(
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"
    )  # a SubjectPublicKeyInfo of 2048 bits, as in RFC 6376 §C
    public = load_der_public_key(base64.b64decode(match[1]))
    assert isinstance(key.private, RSAPrivateKey)
    assert public == key.private.public_key()


def test_a_line_of_a_zone_file_has_strings_that_dns_can_hold() -> None:
    for key in (rsa_key(), ed25519_key()):
        match = re.fullmatch(r"(\S+)\. IN TXT \( (.+) \)", key.zone_line)
        assert match
        strings = re.findall(r'"([^"\\]*)"', match[2])
        assert match[1] == key.name == f"{key.selector}._domainkey.example.org"
        assert "".join(strings) == key.record
        assert all(0 < len(string) <= 255 for string in strings)


def test_a_key_as_made_is_long_enough_and_not_encrypted() -> None:
    private = make_key("example.org", "s1", KeyType.RSA).private
    assert isinstance(private, RSAPrivateKey)
    assert private.key_size == 2048
    assert DkimKey("example.org", "s1", private).pem.startswith(b"-----BEGIN PRIVATE KEY-----")
