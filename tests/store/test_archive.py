"""Former issues: which are there, in which order, and how little is read of them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from digest.model.edition import Edition
from digest.model.feed import Picture
from digest.model.issue import Also, Issue, IssueContent, IssueItem, IssueState, Section
from digest.model.mailing_list import Archive
from digest.model.message import MessageState
from digest.store import Store, Transaction
from tests.store.rows import (
    ARTICLE,
    DAY,
    NOW,
    TODAY,
    WEEKLY,
    a_campaign,
    a_feed,
    a_list,
    a_reader,
    an_article,
    an_issue,
)

PICTURE = Picture("https://pictures.example.org/rain", "Rain", "A. Photographer", 800, 600)


def an_item(tx: Transaction, list_id: int, title: str, topic: str = "") -> IssueItem:
    feeds = tx.feeds.of_list(list_id)
    article = replace(ARTICLE, title=title, url=f"https://example.org/{title}", picture=PICTURE)
    number = an_article(tx, feeds[0] if feeds else a_feed(tx, list_id), f"key of {title}", article=article)
    return IssueItem(number, topic, article, also=(Also("The Other", ""),))


def published(
    tx: Transaction, list_id: int, period: date = TODAY, *, state: IssueState = IssueState.PUBLISHED
) -> Issue:
    issue = tx.issues.get(an_issue(tx, list_id, period))
    lead = an_item(tx, list_id, f"Lead of {period}", "Town")
    other = an_item(tx, list_id, f"Second of {period}", "Science")
    tx.issues.fill(issue, IssueContent(lead, (Section("Science", (other,)),)), (NOW - DAY, NOW))
    if state in {IssueState.PUBLISHED, IssueState.SENT}:
        assert tx.issues.move(issue.id, IssueState.PUBLISHED, published_at=NOW + (period - TODAY))
        edition = Edition("issue", list_id, f"Subject of {period}", "<p>", "t", f"{period}".encode(), "salt")
        tx.issues.keep_whole(issue.id, tx.editions.keep(edition, issue.id, NOW).id)
    if state is not IssueState.PUBLISHED:
        assert tx.issues.move(issue.id, state, reason="because")
    return tx.issues.get(issue.id)


def days(count: int) -> list[date]:
    return [TODAY + timedelta(number) for number in range(count)]


def test_an_issue_is_told_in_short(store: Store) -> None:
    with store.write() as tx:
        list_id = a_list(tx).id
        issue = published(tx, list_id)
    with store.read() as tx:
        (found,) = tx.archive.page(list_id, most=10)
        assert tx.archive.get(list_id, 1) == found
        assert tx.archive.extent(list_id).newest_at == NOW
    assert (found.id, found.number, found.period, found.published_at) == (issue.id, 1, TODAY, NOW)
    assert (found.headline, found.standfirst) == (f"Lead of {TODAY}", "It rained.")
    assert found.subject == f"Subject of {TODAY}"
    assert found.picture == PICTURE


@pytest.mark.parametrize("state", [IssueState.DRAFT, IssueState.APPROVED, IssueState.HELD, IssueState.SKIPPED])
def test_what_was_not_published_is_not_there(store: Store, state: IssueState) -> None:
    with store.write() as tx:
        list_id = a_list(tx).id
        issue = published(tx, list_id, state=state)
        assert tx.issues.get(issue.id).state is state
    with store.read() as tx:
        assert tx.archive.page(list_id, most=10) == []
        assert tx.archive.get(list_id, 1) is None
        assert tx.archive.extent(list_id).issues == 0
        assert tx.archive.stories([issue.id]) == []
        assert tx.archive.for_search_engines(10) == []


def test_a_sent_issue_is_there(store: Store) -> None:
    with store.write() as tx:
        list_id = a_list(tx).id
        published(tx, list_id, state=IssueState.SENT)
    with store.read() as tx:
        assert tx.archive.extent(list_id).issues == 1


def test_a_stopped_campaigns_issue_is_not_there_until_it_is_retried(store: Store) -> None:
    with store.write() as tx:
        list_id = a_list(tx).id
        a_reader(tx, list_id)
        campaign = a_campaign(tx, list_id)
        (edition,) = tx.editions.all_of_issue(campaign.issue_id)
        tx.issues.keep_whole(campaign.issue_id, edition.id)
        assert tx.archive.extent(list_id).issues == 1
        tx.campaigns.stop(campaign.id, "a mistake in it", NOW)
        assert tx.archive.extent(list_id).issues == 0
        assert tx.archive.get(list_id, 1) is None
        tx.campaigns.retry(campaign.id, [MessageState.FAILED], NOW + DAY, NOW)
        assert tx.archive.get(list_id, 1) is not None


def test_pages_are_newest_first_and_each_issue_knows_its_neighbours(store: Store) -> None:
    with store.write() as tx:
        list_id, other = a_list(tx).id, a_list(tx, "evening").id
        for day in days(5):
            published(tx, list_id, day)
            published(tx, other, day)
        published(tx, list_id, TODAY + timedelta(5), state=IssueState.DRAFT)
    with store.read() as tx:
        assert [issue.number for issue in tx.archive.page(list_id, most=2, after=2)] == [3, 2]
        third = tx.archive.get(list_id, 3)
        assert third is not None
        older, newer = tx.archive.before(third, list_id), tx.archive.behind(third, list_id)
        assert (older and older.number, newer and newer.number) == (2, 4)
        last = tx.archive.get(list_id, 5)
        assert last is not None
        assert tx.archive.behind(last, list_id) is None
    assert {issue.number for issue in (older, newer) if issue} == {2, 4}


def test_an_issue_whose_articles_are_gone_keeps_its_subject(store: Store) -> None:
    with store.write() as tx:
        list_id = a_list(tx).id
        issue = published(tx, list_id)
        tx._connection.exec_driver_sql("DELETE FROM articles")
    with store.read() as tx:
        found = tx.archive.get(list_id, issue.number)
    assert found is not None
    assert (found.subject, found.headline, found.picture) == (f"Subject of {TODAY}", "", None)


def test_the_whole_edition_is_known_although_a_part_was_tried_before(store: Store) -> None:
    """A test of a draft may have had just what readers of one topic get of the issue: its row is older than the whole one's."""
    part = Edition("issue", 1, "Part", "<p>part", "t", b"part", "salt")
    with store.write() as tx:
        list_id = a_list(tx).id
        issue_id = an_issue(tx, list_id)
        tried = tx.editions.keep(replace(part, list_id=list_id), None, NOW)
        whole = tx.editions.keep(replace(part, list_id=list_id, html="<p>whole", skeleton=b"whole"), issue_id, NOW)
        assert tx.editions.keep(replace(part, list_id=list_id), issue_id, NOW).id == tried.id
        tx.issues.keep_whole(issue_id, whole.id)
    with store.read() as tx:
        assert [each.id for each in tx.editions.all_of_issue(issue_id)] == [whole.id, tried.id]
        first = tx.editions.of_issue(issue_id)
    assert first is not None
    assert first.html == "<p>whole"


