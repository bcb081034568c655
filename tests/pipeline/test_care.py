"""A day before an issue its operator is told which feeds need care, once; and not at all when all is well."""

from dataclasses import replace
from datetime import timedelta

from digest.model.address import Mailbox
from digest.model.feed import Feed, FeedKind
from digest.pipeline.deliver import deliver
from tests.doubles.smtp_server import SmtpServer
from tests.pipeline.world import World, with_relay

DAY = timedelta(days=1)


def a_feed(world: World, name: str) -> Feed:
    location = f"https://{name}.example/feed"
    with world.app.store.write() as tx:
        return tx.feeds.add(Feed(0, world.mailing_list.id, location, FeedKind.SYNDICATION, title=name.title()))


def die(world: World, feed: Feed) -> None:
    with world.app.store.write() as tx:
        for _ in range(3):
            tx.feeds.record_failed(feed.id, f"{feed.location} could not be read: no answer.", world.clock() - 2 * DAY)


def a_day_before(world: World) -> None:
    slot = world.mailing_list.next_due_at
    assert slot is not None
    world.clock.time = slot - DAY + timedelta(minutes=1)


def tell(world: World) -> list[tuple[str, int]]:
    return [(told.mailing_list.name, told.feeds) for told in world.app.caretaker.tell()]


def mails(world: World) -> list[str]:
    with SmtpServer() as server:
        deliver(with_relay(world, f"smtp://{server.host}:{server.port}?tls=none").app.sender())
        return [f"{message.recipient}\n{message.content.decode()}" for message in server.messages]


def test_a_dead_feed_is_told_once_a_day_before_the_issue(world: World) -> None:
    dead = a_feed(world, "harbour")
    a_feed(world, "valley")
    a_day_before(world)
    die(world, dead)
    assert tell(world) == [("weekly", 1)]
    assert tell(world) == []
    (mail,) = mails(world)
    assert mail.startswith("news@example.org\n")
    assert "Subject: A feed of The Weekly needs care before the next issue" in mail
    assert "Monday 30 November 2026, 08:00" in mail
    assert "Harbour" in mail
    assert "Valley" not in mail
    assert "List-Unsubscribe" not in mail


def test_nobody_is_told_earlier_nor_after_the_slot_nor_when_all_is_well(world: World) -> None:
    feed = a_feed(world, "harbour")
    a_day_before(world)
    assert tell(world) == []
    die(world, feed)
    world.clock.time -= timedelta(minutes=2)
    assert tell(world) == []
    world.clock.time += DAY + timedelta(hours=1)
    assert tell(world) == []


def test_a_feed_that_dies_within_the_day_is_told_too_and_the_next_slot_has_its_own_mail(world: World) -> None:
    feed = a_feed(world, "harbour")
    a_day_before(world)
    assert tell(world) == []
    world.clock.forward(hours=20)
    die(world, feed)
    assert tell(world) == [("weekly", 1)]
    following = replace(world.mailing_list, next_due_at=world.clock() + DAY / 2)
    with world.app.store.write() as tx:
        tx.lists.save(following, replan=True)
    assert tell(world) == [("weekly", 1)]


def test_silent_and_gone_feeds_are_told_and_moved_ones_are_not(world: World) -> None:
    gone, moved = a_feed(world, "gone"), a_feed(world, "moved")
    world.add_articles(1, days_ago=20)  # of the first feed: but it is gone
    a_day_before(world)
    with world.app.store.write() as tx:
        tx.feeds.record_gone(gone.id, "It is gone.", world.clock())
    die(world, moved)
    with world.app.store.write() as tx:
        tx.feeds.record_unchanged(moved.id, world.clock())
    assert tell(world) == [("weekly", 1)]


def test_operators_are_told_where_some_are_set_and_each_once(world: World) -> None:
    set_up = with_relay(world, "smtp://127.0.0.1:1?tls=none", operators=("ann@example.org", "bo@example.org"))
    die(world, a_feed(world, "harbour"))
    a_day_before(set_up)
    assert tell(set_up) == [("weekly", 1)]
    assert sorted(mail.partition("\n")[0] for mail in mails(set_up)) == ["ann@example.org", "bo@example.org"]


def test_without_operators_the_mail_goes_where_replies_go(sqlite_world: World) -> None:
    listed = replace(sqlite_world.mailing_list, reply_to=Mailbox.parse("Office <office@example.org>"))
    with sqlite_world.app.store.write() as tx:
        tx.lists.save(listed)
    die(sqlite_world, a_feed(sqlite_world, "harbour"))
    a_day_before(sqlite_world)
    assert tell(sqlite_world) == [("weekly", 1)]
    assert [mail.partition("\n")[0] for mail in mails(sqlite_world)] == ["office@example.org"]
