"""Lists with their slots, feeds with how reading them went, editions kept once."""

from dataclasses import replace
from datetime import time

import pytest

from digest.model.address import Address, Mailbox
from digest.model.brand import Brand
from digest.model.edition import Edition
from digest.model.errors import BadInput, NotFound
from digest.model.feed import Feed, FeedKind, FeedRead, FeedState
from digest.model.mailing_list import Archive, CatchUp, MailingList, Schedule, TooFew
from digest.store import Store
from tests.store import rows
from tests.store.rows import DAY, HOUR, NOW, WEEKLY

FULL = MailingList(
    id=0,
    name="full",
    title="Überall “ß” 😀",
    sender=Mailbox.parse("The News <news@xn--bcher-kva.example>"),
    reply_to=Mailbox.parse("Ännä <office@example.org>"),
    postal_address="1 Example Street\nVienna",
    list_id="full.example.org",
    schedule=Schedule(frozenset({6, 0, 3}), time(23, 59, 30), "America/New_York", CatchUp.HOLD, 3),
    window_days=3,
    min_articles=2,
    max_articles=20,
    max_per_feed=5,
    topics=("World", "Öffis"),
    language="de-AT",
    tagline="Every week",
    max_per_topic=4,
    half_life_hours=24,
    too_few=TooFew.CARRY,
    corrections=True,
    draft_ahead_hours=6,
    editors=(Address.parse("ed@example.org"), Address.parse("sub@example.org")),
    next_due_at=NOW,
    theme="magazine",
    brand=Brand(accent="#0b5394", logo_alt="Überall", logo_width=120),
    archive=Archive.UNLISTED,
)


@pytest.mark.parametrize("new", [WEEKLY, FULL], ids=["small", "full"])
def test_a_list_comes_back_as_it_was_added_and_saved(store: Store, new: MailingList) -> None:
    with store.write() as tx:
        added = tx.lists.add(new, NOW)
        assert added == replace(new, id=added.id) == tx.lists.get(added.id) == tx.lists.by_name(new.name)
        changed = replace(FULL, id=added.id, list_id=new.list_id, next_due_at=None, topics=())
        tx.lists.save(changed, replan=True)
        assert tx.lists.get(added.id) == changed


