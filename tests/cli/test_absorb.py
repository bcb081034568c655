"""`digest absorb`, as a mail server calls it."""

import json
import subprocess

import pytest

from tests.cli.conftest import Place
from tests.cli.test_operator import draft, relay, with_readers
from tests.doubles.returned import returned
from tests.doubles.smtp_server import SmtpServer


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


def test_a_bounce_of_a_real_mail_ends_it_and_the_report_says_so(place: Place) -> None:
    place.environment["DIGEST_BOUNCE_ADDRESS"] = "bounces@news.example.org"
    with_readers(place, 2)
    issue = draft(place)
    with SmtpServer() as server:
        relay(place, server)
        place.good("issue", "send", issue, "--yes")
    (sender,) = [mail.sender for mail in server.messages if mail.recipient == "reader1@example.org"]
    (place.path / "bounce.eml").write_bytes(returned("postfix", return_path=sender))
    said = place.run("absorb", "bounce.eml", "bounce.eml").err.splitlines()
    assert said[0].startswith("bounce.eml: told: failed 5.1.1, message ")
    assert said[0].endswith("; its address is not mailed any more (bounced).")
    assert said[1].startswith("bounce.eml: known: failed 5.1.1")
    assert place.good("campaign", "report", issue).splitlines()[-1] == "Came back since: failed 1"
    assert json.loads(place.good("campaign", "report", issue, "--json"))["returned"] == {"failed": 1}
    assert "suppressed" in place.good("subscriber", "show", "reader1@example.org")


@pytest.mark.parametrize("address", ["nobody", "b+c@example.org", f"{'b' * 21}@example.org"])
def test_an_address_that_will_not_do_is_refused(place: Place, address: str) -> None:
    place.environment["DIGEST_BOUNCE_ADDRESS"] = address
    assert "The setting bounce_address" in place.run("absorb").sentence
    assert "wrong" in place.run("config", "check").sentence
