"""Assembling and publishing: what is frozen, what can be done twice, and what two can do at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from digest.model.edition import Edition, Form
from digest.model.errors import DigestError, WrongState
from digest.model.issue import Issue, IssueState
from digest.model.mailing_list import MailingList
from digest.model.message import MessageState
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.pipeline.publish import publish
from tests.pipeline.world import KEYS, PERIOD, World


def test_only_confirmed_readers_who_are_not_suppressed_are_frozen(world: World) -> None:
    world.subscribe(3)
    world.subscribe_one("pending@example.org", SubscriptionState.PENDING)
    world.subscribe_one("gone@example.org", SubscriptionState.UNSUBSCRIBED)
    complained = world.subscribe_one("angry@example.org")
    with world.app.store.write() as tx:
        tx.suppressions.add(KEYS.address_hash(complained.address), SuppressionReason.COMPLAINT, world.clock())
    world.add_articles(2)
    published = publish(world.app.store, world.draft().id, world.app.render, KEYS, now=world.clock())
    assert published.campaign.audience == 3
    assert published.left_out == 1
    assert world.account(published.campaign).of(MessageState.QUEUED) == 3


def test_who_confirms_later_is_not_in_the_audience(world: World) -> None:
    world.subscribe(2)
    world.add_articles(1)
    campaign = world.publish()
    world.subscribe_one("late@example.org")
    assert world.account(campaign).audience == 2


def test_an_issue_is_published_once(world: World) -> None:
    world.subscribe(2)
    world.add_articles(1)
    issue = world.draft()
    world.publish(issue)
    with pytest.raises(WrongState, match="published already"):
        publish(world.app.store, issue.id, world.app.render, KEYS, now=world.clock())


def test_ten_who_publish_at_once_publish_once(world: World) -> None:
    world.subscribe(5)
    world.add_articles(1)
    issue = world.draft()

    def attempt(_: int) -> bool:
        try:
            publish(world.app.store, issue.id, world.app.render, KEYS, now=world.clock())
        except WrongState:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(attempt, range(10))) == 1


def test_an_issue_that_changes_while_it_is_rendered_is_not_published(sqlite_world: World) -> None:
    world = sqlite_world
    world.subscribe(1)
    world.add_articles(1)
    issue = world.draft()

    def slow_render(issue: Issue, mailing_list: MailingList, form: Form = Form.HTML, language: str = "") -> Edition:
        world.add_articles(1)
        world.draft()
        return world.app.render(issue, mailing_list, form, language)

    with pytest.raises(WrongState, match="changed while"):
        publish(world.app.store, issue.id, slow_render, KEYS, now=world.clock())
    with world.app.store.read() as tx:
        assert tx.issues.get(issue.id).state is IssueState.DRAFT


def test_a_template_with_an_error_freezes_nothing(sqlite_world: World) -> None:
    world = sqlite_world
    world.subscribe(1)
    world.add_articles(1)
    issue = world.draft()

    def broken(issue: Issue, mailing_list: MailingList, form: Form = Form.HTML, language: str = "") -> Edition:  # noqa: ARG001  as it is called
        raise DigestError("The e-mail template issue/body.html has an error in line 3.")

    with pytest.raises(DigestError, match="line 3"):
        publish(world.app.store, issue.id, broken, KEYS, now=world.clock())
    with world.app.store.read() as tx:
        assert tx.campaigns.of_issue(issue.id) is None


def test_nothing_new_means_no_mail(world: World) -> None:
    world.subscribe(1)
    issue = world.draft()
    assert issue.state is IssueState.SKIPPED
    assert "Nothing new" in issue.reason
    with pytest.raises(WrongState, match="skipped"):
        world.publish(issue)


def test_a_skipped_issue_can_be_drafted_again_when_articles_came(world: World) -> None:
    first = world.draft()
    world.add_articles(1)
    second = world.draft()
    assert second.id == first.id
    assert second.state is IssueState.DRAFT


def test_the_same_period_is_one_issue(world: World) -> None:
    world.add_articles(2)
    assert world.draft().id == world.draft().id


def test_an_article_is_sent_in_one_issue_only(world: World) -> None:
    world.subscribe(1)
    world.add_articles(2)
    first = world.draft()
    world.publish(first)
    world.add_articles(3)
    second = world.draft(date(2026, 11, 24))
    told = {item.article_id for item in first.content.items}
    assert len(second.content.items) == 3
    assert told.isdisjoint(item.article_id for item in second.content.items)


def test_a_published_issue_is_never_drafted_again(world: World) -> None:
    world.subscribe(1)
    world.add_articles(1)
    world.publish()
    with pytest.raises(WrongState, match="already"):
        world.draft(PERIOD)


def test_issues_are_numbered_without_gaps_for_skipped_ones(world: World) -> None:
    world.subscribe(1)
    assert world.draft(date(2026, 11, 16)).state is IssueState.SKIPPED
    world.add_articles(1)
    assert world.draft(date(2026, 11, 23)).number == 1


def test_a_late_issue_loses_no_news(world: World) -> None:
    """Published at NOW, the next one two days late: what came just after the first is nine days old then."""
    world.subscribe(1)
    world.add_articles(1)
    world.publish()
    world.clock.forward(hours=1)
    world.add_articles(1, days_ago=0)
    world.clock.forward(days=9)
    assert len(world.draft(date(2026, 12, 2)).content.items) == 1


def test_a_slot_that_is_not_filled_yet_is_not_published_empty(world: World) -> None:
    """The tick takes the slot, and then reads the feeds: an operator may be faster than that."""
    world.subscribe(1)
    with world.app.store.write() as tx:
        window = (world.clock(), world.clock())
        taken = tx.issues.open_slot(world.mailing_list.id, PERIOD, salt="5" * 32, window=window, now=world.clock())
    with pytest.raises(WrongState, match="no articles; draft it first"):
        publish(world.app.store, taken, world.app.render, KEYS, now=world.clock())
