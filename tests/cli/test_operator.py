"""What an operator does, command by command, with a real database and a mail server that speaks real SMTP."""

import json
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.store import open_store
from tests.cli.conftest import Place
from tests.doubles.smtp_server import Rule, SmtpServer, delay, reply
from tests.doubles.waiting import wait_until


def relay(place: Place, server: SmtpServer) -> None:
    place.environment["DIGEST_SMTP_URL"] = f"smtp://{server.host}:{server.port}?tls=none"


def with_readers(place: Place, count: int) -> None:
    rows = "\n".join(f"reader{number}@example.org,Reader {number}" for number in range(count))
    (place.path / "readers.csv").write_text(f"email,name\n{rows}\n")
    place.good(
        "subscriber", "import", "readers.csv", "--list", "weekly", "--confirmed", "--consent", "asked at the fair"
    )


def draft(place: Place) -> str:
    place.good("refresh")
    return str(json.loads(place.good("issue", "draft", "weekly", "--json"))["id"])


def test_from_nothing_to_a_sent_issue(place: Place) -> None:
    with_readers(place, 5)
    issue = draft(place)
    with SmtpServer() as server:
        relay(place, server)
        place.good("issue", "send", issue, "--to", "me@example.org")
        assert [message.recipient for message in server.messages] == ["me@example.org"]
        said = place.good("issue", "send", issue, "--yes")
    assert "audience 5 = accepted 5" in said
    assert len(server.messages) == 6
    assert place.run("issue", "send", issue, "--yes").code == 4
    assert json.loads(place.good("issue", "show", issue, "--json"))["state"] == "sent"


def test_a_preview_is_four_files(place: Place) -> None:
    place.good("issue", "preview", draft(place), "--out", "preview")
    names = sorted(path.name for path in (place.path / "preview").iterdir())
    assert names == ["body.html", "body.txt", "message.eml", "subject.txt"]
    assert "Story 1" in (place.path / "preview" / "body.html").read_text()


def preview(place: Place, issue: str) -> str:
    place.good("issue", "preview", issue, "--out", "preview")
    return (place.path / "preview" / "body.html").read_text()


def test_a_list_is_dressed_and_undressed(place: Place) -> None:
    issue = draft(place)
    plain = preview(place, issue)
    place.good("list", "set", "weekly", "--theme", "headlines", "--brand", "accent=#0a7d5a", "--brand", "dark-ink=#fff")
    assert "border-top:5px solid #0a7d5a" in preview(place, issue)
    shown = json.loads(place.good("list", "show", "weekly", "--json"))
    assert (shown["theme"], shown["brand"]) == ("headlines", ["accent=#0a7d5a", "dark_ink=#ffffff"])
    place.good("list", "set", "weekly", "--brand", "accent=")
    assert json.loads(place.good("list", "show", "weekly", "--json"))["brand"] == ["dark_ink=#ffffff"]
    place.good("list", "set", "weekly", "--theme", "", "--brand", "")
    assert preview(place, issue) == plain


def test_a_list_says_who_finds_its_archive(place: Place) -> None:
    assert json.loads(place.good("list", "show", "weekly", "--json"))["archive"] == "public"
    place.good("list", "set", "weekly", "--archive", "unlisted")
    assert json.loads(place.good("list", "show", "weekly", "--json"))["archive"] == "unlisted"


def test_the_settings_dress_all_lists_that_say_nothing(place: Place) -> None:
    issue = draft(place)
    place.environment |= {"DIGEST_THEME": "magazine", "DIGEST_BRAND": '{"accent": "#0a7d5a"}'}
    assert "accent #0a7d5a" in place.good("config", "check")
    page = preview(place, issue)
    assert "8px solid" in page
    assert "#0a7d5a" in page
    place.good("list", "set", "weekly", "--brand", "accent=#8c2318")
    assert "#0a7d5a" not in preview(place, issue)
    place.environment["DIGEST_THEME"] = "paper"
    assert (
        "The setting theme (or DIGEST_THEME) is wrong. There is no theme 'paper'" in place.run("list", "show").sentence
    )


