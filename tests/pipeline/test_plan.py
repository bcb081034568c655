"""Adding and changing lists: every wrong word is one sentence, and the next slot follows the schedule only."""

from datetime import UTC, datetime

import pytest

from digest.model.errors import BadInput
from digest.model.mailing_list import MailingList
from digest.pipeline.plan import ListChange, add_list, change_list
from tests.pipeline.world import World

SENDER = "The Town <news@example.org>"


def add(world: World, name: str = "town", sender: str | None = SENDER) -> MailingList:
    return add_list(world.app.store, name, ListChange(sender=sender), now=world.clock())


def change(world: World, said: ListChange) -> MailingList:
    return change_list(world.app.store, "weekly", said, now=world.clock())


def stored(world: World, name: str = "weekly") -> MailingList:
    with world.app.store.read() as tx:
        return tx.lists.by_name(name)


WRONG = [
    (ListChange(weekdays="mon,blursday"), "'blursday' is no weekday"),
    (ListChange(at="25:00"), "'25:00' is no time of day"),
    (ListChange(at="8"), "'8' is no time of day"),
    (ListChange(zone="Europe/Atlantis"), "'Europe/Atlantis' is no time zone"),
    (ListChange(zone="../../etc/passwd"), "is no time zone"),
    (ListChange(zone="", weekdays=""), "'' is no time zone"),
    (ListChange(catch_up="maybe"), "'maybe' is no way to catch up"),
    (ListChange(late_hours=-1), "late hours is -1"),
    (ListChange(late_hours=10**12), "late hours is 1000000000000"),
    (ListChange(window_days=0), "window days is 0"),
    (ListChange(window_days=10**12), "window days is 1000000000000"),
    (ListChange(min_articles=0), "min articles is 0"),
    (ListChange(max_articles=-5), "max articles is -5"),
    (ListChange(max_per_feed=0), "max per feed is 0"),
    (ListChange(min_articles=9, max_articles=3), "asks for 9 articles and takes 3 at most"),
    (ListChange(min_articles=31), "asks for 31 articles and takes 30 at most"),
    (ListChange(language="English, please"), "is no language tag"),
    (ListChange(sender="nobody"), "'nobody' is not an address"),
    (ListChange(sender="The\rTown <news@example.org>"), r"U\+000D"),
    (ListChange(reply_to="Ann ann@example.org>"), "a < is missing"),
    (ListChange(title=" "), "title cannot be empty"),
    (ListChange(title="A\nB"), r"The title has a character .*U\+000A"),
    (ListChange(tagline="A\u202eB"), r"The tagline has a character .*U\+202E"),
    (ListChange(topics="Town, Sci\x00ence"), r"The topic has a character .*U\+0000"),
    (ListChange(postal_address="1 Quay\x00Street"), r"The postal address has a character .*U\+0000"),
]


@pytest.mark.parametrize(("said", "words"), WRONG, ids=[words for _, words in WRONG])
def test_a_wrong_word_is_one_sentence_and_changes_nothing(sqlite_world: World, said: ListChange, words: str) -> None:
    before = stored(sqlite_world)
    with pytest.raises(BadInput, match=words) as refused:
        change(sqlite_world, said)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")
    assert stored(sqlite_world) == before


@pytest.mark.parametrize("name", ["", "Town", "a b", "-town", "town-", "town\n", "a" * 49, "tówn", "../town"])
def test_a_name_that_no_link_could_carry_is_refused(sqlite_world: World, name: str) -> None:
    with pytest.raises(BadInput, match="cannot be a list's name"):
        add(sqlite_world, name)


@pytest.mark.parametrize("sender", [None, ""])
def test_a_list_without_a_sender_is_refused(sqlite_world: World, sender: str | None) -> None:
    with pytest.raises(BadInput, match="town needs a sender; say --from"):
        add(sqlite_world, sender=sender)


def test_two_lists_of_one_name_are_refused(world: World) -> None:
    first = add(world)
    with pytest.raises(BadInput, match="a list named 'town' already"):
        add(world, sender="Other <news@other.example>")
    assert stored(world, "town") == first


def test_a_new_list_needs_no_more_than_a_name_and_a_sender(world: World) -> None:
    made = add(world, "town-weekly")
    assert (made.title, made.list_id) == ("Town Weekly", "town-weekly.example.org")
    assert made.next_due_at == datetime(2026, 11, 30, 8, 0, tzinfo=UTC)  # it is Monday 09:00: today's slot is over
    assert stored(world, "town-weekly") == made


def test_another_schedule_moves_the_next_slot(world: World) -> None:
    change(world, ListChange(weekdays="Thursday", at="6:30"))
    assert stored(world).next_due_at == datetime(2026, 11, 26, 5, 30, tzinfo=UTC)
    change(world, ListChange(zone="America/New_York"))
    assert stored(world).next_due_at == datetime(2026, 11, 26, 11, 30, tzinfo=UTC)
    change(world, ListChange(weekdays=""))
    assert stored(world).next_due_at is None


def test_another_title_leaves_a_slot_that_is_due(world: World) -> None:
    due = stored(world).next_due_at
    world.clock.forward(days=8)  # past it: computed anew it would be a week later, and the issue lost
    assert change(world, ListChange(title="The Daily")).next_due_at == due
    assert (stored(world).title, stored(world).next_due_at) == ("The Daily", due)


def test_what_is_not_said_stays_and_what_is_empty_goes(world: World) -> None:
    change(world, ListChange(reply_to="Ann <ann@example.org>", tagline="News", topics="Town, Science, Town"))
    assert stored(world).topics == ("Town", "Science")
    after = change(world, ListChange(reply_to="", topics=""))
    assert (after.reply_to, after.topics, after.tagline) == (None, (), "News")
    assert stored(world) == after


def test_another_sender_keeps_the_list_id(world: World) -> None:
    change(world, ListChange(sender="The Town <town@other.example>"))
    assert (str(stored(world).sender.address), stored(world).list_id) == ("town@other.example", "weekly.example.org")
