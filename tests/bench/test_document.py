"""docs/benchmarks.md says what bench/results.json says, and nothing is in one of them that the command did not print."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import DOCUMENT, RESULTS, write_markdown
from bench.races import RACES
from bench.report import BEGIN, as_markdown, as_text
from bench.steps import STEPS


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def test_the_documents_tables_are_those_of_the_results(results: dict[str, Any]) -> None:
    assert DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].strip() == as_markdown(results).strip(), (
        "say: python -m bench --write-docs"
    )


def test_the_results_have_every_race_and_every_step(results: dict[str, Any]) -> None:
    assert [each["race"] for each in results["races"]] == list(RACES)
    assert [each["step"] for each in results["steps"]] == list(STEPS)


def test_the_document_explains_every_race_and_every_step() -> None:
    told = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[0]
    for name in [*RACES, *STEPS]:
        assert f"| {name} |" in told, name


def test_what_stands_above_the_mark_is_kept(tmp_path: Path, results: dict[str, Any]) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(f"# Kept\n\n{BEGIN}\nold tables\n")
    write_markdown(document, results)
    before, _, after = document.read_text().partition(BEGIN)
    assert before == "# Kept\n\n"
    assert after.strip() == as_markdown(results).strip()


def test_tables_for_the_terminal_are_aligned_and_say_the_same(results: dict[str, Any]) -> None:
    table, *_ = as_text(results).split("\n\n")
    assert len({len(line) for line in table.splitlines()}) == 1
    rows = [row for race in results["races"] for row in race["rows"]]
    assert [line.partition("  ")[0] for line in table.splitlines()[1:]] == [row["name"] for row in rows]