def test_a_template_of_ones_own_that_does_not_end_stops_its_mail_only(place: Place) -> None:
    issue = draft(place)
    (place.path / "mine" / "issue").mkdir(parents=True)
    place.environment["DIGEST_TEMPLATES"] = "mine"
    assert "Story 1" in preview(place, issue)
    body = place.path / "mine" / "issue" / "body.html"
    body.write_text("{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a ~ a ~ a %}" * 14)
    said = place.run("issue", "preview", issue, "--out", "preview").sentence
    assert said.startswith("The e-mail templates in mine cannot make the mail 'issue': they ")  # need or take too much
    body.unlink()
    assert "Story 1" in preview(place, issue)


def test_a_dry_run_sends_nothing(place: Place) -> None:
    with_readers(place, 2)
    issue = draft(place)
    with SmtpServer() as server:
        relay(place, server)
        assert "readers" in place.good("issue", "send", issue, "--dry-run")
    assert server.messages == []
    assert json.loads(place.good("issue", "show", issue, "--json"))["state"] == "draft"


def test_some_refused_is_partly(place: Place) -> None:
    with_readers(place, 4)
    issue = draft(place)
    with SmtpServer(Rule(reply("550 5.1.1 no such user"), verb="RCPT", recipient="reader2@")) as server:
        relay(place, server)
        done = place.run("issue", "send", issue, "--yes")
    assert done.code == 3
    assert "accepted 3 + deferred 0 + bounced 1" in done.out


def test_a_policy_refusal_pauses_and_says_whom_it_is_about(place: Place) -> None:
    with_readers(place, 4)
    issue = draft(place)
    with SmtpServer(Rule(reply("550 5.7.26 unauthenticated"), verb="RCPT")) as server:
        relay(place, server)
        done = place.run("issue", "send", issue, "--yes")
    assert done.code == 1
    assert "paused" in done.err
    assert "bounced 0" in done.out


def test_a_relay_that_cannot_be_reached_is_try_later_and_loses_nothing(place: Place) -> None:
    with_readers(place, 3)
    issue = draft(place)
    with SmtpServer() as server:
        relay(place, server)
    done = place.run("issue", "send", issue, "--yes")
    assert done.code == 75
    with SmtpServer() as server:
        relay(place, server)
        place.good("deliver")
    assert len(server.messages) == 3


def test_after_a_kill_deliver_takes_up_the_rest(place: Place) -> None:
    with_readers(place, 30)
    issue = draft(place)
    with SmtpServer(Rule(delay(0.2), verb="."), ledger=place.path / "ledger") as server:
        relay(place, server)
        sender = subprocess.Popen(place.command("issue", "send", issue, "--yes"), cwd=place.path, env=place.env())
        wait_until(lambda: len(server.messages) >= 5, sender)
        sender.kill()
        sender.wait()
        place.good("deliver")
        assert len({message.recipient for message in server.messages}) == 30
        assert len(server.messages) <= 34