def test_stories_come_in_reading_order_or_by_topic(store: Store) -> None:
    with store.write() as tx:
        list_id = a_list(tx).id
        both = [published(tx, list_id, day).id for day in days(2)]
    with store.read() as tx:
        told = [story.title for story in tx.archive.stories(both)]
        assert [title.split()[0] for title in told] == ["Lead", "Second"] * 2
        assert told[0].endswith(str(days(2)[1]))
        science = tx.archive.newest_stories(list_id, ["Science"], 10)
        assert [story.topic for story in science] == ["Science"] * 2
        assert len(tx.archive.newest_stories(list_id, [], 3)) == 3
    assert science[0].published_at == ARTICLE.published_at
    assert science[0].told_at == NOW + DAY


def test_search_engines_are_told_of_public_archives_only(store: Store) -> None:
    with store.write() as tx:
        for name in Archive:
            mailing_list = a_list(tx, name.value)
            tx.lists.save(replace(mailing_list, archive=name))
            published(tx, mailing_list.id)
    with store.read() as tx:
        assert [name for name, _, _ in tx.archive.for_search_engines(10)] == ["public"]


def test_a_list_is_public_when_it_is_made(store: Store) -> None:
    with store.write() as tx:
        assert tx.lists.add(WEEKLY, NOW).archive is Archive.PUBLIC
        assert tx.archive.begins_at(1) == NOW
