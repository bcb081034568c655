"""What became of issues: added up once, told with figures and charts, and whose words are whose business."""

from datetime import timedelta

from digest.model.event import EventKind
from digest.model.operator import Role
from digest.model.returned import Returned, ReturnKind
from digest.pipeline.report import add_up_finished, report_on
from tests.web.admin.conftest import Office
from tests.web.admin.week import Week, start_week


def sent_week(office: Office) -> Week:
    week = start_week(office, readers=4)
    office.world.subscribe_one("ann@other.example")
    office.world.publish(week.issue())
    now = office.world.clock()
    with office.world.app.store.write() as tx:
        run = tx._connection.exec_driver_sql
        run("UPDATE messages SET state = 'accepted', reply_code = 250 WHERE subscriber_id IN (1, 2, 3)")
        refused = "state = 'bounced', reply_code = 550, reply_status = '5.1.1', reply_text = 'No such <user>'"
        run(f"UPDATE messages SET {refused} WHERE subscriber_id IN (4, 5)")
        tx.campaigns.finish(1, now)
        for hours in (1, 2, 30, 24 * 20):
            tx.events.add(EventKind.UNSUBSCRIBED, now + timedelta(hours=hours), list_id=1, by="page")
        told = now + timedelta(hours=2)
        tx.events.add(EventKind.SAID_WHY, told, list_id=1, reason="too_often", words="Too much <b>mail</b>.")
    office.world.clock.forward(days=30)
    return week


def test_a_report_tells_who_got_it_and_why_others_did_not(each_office: Office) -> None:
    sent_week(each_office)
    store = each_office.world.app.store
    small = report_on(store, 1, now=each_office.world.clock(), words=True)
    assert list(add_up_finished(store)) == [1]
    assert list(add_up_finished(store)) == []
    kept = report_on(store, 1, now=each_office.world.clock(), words=True)
    assert kept == small
    assert kept.breakdown is not None
    assert [(each.domain, each.accepted, each.missed) for each in kept.breakdown.domains] == [
        ("example.org", 3, 1),
        ("other.example", 0, 1),
    ]
    (reason,) = kept.breakdown.reasons
    assert (reason.code, reason.said, reason.messages) == ("550 5.1.1", "No such <user>", 2)
    assert kept.left[:3] == (2, 1, 0)
    assert sum(kept.left) == 3  # who left after two weeks left for something else
    assert kept.reasons == {"too_often": 1}
    assert kept.words == ("Too much <b>mail</b>.",)


def test_it_is_added_up_anew_when_those_who_missed_it_got_it_after_all(office: Office) -> None:
    week = sent_week(office)
    store = office.world.app.store
    list(add_up_finished(store))
    assert office.seat(Role.EDITOR).post("/desk/campaigns/1/retry", data={"bounced": "yes"}).status_code == 303
    with store.write() as tx:
        tx._connection.exec_driver_sql("UPDATE messages SET state = 'accepted' WHERE state = 'queued'")
        tx.campaigns.finish(1, office.world.clock())
    assert list(add_up_finished(store)) == [1]
    found = report_on(store, 1, now=office.world.clock()).breakdown
    assert found is not None
    assert sum(each.accepted for each in found.domains) == week.account().audience


def test_the_pages(office: Office) -> None:
    week = sent_week(office)
    page = office.seat(Role.EDITOR).get("/desk/reports/1").text
    assert "60.0 %" in page
    assert page.count("<svg") == 4
    assert page.count("<table") == 3  # beside each chart but the bar, whose figures stand above it
    assert "No such &lt;user&gt;" in page
    assert "Too much &lt;b&gt;mail" in page
    assert "Too much" not in office.seat(Role.ANALYST).get("/desk/reports/1").text
    assert "The Weekly, No. 1" in office.seat(Role.ANALYST).get("/desk/reports").text
    assert office.seat().get("/desk/reports/2").status_code == 404
    week.add_articles(2, first=4)
    office.world.publish(week.office.world.draft(week.issue().period + timedelta(days=30)))
    assert "running" in office.seat().get("/desk/reports").text


def test_what_came_back_later_is_told_too(office: Office) -> None:
    sent_week(office)
    seat, store = office.seat(), office.world.app.store
    page = seat.get("/desk/reports/1").text
    assert "came back" not in page
    assert "no <code>bounce_address</code> is set" in page
    with store.write() as tx:
        for number, kind in ((1, ReturnKind.FAILED), (2, ReturnKind.COMPLAINT)):
            original = tx.returns.original(number)
            assert original is not None
            assert tx.returns.add(original, Returned(kind, "5.1.1", "No such user"), office.world.clock())
            assert not tx.returns.add(original, Returned(kind), office.world.clock())
    page = seat.get("/desk/reports/1").text
    assert "<dt>came back</dt><dd>1</dd>" in page
    assert "<dt>called spam</dt><dd>1</dd>" in page
