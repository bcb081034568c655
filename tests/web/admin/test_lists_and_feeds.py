"""Lists, their schedules and their feeds at the desk."""

import pytest

from digest.model.issue import IssueState
from digest.model.operator import ActKind, Role
from tests.doubles.feed_server import FeedServer
from tests.web.admin.conftest import Office
from tests.web.admin.week import Week, start_week

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour</title><item><title>A</title>
<link>https://harbour.example/a</link><description>Text.</description></item></channel></rss>"""


@pytest.fixture
def week(office: Office) -> Week:
    return start_week(office)


def settings_of(page: str) -> dict[str, str]:
    """Enough of the form to be sent again as it is."""
    assert "Settings" in page
    return {"ticks": "sent", "weekdays": "mon", "greets_with_issue": "yes", "rhythms": "every"}


def test_the_next_five_slots_are_on_the_lists_own_clock(week: Week) -> None:
    page = week.office.seat(Role.ANALYST).get("/desk/lists/weekly").text
    for slot in ("Mon 30 Nov, 08:00", "Mon 7 Dec, 08:00", "Mon 28 Dec, 08:00"):
        assert slot in page
    assert '<fieldset class="bare" disabled>' in page


def test_a_list_is_added_and_changed(week: Week) -> None:
    seat = week.office.seat(Role.EDITOR)
    new = {"name": "daily", "title": "The Daily", "sender": "Desk <desk@example.org>", "zone": "Europe/Vienna"}
    assert seat.post("/desk/lists", data=new).headers["location"] == "/desk/lists/daily"
    assert seat.post("/desk/lists", data=new | {"name": "No Name"}).status_code == 422
    form = settings_of(seat.get("/desk/lists/daily").text)
    changed = form | {"title": "Day by Day", "at": "17:30", "weekdays": "fri", "max_articles": "7", "theme": "magazine"}
    assert seat.post("/desk/lists/daily", data=changed).status_code == 303
    with week.office.world.app.store.read() as tx:
        found = tx.lists.by_name("daily")
    assert (found.title, found.schedule.weekdays, found.max_articles, found.theme) == (
        *("Day by Day", frozenset({4}), 7),
        "magazine",
    )
    assert not found.says_goodbye
    for wrong in ({"zone": "Nowhere"}, {"max_articles": "many"}, {"at": "25:00"}, {"theme": "none-such"}):
        answer = seat.post("/desk/lists/daily", data=changed | wrong)
        assert answer.status_code == 422, wrong
        assert 'value="Day by Day"' in answer.text
    assert {act.kind for act in week.acts()} == {ActKind.LIST_CHANGED}


def test_the_next_issue_is_drafted_by_hand(week: Week) -> None:
    seat = week.office.seat(Role.EDITOR)
    answer = seat.post("/desk/lists/weekly/draft", data={"day": "2026-11-30"})
    assert answer.headers["location"] == "/desk/issues/2"
    assert week.issue(2).state is IssueState.DRAFT
    seat.post("/desk/issues/2/hold")
    assert seat.post("/desk/lists/weekly/draft", data={"day": "2026-11-30"}).status_code == 409
    assert seat.post("/desk/lists/weekly/draft", data={"day": "tomorrow"}).status_code == 422
    assert week.acts()[1].kind is ActKind.ISSUE_DRAFTED


def test_feeds_are_followed_changed_read_and_left(week: Week) -> None:
    with FeedServer() as server:
        follow_and_leave(week, server.at("/feed.xml", 200, FEED, {"Content-Type": "application/rss+xml"}))


def follow_and_leave(week: Week, address: str) -> None:
    app = week.office.world.app
    settings = app.settings.model_copy(update={"private_networks": ("127.0.0.0/8",)})
    object.__setattr__(app, "settings", settings)
    seat = week.office.seat(Role.EDITOR)
    assert seat.post("/desk/lists/weekly/feeds", data={"address": address, "weight": "2"}).status_code == 303
    page = seat.get("/desk/feeds").text
    assert "Harbour" in page
    assert "unread" in page
    assert seat.post("/desk/lists/weekly/feeds/2", data={"weight": "0,5", "own": "yes"}).status_code == 303
    assert seat.post("/desk/lists/weekly/feeds/2", data={"weight": "heavy"}).status_code == 422
    assert seat.post("/desk/lists/weekly/feeds/read").status_code == 303
    assert "1 new article from 2 feeds. 1 feed could not be read" in seat.get("/desk/feeds").text
    assert seat.post("/desk/lists/weekly/feeds/2/remove").status_code == 303
    kinds = [ActKind.FEED_CHANGED, ActKind.FEEDS_READ, ActKind.FEED_CHANGED, ActKind.FEED_CHANGED]
    assert [act.kind for act in week.acts()] == kinds


@pytest.mark.parametrize("address", ["/etc", "file:///etc/passwd", ".", "", "ftp://example.org/feed"])
def test_no_browser_names_a_folder_of_this_machine(week: Week, address: str) -> None:
    answer = week.office.seat(Role.EDITOR).post("/desk/lists/weekly/feeds", data={"address": address})
    assert answer.status_code == 422
    assert "is no web address" in answer.text


def test_opml_goes_out_and_in(week: Week) -> None:
    seat = week.office.seat(Role.EDITOR)
    given = seat.get("/desk/lists/weekly/feeds.opml")
    assert given.headers["content-disposition"] == 'attachment; filename="weekly.opml"'
    seat.post("/desk/lists", data={"name": "other", "sender": "desk@example.org"})
    file = {"file": ("weekly.opml", given.content)}
    assert seat.post("/desk/lists/other/feeds.opml", files=file).headers["location"] == "/desk/feeds?list=other"
    assert "The Harbour Post" in seat.get("/desk/feeds?list=other").text
    assert seat.post("/desk/lists/other/feeds.opml", files={"file": ("x", b"no outline")}).status_code == 422
    assert seat.post("/desk/lists/other/feeds.opml").status_code == 422
