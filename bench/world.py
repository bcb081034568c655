"""Invented articles, readers and databases to measure with; everything follows from its number, nothing from chance."""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from digest.articles.decide import content_hash
from digest.links import Links
from digest.model.address import Address, Mailbox
from digest.model.article import Article
from digest.model.feed import Feed, FeedKind, Picture
from digest.model.issue import Issue, IssueContent, IssueItem, IssueState, Section
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList, Schedule
from digest.model.subscriber import Consent, Subscription, SubscriptionState
from digest.store import Store, open_store
from digest.store.subscribers import NewSubscriber

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PERIOD = date(2026, 11, 23)
SALT = "5" * 32
KEYS = Keys(b"a secret of the benchmarks, which is no secret")
LINKS = Links("https://news.example.org", KEYS)
TOPICS = ("Harbour", "Council", "Weather", "Sport")
AT_ONCE = 500  # readers
_WORDS = [
    "harbour",
    "council",
    "ferry",
    "winter",
    "market",
    "bridge",
    "school",
    "tide",
    "lantern",
    "quarry",
    "orchard",
    "signal",
]


def clock() -> datetime:
    """Stands still."""
    return NOW


def words(number: int, count: int) -> str:
    """Some words that differ from number to number."""
    return " ".join(_WORDS[(number * 7 + at * at) % len(_WORDS)] for at in range(count))


def an_article(number: int) -> Article:
    """About 300 words of text, dated within the last six days."""
    return Article(
        title=f"{words(number, 6).capitalize()} {number}",
        url=f"https://news.example.org/stories/{number}",
        summary=f"{words(number, 30).capitalize()}.",
        body_html="".join(f"<p>{words(number + part, 60).capitalize()}.</p>" for part in range(5)),
        word_count=300,
        published_at=NOW - timedelta(minutes=1 + number % 8_000),
        publisher="The Harbour Post",
        picture=Picture(
            f"https://news.example.org/pictures/{number}.jpg", alt=words(number, 4), width=1200, height=800
        ),
    )


def a_feed(list_id: int, number: int, location: str) -> Feed:
    return Feed(
        0,
        list_id,
        location,
        FeedKind.SYNDICATION,
        title=f"The Harbour Post, page {number}",
        topic=TOPICS[number % len(TOPICS)],
    )


def an_issue(articles: int, mailing_list: MailingList, issue_id: int = 1) -> Issue:
    """A draft of so many articles, in sections of the list's topics."""
    items = [IssueItem(number, TOPICS[number % len(TOPICS)], an_article(number)) for number in range(articles)]
    sections = tuple(Section(topic, tuple(item for item in items[1:] if item.topic == topic)) for topic in TOPICS)
    content = IssueContent(items[0], tuple(section for section in sections if section.items))
    window = NOW - timedelta(days=7)
    return Issue(issue_id, mailing_list.id, PERIOD, 1, IssueState.DRAFT, "", content, window, NOW, SALT, NOW)


def a_list(canary_percent: int = 1) -> MailingList:
    return MailingList(
        id=1,
        name="weekly",
        title="The Harbour Weekly",
        sender=Mailbox(Address("news", "example.org"), "The Harbour Weekly"),
        reply_to=None,
        postal_address="1 Quay Street, Northport",
        list_id="weekly.example.org",
        schedule=Schedule(frozenset({0}), time(8, 0), "Europe/Vienna"),
        topics=TOPICS,
        canary_percent=canary_percent,
    )


@dataclass
class Database:
    """A SQLite file with one list, of which each run gets a fresh copy."""

    path: Path
    mailing_list: MailingList
    store: Store

    def close(self) -> None:
        self.store.close()

    def fresh(self, kept: Path) -> None:
        """Go back to what `keep` kept; the store is open and warm afterwards."""
        self.store.close()
        shutil.copy(kept, self.path)
        self.store = open_store(f"sqlite:///{self.path}")
        with self.store.read() as tx:
            tx.lists.all()

    def keep(self, name: str) -> Path:
        """A copy of the database as it is now."""
        self.store.close()  # the last one to leave writes the log into the file
        return Path(shutil.copy(self.path, self.path.with_name(name)))


def a_database(directory: Path, canary_percent: int = 1) -> Database:
    path = directory / "subscribers.db"
    store = open_store(f"sqlite:///{path}")
    store.upgrade()
    with store.write() as tx:
        return Database(path, tx.lists.add(a_list(canary_percent), NOW), store)


def add_articles(database: Database, count: int, first: int = 0) -> None:
    list_id = database.mailing_list.id
    with database.store.write() as tx:
        feeds = tx.feeds.of_list(list_id) or [
            tx.feeds.add(a_feed(list_id, page, f"https://news.example.org/{page}.xml")) for page in range(10)
        ]
        for number in range(first, first + count):
            article = an_article(number)
            feed = feeds[number % len(feeds)]
            article_id = tx.articles.add(feed, article, content_hash(article), NOW)
            tx.articles.add_keys(list_id, article_id, [f"url:{article.url}"])


def an_address(number: int) -> Address:
    return Address(f"reader{number}", "example.org")


def add_readers(database: Database, count: int) -> None:
    """Confirmed readers of the list."""
    consent = Consent("form", "Sign up for our weekly newsletter", NOW)
    for start in range(0, count, AT_ONCE):
        addresses = [an_address(number) for number in range(start, min(start + AT_ONCE, count))]
        new = [NewSubscriber(address, KEYS.address_hash(address), "Ann Reader", "en") for address in addresses]
        with database.store.write() as tx:
            numbers = tx.subscribers.ensure_each(new, NOW).values()
            tx.subscribers.subscribe_each(
                [
                    Subscription(
                        number, database.mailing_list.id, SubscriptionState.CONFIRMED, consent, confirmed_at=NOW
                    )
                    for number in numbers
                ]
            )
