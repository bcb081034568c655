"""Where the words go: the result to standard output and nothing else, whatever became of the streams."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Place
from tests.cli.test_operator import with_readers


def shell(place: Place, line: str) -> subprocess.CompletedProcess[str]:
    """A line of shell in which `digest` is our command; the exit code is that of the first in a pipe."""
    command = " ".join(place.command())
    return subprocess.run(
        ["bash", "-c", f'digest() {{ {command} "$@"; }}; {line}; exit ${{PIPESTATUS[0]}}'],
        cwd=place.path,
        env=place.env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_reader_who_has_seen_enough_hears_no_complaint(place: Place) -> None:
    with_readers(place, 1500)  # more than a pipe holds
    for words in ("subscriber list", "subscriber export", "--help"):
        done = shell(place, f"digest {words} | head -1")
        assert len(done.stdout.splitlines()) == 1
        assert not [line for line in done.stderr.splitlines() if not line.startswith(("The first", "Exported"))]
        assert done.returncode in {0, 1}


@pytest.mark.parametrize("words", ["list show", "list show weekly --json", "subscriber export"])
def test_a_full_disk_behind_the_output_is_said(place: Place, words: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = shell(place, f"digest {words} > /dev/full")
    assert done.returncode == 1
    assert done.stderr == "digest: The output cannot be written: No space left on device.\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_change_nothing(place: Place, closed: str) -> None:
    done = shell(place, f"digest subscriber add ann@example.org --list weekly {closed}")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "ann@example.org" in place.good("subscriber", "list")


def test_nothing_but_the_result_is_on_standard_output(place: Place) -> None:
    done = place.run("refresh")
    assert done.out.splitlines()[-1] == "2 new articles from 1 feed."
    assert done.err == ""
    assert not [line for line in done.out.splitlines() if line != line.rstrip()]


def test_what_there_is_nothing_of_leaves_standard_output_empty(bare: Place) -> None:
    bare.good("init", "--yes")
    for words in (("list", "show"), ("feed", "list"), ("issue", "list"), ("subscriber", "list"), ("refresh",)):
        done = bare.run(*words)
        assert (done.code, done.out) == (4, "")
        assert done.err


def test_json_of_nothing_is_an_empty_list(bare: Place) -> None:
    bare.good("init", "--yes")
    for words in (("list", "show"), ("feed", "list"), ("issue", "list"), ("subscriber", "list")):
        assert json.loads(bare.good(*words, "--json")) == []


def test_an_export_stands_whole_or_not_at_all(place: Place) -> None:
    out = place.path / "readers-out.csv"
    out.write_text("precious")
    assert place.run("subscriber", "export", "--list", "monthly", "--out", "readers-out.csv").code == 2
    assert out.read_text() == "precious"
    place.good("subscriber", "export", "--out", "readers-out.csv")
    assert out.read_text().startswith("email,")
    assert out.stat().st_mode & 0o077 == 0
    assert not list(place.path.glob(".readers-out*"))


def test_an_export_into_a_folder_that_is_not_there(place: Place) -> None:
    done = place.run("subscriber", "export", "--out", "nowhere/out.csv")
    assert done.code == 1
    assert "nowhere/out.csv cannot be written" in done.sentence
