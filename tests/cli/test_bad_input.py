"""Bad input gets one clear sentence that names the thing, the right exit code, and loses nothing."""

import os
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Place
from tests.doubles.feed_server import FeedServer
from tests.doubles.smtp_server import SmtpServer


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("list", "show", "monthly"), "monthly"),
        (("list", "add", "Not A Name", "--from", "a@example.org"), "Not A Name"),
        (("list", "add", "daily"), "--from"),
        (("list", "add", "daily", "--from", "no address"), "no address"),
        (("list", "add", "weekly", "--from", "a@example.org"), "weekly"),
        (("list", "set", "weekly", "--weekdays", "mon,funday"), "fun"),
        (("list", "set", "weekly", "--zone", "Europe/Nowhere"), "Europe/Nowhere"),
        (("list", "set", "weekly", "--at", "25:00"), "25:00"),
        (("list", "set", "weekly", "--title", "a\r\nBcc: x@example.org"), "U+000D"),
        (("list", "set", "weekly", "--theme", "paper"), "'paper'; there are front-page, headlines, magazine"),
        (("list", "set", "weekly", "--archive", "open"), "use public, noindex, unlisted, off"),
        (("list", "set", "weekly", "--brand", "accent"), "'accent' says nothing about a brand"),
        (("list", "set", "weekly", "--brand", "colour=#123456"), "'colour'"),
        (("list", "set", "weekly", "--brand", "accent=red"), "write a colour as #rrggbb"),
        (("list", "set", "weekly", "--brand", "accent=#fc0"), "has a contrast of 1.4:1 on #fffdf8"),
        (("list", "set", "weekly", "--brand", "body-font=Georgia"), "body_font must be"),
        (("list", "set", "weekly"), "weekly"),
        (("feed", "add", "weekly", "nowhere"), "nowhere"),
        (("feed", "add", "weekly", "stories"), "stories"),
        (("feed", "remove", "weekly", "99"), "99"),
        (("issue", "show", "99"), "99"),
        (("issue", "draft", "weekly", "--for", "tomorrow"), "tomorrow"),
        (("subscriber", "add", "a@b@c", "--list", "weekly"), "a@b@c"),
        (("subscriber", "add", "a@example.org\r\nRCPT TO:<x@example.org>", "--list", "weekly"), "RCPT"),
        (("subscriber", "add", "a@example.org", "--list", "weekly", "--confirmed"), "--consent"),
        (("subscriber", "import", "nowhere.csv", "--list", "weekly"), "nowhere.csv"),
        (("subscriber", "show", "nobody@example.org"), "nobody@example.org"),
        (("--config", "nowhere.toml", "list", "show"), "nowhere.toml"),
    ],
)
def test_wrong_words(place: Place, words: tuple[str, ...], named: str) -> None:
    done = place.run(*words)
    assert done.code == 2
    assert named in done.sentence


def test_an_unknown_command_or_option_is_usage(bare: Place) -> None:
    assert bare.run("frobnicate").code == 2
    assert bare.run("list", "show", "--colour", "red").code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIGEST_SMTP_HOST", "x"),
        ("DIGEST_WEB_PORT", "eighty"),
        ("DIGEST_ON_CRASH", "panic"),
        ("DIGEST_BASE_URL", "example.org"),
        ("DIGEST_SECRET_KEY_FILE", "nowhere"),
    ],
)
def test_a_wrong_or_unknown_setting_is_refused_by_name(place: Place, name: str, value: str) -> None:
    place.environment[name] = value
    done = place.run("config", "check")
    assert done.code == 2
    assert name.removesuffix("_FILE") in done.sentence or name in done.sentence


def test_an_unknown_setting_in_the_file_is_refused_by_name(place: Place) -> None:
    with (place.path / "digest.toml").open("a") as settings:
        settings.write('colour = "red"\n')
    assert "colour" in place.run("list", "show").sentence


def test_a_broken_settings_file(place: Place) -> None:
    (place.path / "digest.toml").write_text("this is not = = toml")
    done = place.run("list", "show")
    assert done.code == 2
    assert "digest.toml" in done.sentence


def test_a_relays_password_is_never_printed(place: Place) -> None:
    for url in (
        "smtp://me:hunter2@mail.example.org:99999",
        "smtp://me:hunter2@127.0.0.1:25?tls=none",
        "smtp://me:hunter2@",
    ):
        place.environment["DIGEST_SMTP_URL"] = url
        done = place.run("config", "check")
        assert done.code == 2
        assert "hunter2" not in done.out + done.err


def test_without_init_it_says_what_to_do(bare: Place) -> None:
    done = bare.run("list", "show")
    assert done.code == 2
    assert "digest init" in done.sentence


def test_another_secret_key_is_refused(place: Place) -> None:
    place.environment["DIGEST_SECRET_KEY"] = "another secret of more than 32 characters"
    assert "secret_key" in place.run("list", "show").sentence


