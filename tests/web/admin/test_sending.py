"""Tests, the dry run, approving, holding and sending: who decides decides on what they saw, and twice is once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from digest.audience.choose import choose_for
from digest.audience.person import erase_person
from digest.audience.suppress import lift_suppression, suppress_address
from digest.audience.unsubscribe import unsubscribe_all
from digest.model.choices import ChoiceChange
from digest.model.event import EventKind
from digest.model.issue import IssueState
from digest.model.operator import ActKind, Role
from digest.model.returned import Returned, ReturnKind
from digest.pipeline.failures import came_back
from digest.settings import Settings
from digest.store.outbox import Whose
from digest.web.admin.proofs import Proofs
from tests.store.rows import a_mail
from tests.web.admin.conftest import Office
from tests.web.admin.week import HEADLINES, Week, hidden, start_week


@pytest.fixture
def week(office: Office) -> Week:
    return start_week(office)


def seen_by(week: Week, path: str = "/desk/issues/1/send") -> str:
    return hidden("seen", week.office.seat(Role.EDITOR).get(path).text)


def test_a_test_goes_to_oneself_and_to_people_of_ours(week: Week) -> None:
    seat = week.office.seat(Role.EDITOR)
    assert seat.post("/desk/issues/1/test").status_code == 303
    assert seat.post("/desk/issues/1/test", data={"to": "owner@example.org, owner@example.org"}).status_code == 303
    refused = seat.post("/desk/issues/1/test", data={"to": "reader0@example.org"})
    assert refused.status_code == 422
    assert "no operator" in refused.text
    assert week.office.site.mails() == ["test", "test"]
    assert week.acts()[0].kind is ActKind.TEST_SENT


def test_without_a_next_hop_nothing_is_queued_and_it_is_said(week: Week) -> None:
    app = week.office.world.app
    values = app.settings.model_dump() | {"smtp_url": None}
    object.__setattr__(app, "settings", Settings(**values))
    app.__dict__.pop("hops", None)
    seat = week.office.seat()
    assert "Nothing can be sent" in seat.get("/desk").text
    assert seat.post("/desk/issues/1/test").status_code == 422
    assert seat.post("/desk/issues/1/send", data={"seen": seen_by(week)}).status_code == 422
    assert week.office.site.mails() == []
    assert week.issue().state is IssueState.DRAFT


def test_the_dry_run_tells_who_gets_what(week: Week) -> None:
    week.office.world.subscribe_one("paused@example.org")
    with week.office.world.app.store.write() as tx:
        choices = tx.audiences.choices(0)
        tx.audiences.choose(4, 1, choices, week.issue().period.replace(year=2027))
    page = week.office.seat(Role.ANALYST).get("/desk/issues/1/dry-run").text
    assert "paused" in page
    assert "Editions" in page
    assert "Send it now" not in page  # an analyst cannot
    assert "@example.org" not in page


def test_looking_who_would_get_it_moves_no_cursor(office: Office) -> None:
    """Of three readers the last issue has reached two, which is written down later; the page knows."""
    week = start_week(office)
    world, period = office.world, week.issue().period
    first = world.publish(week.issue())
    week.add_articles(1, first=4)
    second = world.publish(world.draft(period + timedelta(days=7)))
    with world.app.store.write() as tx:
        tx._connection.exec_driver_sql("UPDATE messages SET state = 'accepted'")
        tx._connection.exec_driver_sql(
            "UPDATE messages SET state = 'bounced' WHERE subscriber_id = 3 AND campaign_id = 2"
        )
    week.add_articles(1, first=5)
    issue = world.draft(period + timedelta(days=14))
    seat = office.seat()
    seat.get("/desk/account")  # when they were last seen is written once
    before = office.site.dump()
    assert "<dt>Editions</dt><dd>2</dd>" in seat.get(f"/desk/issues/{issue.id}/send").text
    assert "with what was missed" in seat.get(f"/desk/issues/{issue.id}/dry-run").text
    assert office.site.dump() == before
    world.publish(issue)
    with world.app.store.read() as tx:
        groups = tx.audiences.candidates(1, issue.period).groups
    assert {(group.cursor, group.readers) for group in groups} == {(first.id, 1), (second.id, 2)}


def test_it_is_confirmed_with_a_count_and_sent_once(each_office: Office) -> None:
    week = start_week(each_office)
    seat = each_office.seat(Role.EDITOR)
    page = seat.get("/desk/issues/1/send").text
    assert "Send it to 3 readers?" in page
    answer = seat.post("/desk/issues/1/send", data={"seen": hidden("seen", page)})
    assert answer.headers["location"] == "/desk/campaigns/1"
    again = seat.post("/desk/issues/1/send", data={"seen": hidden("seen", page)})
    assert again.headers["location"] == "/desk/campaigns/1"
    assert seat.get("/desk/issues/1/send").headers["location"] == "/desk/campaigns/1"
    assert week.account().audience == 3
    assert [act.kind for act in week.acts()] == [ActKind.ISSUE_PUBLISHED]


def test_two_clicks_at_once_send_once(each_office: Office) -> None:
    week = start_week(each_office)
    seen, seats = seen_by(week), [each_office.seat(Role.EDITOR) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda seat: seat.post("/desk/issues/1/send", data={"seen": seen}), seats))
    assert [each.headers.get("location") for each in answers] == ["/desk/campaigns/1"] * 2
    assert sum(week.account().counts.values()) == 3
    assert [act.kind for act in week.acts()] == [ActKind.ISSUE_PUBLISHED]


@pytest.mark.parametrize("what", ["send", "approve"])
def test_what_was_changed_meanwhile_is_not_decided_on(week: Week, what: str) -> None:
    page = "/desk/issues/1/send" if what == "send" else "/desk/issues/1"
    seen = seen_by(week, page)
    week.office.seat(Role.OWNER).post("/desk/issues/1/articles/1", data={"ask": "drop"})
    seat = week.office.seat(Role.EDITOR)
    answer = seat.post(f"/desk/issues/1/{what}", data={"seen": seen})
    assert answer.status_code == 409
    assert "was changed while you looked at it" in answer.text
    assert HEADLINES[0] in answer.text  # out now, and told
    assert week.issue().state is IssueState.DRAFT
    assert seat.post(f"/desk/issues/1/{what}").status_code == 409  # nor on nothing
    assert seat.post(f"/desk/issues/1/{what}", data={"seen": seen_by(week, page)}).status_code == 303


def test_approving_and_holding(week: Week) -> None:
    seat = week.office.seat(Role.EDITOR)
    assert seat.post("/desk/issues/1/approve", data={"seen": seen_by(week, "/desk/issues/1")}).status_code == 303
    assert week.issue().state is IssueState.APPROVED
    assert seat.post("/desk/issues/1/hold", data={"reason": "Wait for the mayor."}).status_code == 303
    assert week.issue().state is IssueState.HELD
    assert "Wait for the mayor." in seat.get("/desk").text
    assert [act.kind for act in week.acts()] == [ActKind.ISSUE_HELD, ActKind.ISSUE_APPROVED]


def test_it_is_approved_for_a_moment_on_the_clock_of_its_list(week: Week) -> None:
    seat = week.office.seat(Role.EDITOR)
    for when, status in (("tomorrow", 422), ("2026-11-23T09:59", 422), ("2026-11-24T08:30", 303)):
        said = {"seen": seen_by(week, "/desk/issues/1"), "at": when}
        assert seat.post("/desk/issues/1/approve", data=said).status_code == status
    assert week.issue().send_at == datetime(2026, 11, 24, 7, 30, tzinfo=UTC)  # in Vienna
    assert 'value="2026-11-24T08:30"' in seat.get("/desk/issues/1").text
    assert week.acts()[0].detail == {"at": "2026-11-24 07:30 UTC"}


@pytest.mark.parametrize("what", ["send", "approve"])
def test_what_fails_its_checks_goes_only_if_somebody_insists(week: Week, what: str) -> None:
    week.add_dead_link()
    seat, page = week.office.seat(Role.EDITOR), "/desk/issues/1/send" if what == "send" else "/desk/issues/1"
    assert "it answered 410 Gone" in seat.get("/desk/issues/1").text
    seen = {"seen": seen_by(week, page)}
    answer = seat.post(f"/desk/issues/1/{what}", data=seen)
    assert answer.status_code == 409
    assert 'name="force"' in answer.text
    assert week.issue().state is IssueState.DRAFT
    assert seat.post(f"/desk/issues/1/{what}", data=seen | {"force": "yes"}).status_code == 303
    assert week.issue().state is not IssueState.DRAFT


def test_an_issue_that_nobody_would_get_is_not_offered(office: Office) -> None:
    start_week(office, readers=0)
    page = office.seat().get("/desk/issues/1/send").text
    assert "Nobody would get it" in page
    assert "<button" not in page.partition("<main")[2]


def test_readers_are_counted_again_as_soon_as_anything_happens(week: Week) -> None:
    seat, world = week.office.seat(), week.office.world
    assert "3 readers" in seat.get("/desk/issues/1/send").text
    with world.app.store.write() as tx:  # as nothing of ours does: without a fact about it
        tx._connection.exec_driver_sql("UPDATE subscriptions SET state = 'unsubscribed' WHERE subscriber_id = 1")
    assert "3 readers" in seat.get("/desk/issues/1/send").text
    world.subscribe_one("new@example.org")
    with world.app.store.write() as tx:
        tx.events.add(EventKind.CHOSE, world.clock(), subscriber_id=2, list_id=1)
        tx._connection.exec_driver_sql("UPDATE subscriptions SET state = 'unsubscribed' WHERE subscriber_id = 2")
    assert "2 readers" in seat.get("/desk/issues/1/send").text


def test_readers_are_counted_again_after_a_minute_whatever_happened(week: Week) -> None:
    seat, world = week.office.seat(), week.office.world
    assert "3 readers" in seat.get("/desk/issues/1/send").text
    with world.app.store.write() as tx:
        tx._connection.exec_driver_sql("UPDATE subscriptions SET state = 'unsubscribed' WHERE subscriber_id = 1")
    world.clock.forward(minutes=1)
    assert "2 readers" in seat.get("/desk/issues/1/send").text


def test_whatever_happens_the_desk_counts_as_who_counts_anew(week: Week) -> None:
    """Of readers by the desk's memory, with who is suppressed among them; each by the verbs that do it."""
    office, world = week.office, week.office.world
    seat, app = office.seat(), world.app
    readers = [world.subscribe_one(f"more{number}@example.org") for number in range(6)]
    hashes = [app.keys.address_hash(each.address) for each in readers]

    with app.store.write() as tx:
        tx.messages.add(a_mail(tx, 1, "test", None), app.now())

    def bounce(number: int) -> None:
        with app.store.write() as tx:
            came_back(
                tx, 1, Whose(readers[number].id, 1, hashes[number]), Returned(ReturnKind.FAILED, "5.1.1"), app.now()
            )

    def choose(number: int) -> None:
        pause = ChoiceChange(pause_until="2027-01-10")
        choose_for(app.store, str(readers[number].address), "weekly", pause, now=app.now())

    happens: list[Callable[[], object]] = [
        lambda: suppress_address(app.store, app.keys, "more0@example.org", now=app.now()),
        lambda: choose(0),
        lambda: choose(1),
        lambda: bounce(1),
        lambda: unsubscribe_all(app.store, readers[1].id, now=app.now(), by="link"),
        lambda: unsubscribe_all(app.store, readers[2].id, now=app.now(), by="link"),
        lambda: suppress_address(app.store, app.keys, "more3@example.org", now=app.now()),
        lambda: erase_person(app.store, app.keys, "more3@example.org", now=app.now()),
        lambda: bounce(4),
        lambda: lift_suppression(app.store, hashes[4], now=app.now()),
        lambda: lift_suppression(app.store, hashes[0], now=app.now()),
    ]
    seen = [_counts(seat.get("/desk/issues/1/dry-run").text)]
    for happen in happens:
        happen()
        remembered = _counts(seat.get("/desk/issues/1/dry-run").text)
        office.site.app.state.proofs = Proofs()
        assert _counts(seat.get("/desk/issues/1/dry-run").text) == remembered
        seen.append(remembered)
    assert len(set(seen)) > len(happens) / 2


