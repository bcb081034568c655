"""A sample of `make promise` (docs/promise.md): every scenario, on both databases, under both policies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.model.issue import OnCrash
from tests.doubles.postgresql import PostgresqlServer
from tests.promise.kills import at_events
from tests.promise.nursery import Nursery
from tests.promise.programme import SAMPLE, Cell, Theatre, cells
from tests.promise.runs import Bench
from tests.promise.stage import SqliteStage
from tests.promise.table import as_json, as_text
from tests.promise.verdict import Tally, all_hold


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    with Nursery() as opened:
        yield opened


@pytest.fixture(scope="session")
def theatre(nursery: Nursery, postgresql_server: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory) -> Theatre:
    return Theatre(tmp_path_factory.mktemp("promise"), postgresql_server, nursery)


@pytest.mark.parametrize("cell", list(cells(SAMPLE)), ids=str)
def test_the_promise_holds(cell: Cell, theatre: Theatre) -> None:

    tally = theatre.play(cell, SAMPLE)
    if tally.skipped:
        pytest.skip(tally.skipped)
    assert not tally.broken
    assert tally.tried
    assert tally.lost == 0
    assert tally.extra <= tally.limit


# The harness can fail.


def with_wrong_engine(engine: str, policy: OnCrash, nursery: Nursery, place: Path) -> Tally:
    bench = Bench(place, nursery, SqliteStage(place), policy, engine=engine)
    tally = Tally("killed at an event", "SQLite", policy)
    at_events(bench, tally, enumerate(range(100, 500, 100)))
    return tally


@pytest.mark.parametrize("policy", list(OnCrash))
def test_it_sees_copies_when_dots_go_before_the_commit(policy: OnCrash, nursery: Nursery, tmp_path: Path) -> None:
    tally = with_wrong_engine("hasty", policy, nursery, tmp_path)
    assert tally.extra > tally.limit
    assert any("extra copies" in text for text in tally.broken)
    assert not all_hold([tally])


def test_it_sees_who_is_lost_when_a_claim_is_taken_for_an_answer(nursery: Nursery, tmp_path: Path) -> None:
    tally = with_wrong_engine("hopeful", OnCrash.RESEND, nursery, tmp_path)
    assert tally.lost > 0
    assert "lost" in as_text([tally])
    assert as_json([tally], 1)["holds"] is False
