"""`digest campaign`: what an operator sees of an issue that goes out, and the brake, from another process."""

import csv
import io
import json
import signal

import pytest

from tests.cli.conftest import Done, Place
from tests.cli.terminal import at_terminal
from tests.cli.test_operator import draft, relay, with_readers
from tests.cli.test_sending import HALFWAY, heard, process, wait_for
from tests.doubles.smtp_server import Rule, SmtpServer, hang, reply

READERS = 12
RULES = (
    Rule(reply("550 5.1.1 no such user"), verb="RCPT", recipient="reader1@"),
    Rule(reply("450 4.2.1 busy"), verb="RCPT", recipient="reader2@"),
)


@pytest.fixture
def issue(place: Place) -> str:
    """Not sent yet."""
    place.environment["DIGEST_CONNECTIONS"] = "2"
    with_readers(place, READERS)
    return draft(place)


def sent(place: Place, issue: str, *rules: Rule) -> Done:
    with SmtpServer(*rules) as server:
        relay(place, server)
        return place.run("issue", "send", issue, "--yes")


def counts(place: Place, issue: str) -> dict[str, int]:
    (campaign,) = json.loads(place.good("campaign", "status", issue, "--json"))["campaigns"]
    assert campaign["balanced"]
    found: dict[str, int] = campaign["account"]
    return {state: count for state, count in found.items() if state != "audience"}


# What is there to see.


def test_each_command_wants_an_issue_that_there_is_and_that_was_sent(place: Place, issue: str) -> None:
    for command in ("watch", "pause", "stop", "report"):
        yes = ["--yes"] if command == "stop" else []
        assert place.run("campaign", command, "99", *yes).sentence.startswith("There is no issue 99")
        done = place.run("campaign", command, issue, *yes)
        assert (done.code, done.out) == (2, "")
        assert "has not been sent: it is draft" in done.sentence
    assert "has not been sent" in place.run("campaign", "status", issue).sentence


def test_without_campaigns_there_is_nothing_to_show(place: Place) -> None:
    done = place.run("campaign", "status")
    assert (done.out, done.err) == ("", "No campaign is under way.\n")
    assert json.loads(place.good("campaign", "status", "--json")) == {"campaigns": [], "senders": []}


def test_status_is_a_table_of_all_and_the_facts_of_one(place: Place, issue: str) -> None:
    sent(place, issue, *RULES)
    headings, row = place.good("campaign", "status").splitlines()
    assert headings.split() == ["issue", "state", "audience", "accepted", "waiting", "missed", "why"]
    assert row.split() == ["1", "running", "12", "10", "1", "1"]
    facts = dict(line.split(maxsplit=1) for line in place.good("campaign", "status", issue).splitlines())
    assert facts["state"] == "running"
    assert facts["account"].startswith("audience 12 = accepted 10 + deferred 1 + bounced 1 ")


def test_a_report_says_who_got_it_who_did_not_and_why(place: Place, issue: str) -> None:
    sent(place, issue, *RULES)
    *table, account = place.good("campaign", "report", issue).splitlines()
    assert len(table) == 1 + READERS
    assert account.startswith("Issue 1: audience 12 = accepted 10")
    said = json.loads(place.good("campaign", "report", issue, "--missed", "--json"))
    assert said["balanced"]
    assert said["account"]["audience"] == READERS
    assert {(each["address"], each["state"], each["said"]) for each in said["readers"]} == {
        ("reader1@example.org", "bounced", "550 5.1.1 no such user"),
        ("reader2@example.org", "deferred", "450 4.2.1 busy"),
    }
    rows = list(csv.DictReader(io.StringIO(place.good("campaign", "report", issue, "--csv"))))
    assert len(rows) == READERS
    assert {(row["state"], row["attempts"], row["relay"]) for row in rows} == {
        (state, "1", "relay") for state in ("accepted", "bounced", "deferred")
    }


def test_a_reply_is_no_formula_in_a_spreadsheet(place: Place, issue: str) -> None:
    sent(place, issue, Rule(reply("550 =HYPERLINK(1)"), verb="RCPT", recipient="reader1@"))
    assert "\n'=" not in place.good("campaign", "report", issue, "--csv")
    assert "550 =HYPERLINK(1)" in place.good("campaign", "report", issue, "--missed", "--csv")


def test_a_report_of_nobody_who_missed_it_is_the_account(place: Place, issue: str) -> None:
    sent(place, issue)
    assert len(place.good("campaign", "report", issue, "--missed").splitlines()) == 1
    assert json.loads(place.good("campaign", "report", issue, "--missed", "--json"))["readers"] == []
    assert place.good("campaign", "report", issue, "--missed", "--csv") == "address,state,attempts,relay,said\n"


