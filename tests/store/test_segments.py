"""Each field of a segment finds whom it should, on both databases; readers are found by indexes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from digest.audience.choose import choose_for
from digest.audience.search import split_condition
from digest.audience.suppress import suppress_address
from digest.model.choices import ChoiceChange
from digest.model.errors import NotFound
from digest.model.event import EventKind
from digest.model.segment import read_filter
from digest.store.readers import LOOKED_AT, Search
from tests.pipeline.world import KEYS, World, make_world
from tests.web.v1.test_calls import ATTACKS


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Three readers: one a week ago, one who chose, one who bounced and is suppressed."""
    world = make_world(database_url)
    store = world.app.store
    with store.write() as tx:
        tx._connection.execute(text("UPDATE lists SET topics = '[\"Town\", \"Sport\"]', rhythms = 'every weekly'"))
    world.clock.forward(days=-40)
    world.subscribe_one("old@town.example")
    world.clock.forward(days=40)
    world.subscribe_one("chose@example.org")
    world.subscribe_one("bounced@example.org")
    said = ChoiceChange(topics="Town", rhythm="weekly", form="text")
    choose_for(store, "chose@example.org", "weekly", said, now=world.clock())
    with store.write() as tx:
        tx._connection.execute(text("UPDATE subscribers SET language = 'de-AT' WHERE id = 1"))
        tx.events.add(EventKind.BOUNCED, world.clock(), subscriber_id=3, list_id=1)
    suppress_address(store, KEYS, "bounced@example.org", now=world.clock())
    yield world
    world.app.close()


OLD, CHOSE, BOUNCED = 1, 2, 3


@pytest.mark.parametrize("listed", [True, False], ids=["of a list", "of any"])
def test_each_field_finds_whom_it_should(world: World, listed: bool) -> None:
    told = {
        "language is de": {OLD},
        "language is not de": {CHOSE, BOUNCED},
        "domain is town.example": {OLD},
        "domain is example": set(),
        "source is form": {OLD, CHOSE, BOUNCED},
        "topic is town": {OLD, CHOSE, BOUNCED},
        "topic is Sport": {OLD, BOUNCED},
        "topic is not Sport": {CHOSE},
        "rhythm is weekly": {CHOSE},
        "form is text": {CHOSE},
        "form is not text": {OLD, BOUNCED},
        "list is weekly": {OLD, CHOSE, BOUNCED},
        "state is confirmed": {OLD, CHOSE, BOUNCED},
        "joined since 30 days": {CHOSE, BOUNCED},
        "joined not since 30 days": {OLD},
        "reached since 30 days": set(),
        "reached not since 30 days": {OLD, CHOSE, BOUNCED},
        "acted since 1 days": {CHOSE},
        "bounced since 1 days": {BOUNCED},
        "bounced not since 1 days": {OLD, CHOSE},
        "suppressed is operator": {BOUNCED},
        "suppressed is not operator": {OLD, CHOSE},
    }
    with world.app.store.read() as tx:
        for said, found in told.items():
            asked = read_filter([split_condition(said)])
            search = Search(list_id=1 if listed else None, filters=(asked,))
            page = tx.readers.page(search, world.clock(), before=None, limit=50)
            assert {each.subscriber.id for each in page.readers} == found, said
            assert tx.readers.count(search, world.clock()) == len(found), said
            assert set(tx.readers.numbers(search, world.clock(), limit=50)) == found, said
            if listed:
                assert tx.segments.counts(asked, world.clock()).get(1, 0) == len(found), said


def test_all_or_any(world: World) -> None:
    said = [split_condition("form is text"), split_condition("language is de")]
    with world.app.store.read() as tx:
        assert tx.segments.counts(read_filter(said, "all"), world.clock()).get(1, 0) == 0
        assert tx.segments.counts(read_filter(said, "any"), world.clock()).get(1, 0) == 2


def test_whom_an_issue_reached(world: World) -> None:
    world.add_articles(2)
    world.publish()
    reached = read_filter([split_condition("reached since 1 days")])
    with world.app.store.read() as tx:
        assert (
            tx.segments.counts(reached, world.clock()).get(1, 0) == 1
        )  # the other two are suppressed, or want it weekly
        assert tx.segments.counts(reached, world.clock() + timedelta(days=3)).get(1, 0) == 0


@pytest.mark.parametrize("attack", ATTACKS)
def test_values_are_values(world: World, attack: str) -> None:
    with world.app.store.read() as tx:
        for field in ("topic", "language"):
            asked = read_filter([(field, "is", attack)])
            assert tx.segments.counts(asked, world.clock()).get(1, 0) in {0, 2}
        with pytest.raises(NotFound):
            tx.segments.check(read_filter([("list", "is", attack)]))
        assert tx.readers.page(Search(start=attack), world.clock(), before=None, limit=9).readers == ()


def test_the_beginning_of_an_address_or_name_is_found_by_an_index(world: World) -> None:
    said: list[tuple[str, Any]] = []
    engine = world.app.store._engine

    def note(_c: Any, _u: Any, statement: str, values: Any, *_: Any) -> None:
        said.append((statement, values))

    with world.app.store.write() as tx:
        if engine.dialect.name == "postgresql":
            tx._connection.execute(text("SET LOCAL enable_seqscan = off"))
        event.listen(engine, "before_cursor_execute", note)
        tx.readers.page(Search(start="ann"), world.clock(), before=None, limit=50)
        event.remove(engine, "before_cursor_execute", note)
        statement, values = said[0]
        explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
        plan = "\n".join(map(str, tx._connection.exec_driver_sql(explain + statement, values)))
    assert "ix_subscribers_name" in plan
    assert ("ix_subscribers_address_start" if engine.dialect.name == "postgresql" else "address_key>") in plan


def test_a_page_looks_so_far_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.store.readers.LOOKED_AT", 2)
    asked = Search(filters=(read_filter([split_condition("language is de")]),))
    with world.app.store.read() as tx:
        first = tx.readers.page(asked, world.clock(), before=None, limit=50)
        assert (first.readers, first.next, first.looked_further) == ((), 2, True)
        rest = tx.readers.page(asked, world.clock(), before=first.next, limit=50)
    assert [each.subscriber.id for each in rest.readers] == [OLD]
    assert LOOKED_AT == 20_000
