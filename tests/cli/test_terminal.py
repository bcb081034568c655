"""What a person at a terminal sees and is asked, and what a pipe never sees."""

from tests.cli.conftest import Place
from tests.cli.terminal import at_terminal
from tests.cli.test_operator import draft, relay, with_readers
from tests.doubles.smtp_server import SmtpServer


def test_init_asks_for_what_it_needs(bare: Place) -> None:
    code, seen = at_terminal(
        bare,
        "init",
        answers=[
            ("web pages [http://127.0.0.1:8000]:", "https://news.example.org"),
            ("first list [weekly]:", "town"),
            ("news@example.org>:", "The Town <news@example.org>"),
            ("(or nothing):", "me@example.org"),
        ],
    )
    assert code == 0, seen
    assert "https://news.example.org/desk/welcome/" in seen
    assert "owner" in bare.good("operator", "list")
    assert "The Town <news@example.org>" in bare.good("list", "show", "town")
    assert "https://news.example.org" in bare.good("config", "check")


def test_a_second_init_asks_nothing(place: Place) -> None:
    code, seen = at_terminal(place, "init")
    assert code == 0
    assert "Kept digest.toml" in seen
    assert "]:" not in seen


def test_sending_asks_first_and_no_means_no(place: Place) -> None:
    with_readers(place, 2)
    issue = draft(place)
    with SmtpServer() as server:
        relay(place, server)
        code, seen = at_terminal(place, "issue", "send", issue, answers=[("to 2 readers? [y/N]:", "n")])
        assert code == 4
        assert "Nothing was done." in seen
        assert server.messages == []


def test_a_bar_shows_how_far_it_is_on_a_terminal_only(place: Place) -> None:
    with_readers(place, 3)
    issue = draft(place)
    with SmtpServer() as server:
        relay(place, server)
        code, seen = at_terminal(place, "issue", "send", issue, answers=[("to 3 readers? [y/N]:", "y")])
        assert code == 0
        assert "3 of 3" in seen
        assert "accepted 3" in seen
        assert "relay" in seen
    assert len(server.messages) == 3


def test_a_pipe_sees_no_bar(place: Place) -> None:
    with_readers(place, 3)
    issue = draft(place)
    with SmtpServer() as server:
        relay(place, server)
        done = place.run("issue", "send", issue, "--yes")
    assert done.err == ""
    assert done.out.splitlines() == [
        "Published issue 1 to 3 readers.",
        "Issue 1: audience 3 = accepted 3 + deferred 0 + bounced 0 + suppressed 0 + failed 0 + uncertain 0",
    ]


def test_a_headline_does_nothing_to_a_terminal(place: Place) -> None:
    (place.path / "stories" / "3.md").write_text(
        '---\ntitle: "Odd\\e[31m [bold] :smile: \\u202e news"\nurl: https://example.org/3\n---\nWhat happened.\n'
    )
    issue = draft(place)
    code, seen = at_terminal(place, "issue", "show", issue)
    assert code == 0
    assert "[bold] :smile:" in seen
    assert "\x1b[31m" not in seen
    assert "\u202e" not in seen
