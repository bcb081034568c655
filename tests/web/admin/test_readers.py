"""Readers at the desk: found, told of, changed one by one and many at once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from digest.audience.bulk import change_many, undo
from digest.audience.unsubscribe import unsubscribe
from digest.model.bulk import BulkKind
from digest.model.errors import BadInput, WrongState
from digest.model.operator import Role
from digest.model.subscriber import SubscriptionState
from tests.web.admin.conftest import Office
from tests.web.v1.test_calls import ATTACKS

CONFIRMED, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED


def states(office: Office) -> list[SubscriptionState]:
    with office.world.app.store.read() as tx:
        return [each.subscription.state for each in tx.subscribers.readers()]


def shown(text: str) -> list[str]:
    return re.findall(r'/desk/readers/\d+">([^<]+)</a>', text)


def test_readers_are_found(each_office: Office) -> None:
    office, seat = each_office, each_office.seat()
    office.world.subscribe(3)
    office.world.subscribe_one("ann@town.example", SubscriptionState.PENDING)
    everybody = [f"reader{number}@example.org" for number in (2, 1, 0)]
    assert shown(seat.get("/desk/readers").text) == ["ann@town.example", *everybody]
    assert shown(seat.get("/desk/readers?q=Reader1").text) == ["reader1@example.org"]
    assert shown(seat.get("/desk/readers?list=weekly&state=confirmed").text) == everybody
    assert shown(seat.get("/desk/readers?state=pending").text) == ["ann@town.example"]
    for where, count in (
        ("domain is town.example", 1),
        ("domain is not town.example", 3),
        ("joined since 7 days", 4),
        ("joined not since 7 days", 0),
        ("reached since 30 days", 0),
        ("language is de", 0),
        ("topic is Anything", 4),  # who chose nothing gets all
        ("suppressed is bounced", 0),
    ):
        assert len(shown(seat.get("/desk/readers", params={"where": ["", where]}).text)) == count, where
    for wrong in ("where=nonsense", "list=none", "state=none", "where=joined+since+tomorrow"):
        assert 'role="alert"' in seat.get(f"/desk/readers?{wrong}").text, wrong


def test_a_name_is_found_by_its_beginning(each_office: Office) -> None:
    office = each_office
    with office.world.app.store.write() as tx:
        for name in ("Ann Example", "ann lower", "Zoë", "%_"):
            address = f"x{len(name)}@example.org"
            tx.subscribers.ensure(
                office.world.mailing_list.sender.address.parse(address),
                address,
                name=name,
                language="",
                now=office.world.clock(),
            )
    seat = office.seat()
    for start, count in (("ann", 2), ("zo", 1), ("zoë", 1), ("%", 1), ("_", 0), ("example", 0), ("x", 4)):
        assert len(shown(seat.get("/desk/readers", params={"q": start}).text)) == count, start


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_filter_becomes_sql(office: Office, attack: str) -> None:
    office.world.subscribe(1)
    seat = office.seat()
    for name in ("q", "list", "state", "where", "segment", "after"):
        answer = seat.get("/desk/readers", params={name: attack})
        assert answer.status_code in {200, 404}, name
        assert shown(answer.text) == [], name
    for name in ("reason", "address", "after"):
        assert seat.get("/desk/suppressions", params={name: attack}).status_code == 200
    assert len(shown(seat.get("/desk/readers").text)) == 1


@contextmanager
def counting(office: Office) -> Iterator[list[str]]:
    engine: Engine = office.world.app.store._engine
    said: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


def test_a_page_makes_as_many_queries_however_many_readers_there_are(office: Office) -> None:
    seat, counts = office.seat(), []
    paths = ("/desk/readers?list=weekly&where=rhythm+is+every", "/desk/readers?q=r", "/desk/suppressions")
    for more in (2, 40):
        office.world.subscribe(more)
        for path in paths:
            with counting(office) as said:
                assert seat.get(path).status_code == 200
            counts.append(len(said))
    assert counts[: len(paths)] == counts[len(paths) :]
    assert max(counts) <= 14


def test_one_reader_s_story_and_what_is_done(office: Office) -> None:
    office.world.subscribe(2)
    office.world.add_articles(2)
    office.world.publish()
    seat = office.seat()
    page = seat.get("/desk/readers/1").text
    for words in ("reader0@example.org", "Sign up", "by form", "Story number 0", "queued"):
        assert words in page
    assert seat.post("/desk/readers/1/suppress").status_code == 303
    assert "Mail it again" in seat.get("/desk/readers/1").text
    assert seat.post("/desk/readers/1/lift").status_code == 303
    assert seat.post("/desk/readers/1/lift").status_code == 404
    assert seat.post("/desk/readers/1/address", data={"address": "no address"}).status_code == 422
    assert seat.post("/desk/readers/1/address", data={"address": "new@example.org"}).status_code == 303
    assert seat.post("/desk/readers/1/unsubscribe", data={"list": "weekly"}).status_code == 303
    assert seat.post("/desk/readers/1/ask").status_code == 409
    page = seat.get("/desk/readers/1").text
    for words in ("new@example.org", "suppression lifted", "reader moved", "reader unsubscribed", "by Owner"):
        assert words in page
    assert seat.post("/desk/readers/1/erase", data={"address": "other@example.org"}).status_code == 422
    assert seat.post("/desk/readers/1/erase", data={"address": "NEW@example.org"}).status_code == 303
    assert seat.get("/desk/readers/1").status_code == 404


def test_a_reader_is_added_and_what_they_say_is_escaped(office: Office) -> None:
    seat = office.seat(Role.EDITOR)
    said = {"address": "ann@example.org", "to_list": "weekly", "name": "Ann", "confirmed": "yes"}
    assert "consent" in seat.post("/desk/readers", data=said).text
    assert seat.post("/desk/readers", data=said | {"consent": "<b>at the fair</b>"}).status_code == 303
    assert "<b>at the fair" not in seat.get("/desk/readers/1").text


def test_many_are_asked_about_first_and_can_be_put_back(each_office: Office) -> None:
    office, seat = each_office, each_office.seat()
    office.world.subscribe(4)
    asked = seat.get("/desk/readers/many?act=unsubscribe:weekly&who=ticked&number=1&number=2&number=3")
    assert "Unsubscribe 3 readers from The Weekly?" in asked.text
    assert states(office) == [CONFIRMED] * 4
    fields = {"act": "unsubscribe:weekly", "who": "ticked", "number": ["1", "2", "3"], "count": "3"}
    assert seat.post("/desk/readers/many", data=fields | {"count": "4"}).status_code == 409
    assert seat.post("/desk/readers/many", data=fields).headers["location"] == "/desk/readers"
    assert states(office) == [UNSUBSCRIBED] * 3 + [CONFIRMED]
    assert "Unsubscribed 3 of 3 readers" in seat.get("/desk/readers").text
    office.world.clock.forward(hours=1)
    unsubscribe(office.world.app.store, 2, office.world.mailing_list.id, now=office.world.clock(), by="one-click")
    assert seat.post("/desk/readers/many/1/undo").status_code == 303
    assert states(office) == [CONFIRMED, UNSUBSCRIBED, CONFIRMED, CONFIRMED]  # the second has said so themselves
    assert seat.post("/desk/readers/many/1/undo").status_code == 409


def test_all_that_a_filter_finds(each_office: Office) -> None:
    office, seat = each_office, each_office.seat()
    office.world.subscribe(3)
    office.world.subscribe_one("ann@town.example")
    query = {"act": "suppress", "who": "all", "where": "domain is not town.example"}
    assert "Suppress 3 readers?" in seat.get("/desk/readers/many", params=query).text
    assert seat.post("/desk/readers/many", data=query | {"count": "3"}).status_code == 303
    with office.world.app.store.read() as tx:
        assert tx.suppressions.count() == 3
    assert seat.post("/desk/readers/many/1/undo").status_code == 303
    with office.world.app.store.read() as tx:
        assert tx.suppressions.count() == 0
    erase = {"act": "erase", "who": "all", "list": "weekly", "count": "4"}
    assert seat.post("/desk/readers/many", data=erase).status_code == 303
    assert states(office) == []
    assert seat.post("/desk/readers/many/2/undo").status_code == 409
    assert "readers changed" in seat.get("/desk/record").text


@pytest.mark.parametrize("act", ["", "promote", "unsubscribe", "unsubscribe:none", "suppress:weekly", "suppress"])
def test_what_cannot_be_done_to_many(office: Office, act: str) -> None:
    assert office.seat().get("/desk/readers/many", params={"act": act}).status_code in {404, 422}


def test_who_was_pending_is_pending_again_and_late_is_too_late(office: Office) -> None:
    world, store = office.world, office.world.app.store
    pending = world.subscribe_one("ann@example.org", SubscriptionState.PENDING)
    (reader,) = world.subscribe(1)
    bulk = change_many(
        store, world.app.keys, BulkKind.UNSUBSCRIBE, [pending.id, reader.id, 99], list_id=1, now=world.clock()
    )
    assert bulk.readers == 2
    assert undo(store, bulk.id, now=world.clock()) == 2
    assert states(office) == [SubscriptionState.PENDING, CONFIRMED]
    late = change_many(store, world.app.keys, BulkKind.SUPPRESS, [reader.id], now=world.clock())
    world.clock.forward(days=8)
    with pytest.raises(WrongState, match="too long ago"):
        undo(store, late.id, now=world.clock())
    with pytest.raises(BadInput, match="at once"):
        change_many(store, world.app.keys, BulkKind.ERASE, range(10_001), now=world.clock())


def test_an_undone_suppression_leaves_older_ones(office: Office) -> None:
    world, seat = office.world, office.seat()
    one, other = world.subscribe(2)
    seat.post("/desk/suppressions", data={"add": "reader0@example.org"})
    world.clock.forward(minutes=1)
    bulk = change_many(world.app.store, world.app.keys, BulkKind.SUPPRESS, [one.id, other.id], now=world.clock())
    assert bulk.readers == 1
    assert undo(world.app.store, bulk.id, now=world.clock()) == 1
    page = seat.get("/desk/suppressions").text
    assert "reader0@example.org" in page
    assert "reader1@example.org" not in page


def test_suppressions(office: Office) -> None:
    office.world.subscribe(1)
    seat = office.seat()
    assert seat.post("/desk/suppressions", data={"add": "no address"}).status_code == 422
    assert seat.post("/desk/suppressions", data={"add": "x@example.org"}).status_code == 303
    seat.post("/desk/readers/1/erase", data={"address": "reader0@example.org"})
    page = seat.get("/desk/suppressions").text
    assert "only they can come back" in page
    which = re.findall(r'name="which" value="([0-9a-f]+)"', page)
    assert len(which) == 1
    assert "it may be mailed" in seat.get("/desk/suppressions?address=other@example.org").text
    assert seat.post("/desk/suppressions/lift", data={"which": which[0]}).status_code == 303
    assert seat.post("/desk/suppressions/lift", data={"which": which[0]}).status_code == 404
