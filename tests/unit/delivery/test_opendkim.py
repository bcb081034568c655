"""OpenDKIM, as mail servers run it, verifies what we sign: RSA and Ed25519, whole and in pieces."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from digest.delivery.dkim import Signer, sign_message
from tests.doubles.debian import environment, unpacked
from tests.unit.delivery.signing import MAIL, WHEN, ed25519_key, rsa_key
from tests.unit.delivery.test_dkim_pieces import FORM, OWN, join

GOLDEN = Path(__file__).parents[2] / "golden"
KEYS = [rsa_key, ed25519_key]

Verify = Callable[[bytes], list[str]]


@pytest.fixture
def verify(tmp_path: Path) -> Verify:
    """What it says of each signature of a mail. Keys come from a file, so that it asks no DNS."""
    root = unpacked("opendkim")
    (tmp_path / "keys").write_text("".join(f"{key().name} {key().record}\n" for key in KEYS))
    (tmp_path / "conf").write_text(f"Mode v\nTestPublicKeys {tmp_path}/keys\n")

    def run(mail: bytes) -> list[str]:
        (tmp_path / "mail").write_bytes(mail)
        command = [str(root / "usr/sbin/opendkim"), "-x", "conf", "-vvvv", "-t", "mail"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(root), capture_output=True, text=True, timeout=60, check=True
        )
        found = re.findall(r"dkim=(\w+).*?header\.a=([\w-]+)", done.stdout)
        return [f"{result} {algorithm}" for result, algorithm in found]

    return run


def test_both_signatures_hold(verify: Verify) -> None:
    signature = sign_message(MAIL, [key() for key in KEYS], WHEN)
    assert verify(signature + MAIL) == ["pass rsa-sha256", "pass ed25519-sha256"]


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.eml")), ids=lambda path: path.stem)
def test_every_mail_of_ours_holds(verify: Verify, path: Path) -> None:
    mail = path.read_bytes()
    assert b"\r\n\r\n" in mail
    assert verify(sign_message(mail, [key() for key in KEYS], WHEN) + mail) == [
        "pass rsa-sha256",
        "pass ed25519-sha256",
    ]


@pytest.mark.parametrize(
    "own",
    [
        OWN,
        ['"A name that is long enough to be folded"\r\n <jürgen@example.net>'.encode(), *OWN[1:]],
        [*OWN[:4], b"", b" ", b"\t\r\n\r\n"],
    ],
)
def test_a_mail_in_pieces_holds(verify: Verify, own: list[bytes]) -> None:
    signature = Signer([key() for key in KEYS]).prepare(FORM).sign(own, WHEN)
    assert verify(signature + join(FORM, own)) == ["pass rsa-sha256", "pass ed25519-sha256"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"wood", b"wool"),
        (b"Subject: ", b"Subject: Re: "),
        (b"\r\nFrom: ", b"\r\nFrom: forged@example.org\r\nFrom: "),
        (b"\r\nSubject: ", b"\r\nSubject: forged\r\nSubject: "),
        (b"\r\nList-Unsubscribe: ", b"\r\nList-Unsubscribe: <https://example.com>\r\nList-Unsubscribe: "),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
    ],
)
def test_a_changed_mail_does_not_hold(verify: Verify, old: bytes, new: bytes) -> None:
    signature = sign_message(MAIL, [key() for key in KEYS], WHEN)
    changed = (b"\r\n" + MAIL).replace(old, new, 1)[2:]
    assert changed != MAIL
    assert verify(signature + changed) == ["fail rsa-sha256", "fail ed25519-sha256"]
