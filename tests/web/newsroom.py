"""Issues that were published for real, week after week: what the tests of the archive start from."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from digest.articles.decide import content_hash
from digest.model.article import Article
from digest.model.edition import Edition
from digest.model.feed import Picture
from digest.model.issue import Issue, IssueState
from digest.model.mailing_list import Archive
from digest.model.picture import KeptPicture, Rendition
from digest.store import Transaction
from tests.pipeline.world import PERIOD, World, a_feed, an_article

PICTURE = "https://pictures.example.org/harbour.jpg"
WIDE = Rendition(b"\xff\xd8 wide", "image/jpeg", 1056, 704)
THUMB = Rendition(b"\xff\xd8 thumb", "image/jpeg", 264, 198)

#: Words that no two headlines share: else they would be copies of one story.
_WORDS = ("Harbour", "Library", "Orchard", "Bakery", "Tramway", "Museum", "Lighthouse", "Market", "Bridge", "Theatre")
Change = Callable[[Article], Article]


def headline(week: int, place: int) -> str:
    return f"{_WORDS[(week * 3 + place) % len(_WORDS)]} opens {'again ' * place}in week {week}"


def publish_week(
    world: World, week: int, *, change: Change = lambda article: article, topics: tuple[str, ...] = ()
) -> Issue:
    """The issue of a week, with three articles; the clock stands there then."""
    world.clock.time = world.clock.time.replace(month=11, day=23) + timedelta(weeks=week)
    with world.app.store.write() as tx:
        feeds = tx.feeds.of_list(world.mailing_list.id)
        feed = feeds[0] if feeds else tx.feeds.add(a_feed(world.mailing_list.id))
        for place in range(3):
            plain = an_article(week * 10 + place, world.clock() - timedelta(days=1, minutes=place))
            article = change(
                replace(plain, title=headline(week, place), picture=Picture(PICTURE) if place == 0 else None)
            )
            topic = topics[place % len(topics)] if topics else ""
            number = tx.articles.add(feed, article, content_hash(article), world.clock(), topic=topic)
            tx.articles.add_keys(feed.list_id, number, [f"url:{article.url}"])
    issue = world.draft(PERIOD + timedelta(weeks=week))
    world.publish(issue)
    return issue


def add_issues(tx: Transaction, world: World, count: int) -> None:
    """Published ones of earlier days, by the shortest way."""
    list_id, now = world.mailing_list.id, world.clock()
    for number in range(count):
        period = PERIOD - timedelta(days=count - number)
        issue_id = tx.issues.open_slot(list_id, period, salt="5a17", window=(now, now), now=now)
        tx.issues.move(issue_id, IssueState.PUBLISHED, published_at=now)
        edition = Edition("issue", list_id, f"Issue of {period}", "<p>", "t", f"{period}".encode(), "salt")
        tx.issues.keep_whole(issue_id, tx.editions.keep(edition, issue_id, now).id)


def keep_picture(world: World) -> None:
    with world.app.store.write() as tx:
        tx.pictures.keep(PICTURE, KeptPicture(WIDE, THUMB), world.clock())


def change_list(world: World, **values: object) -> None:
    with world.app.store.write() as tx:
        world.mailing_list = replace(tx.lists.get(world.mailing_list.id), **values)  # type: ignore[arg-type]  # as its fields are
        tx.lists.save(world.mailing_list)


def set_archive(world: World, archive: Archive) -> None:
    change_list(world, archive=archive)