def test_sigterm_finishes_what_is_in_hand_and_prints_the_account(place: Place) -> None:
    with_readers(place, 40)
    issue = draft(place)
    with SmtpServer(Rule(delay(0.2), verb=".")) as server:
        relay(place, server)
        sender = subprocess.Popen(
            place.command("issue", "send", issue, "--yes"),
            cwd=place.path,
            env=place.env(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        wait_until(lambda: len(server.messages) >= 5, sender)
        sender.send_signal(signal.SIGTERM)
        said, _ = sender.communicate(timeout=30)
        assert "audience 40 = accepted" in said
        assert sender.returncode == 3
        place.good("deliver")
    assert len(server.messages) == 40


def test_nothing_new_is_nothing_to_do(place: Place) -> None:
    done = place.run("issue", "draft", "weekly")
    assert done.code == 4
    assert "Nothing new" in done.err


def test_the_same_consent_and_state_come_back_from_an_export(place: Place) -> None:
    with_readers(place, 3)
    place.good("subscriber", "unsubscribe", "reader1@example.org", "--list", "weekly")
    place.good("subscriber", "export", "--out", "out.csv")
    again = place.good("subscriber", "import", "out.csv", "--list", "weekly", "--confirmed", "--consent", "again")
    assert "already there" in again
    states = {row["address"]: row["state"] for row in json.loads(place.good("subscriber", "list", "--json"))}
    assert states["reader1@example.org"] == "unsubscribed"
    assert states["reader0@example.org"] == "confirmed"


def test_who_was_erased_is_not_brought_back_by_an_import(place: Place) -> None:
    with_readers(place, 2)
    place.good("subscriber", "erase", "reader1@example.org", "--yes")
    assert place.run("subscriber", "show", "reader1@example.org").code == 2
    with_readers(place, 2)
    assert len(json.loads(place.good("subscriber", "list", "--json"))) == 1


def test_a_reader_is_moved_to_another_address(place: Place) -> None:
    with_readers(place, 2)
    said = place.good("subscriber", "change-address", "reader1@example.org", "new@example.org", "--yes")
    assert said == "Moved reader1@example.org to new@example.org.\n"
    assert place.run("subscriber", "show", "reader1@example.org").code == 2
    found = json.loads(place.good("subscriber", "show", "new@example.org", "--json"))
    assert [each["mail"] for each in found["mails"]] == ["address-changed"]
    merged = place.good("subscriber", "change-address", "reader0@example.org", "new@example.org", "--yes")
    assert "they are one now" in merged
    refused = place.run("subscriber", "change-address", "nobody@example.org", "x@example.org", "--yes")
    assert (refused.code, "no subscriber nobody@example.org" in refused.sentence) == (2, True)


def test_whether_a_list_says_goodbye_is_set_and_shown(place: Place) -> None:
    assert json.loads(place.good("list", "show", "weekly", "--json"))["says_goodbye"] is True
    place.good("list", "set", "weekly", "--no-goodbye")
    assert json.loads(place.good("list", "show", "weekly", "--json"))["says_goodbye"] is False


def test_without_confirmed_readers_are_asked(place: Place) -> None:
    (place.path / "readers.csv").write_text("ann@example.org\nbo@example.org\n")
    place.good("subscriber", "import", "readers.csv", "--list", "weekly")
    with SmtpServer() as server:
        relay(place, server)
        place.good("deliver")
    assert all(b"/c/" in message.content for message in server.messages)
    assert len(server.messages) == 2


def test_everything_that_lists_or_reports_has_json(place: Place) -> None:
    with_readers(place, 1)
    issue = draft(place)
    for words in (
        ("list", "show"),
        ("list", "show", "weekly"),
        ("feed", "list"),
        ("issue", "list"),
        ("issue", "show", issue),
        ("subscriber", "list"),
        ("subscriber", "show", "reader0@example.org"),
        ("config", "check"),
        ("refresh",),
    ):
        json.loads(place.good(*words, "--json"))


def test_scheduler_py_does_the_weekly_run_by_itself(place: Place) -> None:
    """The slot passed an hour ago; the launcher at the root catches it up and sends."""
    with_readers(place, 2)
    launcher = Path(__file__).parents[2] / "scheduler.py"
    _pretend_a_slot_passed(place)
    with SmtpServer() as server:
        relay(place, server)
        command = [place.command()[0], str(launcher)]
        with subprocess.Popen(command, cwd=place.path, env=place.env(), stderr=subprocess.PIPE, text=True) as scheduler:
            for _ in range(600):
                if len(server.messages) == 2:
                    break
                time.sleep(0.1)
            scheduler.send_signal(signal.SIGTERM)
            _, logged = scheduler.communicate(timeout=30)
    assert len(server.messages) == 2, logged
    assert scheduler.returncode == 0
    assert "published to 2 readers" in logged


def _pretend_a_slot_passed(place: Place) -> None:
    store = open_store(f"sqlite:///{place.path / 'subscribers.db'}")
    with store.write() as tx:
        weekly = tx.lists.by_name("weekly")
        assert weekly.next_due_at is not None
        tx.lists.move_slot(weekly.id, weekly.next_due_at, datetime.now(UTC) - timedelta(hours=1))
    store.close()


def test_a_feed_is_the_newsroom_s_own_when_it_is_said(place: Place) -> None:
    (feed,) = json.loads(place.good("feed", "list", "--json"))
    assert feed["own"] is False
    assert "is your own, of weight 1" in place.good("feed", "set", "weekly", str(feed["id"]), "--own")
    assert json.loads(place.good("feed", "list", "--json"))[0]["own"] is True
    assert " own " in place.good("feed", "list")
    assert "is of weight 1" in place.good("feed", "set", "weekly", feed["location"], "--not-own")
    assert json.loads(place.good("feed", "list", "--json"))[0]["own"] is False
    assert "has no feed '7'" in place.run("feed", "set", "weekly", "7", "--own").sentence