def test_a_long_reply_is_cut_on_a_terminal_and_whole_in_a_pipe(place: Place, issue: str) -> None:
    long = f"550 5.1.1 {'nobody here by that name ' * 8}".rstrip()
    sent(place, issue, Rule(reply(long), verb="RCPT", recipient="reader1@"))
    code, seen = at_terminal(place, "campaign", "report", issue, "--missed")
    assert code == 0
    lines = seen.splitlines()
    assert len(lines) == 3  # headings, one reader, the account
    assert len(lines[1].rstrip()) <= 100
    assert lines[1].rstrip().endswith("…")
    assert long in place.good("campaign", "report", issue)


def test_watching_what_is_over_shows_the_account_and_ends(place: Place, issue: str) -> None:
    sent(place, issue)
    done = place.run("campaign", "watch", issue)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "Issue 1: audience 12 = accepted 12 + deferred 0 + bounced 0 + suppressed 0 + failed 0 + uncertain 0"
    ]
    _, seen = at_terminal(place, "campaign", "watch", issue)
    bar, line, *_ = [each for each in seen.splitlines() if each.strip()]
    assert "━" in bar
    assert "of" not in bar  # the bar has a line of its own
    assert "12 of 12" in line
    assert "accepted 12" in line


def test_a_relay_that_could_not_be_used_is_told_though_everybody_got_it(place: Place, issue: str) -> None:
    with SmtpServer(Rule(reply("554 5.7.1 not from your network"), verb="CONNECT")) as shut, SmtpServer() as server:
        relays = [
            {"name": name, "url": f"smtp://127.0.0.1:{port}?tls=none"}
            for name, port in (("shut", shut.port), ("open", server.port))
        ]
        place.environment["DIGEST_RELAYS"] = json.dumps(relays)
        done = place.run("issue", "send", issue, "--yes")
    assert done.code == 0
    assert len(server.messages) == READERS
    assert "The relay shut was not used in the end: The mail relay 127.0.0.1" in done.err


# The brake.


def test_a_pause_from_beside_stops_it_within_a_message_a_connection_and_resume_goes_on(
    place: Place, issue: str
) -> None:
    with SmtpServer(HALFWAY) as server:
        relay(place, server)
        with process(place, "issue", "send", issue, "--yes") as sender:
            wait_for(server, 2, sender)  # each connection waits for the answer to its second dot
            assert "Paused issue 1: audience 12 = accepted" in place.good("campaign", "pause", issue, "--why", "a typo")
            server.resume()
            said, noted = sender.communicate(timeout=60)
    assert sender.returncode == 3
    assert "Issue 1: audience 12 = accepted" in said
    assert "Issue 1 is paused: a typo" in noted
    assert len(server.messages) <= 6  # two before, two in the air, and one more each
    assert place.run("campaign", "pause", issue).sentence == "The campaign of issue 1 is paused already."
    assert "paused" in place.run("campaign", "watch", issue).err
    assert place.run("campaign", "retry", issue).sentence == (
        "Issue 1 is paused, so nobody is retried; `digest campaign resume 1` goes on."
    )
    assert place.run("deliver").code == 4
    with SmtpServer() as rest:
        relay(place, rest)
        assert "audience 12 = accepted 12" in place.good("campaign", "resume", issue)
    assert len(server.messages) + len(rest.messages) == READERS
    assert (
        place.run("campaign", "resume", issue).sentence == "The campaign of issue 1 is over, so it cannot be resumed."
    )


def test_who_watches_another_send_sees_the_pause_and_ends(place: Place, issue: str) -> None:
    with SmtpServer(HALFWAY) as server:
        relay(place, server)
        with process(place, "issue", "send", issue, "--yes") as sender:
            wait_for(server, 2, sender)
            with process(place, "issue", "send", issue, "--yes") as watcher:
                heard(watcher, "Another digest process is sending")
                place.good("campaign", "pause", issue)
                server.resume()
                said, noted = watcher.communicate(timeout=60)
            sender.wait(60)
    assert watcher.returncode == 3
    assert "Issue 1: audience 12 = accepted" in said
    assert "an operator paused it" in noted


