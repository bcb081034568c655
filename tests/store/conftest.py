"""An open store on each of the two databases."""

from collections.abc import Iterator

import pytest

from digest.store import Store, open_store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Empty, with all tables; the test runs on SQLite and on PostgreSQL."""
    opened = open_store(database_url)
    yield opened
    opened.close()
