"""The steps' benchmarks run and say what they measured. How fast anything is, is asserted nowhere."""

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.measure import Line, Pace, Step, Subject, figures, measure
from bench.steps import STEPS

ROOT = Path(__file__).parents[2]


def test_a_quick_run_shows_a_table_and_keeps_a_figure_for_every_subject_and_size(tmp_path: Path) -> None:
    to = tmp_path / "out.json"
    command = [sys.executable, "-m", "bench", "--quick", "--only", "compose", "--json", str(to)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found = json.loads(to.read_text())
    assert found["quick"] is True
    assert found["machine"]["cores"] >= 1
    assert found["races"] == []
    (step,) = found["steps"]
    assert (step["step"], step["unit"], step["sizes"]) == ("compose", "readers", list(STEPS["compose"].quick))
    assert all(rounds >= 1 for rounds in step["rounds"])
    check_lines(step)
    lines = run.stdout.splitlines()
    assert lines[0].startswith("compose, readers")
    assert len({len(line) for line in lines}) == 1  # aligned


def check_lines(step: dict[str, Any]) -> None:
    """The first subject is worth one, and what is scaled has no growth."""
    first, *others = step["lines"]
    assert (first["name"], first["cost"], first["growth"][0]) == ("compose", [1.0, 1.0], None)
    assert first["growth"][1] > 0
    assert [line["growth"] for line in others] == [[None, None]] * len(others)
    for line in step["lines"]:
        assert len(line["cost"]) == len(line["growth"]) == len(line["seconds"]) == len(step["sizes"])
        assert all(value > 0 for value in line["cost"] + line["seconds"])


def test_an_unknown_step_is_a_wrong_usage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "juggle"])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr().err
    assert end.value.code == 2
    assert "juggle" in said
    assert "compose" in said


def test_who_does_less_than_all_is_not_measured(tmp_path: Path) -> None:
    step = a_step(Subject("lazy", lambda: 9))
    with pytest.raises(RuntimeError, match="lazy did 9 instead of 10"):
        measure(step, step.sizes, Pace(0, 1), tmp_path, lambda _said: None)


def test_what_is_missing_at_a_size_has_no_figure_there(tmp_path: Path) -> None:
    def subjects(size: int) -> list[Subject]:
        first = [Subject("whole", lambda: size)]
        return [*first, Subject("small only", lambda: size)] if size == 10 else first

    step = Step("count", "things", (10, 100), (10,), lambda size, _place: _Open(subjects(size)))
    result = measure(step, step.sizes, Pace(0, 1), tmp_path, lambda _said: None)
    assert shape(result.lines[0]) == ([True, True], [False, True])
    assert shape(result.lines[1]) == ([True, False], [False, False])


def test_cost_is_compared_within_a_round_and_growth_between_sizes() -> None:
    small = {"ours": [1.0, 2.0, 100.0], "theirs": [4.0, 8.0, 400.0], "part": [1.0, 1.0, 1.0]}
    large = {"ours": [30.0], "theirs": [60.0], "part": [10.0]}
    step = Step("count", "things", (10, 100), (10,), lambda _size, _place: _Open([]))
    ours, theirs, part = figures(step, step.sizes, [small, large], {(1, "part")}).lines
    assert (ours.cost, ours.growth) == ([1.0, 1.0], [None, 15.0])
    assert (theirs.cost, theirs.growth) == ([4.0, 2.0], [None, 7.5])
    assert part.growth == [None, None]


class _Open(AbstractContextManager[Sequence[Subject]]):
    """Subjects that need neither opening nor closing."""

    def __init__(self, subjects: list[Subject]) -> None:
        self._subjects = subjects

    def __enter__(self) -> list[Subject]:
        return self._subjects

    def __exit__(self, *_failure: object) -> None:
        return None


def a_step(subject: Subject) -> Step:
    return Step("count", "things", (10,), (10,), lambda _size, _place: _Open([subject]))


def shape(line: Line) -> tuple[list[bool], list[bool]]:
    return [value is not None for value in line.cost], [value is not None for value in line.growth]
