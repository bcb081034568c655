"""Races run, compare within rounds, and say what they could not measure. How fast anything is, is asserted nowhere."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.race import Entrant, Figure, Race, Row, Scale, Turn, Unmeasurable, run
from bench.races import RACES
from bench.races.feeds import settle
from bench.report import as_text

MACHINE = {"cpu": "x", "cores": 2, "python": "3", "sqlite": "3", "file_system": "x", "load": 0.0, "commit_ms": 1.0}


@pytest.mark.parametrize("name", [name for name in RACES if name != "postgresql"])  # which "processes" covers, too
def test_every_race_can_be_run(name: str, tmp_path: Path) -> None:
    """In its smallest form. What this machine lacks for it is said in words."""
    found = run(RACES[name], Scale.TINY, tmp_path, lambda _said: None)
    assert [row["name"] for row in found["rows"]] == [row.name for row in RACES[name].rows(Scale.TINY)]
    for row in found["rows"]:
        assert bool(row["not_measured"]) == (row["ours"] is None)
    for entrant in found["entrants"]:
        assert entrant["count"] > 0
        assert entrant["rate"] > 0
    assert all(row["name"] in shown(found) for row in found["rows"])


def test_what_a_killed_process_left_in_its_log_is_settled_before_its_file_is_copied(tmp_path: Path) -> None:
    path, copy = tmp_path / "left.db", tmp_path / "copy.db"
    dying = "import sqlite3, os; d = sqlite3.connect('left.db'); d.execute('PRAGMA journal_mode = WAL')"
    writing = "d.execute('CREATE TABLE t AS SELECT 7'); d.commit(); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", f"{dying}; {writing}"], cwd=tmp_path, check=False)
    settle(path)
    shutil.copy(path, copy)
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT * FROM t").fetchall() == [(7,)]


def test_ratios_are_those_within_a_round() -> None:
    ours, theirs = [Turn(10, 1.0), Turn(10, 2.0), Turn(10, 100.0)], [Turn(10, 4.0), Turn(10, 8.0), Turn(10, 400.0)]
    (row,) = a_race([Row("a", "ours", "theirs", 3.9)], {"ours": ours, "theirs": theirs})["rows"]
    assert row["ratio"] == 4.0
    assert row["met"] is True


def test_one_round_can_be_told_apart() -> None:
    turns = {"ours": [Turn(10, 1.0), Turn(10, 2.0)], "theirs": [Turn(10, 4.0), Turn(10, 2.0)]}
    (row,) = a_race([Row("a", "ours", "theirs", at_round=1)], turns)["rows"]
    assert (row["ours"], row["ratio"]) == (5.0, 1.0)


@pytest.mark.parametrize(("target", "met"), [(0.4, True), (0.5, True), (0.6, False), (None, None)])
def test_a_rate_must_reach_its_target(target: float | None, met: bool | None) -> None:
    (row,) = a_race([Row("a", "ours", 10.0, target)], {"ours": [Turn(5, 1.0)]})["rows"]
    assert (row["ratio"], row["met"]) == (0.5, met)


@pytest.mark.parametrize(("target", "met"), [(2.1, True), (2.0, True), (1.9, False)])
def test_a_time_must_not_pass_it(target: float, met: bool) -> None:
    turns = {"ours": [Turn(5, 6.0)], "theirs": [Turn(5, 3.0)]}
    (row,) = a_race([Row("a", "ours", "theirs", target, Figure.SECONDS)], turns)["rows"]
    assert (row["ratio"], row["met"]) == (2.0, met)


def test_memory_has_its_target_in_megabytes() -> None:
    found = a_race([Row("a", "ours", None, 100, Figure.PEAK)], {"ours": [Turn(5, 6.0, peak_mb=101.0)]})
    (row,) = found["rows"]
    assert (row["ours"], row["ratio"], row["met"]) == (101.0, None, False)
    assert "101 MB" in shown(found)
    assert "≤ 100 MB  missed" in shown(found)


def test_what_cannot_be_measured_is_said_and_is_no_failure() -> None:
    def nothing_here() -> Sequence[Entrant]:
        raise Unmeasurable("no smtp-source")

    found = a_race([Row("against C", "ours", "theirs", 1.0)], nothing_here)
    assert found["rows"][0]["met"] is None
    assert "not measured: no smtp-source" in shown(found)


def test_who_does_less_than_all_is_not_measured() -> None:
    with pytest.raises(RuntimeError, match="lazy did 9 instead of 10"):
        a_race([], lambda: [Entrant("lazy", 10, lambda: Turn(9, 1.0))])


def test_a_missed_target_of_a_whole_run_gets_a_profile_and_a_met_one_does_not() -> None:
    def entrants() -> list[Entrant]:
        slow = Entrant("slow", 1, lambda: Turn(1, 1.0), profile=lambda: Turn(1, 1.0, profile=["90.0%  here"]))
        return [slow, Entrant("fast", 1, lambda: Turn(1, 1.0), profile=lambda: Turn(1, 1.0, profile=["99.0%  there"]))]

    found = a_race([Row("a", "slow", 10.0, 1.0), Row("b", "fast", 0.1, 1.0)], entrants, Scale.WHOLE)
    assert found["profiles"] == {"slow": ["90.0%  here"]}
    assert "90.0%  here" in shown(found)


def test_cpu_is_told_for_each_mail_and_the_cores_that_it_kept_busy() -> None:
    found = a_race([], {"ours": [Turn(1_000, 1.0, {"sender": 0.5, "main": 0.25, "sink": 0.7})]})
    assert found["entrants"][0]["cpu_us"] == {"sender": 500.0, "main": 250.0, "sink": 700.0}
    line = next(line for line in shown(found).splitlines() if line.startswith("ours"))
    assert line.split() == ["ours", "500", "250", "–", "–", "700", "–", "1.2", "1,000", "/s", "–"]


def a_race(
    rows: Sequence[Row], of: dict[str, list[Turn]] | Callable[[], Sequence[Entrant]], scale: Scale = Scale.TINY
) -> dict[str, Any]:
    """Of entrants whose turns are known before."""
    rounds = 1 if callable(of) else len(next(iter(of.values())))

    @contextmanager
    def opened(_scale: Scale, _place: Path) -> Iterator[Sequence[Entrant]]:
        yield of() if callable(of) else [Entrant(name, 0, iter(turns).__next__) for name, turns in of.items()]

    race = Race("imagined", lambda _scale: rows, opened, {scale: rounds})
    return run(race, scale, Path(), lambda _said: None)


def shown(found: dict[str, Any]) -> str:
    return as_text({"quick": True, "machine": MACHINE, "races": [found], "steps": []})
