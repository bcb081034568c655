"""`digest dkim`: a key is made, its record is shown, and what is wrong is said in one sentence."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from digest.delivery.dkim import open_signer
from digest.model.address import Address
from digest.settings import load_settings
from tests.cli.conftest import Place


def add_to_settings(place: Place, said: str) -> Path:
    """As an operator does: what stands behind [[dkim]] goes to the end of digest.toml."""
    settings = place.path / "digest.toml"
    with settings.open("a") as out:
        out.write("\n[[dkim]]" + said.partition("[[dkim]]")[2])
    return settings


def test_from_nothing_to_a_key_that_signs(place: Place) -> None:
    for kind in ("rsa", "ed25519"):
        said = place.good("dkim", "new", "Example.org", "--type", kind)
        settings = add_to_settings(place, said)
    signer = open_signer(load_settings(settings, {}).dkim).for_sender(Address.parse("news@lists.example.org"))
    assert signer is not None
    assert [key.type for key in signer.keys] == ["rsa", "ed25519"]
    for key in signer.keys:
        assert key.zone_line in place.good("dkim", "show")
    assert "All is well." not in place.run("config", "check").err  # there is no relay yet
    place.environment["DIGEST_SMTP_URL"] = "smtp://127.0.0.1:25?tls=none"
    done = place.run("config", "check")
    assert "All is well." in done.err
    assert f"{signer.keys[0].name} (" in done.out


def test_a_new_key_is_in_a_file_for_its_owner_alone_and_the_record_is_printed(bare: Place) -> None:
    said = bare.good("dkim", "new", "example.org", "--selector", "s1")
    path = bare.path / "s1.example.org.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert re.search(
        r'^s1\._domainkey\.example\.org\. IN TXT \( "v=DKIM1; k=rsa; p=.+" "[^"]+" \)$', said, re.MULTILINE
    )
    (table,) = tomllib.loads("[[dkim]]" + said.partition("[[dkim]]")[2])["dkim"]
    assert table == {"domain": "example.org", "selector": "s1", "key_file": str(path)}
    assert "PRIVATE KEY" not in said


def test_two_kinds_of_keys_get_names_of_their_own(bare: Place) -> None:
    bare.good("dkim", "new", "example.org")
    bare.good("dkim", "new", "example.org", "--type", "ed25519")
    names = sorted(path.name for path in bare.path.iterdir())
    assert [re.sub(r"\d{6}", "YYYYMM", name) for name in names] == [
        "ed25519-YYYYMM.example.org.pem",
        "rsa-YYYYMM.example.org.pem",
    ]


def test_a_key_is_never_written_over(bare: Place) -> None:
    bare.good("dkim", "new", "example.org", "--out", "key.pem")
    kept = (bare.path / "key.pem").read_bytes()
    done = bare.run("dkim", "new", "example.org", "--out", "key.pem")
    assert done.code == 2
    assert done.sentence == "There is a key.pem already, and no key is written over; name another file with --out."
    assert (bare.path / "key.pem").read_bytes() == kept


def test_a_place_that_cannot_be_written_is_named(bare: Place) -> None:
    done = bare.run("dkim", "new", "example.org", "--out", "nowhere/key.pem")
    assert done.code == 1
    assert done.sentence == "nowhere/key.pem cannot be written: No such file or directory."


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("news@example.org",), "news@example.org"),
        (("no domain",), "no domain"),
        (("example.org", "--selector", "../s1"), "../s1"),
        (("example.org", "--type", "dsa"), "dsa"),
    ],
)
def test_wrong_words_make_nothing(bare: Place, words: tuple[str, ...], named: str) -> None:
    done = bare.run("dkim", "new", *words)
    assert done.code == 2
    assert named in done.sentence
    assert list(bare.path.iterdir()) == []


def test_keys_are_shown_for_programs(bare: Place) -> None:
    add_to_settings(bare, bare.good("dkim", "new", "example.org", "--selector", "s1", "--type", "ed25519"))
    (shown,) = json.loads(bare.good("dkim", "show", "--json"))
    assert shown["record"].startswith("v=DKIM1; k=ed25519; p=")
    assert {name: shown[name] for name in ("domain", "selector", "type", "name")} == {
        "domain": "example.org",
        "selector": "s1",
        "type": "ed25519",
        "name": "s1._domainkey.example.org",
    }
    (set_,) = json.loads(bare.run("config", "check", "--json").out)["dkim"]
    assert set_ == {name: shown[name] for name in ("domain", "selector", "key_file")}


def test_without_keys_there_is_nothing_to_show(bare: Place) -> None:
    done = bare.run("dkim", "show")
    assert done.code == 4
    assert "digest dkim new" in done.err
    assert json.loads(bare.good("dkim", "show", "--json")) == []


def test_a_key_file_that_is_gone_is_named(place: Place) -> None:
    add_to_settings(place, place.good("dkim", "new", "example.org", "--out", "key.pem"))
    (place.path / "key.pem").unlink()
    for words in (("dkim", "show"), ("config", "check")):
        done = place.run(*words)
        assert done.code == 2
        assert "key.pem cannot be read: No such file or directory" in done.err
