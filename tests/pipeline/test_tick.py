"""The timetable's tick: every slot gets its issue once, whoever ticks, and whatever was missed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.app import App
from digest.articles.decide import content_hash
from digest.model.edition import Edition, Form
from digest.model.errors import DigestError, TryLater
from digest.model.feed import FetchLimits
from digest.model.issue import Issue, IssueState
from digest.model.mailing_list import CatchUp, MailingList
from digest.pipeline.tick import Appeared, Ticker
from digest.store import open_store
from tests.pipeline.world import KEYS, World, a_feed, a_list, an_article

SLOT = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)  # the list's next one: Monday 08:00 in Vienna


def ticker(world: World) -> Ticker:
    return Ticker(world.app.store, FetchLimits(), world.app.render, KEYS, world.clock, lambda: "7" * 32)


def ready(world: World) -> World:
    """With readers and articles, but no feed to read over the network."""
    world.clock.time = SLOT - timedelta(hours=3)
    world.subscribe(2)
    world.add_articles(3, days_ago=0)
    with world.app.store.write() as tx:
        for feed in tx.feeds.of_list():
            tx.feeds.record_gone(feed.id, "closed for the test", world.clock())
    return world


def issues(world: World) -> list[Issue]:
    with world.app.store.read() as tx:
        return tx.issues.all()


def test_nothing_happens_before_the_slot(world: World) -> None:
    ready(world)
    world.clock.time = SLOT - timedelta(seconds=1)
    assert list(ticker(world).tick()) == []
    assert issues(world) == []


def test_the_slot_publishes_the_issue_and_moves_on(world: World) -> None:
    ready(world)
    world.clock.time = SLOT
    (appeared,) = ticker(world).tick()
    assert "published to 2 readers" in appeared.said
    with world.app.store.read() as tx:
        assert tx.lists.get(world.mailing_list.id).next_due_at == SLOT + timedelta(days=7)
    assert [issue.state for issue in issues(world)] == [IssueState.PUBLISHED]


def test_a_second_tick_does_nothing(world: World) -> None:
    ready(world)
    world.clock.time = SLOT
    list(ticker(world).tick())
    assert list(ticker(world).tick()) == []
    assert len(issues(world)) == 1


def test_two_schedulers_send_once(world: World) -> None:
    ready(world)
    world.clock.time = SLOT
    apps = [App(world.app.settings, open_store(world.app.settings.database_url), world.app.keys) for _ in range(4)]

    def tick(app: App) -> list[Appeared]:
        return list(replace(ticker(world), store=app.store).tick())

    with ThreadPoolExecutor(4) as pool:
        said = [appeared.said for each in pool.map(tick, apps) for appeared in each]
    for app in apps:
        app.close()
    assert sum("published" in one for one in said) == 1
    assert len(issues(world)) == 1


def test_a_scheduler_killed_after_taking_the_slot_loses_nothing(world: World) -> None:
    ready(world)
    world.clock.time = SLOT
    ticker(world)._take_slot(world.mailing_list, world.clock())  # and then killed
    (appeared,) = ticker(world).tick()
    assert "published" in appeared.said


def test_nothing_new_is_skipped_with_its_reason(world: World) -> None:
    world.subscribe(2)
    world.clock.time = SLOT
    (appeared,) = ticker(world).tick()
    assert "Nothing new" in appeared.said
    assert [issue.state for issue in issues(world)] == [IssueState.SKIPPED]


@pytest.mark.parametrize(
    ("late", "state"), [(timedelta(hours=3), IssueState.PUBLISHED), (timedelta(days=3), IssueState.HELD)]
)
def test_a_missed_slot_is_caught_up_or_held(world: World, late: timedelta, state: IssueState) -> None:
    ready(world)
    world.clock.time = SLOT + late
    list(ticker(world).tick())
    assert [issue.state for issue in issues(world)] == [state]


def test_a_list_that_does_not_catch_up_holds_a_late_issue(world: World) -> None:
    ready(world)
    held = replace(world.mailing_list, schedule=replace(world.mailing_list.schedule, catch_up=CatchUp.HOLD))
    with world.app.store.write() as tx:
        tx.lists.save(held)
    world.clock.time = SLOT + timedelta(hours=1)
    (appeared,) = ticker(world).tick()
    assert appeared.issue.state is IssueState.HELD
    assert list(ticker(world).tick()) == []  # it waits for an operator


def test_a_draft_made_by_hand_for_the_day_is_the_slots_issue(world: World) -> None:
    ready(world)
    world.clock.time = SLOT - timedelta(hours=2)
    drafted = world.draft(SLOT.date())
    world.clock.time = SLOT
    (appeared,) = ticker(world).tick()
    assert appeared.issue.id == drafted.id
    assert len(issues(world)) == 1


def test_one_lists_broken_template_holds_its_issue_and_stops_no_other(world: World) -> None:
    ready(world)
    with world.app.store.write() as tx:
        other = tx.lists.add(replace(a_list(), name="daily", list_id="daily.example.org"), world.clock())
        feed = tx.feeds.add(a_feed(other.id))
        tx.articles.add(feed, article := an_article(1, SLOT), content_hash(article), world.clock())
        tx.feeds.record_gone(feed.id, "closed for the test", world.clock())
    world.clock.time = SLOT

    def broken_for_weekly(
        issue: Issue, mailing_list: MailingList, form: Form = Form.HTML, language: str = ""
    ) -> Edition:
        if mailing_list.id == world.mailing_list.id:
            raise DigestError("The e-mail template issue/body.html has an error in line 3.")
        return world.app.render(issue, mailing_list, form, language)

    said = [appeared.said for appeared in replace(ticker(world), render=broken_for_weekly).tick()]
    assert len(said) == 2
    found = {issue.list_id: issue for issue in issues(world)}
    assert found[world.mailing_list.id].state is IssueState.HELD
    assert "line 3" in found[world.mailing_list.id].reason
    assert found[other.id].state is IssueState.SENT  # it has no readers
    assert list(replace(ticker(world), render=broken_for_weekly).tick()) == []  # said once, not every 15 seconds
    with world.app.store.read() as tx:
        held = tx.issues.get(found[world.mailing_list.id].id)
    assert world.publish(held).audience == 2  # the operator mended the template and sent it


def test_a_crash_of_ours_holds_the_issue_too(sqlite_world: World) -> None:
    ready(sqlite_world)
    sqlite_world.clock.time = SLOT

    def crash(issue: Issue, mailing_list: MailingList, form: Form = Form.HTML, language: str = "") -> Edition:  # noqa: ARG001  as it is called
        raise KeyError("slot")

    (appeared,) = replace(ticker(sqlite_world), render=crash).tick()
    assert appeared.issue.state is IssueState.HELD
    assert appeared.issue.reason == "KeyError: 'slot'"


def test_a_busy_database_holds_nothing_and_is_tried_again(sqlite_world: World) -> None:
    ready(sqlite_world)
    sqlite_world.clock.time = SLOT

    def busy(issue: Issue, mailing_list: MailingList, form: Form = Form.HTML, language: str = "") -> Edition:  # noqa: ARG001  as it is called
        raise TryLater("The database is locked.")

    with pytest.raises(TryLater):
        list(replace(ticker(sqlite_world), render=busy).tick())
    (appeared,) = ticker(sqlite_world).tick()
    assert "published to 2 readers" in appeared.said


def test_a_list_whose_time_zone_is_gone_stops_no_other(world: World) -> None:
    """As when the system's zones were updated and one was dropped."""
    ready(world)
    with world.app.store.write() as tx:
        schedule = replace(a_list().schedule, zone="Mars/Olympus")
        tx.lists.add(replace(a_list(), name="aaa", list_id="aaa.example.org", schedule=schedule), world.clock())
    world.clock.time = SLOT
    (appeared,) = ticker(world).tick()
    assert "published to 2 readers" in appeared.said


def test_a_held_issue_that_is_drafted_again_waits_for_its_operator(world: World) -> None:
    ready(world)
    world.clock.time = SLOT + timedelta(days=3)
    list(ticker(world).tick())
    assert world.draft(SLOT.date()).state is IssueState.DRAFT
    assert list(ticker(world).tick()) == []
    assert [issue.state for issue in issues(world)] == [IssueState.DRAFT]
