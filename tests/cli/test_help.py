"""What `--help` looks like, and that it is quick: nothing is loaded that it does not need."""

import subprocess
import sys

import pytest

from tests.cli.conftest import Place

HEAVY = (
    "sqlalchemy",
    "alembic",
    "cryptography",
    "pydantic",
    "feedparser",
    "trafilatura",
    "premailer",
    "httpx2",
    "fastapi",
    "lxml",
    "rich",
    "dns",
    "prometheus_client",
)


def test_help_loads_nothing_heavy(bare: Place) -> None:
    code = (
        "import sys\n"
        "sys.argv = ['digest', '--help']\n"
        "from digest.cli import main\n"
        "try:\n    main()\n"
        f"except SystemExit:\n    print(*sorted(set(sys.modules) & set({HEAVY!r})), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=bare.path, capture_output=True, text=True, check=True)
    assert "Usage: digest" in done.stdout
    assert done.stderr.strip() == ""


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("list",),
        ("feed",),
        ("issue",),
        ("campaign",),
        ("subscriber",),
        ("operator",),
        ("key",),
        ("webhook",),
        ("dkim",),
        ("db",),
        ("config",),
    ],
)
def test_no_command_is_cut_off_in_an_overview(bare: Place, words: tuple[str, ...]) -> None:
    bare.environment["COLUMNS"] = "80"
    assert "..." not in bare.good(*words, "--help").partition("Commands:")[2]


def test_the_overview_names_commands_in_the_order_one_meets_them(bare: Place) -> None:
    listed = bare.good("--help").partition("Commands:")[2].split("\n")
    names = [line.split()[0] for line in listed if line.strip()]
    ordered = "init list feed refresh issue campaign subscriber segment operator key webhook record dkim deliver"
    assert names[:14] == ordered.split()
    assert sorted(names[14:]) == [
        "absorb",
        "backup",
        "config",
        "db",
        "demo",
        "doctor",
        "restore",
        "run",
        "scheduler",
        "web",
    ]


def test_a_group_without_a_command_shows_its_help(bare: Place) -> None:
    done = bare.run("issue")
    assert done.code == 2
    assert "Commands:" in done.out + done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("frobnicate",), "No such command 'frobnicate'; `digest --help` says more."),
        (("list", "frob"), "No such command 'frob'; `digest list --help` says more."),
        (("subscriber", "add", "a@example.org"), "Missing option '--list'; `digest subscriber add --help` says more."),
        (
            ("issue", "show", "one"),
            "Invalid value for 'ID': it must be a whole number; `digest issue show --help` says more.",
        ),
        (("feed", "list", "--colour"), "No such option: --colour; `digest feed list --help` says more."),
    ],
)
def test_wrong_usage_is_one_sentence_too(bare: Place, words: tuple[str, ...], said: str) -> None:
    done = bare.run(*words)
    assert done.code == 2
    assert done.sentence == said
    assert done.out == ""


def test_a_wrong_choice_names_those_there_are(bare: Place) -> None:
    said = bare.run("subscriber", "list", "--state", "gone").sentence
    assert said.startswith("Invalid value for '--state': 'gone' is not one of 'pending', 'confirmed', 'unsubscribed';")


def test_the_version(bare: Place) -> None:
    assert bare.good("--version").startswith("digest ")
