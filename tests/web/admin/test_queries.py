"""No page asks the database more often when there is more to show."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import current_thread
from typing import Any

from sqlalchemy import event

from digest.audience.segments import add_segment
from digest.audience.suppress import suppress_address
from digest.operators.changing import change_setting
from digest.store import Store
from digest.web.admin.proofs import Proofs
from tests.pipeline.world import a_feed, a_list
from tests.web.admin.conftest import Office
from tests.web.admin.pages import PAGES, furnish
from tests.web.admin.week import start_week
from tests.web.newsroom import add_issues, publish_week

NOBODYS = {"/log-in", "/welcome/unknown"}  # for who is not logged in
MOST = 25


@contextmanager
def counting(store: Store) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        beside = current_thread().name == "counting"  # for a campaign's page, which may have been answered before
        if not beside and not statement.startswith(("PRAGMA", "SAVEPOINT")):
            asked.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(store._engine, "before_cursor_execute", note)


def counts(office: Office) -> dict[str, int]:
    seat, found = office.seat(), {}
    seat.get("/desk/account")  # when they were last seen is written once
    for page in (f"/desk{path}" for path in PAGES.values() if path not in NOBODYS):
        office.site.app.state.proofs = Proofs()  # nothing of what it shows was rendered before
        with counting(office.world.app.store) as asked:
            assert seat.get(page).status_code == 200, page
        found[page] = len(asked)
    return found


def grow(office: Office) -> None:
    """More of everything."""
    world = office.world
    app = world.app
    for number in range(9):
        suppress_address(app.store, app.keys, f"gone{number}@example.org", now=app.now())
        add_segment(app.store, f"segment{number}", [f"domain is d{number}.example"], now=app.now())
        change_setting(app.store, "unconfirmed_days", 10 + number, now=app.now())  # on record
    for number in range(60):
        world.subscribe_one(f"more{number}@example.org")
    with world.app.store.write() as tx:
        for number in range(12):
            added = tx.lists.add(
                replace(a_list(), name=f"list{number}", list_id=f"l{number}.example.org"), world.clock()
            )
            for feed in range(3):
                tx.feeds.add(replace(a_feed(added.id), location=f"https://f{feed}.example.org/"))
        add_issues(tx, world, 12)
    for number in range(2, 5):
        publish_week(world, number)
    with world.app.store.write() as tx:
        tx._connection.exec_driver_sql("UPDATE campaigns SET state = 'paused', reason = 'x' WHERE issue_id > 1")


def test_pages_ask_no_more_when_there_is_more(office: Office) -> None:
    week = start_week(office, readers=6)
    office.world.publish(week.issue())
    furnish(week)
    few = counts(office)
    grow(office)
    assert {page: (few[page], many) for page, many in counts(office).items() if many > few[page]} == {}
    assert max(few.values()) <= MOST, few
