"""Articles and the keys by which an entry is recognised as one of them."""

from dataclasses import replace
from typing import Any

from digest.model.article import KnownArticle
from digest.model.feed import Picture
from digest.model.issue import IssueContent, IssueItem, IssueState, Section
from digest.store import Store, Transaction
from tests.store import rows
from tests.store.rows import ARTICLE, DAY, HOUR, NOW, TODAY

SINCE, UNTIL = NOW - 7 * DAY, NOW


def candidates(tx: Transaction, list_id: int, issue_id: int | None = None) -> list[int]:
    return [kept.id for kept in tx.articles.candidates(list_id, SINCE, UNTIL, issue_id)]


def test_an_article_is_known_by_each_of_its_keys_in_its_list_only(store: Store) -> None:
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        feed = rows.a_feed(tx, weekly.id)
        number = rows.an_article(tx, feed, "url:a", "guid:1:a", "url:a")
        found = tx.articles.known(weekly.id, ["guid:1:a", "url:a", "url:b", "url:a"])
        elsewhere = tx.articles.known(daily.id, ["url:a"])
    known = KnownArticle(number, feed.id, "hash of Rain", NOW, ARTICLE.published_at)
    assert found == {"guid:1:a": known, "url:a": known}
    assert elsewhere == {}


def test_no_keys_lead_to_nothing(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.an_article(tx, rows.a_feed(tx, weekly.id))
        assert tx.articles.known(weekly.id, []) == {}


def test_thousands_of_keys_are_asked_for_at_once(store: Store) -> None:
    keys = [f"url:{number}" for number in range(3_000)]
    with store.write() as tx:
        weekly = rows.a_list(tx)
        number = rows.an_article(tx, rows.a_feed(tx, weekly.id), *keys)
        found = tx.articles.known(weekly.id, [*keys, "url:other"])
    assert set(found) == set(keys)
    assert {known.article_id for known in found.values()} == {number}


def test_a_key_that_leads_elsewhere_stays_as_it_is(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        feed = rows.a_feed(tx, weekly.id)
        first = rows.an_article(tx, feed, "url:a")
        second = rows.an_article(tx, feed, "url:a", "url:b")
        tx.articles.add_keys(weekly.id, first, ["url:b", "url:c"])
        found = tx.articles.known(weekly.id, ["url:a", "url:b", "url:c"])
    assert {key: known.article_id for key, known in found.items()} == {"url:a": first, "url:b": second, "url:c": first}


def test_a_removed_feed_leaves_its_articles_known(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        feed = rows.a_feed(tx, weekly.id)
        number = rows.an_article(tx, feed, "url:a")
        tx.feeds.remove(weekly.id, str(feed.id))
        assert tx.articles.known(weekly.id, ["url:a"])["url:a"].feed_id is None
        (kept,) = tx.articles.candidates(weekly.id, SINCE, UNTIL, None)
    assert (kept.id, kept.feed_id, kept.topic) == (number, 0, "World")


def test_an_edited_article_is_the_same_article(store: Store) -> None:
    picture = Picture("https://example.org/p.jpg", "alt", "credit", 10, 20)
    edited = replace(ARTICLE, title="Rain, again “ß” 😀", picture=picture, published_at=NOW - HOUR)
    with store.write() as tx:
        weekly = rows.a_list(tx)
        number = rows.an_article(tx, rows.a_feed(tx, weekly.id), "url:a")
        tx.articles.change(number, edited, "new hash", NOW + HOUR)
        known = tx.articles.known(weekly.id, ["url:a"])["url:a"]
        (kept,) = tx.articles.candidates(weekly.id, SINCE, UNTIL, None)
    assert (known.content_hash, known.first_seen_at, known.published_at) == ("new hash", NOW, NOW - HOUR)
    assert (kept.id, kept.article, kept.first_seen_at) == (number, edited, NOW)


def test_whatever_stands_in_a_feed_can_be_kept(store: Store) -> None:
    odd = replace(ARTICLE, title="nul \0 here", summary="lone \ud800 surrogate", body_html="\x01\x7f")
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.an_article(tx, rows.a_feed(tx, weekly.id), "guid:\0:\ud800", article=odd)
        assert len(tx.articles.known(weekly.id, ["guid:\0:\ud800"])) == 1
        (kept,) = tx.articles.candidates(weekly.id, SINCE, UNTIL, None)
    assert kept.article.title.startswith("nul ")


def test_candidates_are_of_the_window_and_list_the_newest_first(store: Store) -> None:
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        feed, other = rows.a_feed(tx, weekly.id), rows.a_feed(tx, daily.id)
        times = [SINCE - HOUR, SINCE, NOW - DAY, NOW - DAY, UNTIL, UNTIL + HOUR]
        made = [rows.an_article(tx, feed, article=replace(ARTICLE, published_at=time)) for time in times]
        rows.an_article(tx, other)
        assert candidates(tx, weekly.id) == [made[4], made[2], made[3], made[1]]


def test_what_an_editor_wants_is_a_candidate_however_old_and_what_came_later_is_none(store: Store) -> None:
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        feed = rows.a_feed(tx, weekly.id)
        old = rows.an_article(tx, feed, article=replace(ARTICLE, published_at=SINCE - 30 * DAY))
        fresh = rows.an_article(tx, feed)
        others = rows.an_article(tx, rows.a_feed(tx, daily.id))

        def found(**more: Any) -> list[int]:
            return [kept.id for kept in tx.articles.candidates(weekly.id, SINCE, UNTIL, None, **more)]

        assert found(wanted={old, others}) == [fresh, old]
        assert found(seen_until=NOW - HOUR) == []
        assert found(seen_until=NOW - HOUR, wanted={fresh}) == [fresh]
        assert tx.articles.of_list(others, weekly.id) is None


def put_into(tx: Transaction, list_id: int, article_id: int, days: int, state: IssueState) -> int:
    issue = tx.issues.get(rows.an_issue(tx, list_id, TODAY + days * DAY))
    tx.issues.fill(issue, IssueContent(None, (Section("", (IssueItem(article_id, "", ARTICLE),)),)), (SINCE, UNTIL))
    if state is not IssueState.DRAFT:
        assert tx.issues.move(issue.id, state)
    return issue.id


def test_what_a_published_issue_told_is_not_told_again(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        feed = rows.a_feed(tx, weekly.id)
        told, drafted, held, new = (rows.an_article(tx, feed, f"url:{number}") for number in range(4))
        put_into(tx, weekly.id, told, 0, IssueState.PUBLISHED)
        put_into(tx, weekly.id, drafted, 1, IssueState.DRAFT)
        put_into(tx, weekly.id, held, 2, IssueState.HELD)
        assert candidates(tx, weekly.id) == [drafted, held, new]
        tx.issues.move(1, IssueState.SENT)
        assert candidates(tx, weekly.id) == [drafted, held, new]


def test_in_which_issue_an_article_stood(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        feed = rows.a_feed(tx, weekly.id)
        told, drafted = rows.an_article(tx, feed, "url:1"), rows.an_article(tx, feed, "url:2")
        put_into(tx, weekly.id, told, 0, IssueState.PUBLISHED)
        put_into(tx, weekly.id, drafted, 1, IssueState.DRAFT)
        assert (tx.articles.told_in(told), tx.articles.told_in(drafted)) == (1, None)


def test_an_issue_may_be_filled_with_its_own_articles_again(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        number = rows.an_article(tx, rows.a_feed(tx, weekly.id), "url:a")
        issue_id = put_into(tx, weekly.id, number, 0, IssueState.DRAFT)
        assert candidates(tx, weekly.id, issue_id) == [number]


def test_the_newest_of_a_feed_come_with_their_headlines(store: Store) -> None:
    with store.write() as tx:
        feed = rows.a_feed(tx, rows.a_list(tx).id)
        other = rows.a_feed(tx, feed.list_id, "https://example.org/other")
        for days, title in enumerate(("Rain", "Söhne “ß”", "Sun")):
            rows.an_article(tx, feed, article=replace(ARTICLE, title=title, published_at=NOW - days * DAY))
        rows.an_article(tx, other)
        found = tx.articles.of_feed(feed.id, most=2)
    assert [title for title, _ in found] == ["Rain", "Söhne “ß”"]
    assert [(known.feed_id, known.published_at) for _, known in found] == [(feed.id, NOW), (feed.id, NOW - DAY)]


def test_when_feeds_brought_something_is_told_feed_by_feed(store: Store) -> None:
    with store.write() as tx:
        feed, daily = rows.a_feed(tx, rows.a_list(tx).id), rows.a_feed(tx, rows.a_list(tx, "daily").id)
        for days in (2, 0, 1):
            rows.an_article(tx, feed, article=replace(ARTICLE, published_at=NOW - days * DAY))
        rows.an_article(tx, daily, article=replace(ARTICLE, published_at=NOW))
        assert tx.articles.newest_dates(None, most=2) == {feed.id: [NOW, NOW - DAY], daily.id: [NOW]}
        assert tx.articles.newest_dates(feed.list_id) == {feed.id: [NOW, NOW - DAY, NOW - 2 * DAY]}
        assert tx.articles.counts_since(None, NOW - DAY) == {feed.id: 2, daily.id: 1}
        tx.feeds.remove(feed.list_id, str(feed.id))
        assert tx.articles.counts_since(None, NOW - DAY) == {daily.id: 1}