def _counts(page: str) -> str:
    return page.partition("<main")[2].rpartition("</dl>")[0]


def test_an_issue_is_sent_to_a_segment_or_to_all_but_one(week: Week) -> None:
    seat, world = week.office.seat(), week.office.world
    assert 'name="only"' not in seat.get("/desk/issues/1/dry-run").text  # there is nothing to choose from
    world.subscribe_one("ann@town.example")
    town = {"name": "Town", "field": ["domain"], "compare": ["is"], "value": ["town.example"]}
    assert seat.post("/desk/segments", data=town).status_code == 303
    assert "<dd>4</dd>" in seat.get("/desk/issues/1/dry-run").text
    only, but = seat.get("/desk/issues/1/dry-run?only=Town").text, seat.get("/desk/issues/1/dry-run?but=Town").text
    assert "<dd>1</dd>" in only
    assert "/desk/issues/1/send?only=Town" in only
    assert "<dd>3</dd>" in but
    page = seat.get("/desk/issues/1/send?only=Town").text
    assert "Send it to 1 reader?" in page
    assert hidden("only", page) == "Town"
    assert seat.get("/desk/issues/1/send?only=None").status_code == 404
    said = {"seen": hidden("seen", page), "only": "Town", "but": ""}
    assert seat.post("/desk/issues/1/send", data=said | {"only": "None"}).status_code == 404
    assert seat.post("/desk/issues/1/send", data=said).status_code == 303
    assert week.account().audience == 1
    assert "only Town" in seat.get("/desk/campaigns/1").text