def test_a_list_id_never_changes(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        tx.lists.save(replace(weekly, list_id="other.example.org"))
        assert tx.lists.get(weekly.id) == weekly


def test_names_and_list_ids_belong_to_one_list(store: Store) -> None:
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        with pytest.raises(BadInput, match="There is a list named 'weekly' already"):
            tx.lists.add(replace(WEEKLY, list_id="new.example.org"), NOW)
        with pytest.raises(BadInput, match=r"has the List-Id .weekly\.example\.org."):
            tx.lists.add(replace(WEEKLY, name="new"), NOW)
        with pytest.raises(BadInput, match="There is a list named 'weekly' already"):
            tx.lists.save(replace(daily, name="weekly"))
        assert tx.lists.all() == [daily, weekly]


def test_a_list_that_is_not_there_is_said_so(store: Store) -> None:
    with store.read() as tx:
        with pytest.raises(NotFound, match="There is no list named 'nope'"):
            tx.lists.by_name("nope")
        with pytest.raises(NotFound, match="There is no list number 7"):
            tx.lists.get(7)


def test_lists_are_drafted_ahead_between_their_hour_and_their_slot(store: Store) -> None:
    with store.write() as tx:
        ahead = tx.lists.add(replace(FULL, next_due_at=NOW + 6 * HOUR), NOW)
        rows.a_list(tx)
        times = (NOW - HOUR, NOW, NOW + 5 * HOUR, NOW + 6 * HOUR)
        assert [tx.lists.drafted_ahead(time) == [ahead] for time in times] == [False, True, True, False]


def test_a_feed_s_weight_stands_beside_its_articles(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        feed = rows.a_feed(tx, weekly.id)
        number = rows.an_article(tx, feed)
        tx.feeds.change(replace(feed, weight=2.5))
        assert tx.feeds.find(weekly.id, str(feed.id)).weight == 2.5
        kept = tx.articles.of_list(number, weekly.id)
        assert kept
        assert kept.weight == 2.5
        tx.feeds.remove(weekly.id, feed.location)
        kept = tx.articles.of_list(number, weekly.id)
        assert kept
        assert kept.weight == 1.0  # of a feed that was removed


def test_lists_whose_slot_has_come_are_due(store: Store) -> None:
    with store.write() as tx:
        for name, due in (("now", NOW), ("past", NOW - DAY), ("later", NOW + HOUR), ("never", None)):
            tx.lists.save(replace(rows.a_list(tx, name), next_due_at=due), replan=True)
        assert [each.name for each in tx.lists.due(NOW)] == ["past", "now"]


def test_a_slot_is_moved_by_who_knows_where_it_was(store: Store) -> None:
    with store.write() as tx:
        weekly = replace(rows.a_list(tx), next_due_at=NOW.replace(microsecond=123456))
        tx.lists.save(weekly, replan=True)
        assert weekly.next_due_at
        assert not tx.lists.move_slot(weekly.id, NOW, NOW + DAY)
        assert tx.lists.move_slot(weekly.id, weekly.next_due_at, NOW + DAY)
        assert not tx.lists.move_slot(weekly.id, weekly.next_due_at, NOW + 2 * DAY)
        assert tx.lists.get(weekly.id).next_due_at == NOW + DAY
        assert tx.lists.move_slot(weekly.id, NOW + DAY, None)
        assert tx.lists.get(weekly.id).next_due_at is None


# Feeds.


def read(location: str, title: str = "") -> FeedRead:
    return FeedRead(location, FeedKind.SYNDICATION, title, (), etag='"e"', last_modified="Mon")


def test_a_feed_is_added_once_to_each_list(store: Store) -> None:
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        first, other = rows.a_feed(tx, weekly.id), rows.a_feed(tx, daily.id)
        with pytest.raises(BadInput, match=r"reads https://example\.org/feed already"):
            rows.a_feed(tx, weekly.id)
        assert tx.feeds.of_list() == [first, other]
        assert tx.feeds.of_list(daily.id) == [other]


def test_a_feed_remembers_how_reading_it_went(store: Store) -> None:
    with store.write() as tx:
        feed = rows.a_feed(tx, rows.a_list(tx).id)
        tx.feeds.record_failed(feed.id, "It did not answer.", NOW)
        (failed,) = tx.feeds.of_list()
        assert failed == replace(
            feed, last_tried_at=NOW, last_error="It did not answer.", failures=1, failing_since=NOW
        )
        tx.feeds.record_read(failed, read(feed.location, "nul \0 \ud800"), NOW + HOUR)
        (good,) = tx.feeds.of_list()
        assert (good.last_tried_at, good.last_ok_at, good.last_error) == (NOW + HOUR, NOW + HOUR, "")
        assert (good.failures, good.failing_since) == (0, None)
        assert (good.etag, good.last_modified, good.title[:4]) == ('"e"', "Mon", "nul ")
        tx.feeds.record_unchanged(feed.id, NOW + DAY)
        (same,) = tx.feeds.of_list()
        assert same == replace(good, last_tried_at=NOW + DAY, last_ok_at=NOW + DAY)


def test_a_title_stays_when_the_feed_gives_none(store: Store) -> None:
    with store.write() as tx:
        feed = tx.feeds.add(Feed(0, rows.a_list(tx).id, "https://x.example/", FeedKind.PAGE, title="Kept"))
        tx.feeds.record_read(feed, read(feed.location), NOW)
        assert tx.feeds.of_list()[0].title == "Kept"


def test_a_feed_that_moved_is_read_at_its_new_address(store: Store) -> None:
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        feed = rows.a_feed(tx, weekly.id)
        rows.a_feed(tx, daily.id, "https://example.org/new")
        tx.feeds.record_read(feed, read("https://example.org/new"), NOW)
        moved = tx.feeds.get(feed.id)
        assert (moved.location, moved.moved_from, moved.moved_at) == ("https://example.org/new", feed.location, NOW)
        tx.feeds.record_read(moved, read(moved.location), NOW + DAY)
        assert tx.feeds.get(feed.id).moved_at == NOW


def test_a_feed_that_moved_to_where_another_is_stays(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        feed = rows.a_feed(tx, weekly.id)
        other = rows.a_feed(tx, weekly.id, "https://example.org/new")
        tx.feeds.record_read(feed, read("https://example.org/new"), NOW)
        assert tx.feeds.get(feed.id).notes == (
            f"It moved to https://example.org/new, which is feed {other.id} of this list; remove one of the two.",
        )
        assert [each.location for each in tx.feeds.of_list()] == [feed.location, "https://example.org/new"]


def test_a_feed_that_is_gone_is_shown_and_not_read(store: Store) -> None:
    with store.write() as tx:
        feed = rows.a_feed(tx, rows.a_list(tx).id)
        tx.feeds.record_gone(feed.id, "It is gone (410).", NOW)
        (gone,) = tx.feeds.of_list()
        assert (gone.state, gone.last_error) == (FeedState.GONE, "It is gone (410).")
        assert (gone.failures, gone.failing_since) == (1, NOW)
        assert tx.feeds.of_list(active_only=True) == []


def test_failures_are_counted_from_the_first_until_a_good_reading(store: Store) -> None:
    with store.write() as tx:
        feed = rows.a_feed(tx, rows.a_list(tx).id)
        for hours in range(3):
            tx.feeds.record_failed(feed.id, "It did not answer.", NOW + hours * HOUR)
        failing = tx.feeds.get(feed.id)
        assert (failing.failures, failing.failing_since) == (3, NOW)
        tx.feeds.record_unchanged(feed.id, NOW + DAY)
        assert tx.feeds.get(feed.id).failures == 0
        tx.feeds.record_failed(feed.id, "It did not answer.", NOW + 2 * DAY)
        assert tx.feeds.get(feed.id).failing_since == NOW + 2 * DAY
        with pytest.raises(NotFound, match="There is no feed 99"):
            tx.feeds.get(99)


def test_notes_stay_until_the_feed_is_read_anew(store: Store) -> None:
    with store.write() as tx:
        feed = rows.a_feed(tx, rows.a_list(tx).id)
        tx.feeds.record_read(feed, read(feed.location), NOW, [f"Note {number}." for number in range(30)])
        tx.feeds.record_unchanged(feed.id, NOW + HOUR)
        tx.feeds.record_failed(feed.id, "It did not answer.", NOW + HOUR)
        assert tx.feeds.get(feed.id).notes == tuple(f"Note {number}." for number in range(20))
        tx.feeds.record_read(feed, read(feed.location), NOW + DAY)
        assert tx.feeds.get(feed.id).notes == ()


def test_a_feed_is_removed_by_number_or_address_from_its_own_list(store: Store) -> None:
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        first, second = rows.a_feed(tx, weekly.id), rows.a_feed(tx, weekly.id, "https://example.org/2")
        with pytest.raises(NotFound, match=f"The list has no feed '{first.id}'"):
            tx.feeds.remove(daily.id, str(first.id))
        assert tx.feeds.remove(weekly.id, str(first.id)) == first
        assert tx.feeds.remove(weekly.id, "https://example.org/2") == second
        assert tx.feeds.of_list() == []


# Editions.


def test_an_edition_with_the_same_bytes_is_kept_once(store: Store) -> None:
    edition = Edition("issue", 1, "Sübject", "<p>ß</p>", "ß", b"bytes \x00\xff", "5a17")
    with store.write() as tx:
        weekly = rows.a_list(tx)
        issue_id = rows.an_issue(tx, weekly.id)
        kept = tx.editions.keep(edition, issue_id, NOW)
        assert kept == replace(edition, id=kept.id) == tx.editions.get(kept.id)
        assert tx.editions.keep(edition, issue_id, NOW + DAY) == kept
        other = tx.editions.keep(replace(edition, skeleton=b"other"), None, NOW)
        assert other.id != kept.id
        assert tx.editions.of_issue(issue_id) == kept
        assert tx.editions.of_issue(issue_id + 1) is None
        with pytest.raises(NotFound, match="There is no edition 99"):
            tx.editions.get(99)


def test_a_feed_can_become_the_newsroom_s_own_and_its_articles_say_so(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ours = tx.feeds.add(Feed(0, weekly.id, "https://ours.example/feed", FeedKind.SYNDICATION, own=True))
        other = rows.a_feed(tx, weekly.id)
        for feed in (ours, other):
            rows.an_article(tx, feed, f"url:{feed.id}")
        assert [(kept.feed_id, kept.own) for kept in tx.articles.candidates(weekly.id, NOW - 2 * DAY, NOW, None)] == [
            (ours.id, True),
            (other.id, False),
        ]
        tx.feeds.change(replace(other, own=True))
        tx.feeds.change(replace(ours, own=False))
        assert [feed.own for feed in tx.feeds.of_list(weekly.id)] == [False, True]
        with pytest.raises(NotFound, match="The list has no feed '99'"):
            tx.feeds.find(weekly.id, "99")
        tx.feeds.remove(weekly.id, str(other.id))
        kept = tx.articles.candidates(weekly.id, NOW - 2 * DAY, NOW, None)
        assert [each.own for each in kept] == [False, False]
