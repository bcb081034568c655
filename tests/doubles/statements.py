"""All engines of a worker share what the first of their kind has learnt of statements.

SQLAlchemy puts each into words once for every engine, which takes longer than a small test's database needs to carry it out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import Engine, create_engine
from sqlalchemy.util import LRUCache

from digest.store import connect

_KNOWN: dict[str, Engine] = {}


def share_statements_of(engine: Engine) -> None:
    """It has been connected, and so knows its server."""
    engine._compiled_cache = LRUCache(5_000)
    _KNOWN[engine.dialect.name] = engine


@contextmanager
def sharing_statements() -> Iterator[None]:
    with mock.patch.object(connect, "create_engine", _create):
        yield


def _create(*words: Any, **options: Any) -> Engine:
    engine = create_engine(*words, **options)
    if known := _KNOWN.get(engine.dialect.name):
        engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache
    return engine
