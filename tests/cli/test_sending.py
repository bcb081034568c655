"""Sending that is stopped, refused, watched and taken over: the account is told, the code fits, and nobody is lost."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from digest.cli.delivering import exit_code
from digest.model.message import Account, MessageState
from tests.cli.conftest import Place
from tests.cli.test_operator import draft, relay, with_readers
from tests.doubles.smtp_server import Rule, SmtpServer, drop, hang, reply
from tests.doubles.waiting import wait_until

A, D, B, S, Q = (MessageState(name) for name in ("accepted", "deferred", "bounced", "suppressed", "queued"))

HALFWAY = Rule(hang(), verb=".", message=2)  # each connection waits there until the server resumes


@contextmanager
def process(place: Place, *words: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        place.command(*words),
        cwd=place.path,
        env=place.env(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def heard(started: subprocess.Popen[str], words: str) -> None:
    """Wait until it says so on standard error."""
    assert started.stderr is not None
    for line in started.stderr:
        if words in line:
            return
    raise AssertionError(words)


def wait_for(server: SmtpServer, count: int, sender: subprocess.Popen[str]) -> None:
    wait_until(lambda: len(server.messages) >= count, sender)


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({}, 4),
        ({A: 3, B: 0}, 0),
        ({A: 3, S: 1}, 0),
        ({A: 3, B: 1}, 3),
        ({A: 3, D: 1}, 3),
        ({A: 3, Q: 1}, 3),
        ({B: 2}, 1),
        ({D: 2}, 75),
        ({D: 2, B: 1}, 75),
    ],
)
def test_the_code_says_how_it_ended(counts: dict[MessageState, int], code: int) -> None:
    assert exit_code({1: Account(sum(counts.values()), counts)}) == code


def test_a_second_ctrl_c_ends_at_once_and_loses_nobody(place: Place) -> None:
    with_readers(place, 8)
    issue = draft(place)
    with SmtpServer(Rule(hang(), verb=".", message=1), ledger=place.path / "ledger") as server:
        relay(place, server)
        with process(place, "issue", "send", issue, "--yes") as sender:
            wait_until(lambda: any("DATA" in session.verbs for session in server.sessions), sender)
            sender.send_signal(signal.SIGINT)
            heard(sender, "takes up the rest")
            sender.send_signal(signal.SIGINT)
            assert sender.wait(20) == 130
        server.resume()
    with SmtpServer() as server:
        relay(place, server)
        place.run("deliver")
        reached = {message.recipient for message in server.messages}
    assert len(reached | _in_ledger(place)) == 8


def _in_ledger(place: Place) -> set[str]:
    lines = (place.path / "ledger").read_text().splitlines()
    return {recipient for line in lines for recipient in json.loads(line)["recipients"]}


def test_who_sends_what_another_is_sending_watches_it(place: Place) -> None:
    with_readers(place, 20)
    issue = draft(place)
    with SmtpServer(HALFWAY) as server:
        relay(place, server)
        with process(place, "issue", "send", issue, "--yes") as first:
            wait_for(server, 2, first)
            with process(place, "issue", "send", issue, "--yes") as second:
                heard(second, "Another digest process is sending")
                server.resume()
                said, _ = second.communicate(timeout=50)
            assert first.wait(30) == 0
    assert second.returncode == 0
    assert "audience 20 = accepted 20" in said
    assert len(server.messages) == 20


def test_who_watches_takes_over_when_the_sender_dies(place: Place) -> None:
    with_readers(place, 30)
    issue = draft(place)
    with SmtpServer(HALFWAY) as server:
        relay(place, server)
        with process(place, "issue", "send", issue, "--yes") as first:
            wait_for(server, 2, first)
            with process(place, "issue", "send", issue, "--yes") as second:
                heard(second, "Another digest process is sending")
                first.kill()
                server.resume()
                said, _ = second.communicate(timeout=50)
    assert second.returncode == 0
    assert "audience 30 = accepted 30" in said
    assert {message.recipient for message in server.messages} == {f"reader{at}@example.org" for at in range(30)}
    assert len(server.messages) <= 34  # one more copy per connection that was open


def test_deliver_beside_another_sender_is_try_later(place: Place) -> None:
    with_readers(place, 10)
    issue = draft(place)
    with SmtpServer(HALFWAY) as server:
        relay(place, server)
        with process(place, "issue", "send", issue, "--yes") as first:
            wait_for(server, 1, first)
            done = place.run("deliver")
            server.resume()
            assert first.wait(30) == 0
    assert done.code == 75
    assert "Another digest process is sending" in done.sentence


def test_a_paused_issue_goes_on_when_it_is_sent_again(place: Place) -> None:
    place.environment["DIGEST_CONNECTIONS"] = "1"
    with_readers(place, 5)
    issue = draft(place)
    with SmtpServer(Rule(reply("550 5.7.26 unauthenticated"), verb="RCPT", recipient="reader1@")) as server:
        relay(place, server)
        assert place.run("issue", "send", issue, "--yes").code == 3
    assert "5.7.26" in place.good("issue", "show", issue)
    with SmtpServer() as server:
        relay(place, server)
        assert place.run("deliver").code == 4  # it waits for its operator
        assert "is paused (550 5.7.26 unauthenticated)" in place.run("issue", "send", issue).sentence
        done = place.run("issue", "send", issue, "--yes")
    assert done.code == 3
    assert "audience 5 = accepted 4 + deferred 1 + bounced 0" in done.out
    assert "The next message is due at" in done.err
    assert "paused" not in place.good("issue", "show", issue)


def test_all_deferred_is_try_later(place: Place) -> None:
    with_readers(place, 3)
    issue = draft(place)
    with SmtpServer(Rule(reply("451 4.7.1 greylisted, come back"), verb="RCPT")) as server:
        relay(place, server)
        done = place.run("issue", "send", issue, "--yes")
    assert done.code == 75
    assert "deferred 3" in done.out


def test_a_relay_that_hangs_up_amid_a_message_makes_it_due_again(place: Place) -> None:
    with_readers(place, 3)
    issue = draft(place)
    with SmtpServer(Rule(drop(), verb=".", recipient="reader1@")) as server:
        relay(place, server)
        done = place.run("issue", "send", issue, "--yes")
    assert done.code == 3
    assert "accepted 2 + deferred 1" in done.out


def test_what_became_of_it_as_json(place: Place) -> None:
    with_readers(place, 3)
    issue = draft(place)
    with SmtpServer(Rule(reply("550 5.1.1 nobody"), verb="RCPT", recipient="reader1@")) as server:
        relay(place, server)
        done = place.run("issue", "send", issue, "--yes", "--json")
        assert json.loads(place.run("deliver", "--json").out)["accounts"] == []
    assert done.code == 3
    (account,) = json.loads(done.out)["accounts"]
    assert account == {"issue": 1, "audience": 3, "accepted": 2, "bounced": 1}
    (listed,) = json.loads(place.good("issue", "list", "--json"))
    assert listed["account"] == {"audience": 3, "accepted": 2, "bounced": 1}
    assert "2 of 3 accepted, 1 bounced" in place.good("issue", "list")


def test_a_dry_run_as_json(place: Place) -> None:
    with_readers(place, 3)
    said = json.loads(place.good("issue", "send", draft(place), "--dry-run", "--json"))
    assert (said["readers"], said["excluded"], said["articles"]) == (3, {}, 2)


def test_a_skipped_issue_is_not_sent_and_says_why(place: Place) -> None:
    with_readers(place, 1)
    skipped = str(json.loads(place.run("issue", "draft", "weekly", "--json").out)["id"])
    place.environment["DIGEST_SMTP_URL"] = "smtp://127.0.0.1:1?tls=none"
    done = place.run("issue", "send", skipped)
    assert done.code == 1
    assert "Nothing new" in done.sentence


def test_a_test_to_no_address_sends_nothing(place: Place) -> None:
    issue = draft(place)
    place.environment["DIGEST_SMTP_URL"] = "smtp://127.0.0.1:1?tls=none"
    done = place.run("issue", "send", issue, "--to", "ann@example.org", "--to", "nobody\r\n@example.org")
    assert done.code == 2
    assert place.run("deliver").code == 4
