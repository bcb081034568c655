"""What docs/faults.md says is shown by tests that are there."""

from collections.abc import Iterator

from tests.docs.documents import DOCS, code, read, rows
from tests.docs.test_standards import is_test

ROWS = rows(read(DOCS / "faults.md"))


def test_every_fault_names_tests_that_exist() -> None:
    def missing() -> Iterator[str]:
        for fault, _, tests in ROWS:
            yield from (f"{fault}: {name}" for name in code(tests) or ["no test"] if not is_test(name))

    assert ROWS
    assert list(missing()) == []


def test_what_the_foreign_sink_shows_is_among_them() -> None:
    """Each of those tests is about a fault that a reader of the table would look for."""
    named = {name for *_, tests in ROWS for name in code(tests) if "test_smtp_sink" in name}
    assert len(named) >= 8
