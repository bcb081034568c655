"""The issue desk over HTTP: wishes and undoing them, words, two editors at once, and the frames."""

import httpx2
import pytest

from digest.model.address import Address
from digest.model.issue import IssueState
from digest.model.operator import ActKind, Role
from tests.web.admin.conftest import Office
from tests.web.admin.week import HEADLINES, Week, hidden, start_week


@pytest.fixture
def week(office: Office) -> Week:
    return start_week(office)


def ask(week: Week, article: int, **fields: str) -> httpx2.Response:
    return week.office.seat(Role.EDITOR).post(f"/desk/issues/1/articles/{article}", data=fields)


def numbered(week: Week, title: str) -> int:
    return next(item.article_id for item in week.issue().content.items if item.article.title == title)


def test_the_page_tells_what_is_in_and_out_and_why(week: Week) -> None:
    dropped = numbered(week, HEADLINES[2])
    assert ask(week, dropped, ask="drop").status_code == 303
    page = week.office.seat(Role.ANALYST).get("/desk/issues/1").text
    assert all(title in page for title in HEADLINES[:4])
    assert "fresh ×" in page
    assert "The editor dropped it" in page
    assert "of 90 kB" in page
    assert "<button" in week.office.seat(Role.EDITOR).get("/desk/issues/1").text.partition("<main")[2]
    assert "<button" not in page.partition("<main")[2]  # nothing to press for who may only read


def test_articles_are_pinned_dropped_moved_and_edited_and_all_of_it_is_undone(week: Week) -> None:
    before = week.titles()
    last = numbered(week, before[-1])
    ask(week, last, ask="up")
    assert week.titles()[-2] == before[-1]
    ask(week, last, ask="down")
    assert week.titles() == before
    ask(week, last, ask="lead")
    assert week.titles()[0] == before[-1]
    assert ask(week, last, undo="place").status_code == 303
    assert week.titles() == before
    ask(week, last, ask="words", title="  Another   headline ", summary="Short.")
    assert "Another headline" in week.titles()
    ask(week, last, undo="words")
    assert week.titles() == before
    ask(week, last, ask="pin")
    assert "pinned" in week.office.seat().get("/desk/issues/1").text
    ask(week, last, ask="drop")
    assert len(week.titles()) == 3
    ask(week, last, undo="drop")
    assert week.titles() == before
    assert {act.kind for act in week.acts()} == {ActKind.ISSUE_EDITED}
    assert {act.actor.name for act in week.acts()} == {"Editor"}


def test_what_cannot_be_asked_is_said_on_the_page(week: Week) -> None:
    assert ask(week, 4711, ask="pin").status_code == 422
    assert ask(week, 1, ask="burn").status_code == 422
    assert ask(week, 4711, ask="up").status_code == 404
    assert ask(week, 1, undo="pin").status_code == 409
    assert ask(week, 1, ask="words", title=" ", summary="x").status_code == 422
    assert week.office.seat().get("/desk/issues/4711").status_code == 404
    assert week.acts() == []


def test_words_are_set_and_nobody_writes_over_anothers(week: Week) -> None:
    one, other = week.office.seat(Role.EDITOR), week.office.seat(Role.OWNER)
    was = hidden("was", one.get("/desk/issues/1").text)
    first = {"was": was, "subject": "This week", "intro": "Good morning.\r\n\r\nAll is well."}
    assert one.post("/desk/issues/1/words", data=first).status_code == 303
    assert week.issue().content.intro == "Good morning.\n\nAll is well."
    late = other.post("/desk/issues/1/words", data=first | {"subject": "My own subject"})
    assert late.status_code == 409
    assert "My own subject" in late.text  # not lost
    assert week.issue().content.subject == "This week"
    again = hidden("was", late.text)
    assert other.post("/desk/issues/1/words", data=first | {"was": again, "subject": "Mine"}).status_code == 303
    assert week.issue().content.subject == "Mine"


def test_it_is_drafted_anew_with_what_came_and_wishes_stay(week: Week) -> None:
    seat = week.office.seat(Role.EDITOR)
    ask(week, numbered(week, HEADLINES[1]), ask="drop")
    week.add_articles(2, first=4)
    assert seat.post("/desk/issues/1/draft").status_code == 303
    assert sorted(week.titles()) == sorted({*HEADLINES} - {HEADLINES[1]})
    assert week.acts()[0].kind is ActKind.ISSUE_DRAFTED


@pytest.mark.parametrize("how", ["html", "dark", "phone", "text"])
def test_a_frame_may_be_looked_at_and_nothing_else(week: Week, how: str) -> None:
    answer = week.office.seat(Role.ANALYST).get(f"/desk/issues/1/preview?as={how}")
    assert answer.status_code == 200
    assert HEADLINES[0] in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert ("<html" in answer.text) == (how != "text")
    assert "prefers-color-scheme" not in answer.text


def test_as_a_reader_gets_it_is_for_who_may_know_readers(week: Week) -> None:
    path = "/desk/issues/1/preview?as=text&reader=reader1@example.org"
    assert week.office.seat(Role.ANALYST).get(path).status_code == 403
    seat = week.office.seat(Role.EDITOR)
    shown = seat.get(path).text
    assert "reader1@example.org" in shown
    with week.office.world.app.store.read() as tx:
        reader = tx.subscribers.find(Address.parse("reader1@example.org"))
    assert reader is not None
    assert week.office.world.app.links.unsubscribe(reader.id, 1).rpartition("/")[2] not in shown
    assert seat.get("/desk/issues/1/as-reader?reader=reader1@example.org").status_code == 200
    assert seat.get("/desk/issues/1/as-reader?reader=nobody@example.org").status_code == 404
    assert seat.get("/desk/issues/1/as-reader?reader=what").status_code == 422


def test_looking_at_an_issue_changes_nothing(week: Week) -> None:
    seat = week.office.seat()
    before = week.office.site.dump()
    for path in ("", "/preview?as=html", "/as-reader?reader=reader0@example.org", "/dry-run", "/send"):
        assert seat.get(f"/desk/issues/1{path}").status_code == 200, path
    for path in ("/desk", "/desk/issues", "/desk/lists", "/desk/lists/weekly", "/desk/feeds", "/desk/reports"):
        assert seat.get(path).status_code == 200, path
    assert week.office.site.dump() == before


def test_strangers_words_are_escaped(week: Week) -> None:
    payload = "<script>alert(1)</script>"
    ask(week, 1, ask="words", title=payload, summary=payload)
    for path in ("/desk", "/desk/issues", "/desk/issues/1", "/desk/issues/1/dry-run", "/desk/issues/1/send"):
        assert payload not in week.office.seat().get(path).text, path


def test_an_issue_is_taken_from_the_web_and_put_back(week: Week) -> None:
    seat = week.office.seat(Role.EDITOR)
    assert seat.post("/desk/issues/1/withdraw").status_code == 409
    week.office.world.publish(week.issue())
    assert seat.post("/desk/issues/1/withdraw").status_code == 303
    assert week.issue().withdrawn_at is not None
    assert seat.post("/desk/issues/1/restore").status_code == 303
    assert week.issue().withdrawn_at is None
    assert week.issue().state is IssueState.PUBLISHED
    assert HEADLINES[0] in seat.get("/desk/issues/1/preview?as=html").text
    assert seat.post("/desk/issues/1/draft").status_code == 409
