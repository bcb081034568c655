"""The editor's desk: what is asked outlasts each draft, approval means as it stands, and a held issue does not go out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.articles.decide import content_hash
from digest.model.article import Article
from digest.model.errors import BadInput, DigestError, NotFound, WrongState
from digest.model.issue import Issue, IssueState
from digest.model.mailing_list import TooFew
from digest.model.wish import Wish, WishKind
from digest.pipeline.desk import approve, hold, take_back, wish
from tests.pipeline.world import PERIOD, World


def ask(world: World, issue: Issue, *asked: Wish) -> Issue:
    return wish(world.app.store, issue.id, asked, now=world.clock()).issue


def titles(issue: Issue) -> list[str]:
    return [item.article.title for item in issue.content.items]


def numbers(issue: Issue) -> list[int]:
    return [item.article_id for item in issue.content.items]


def save(world: World, **changes: object) -> None:
    world.mailing_list = replace(world.mailing_list, **changes)  # type: ignore[arg-type]  # any field
    with world.app.store.write() as tx:
        tx.lists.save(world.mailing_list)


def rewrite(world: World, article_id: int, change: Callable[[Article], Article]) -> None:
    """As a feed would."""
    with world.app.store.write() as tx:
        before = tx.articles.get(article_id)
        assert before is not None
        after = change(before)
        tx.articles.change(article_id, after, content_hash(after), world.clock())


def test_what_was_asked_outlasts_the_next_draft(world: World) -> None:
    world.add_articles(4)
    issue = world.draft()
    first, second, third, _ = numbers(issue)
    edited = ask(
        world,
        issue,
        Wish(WishKind.DROP, first),
        Wish(WishKind.LEAD, third),
        Wish(WishKind.TITLE, second, "In other words"),
        Wish(WishKind.INTRO, text="Dear all."),
        Wish(WishKind.SUBJECT, text="Read this"),
    )
    world.add_articles(1)
    again = world.draft()
    assert len(edited.content.items) == 3
    assert len(again.content.items) == 4  # what came since
    for found in (edited, again):
        assert found.content.lead is not None
        assert found.content.lead.article_id == third
        assert first not in numbers(found)
        assert "In other words" in titles(found)
        assert (found.content.intro, found.content.subject) == ("Dear all.", "Read this")
    with world.app.store.read() as tx:
        kept = tx.articles.get(second)
    assert kept is not None
    assert kept.title == "Story number 1"  # the article itself stays


def test_editing_takes_in_nothing_that_came_after_the_draft(world: World) -> None:
    world.add_articles(2)
    issue = world.draft()
    world.clock.forward(minutes=5)
    world.add_articles(2)
    assert numbers(ask(world, issue, Wish(WishKind.SUBJECT, text="Hello"))) == numbers(issue)


def test_a_dropped_article_makes_room_and_can_be_taken_back(world: World) -> None:
    save(world, max_articles=2)
    world.add_articles(3)
    issue = world.draft()
    (left,) = issue.content.left_out
    dropped = numbers(issue)[1]
    assert numbers(ask(world, issue, Wish(WishKind.DROP, dropped)))[1] == left.article_id
    back = take_back(world.app.store, issue.id, {WishKind.DROP}, dropped, now=world.clock()).issue
    assert numbers(back) == numbers(issue)
    with pytest.raises(WrongState, match="Nothing of the kind was asked"):
        take_back(world.app.store, issue.id, {WishKind.DROP}, dropped, now=world.clock())


def test_a_pin_takes_a_drop_back_and_only_one_leads(world: World) -> None:
    world.add_articles(3)
    issue = world.draft()
    one, two, _ = numbers(issue)
    ask(world, issue, Wish(WishKind.DROP, one), Wish(WishKind.LEAD, two))
    found = ask(world, issue, Wish(WishKind.PIN, one), Wish(WishKind.LEAD, one))
    assert found.content.lead
    assert found.content.lead.article_id == one
    with world.app.store.read() as tx:
        kinds = [(each.kind, each.article_id) for each in tx.wishes.of_issue(issue.id).each]
    assert kinds == [(WishKind.PIN, one), (WishKind.LEAD, one)]


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        (Wish(WishKind.PIN, 99), NotFound, "weekly has no article 99"),
        (Wish(WishKind.PIN, 2**40), NotFound, "has no article"),
        (Wish(WishKind.MOVE, 1, "Sports"), BadInput, "has no section 'Sports'"),
        (Wish(WishKind.MOVE, 1, "", -1), BadInput, "There is no place -1"),
        (Wish(WishKind.INTRO, text="x" * 2001), BadInput, "The intro has 2,001 characters; 2,000 are the most."),
        (Wish(WishKind.TITLE, 1, " "), BadInput, "An article needs a title."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_changed(
    world: World, asked: Wish, error: type[DigestError], words: str
) -> None:
    world.add_articles(2)
    issue = world.draft()
    with pytest.raises(error, match=words):
        ask(world, issue, Wish(WishKind.SUBJECT, text="not kept either"), asked)
    with world.app.store.read() as tx:
        assert tx.wishes.of_issue(issue.id).each == ()
        assert tx.issues.get(issue.id) == issue


def test_a_drop_that_leaves_too_little_is_refused(world: World) -> None:
    save(world, min_articles=2)
    world.add_articles(2)
    issue = world.draft()
    with pytest.raises(WrongState, match="That would leave 1 of the 2 articles that weekly asks for"):
        ask(world, issue, Wish(WishKind.DROP, numbers(issue)[0]))


def test_what_was_sent_is_not_pinned_and_a_sent_issue_not_edited(world: World) -> None:
    world.subscribe(1)
    world.add_articles(2)
    sent = world.draft()
    world.publish(sent)
    world.add_articles(1)
    issue = world.draft(PERIOD + timedelta(days=7))
    with pytest.raises(WrongState, match=r"stood in No\. 1 already; nothing is sent again as new"):
        ask(world, issue, Wish(WishKind.PIN, numbers(sent)[0]))
    with pytest.raises(WrongState, match="is published and is never changed again"):
        ask(world, sent, Wish(WishKind.SUBJECT, text="Late"))
    with pytest.raises(WrongState, match="`digest campaign pause` stops it"):
        hold(world.app.store, sent.id, "too late", now=world.clock())


def test_holding_keeps_its_reason_through_edits_and_approving_ends_it(world: World) -> None:
    world.add_articles(2)
    issue = world.draft()
    hold(world.app.store, issue.id, "wait", now=world.clock())
    assert hold(world.app.store, issue.id, "for the picture", now=world.clock()).reason == "for the picture"
    held = ask(world, issue, Wish(WishKind.SUBJECT, text="Hello"))
    assert (held.state, held.reason, held.content.subject) == (IssueState.HELD, "for the picture", "Hello")
    approved = approve(world.app.store, issue.id, now=world.clock())
    assert (approved.issue.state, approved.issue.reason, approved.goes_out_at) == (IssueState.APPROVED, "", None)


def test_an_edit_takes_an_approval_back(world: World) -> None:
    world.add_articles(2)
    issue = world.draft()
    approve(world.app.store, issue.id, now=world.clock())
    edited = wish(world.app.store, issue.id, [Wish(WishKind.SUBJECT, text="Hello")], now=world.clock())
    assert edited.was_approved
    assert edited.issue.state is IssueState.DRAFT


def test_an_approved_issue_says_when_it_goes_out(world: World) -> None:
    world.add_articles(2)
    due = world.mailing_list.next_due_at
    assert due is not None
    assert approve(world.app.store, world.draft(due.date()).id, now=world.clock()).goes_out_at == due


def test_an_issue_can_be_approved_for_a_moment_of_its_own(world: World) -> None:
    """It stands as long as the issue does: who edits it must choose again."""
    world.add_articles(2)
    due = world.mailing_list.next_due_at
    assert due is not None
    issue, later = world.draft(due.date()), due + timedelta(hours=3)
    store = world.app.store
    assert approve(store, issue.id, now=world.clock(), at=later).goes_out_at == later
    assert approve(store, issue.id, now=world.clock()).goes_out_at == later
    sooner = world.clock() + timedelta(minutes=5)
    assert approve(store, issue.id, now=world.clock(), at=sooner).goes_out_at == sooner
    edited = wish(store, issue.id, [Wish(WishKind.SUBJECT, text="Hello")], now=world.clock())
    assert edited.was_approved
    assert approve(store, issue.id, now=world.clock()).goes_out_at == due


@pytest.mark.parametrize(("hours", "said"), [(-1, "has passed"), (24 * 101, "more than 100 days ahead")])
def test_a_moment_that_cannot_be_is_refused(world: World, hours: int, said: str) -> None:
    world.add_articles(2)
    issue = world.draft()
    with pytest.raises(BadInput, match=said):
        approve(world.app.store, issue.id, now=world.clock(), at=world.clock() + timedelta(hours=hours))
    with world.app.store.read() as tx:
        assert tx.issues.get(issue.id).state is IssueState.DRAFT


def test_what_changed_after_it_was_sent_is_noted_once(world: World) -> None:
    world.subscribe(1)
    world.add_articles(3)
    first = world.draft()
    world.publish(first)
    save(world, corrections=True)
    one, two, _ = numbers(first)
    world.clock.forward(days=1)
    rewrite(world, one, lambda article: replace(article, title="The other way round"))
    rewrite(world, two, lambda article: replace(article, body_html="<p>More of it.</p>"))  # nothing that was shown
    world.add_articles(1, days_ago=0)
    second = world.draft(PERIOD + timedelta(days=1))
    assert [(each.title, each.issue_number) for each in second.content.corrections] == [("The other way round", 1)]
    assert one not in numbers(second)  # never again as new
    world.publish(second)
    world.clock.forward(days=1)
    rewrite(world, two, lambda article: replace(article, body_html="<p>Even more.</p>"))
    rewrite(world, one, lambda article: replace(article, author="Somebody"))
    world.add_articles(1, days_ago=0)
    third = world.draft(PERIOD + timedelta(days=2))
    assert third.content.corrections == ()
    rewrite(world, one, lambda article: replace(article, title="A third way"))
    assert [each.issue_number for each in world.draft(PERIOD + timedelta(days=2)).content.corrections] == [2]


def test_no_corrections_unless_the_list_wants_them(world: World) -> None:
    world.subscribe(1)
    world.add_articles(1)
    issue = world.draft()
    world.publish(issue)
    world.clock.forward(days=1)
    rewrite(world, numbers(issue)[0], lambda article: replace(article, title="Otherwise"))
    world.add_articles(1, days_ago=0)
    assert world.draft(PERIOD + timedelta(days=1)).content.corrections == ()


@pytest.mark.parametrize(("policy", "found"), [(TooFew.SKIP, 2), (TooFew.CARRY, 3)])
def test_what_a_skipped_slot_had_is_carried_over_however_old(world: World, policy: TooFew, found: int) -> None:
    save(world, min_articles=2, window_days=2, too_few=policy)
    world.add_articles(1)
    assert world.draft().state is IssueState.SKIPPED
    world.clock.forward(days=14)
    world.add_articles(2)
    issue = world.draft(PERIOD + timedelta(days=14))
    assert len(issue.content.items) == found


def test_what_was_carried_over_is_not_carried_again_once_it_was_told(world: World) -> None:
    world.subscribe(1)
    save(world, min_articles=2, window_days=2, too_few=TooFew.CARRY)
    world.add_articles(1)
    world.draft()
    world.clock.forward(days=14)
    world.add_articles(2)
    told = world.draft(PERIOD + timedelta(days=14))
    world.publish(told)
    world.clock.forward(days=14)
    world.add_articles(2)
    later = world.draft(PERIOD + timedelta(days=28))
    assert later.window_from > told.window_from
    assert set(numbers(later)).isdisjoint(numbers(told))


def test_a_feed_s_weight_counts_from_the_next_draft_on(world: World) -> None:
    world.add_articles(1)
    with world.app.store.write() as tx:
        (feed,) = tx.feeds.of_list(world.mailing_list.id)
        tx.feeds.change(replace(feed, weight=2.5))
    assert world.draft().content.items[0].factors.endswith("2.5 weight")