def test_a_database_of_a_newer_digest_is_refused(place: Place) -> None:
    with sqlite3.connect(place.path / "subscribers.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    for words in (("list", "show"), ("db", "upgrade")):
        done = place.run(*words)
        assert done.code == 1
        assert "newer" in done.sentence


def test_a_file_that_is_no_database(place: Place) -> None:
    (place.path / "subscribers.db").write_bytes(b"not a database at all" * 100)
    done = place.run("list", "show")
    assert done.code == 1
    assert "subscribers.db" in done.sentence


def test_a_database_in_a_folder_that_is_not_there(place: Place) -> None:
    place.environment["DIGEST_DATABASE_URL"] = "sqlite:///nowhere/at/all.db"
    done = place.run("list", "show")
    assert done.code == 1
    assert "nowhere/at/all.db" in done.sentence


def test_a_csv_with_broken_rows_takes_the_good_ones_and_names_the_others(place: Place) -> None:
    rows = b"email,name\nann@example.org,Ann\nno address,X\nbo@example.org,B\xe4r\nnul\x00@example.org,N\ncy@example.org,Cy\n"
    (place.path / "mixed.csv").write_bytes(rows)
    done = place.run("subscriber", "import", "mixed.csv", "--list", "weekly", "--confirmed", "--consent", "at the fair")
    assert done.code == 3
    assert "line 3" in done.err
    known = place.good("subscriber", "list")
    assert "ann@example.org" in known
    assert "cy@example.org" in known


def test_one_broken_feed_does_not_stop_the_others(place: Place) -> None:
    with FeedServer() as server:
        feed = b'<?xml version="1.0"?><rss version="2.0"><channel><title>Once good</title></channel></rss>'
        server.at("/feed.xml", body=feed, headers={"Content-Type": "application/rss+xml"})
        place.good("feed", "add", "weekly", server.url("/feed.xml"))
        server.at("/feed.xml", body=b"<!doctype html><html><body>Moved to our new site</body></html>")
        done = place.run("refresh")
    assert done.code == 3
    assert "2 new articles" in done.out
    assert "web page" in place.good("feed", "list")


def test_a_folder_with_things_that_are_no_stories(place: Place) -> None:
    stories = place.path / "stories"
    os.mkfifo(stories / "pipe.md")
    (stories / "outside.md").symlink_to("/etc/hostname")
    with (stories / "huge.md").open("wb") as huge:
        huge.truncate(1 << 30)
    assert "2 new articles" in place.good("refresh")


def test_an_own_template_with_an_error_names_it_and_publishes_nothing(place: Place) -> None:
    own = place.path / "own" / "issue"
    own.mkdir(parents=True)
    (own / "body.html").write_text("{% extends '_base/layout.html' %}\n{{ issue.nothing_of_the_kind }}{% if %}\n")
    place.environment["DIGEST_TEMPLATES"] = str(place.path / "own")
    place.good("subscriber", "add", "ann@example.org", "--list", "weekly", "--confirmed", "--consent", "by letter")
    place.good("refresh")
    place.good("issue", "draft", "weekly")
    with SmtpServer() as server:
        place.environment["DIGEST_SMTP_URL"] = f"smtp://{server.host}:{server.port}?tls=none"
        done = place.run("issue", "send", "1", "--yes")
    assert done.code == 1
    assert "issue/body.html" in done.sentence
    assert server.messages == []
    assert "draft" in place.good("issue", "show", "1")


def test_sending_without_a_terminal_wants_yes(place: Place) -> None:
    place.good("subscriber", "add", "ann@example.org", "--list", "weekly", "--confirmed", "--consent", "by letter")
    place.good("refresh")
    place.good("issue", "draft", "weekly")
    place.environment["DIGEST_SMTP_URL"] = "smtp://127.0.0.1:1?tls=none"
    done = place.run("issue", "send", "1")
    assert done.code == 2
    assert "--yes" in done.sentence


def test_sending_to_nobody_is_nothing_to_do(place: Place) -> None:
    place.good("refresh")
    place.good("issue", "draft", "weekly")
    place.environment["DIGEST_SMTP_URL"] = "smtp://127.0.0.1:1?tls=none"
    assert place.run("issue", "send", "1", "--yes").code == 4


def test_init_twice_keeps_what_is_there(place: Place) -> None:
    before = (place.path / "digest.toml").read_text()
    said = place.good("init", "--list", "weekly", "--from", "x@example.org", "--yes")
    assert "Kept" in said
    assert (place.path / "digest.toml").read_text() == before
    assert Path(place.path / "digest.toml").stat().st_mode & 0o077 == 0


def test_international_addresses(place: Place) -> None:
    place.good("subscriber", "add", "x@bücher.example", "--list", "weekly", "--confirmed", "--consent", "by letter")
    assert "x@xn--bcher-kva.example" in place.good("subscriber", "list")
    place.good("subscriber", "add", "jürgen@example.org", "--list", "weekly", "--confirmed", "--consent", "by letter")
    place.good("refresh")
    place.good("issue", "draft", "weekly")
    with SmtpServer(extensions=("SIZE 1000000", "8BITMIME")) as server:
        place.environment["DIGEST_SMTP_URL"] = f"smtp://{server.host}:{server.port}?tls=none"
        done = place.run("issue", "send", "1", "--yes")
    assert done.code == 3
    assert "accepted 1 + deferred 0 + bounced 1" in done.out
    assert [message.recipient for message in server.messages] == ["x@xn--bcher-kva.example"]
