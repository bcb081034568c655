from collections.abc import Iterator

import pytest

from digest.model.feed import Feed, FeedKind, FetchLimits
from tests.doubles.feed_server import FeedServer

LOOPBACK = frozenset({"127.0.0.0/8"})


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


@pytest.fixture
def limits() -> FetchLimits:
    return FetchLimits(max_bytes=2_000_000, max_seconds=10, allow_private=LOOPBACK)


def feed_at(location: str, kind: FeedKind = FeedKind.SYNDICATION, etag: str = "", last_modified: str = "") -> Feed:
    return Feed(id=1, list_id=1, location=location, kind=kind, etag=etag, last_modified=last_modified)
