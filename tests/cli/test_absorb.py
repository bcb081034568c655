"""`digest absorb`, as a mail server calls it."""

import subprocess

import pytest

from tests.cli.conftest import Place
from tests.doubles.returned import returned


def test_what_came_back_is_piped_into_it(place: Place) -> None:
    """Nothing is owed and nothing is ours: it says so, and the mail server need not bounce the bounce."""
    place.environment["DIGEST_BOUNCE_ADDRESS"] = "bounces@news.example.org"
    for name, said in (("postfix", "-: not ours: failed 5.1.1."), ("away", "-: no report.")):
        done = subprocess.run(
            place.command("absorb"),
            input=returned(name),
            cwd=place.path,
            env=place.env(),
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr.decode().strip()) == (0, said)


def test_files_that_are_ours_are_told_of(place: Place) -> None:
    place.environment["DIGEST_BOUNCE_ADDRESS"] = "bounces@news.example.org"
    (place.path / "one.eml").write_bytes(returned("delayed"))
    (place.path / "two.eml").write_bytes(b"")
    done = place.run("absorb", "one.eml", "two.eml")
    assert done.err.splitlines() == ["one.eml: not ours: delayed 4.4.1.", "two.eml: no report."]
    assert "no.eml cannot be read" in place.run("absorb", "no.eml").sentence


@pytest.mark.parametrize("address", ["nobody", "b+c@example.org", f"{'b' * 21}@example.org"])
def test_an_address_that_will_not_do_is_refused(place: Place, address: str) -> None:
    place.environment["DIGEST_BOUNCE_ADDRESS"] = address
    assert "The setting bounce_address" in place.run("absorb").sentence
    assert "wrong" in place.run("config", "check").sentence
