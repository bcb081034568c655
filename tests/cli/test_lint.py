"""An operator checks an issue, sees what is wrong, and can send it all the same."""

import json
import re
from pathlib import Path

from tests.cli.conftest import Place
from tests.cli.terminal import at_terminal
from tests.cli.test_operator import draft, relay, with_readers
from tests.doubles.feed_server import FeedServer
from tests.doubles.smtp_server import SmtpServer


def own_footer(place: Place, words: str) -> None:
    """A template of the operator's, with this at the end of the text."""
    folder = place.path / "mine" / "issue"
    folder.mkdir(parents=True)
    ours = Path(__file__).parents[2] / "templates" / "email" / "issue" / "body.txt"
    (folder / "body.txt").write_text(ours.read_text().replace("{{ slot.view }}", f"{{{{ slot.view }}}}\n\n{words}"))
    place.environment["DIGEST_TEMPLATES"] = str(place.path / "mine")


def story_at(place: Place, url: str) -> None:
    (place.path / "stories" / "3.md").write_text(
        f"---\ntitle: Story 3\nurl: {url}\n---\nWhat happened, in a sentence.\n"
    )


def secure(place: Place) -> None:
    place.environment["DIGEST_BASE_URL"] = "https://news.example.org"


def test_a_good_issue_passes(place: Place) -> None:
    secure(place)
    done = place.run("issue", "lint", draft(place), "--no-links")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("Issue 1 passes. ")
    assert done.err.endswith(" notes: --verbose shows them.\n")


def test_a_warning_is_told_and_stops_nothing(place: Place) -> None:
    done = place.run("issue", "lint", draft(place), "--no-links")  # for trying out, the base URL may be http
    assert done.code == 3
    assert done.out.splitlines()[0] == (
        "warning  one-click       the unsubscribe link does not begin with https://: base_url must"
    )
    assert done.err.startswith("Issue 1 has 1 warning; it can be sent. ")


def test_verbose_tells_what_is_merely_worth_knowing(place: Place) -> None:
    secure(place)
    lines = place.good("issue", "lint", draft(place), "--no-links", "--verbose").splitlines()
    assert any(line.startswith("note     clients         ") for line in lines)
    assert all(line.startswith(("note     ", " " * 25)) for line in lines)


def test_json_has_all_of_it(place: Place) -> None:
    secure(place)
    own_footer(place, "Dear {{ '{{' }} name }}")
    done = place.run("issue", "lint", draft(place), "--no-links", "--json")
    told = json.loads(done.out)
    assert done.code == 1
    assert told["issue"] == 1
    assert told["findings"][0] == {
        "severity": "failure",
        "rule": "placeholder",
        "said": "'{{ name }}' was not filled in",
        "where": "in the text",
        "times": 1,
    }
    assert told["findings"][-1]["severity"] == "note"


def test_failures_stop_the_sending_unless_forced(place: Place) -> None:
    secure(place)
    own_footer(place, "Dear %%FIRSTNAME%%")
    with_readers(place, 2)
    issue = draft(place)
    with SmtpServer() as server:
        relay(place, server)
        refused = place.run("issue", "send", issue, "--yes")
        assert refused.code == 1
        assert refused.sentence.startswith(
            "Issue 1 does not pass its checks: '%%FIRSTNAME%%' was not filled in (in the text). "
        )
        assert refused.sentence.endswith("`digest issue send 1 --force` sends it as it is.")
        assert server.messages == []
        place.good("issue", "send", issue, "--to", "me@example.org")  # a test is for looking at what is wrong
        place.good("issue", "send", issue, "--yes", "--force")
    assert len(server.messages) == 3


def test_a_dead_link_is_found_and_stops_the_sending(place: Place) -> None:
    secure(place)
    with FeedServer() as server, SmtpServer() as mail:
        story_at(place, server.url("/gone"))
        with_readers(place, 1)
        relay(place, mail)
        issue = draft(place)
        done = place.run("issue", "lint", issue)
        assert done.code == 1
        assert f"a link is dead, it answered 404 Not Found: {server.url('/gone')}" in done.out
        assert place.run("issue", "send", issue, "--yes").code == 1
        server.at("/gone", body="back")
        assert "is dead" in place.run("issue", "lint", issue).out  # it was asked for less than an hour ago
    assert mail.messages == []


def test_on_a_terminal_lines_stay_below_each_other(place: Place) -> None:
    secure(place)
    code, seen = at_terminal(place, "issue", "lint", draft(place), "--no-links", "--verbose")
    assert code == 0
    lines = re.sub(r"\033\[\d*m", "", seen).splitlines()
    assert "\033[2mnote\033[0m" in seen
    assert all(len(line) <= 100 for line in lines)
    assert any(line.startswith(" " * 25 + "<") for line in lines)
    assert lines[-1] == "Issue 1 passes."


def test_a_client_that_nobody_knows_is_said(place: Place) -> None:
    place.environment["DIGEST_LINT_CLIENTS"] = "gmail, eudora"
    for words in ("config", "check"), ("issue", "lint", draft(place), "--no-links"):
        done = place.run(*words)
        assert done.code == 2
        assert done.sentence.startswith(
            "The setting lint_clients has 'eudora', which caniemail does not know; it knows "
        )


def test_an_issue_that_is_none_is_said(place: Place) -> None:
    done = place.run("issue", "lint", "9")
    assert done.code == 2
