"""A world, as the steps' tests have it."""

from collections.abc import Iterator

import pytest

from tests.pipeline.world import World, make_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """On each database."""
    made = make_world(database_url)
    yield made
    made.app.close()


@pytest.fixture
def sqlite_world(sqlite_url: str) -> Iterator[World]:
    made = make_world(sqlite_url)
    yield made
    made.app.close()
