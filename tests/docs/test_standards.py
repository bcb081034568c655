"""What docs/standards.md says about our code and tests is there."""

from collections.abc import Iterator

from tests.docs.documents import DOCS, ROOT, code, read, rows

ROWS = rows(read(DOCS / "standards.md"))


def test_every_standard_names_code_and_a_test_that_exist() -> None:
    def missing() -> Iterator[str]:
        for standard, _, where, tests in ROWS:
            yield from (f"{standard}: {path}" for path in code(where) or ["no code"] if not (ROOT / path).is_file())
            yield from (f"{standard}: {name}" for name in code(tests) or ["no test"] if not is_test(name))

    assert ROWS
    assert list(missing()) == []


def is_test(name: str) -> bool:
    path, _, function = name.partition("::")
    return (ROOT / path).is_file() and f"def {function}(" in read(ROOT / path)