def test_a_stop_ends_it_and_a_retry_reaches_those_who_missed_it_alone(place: Place, issue: str) -> None:
    with SmtpServer(HALFWAY) as server:
        relay(place, server)
        with process(place, "issue", "send", issue, "--yes") as sender:
            wait_for(server, 2, sender)
            assert place.run("campaign", "stop", issue).code == 2  # nobody is here to answer
            assert "Stopped issue 1" in place.good("campaign", "stop", issue, "--yes")
            server.resume()
            said, _ = sender.communicate(timeout=60)
    assert sender.returncode == 3
    before = {message.recipient for message in server.messages}
    assert len(before) == len(server.messages) <= 6
    assert counts(place, issue) == {"accepted": len(before), "failed": READERS - len(before)}
    assert f"failed {READERS - len(before)}" in said
    assert place.run("campaign", "stop", issue, "--yes").sentence == "The campaign of issue 1 is stopped already."
    with SmtpServer() as again:
        relay(place, again)
        assert "audience 12 = accepted 12" in place.good("campaign", "retry", issue, "--yes")
    assert {message.recipient for message in again.messages} == {
        f"reader{n}@example.org" for n in range(READERS)
    } - before
    assert place.run("campaign", "retry", issue, "--yes").code == 4


def test_bounced_and_uncertain_readers_are_retried_only_when_asked_for(place: Place, issue: str) -> None:
    place.environment["DIGEST_ON_CRASH"] = "hold"
    lost = Rule(lambda turn: turn.hang_up(record=True), verb=".", recipient="reader3@")
    sent(place, issue, RULES[0], lost)
    assert counts(place, issue) == {"accepted": 10, "bounced": 1, "uncertain": 1}
    assert place.run("campaign", "retry", issue, "--yes").code == 4
    for option, reader in (("--bounced", "reader1@"), ("--uncertain", "reader3@")):
        with SmtpServer() as server:
            relay(place, server)
            place.run("campaign", "retry", issue, "--yes", option)
        assert [message.recipient for message in server.messages] == [f"{reader}example.org"]
    assert counts(place, issue) == {"accepted": READERS}


def test_what_is_over_cannot_be_braked(place: Place, issue: str) -> None:
    sent(place, issue)
    assert place.run("campaign", "pause", issue).sentence == "The campaign of issue 1 is over, so it cannot be paused."
    assert place.run("campaign", "stop", issue).sentence == "The campaign of issue 1 is over, so it cannot be stopped."


# The account, at every end.


def test_after_a_kill_deliver_tells_what_it_took_over_and_the_account(place: Place, issue: str) -> None:
    """Even when the campaign is not over then: one reader is deferred."""
    with SmtpServer(*RULES, HALFWAY) as server:
        relay(place, server)
        with process(place, "issue", "send", issue, "--yes") as sender:
            wait_for(server, 2, sender)
            sender.kill()
            sender.wait(60)
        server.resume()
    with SmtpServer(*RULES) as server:
        relay(place, server)
        done = place.run("deliver")
    assert "Took over from a sender that died" in done.err
    assert "Issue 1: audience 12 = accepted 10 + deferred 1 + bounced 1 " in done.out


def test_sigterm_drains_deliver_and_the_account_is_told(place: Place, issue: str) -> None:
    with SmtpServer(Rule(reply("421 4.3.2 not now"), verb="CONNECT")) as server:
        relay(place, server)
        done = place.run("issue", "send", issue, "--yes")
    assert done.code == 75
    assert "queued 12" in done.out  # the account comes before the error
    with SmtpServer(HALFWAY) as server:
        relay(place, server)
        with process(place, "deliver") as sender:
            wait_for(server, 2, sender)
            sender.send_signal(signal.SIGTERM)
            heard(sender, "Stopping after the messages in hand")
            server.resume()
            said, _ = sender.communicate(timeout=60)
    assert sender.returncode == 3
    taken = len(server.messages)
    assert taken < READERS
    assert f"Issue 1: audience 12 = accepted {taken} + deferred 0" in said
    assert f"queued {READERS - taken}" in said


def test_ctrl_c_ends_watching_and_leaves_the_sender_alone(place: Place, issue: str) -> None:
    with SmtpServer(Rule(hang(), verb=".", message=2)) as server:
        relay(place, server)
        with process(place, "issue", "send", issue, "--yes") as sender:
            wait_for(server, 2, sender)
            with process(place, "campaign", "watch", issue) as watcher:
                heard(watcher, f"of {READERS}")
                watcher.send_signal(signal.SIGINT)
                _, noted = watcher.communicate(timeout=60)
            assert watcher.returncode == 130
            assert "Traceback" not in noted
            server.resume()
            assert sender.wait(60) == 0
