"""A campaign at the desk: how far it is, the brake, and watching it without keeping anybody from anything."""

import asyncio
import threading
import time

import httpx2
import pytest

from digest.model.issue import CampaignState
from digest.model.message import MessageState
from digest.model.operator import ActKind, Role
from digest.web.admin.watching import Watchers
from digest.web.server import running
from tests.web.admin.conftest import OURS, Office
from tests.web.admin.week import Week, start_week


@pytest.fixture
def week(office: Office) -> Week:
    week = start_week(office)
    office.world.publish(week.issue())
    return week


def state_of(week: Week) -> CampaignState:
    with week.office.world.app.store.read() as tx:
        return tx.campaigns.get(1).state


def settle(week: Week, state: MessageState, *, over: bool = True) -> None:
    with week.office.world.app.store.write() as tx:
        tx._connection.exec_driver_sql(f"UPDATE messages SET state = '{state}' WHERE campaign_id = 1")
        if over:
            tx.campaigns.finish(1, week.office.world.clock())


def test_it_shows_how_far_it_is(week: Week) -> None:
    seat = week.office.seat(Role.ANALYST)
    page = seat.get("/desk/campaigns/1").text
    assert "0 of 3" in page
    assert "nobody is sending just now" in page
    assert "<noscript><meta" in page
    assert "<button" not in page.partition("<main")[2]
    settle(week, MessageState.ACCEPTED)
    time.sleep(0.6)  # what was looked at half a second ago is not looked at again
    page = seat.get("/desk/campaigns/1").text
    assert "3 of 3" in page
    assert "It is out." in page
    assert "data-live" not in page
    assert seat.get("/desk/campaigns/2").status_code == 404


def test_the_brake(week: Week) -> None:
    seat = week.office.seat(Role.EDITOR)
    assert seat.post("/desk/campaigns/1/pause", data={"why": "A wrong name in it."}).status_code == 303
    assert state_of(week) is CampaignState.PAUSED
    assert "A wrong name in it." in seat.get("/desk/campaigns/1").text
    assert "A wrong name in it." in seat.get("/desk").text
    assert seat.post("/desk/campaigns/1/pause").status_code == 409
    assert seat.post("/desk/campaigns/1/resume").status_code == 303
    assert seat.post("/desk/campaigns/1/stop").status_code == 303
    assert state_of(week) is CampaignState.STOPPED
    page = seat.get("/desk/campaigns/1").text
    assert "To 3 readers who failed" in page
    assert seat.post("/desk/campaigns/1/retry").status_code == 303
    assert state_of(week) is CampaignState.RUNNING
    kinds = [ActKind.CAMPAIGN_RETRIED, ActKind.CAMPAIGN_STOPPED, ActKind.CAMPAIGN_RESUMED, ActKind.CAMPAIGN_PAUSED]
    assert [act.kind for act in week.acts()][:4] == kinds


def test_bounced_ones_are_retried_only_if_asked(week: Week) -> None:
    settle(week, MessageState.BOUNCED)
    seat = week.office.seat(Role.EDITOR)
    seat.post("/desk/campaigns/1/retry")
    assert state_of(week) is CampaignState.DONE
    seat.post("/desk/campaigns/1/retry", data={"bounced": "yes"})
    assert state_of(week) is CampaignState.RUNNING


def test_a_watcher_of_what_is_over_is_told_so_and_sent_home(week: Week) -> None:
    settle(week, MessageState.ACCEPTED)
    answer = week.office.seat(Role.ANALYST).get("/desk/campaigns/1/live")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("event: sight\ndata: ")
    assert answer.text.endswith("event: over\ndata: done\n\n")
    assert "3 of 3" in answer.text
    assert week.office.seat().get("/desk/campaigns/4711/live").status_code == 404


def test_watchers_see_it_move_take_no_threads_and_go_when_the_server_stops(week: Week) -> None:
    app = week.office.world.app
    cookie = {"__Host-digest": week.office.seat(Role.ANALYST).cookies["__Host-digest"]}
    seen: list[str] = []

    def watch(url: str) -> None:
        with httpx2.stream("GET", url, cookies=cookie, headers=OURS, timeout=60, trust_env=False) as answer:
            seen.extend(line for line in answer.iter_lines() if line.startswith("event") or " of 3" in line)

    with running(app) as port:
        base = f"http://127.0.0.1:{port}"
        watchers = [
            threading.Thread(target=watch, args=(f"{base}/desk/campaigns/1/live",), daemon=True) for _ in range(50)
        ]
        for each in watchers:
            each.start()
        while sum("0 of 3" in line for line in seen) < 50:
            time.sleep(0.05)
        # All of the site's threads are free: else these would wait for the watchers.
        assert httpx2.get(f"{base}/desk/campaigns/1", cookies=cookie, trust_env=False, timeout=30).status_code == 200
        settle(week, MessageState.DEFERRED, over=False)
        with app.store.write() as tx:
            tx._connection.exec_driver_sql("UPDATE messages SET state = 'accepted' WHERE subscriber_id = 1")
        while not any("1 of 3" in line for line in seen):
            time.sleep(0.05)
    for each in watchers:
        each.join(30)
    assert not any(each.is_alive() for each in watchers)
    assert "event: over" not in seen  # it was not


def test_there_are_not_endlessly_many_watchers(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.web.admin.watching.MOST_WATCHERS", 0)

    async def watch() -> None:
        async for _ in Watchers().watch(week.office.world.app, 1):
            raise AssertionError

    with pytest.raises(Exception, match="Very many are watching"):
        asyncio.run(watch())
    assert "event: trouble" in week.office.seat().get("/desk/campaigns/1/live").text
