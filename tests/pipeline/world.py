"""A small newsroom with readers, on a real database: what the steps' tests start from."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count as count_up
from itertools import islice

from digest.app import App
from digest.articles.decide import content_hash
from digest.model.address import Address, Mailbox
from digest.model.article import Article
from digest.model.edition import Edition
from digest.model.feed import Feed, FeedKind
from digest.model.issue import Campaign, Issue
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList, Schedule
from digest.model.message import Account
from digest.model.subscriber import Consent, Subscriber, SubscriptionState
from digest.pipeline.assemble import assemble
from digest.pipeline.publish import publish
from digest.settings import Settings
from digest.store import open_store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
KEYS = Keys(b"a secret of the tests, 32 bytes or more")
PERIOD = date(2026, 11, 23)


class Clock:
    """Stands still until it is moved."""

    def __init__(self, start: datetime = NOW) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> None:
        self.time += timedelta(**span)


@dataclass
class World:
    """One list on one database."""

    app: App
    clock: Clock
    mailing_list: MailingList
    _numbers: Iterator[int] = field(default_factory=count_up)

    def subscribe(self, count: int, state: SubscriptionState = SubscriptionState.CONFIRMED) -> list[Subscriber]:
        return [self.subscribe_one(f"reader{number}@example.org", state) for number in range(count)]

    def subscribe_one(self, text: str, state: SubscriptionState = SubscriptionState.CONFIRMED) -> Subscriber:
        address = Address.parse(text)
        with self.app.store.write() as tx:
            reader = tx.subscribers.ensure(
                address, KEYS.address_hash(address), name="", language="en", now=self.clock()
            )
            consent = Consent("form", "Sign up", self.clock())
            tx.subscribers.subscribe(reader.id, self.mailing_list.id, state, consent, confirmed_at=self.clock())
        return reader

    def add_articles(self, count: int, *, days_ago: float = 1) -> None:
        with self.app.store.write() as tx:
            feeds = tx.feeds.of_list(self.mailing_list.id)
            feed = feeds[0] if feeds else tx.feeds.add(a_feed(self.mailing_list.id))
            for number in islice(self._numbers, count):
                article = an_article(number, self.clock() - timedelta(days=days_ago))
                article_id = tx.articles.add(feed, article, content_hash(article), self.clock())
                tx.articles.add_keys(feed.list_id, article_id, [f"url:{article.url}"])

    def draft(self, period: date = PERIOD) -> Issue:
        return assemble(self.app.store, self.mailing_list, period, now=self.clock(), salt="5" * 32).issue

    def publish(self, issue: Issue | None = None) -> Campaign:
        issue = issue or self.draft()
        return publish(self.app.store, issue.id, self.app.render, KEYS, now=self.clock()).campaign

    def account(self, campaign: Campaign) -> Account:
        with self.app.store.read() as tx:
            return tx.campaigns.account(campaign.id)

    def only_account(self) -> Account:
        """Of the only campaign that there is."""
        with self.app.store.read() as tx:
            (issue,) = tx.issues.all()
            campaign = tx.campaigns.of_issue(issue.id)
            assert campaign is not None
            return tx.campaigns.account(campaign.id)

    def edition(self, issue: Issue) -> Edition | None:
        with self.app.store.read() as tx:
            return tx.editions.of_issue(issue.id)


def make_world(database_url: str, relay: str = "smtp://127.0.0.1:1?tls=none", **settings: object) -> World:
    clock = Clock()
    store = open_store(database_url)
    chosen = Settings(database_url=database_url, smtp_url=relay, base_url="https://news.example.org", **settings)  # type: ignore[arg-type]  # pydantic reads a str as a secret
    app = App(chosen, store, KEYS, now=clock)
    with store.write() as tx:
        return World(app, clock, tx.lists.add(a_list(), clock()))


def with_relay(world: World, relay: str, **settings: object) -> World:
    """The same world, sending elsewhere or by other rules."""
    values = world.app.settings.model_dump() | {"smtp_url": relay} | settings
    return replace(world, app=App(Settings(**values), world.app.store, KEYS, now=world.clock))


def with_relays(world: World, *relays: dict[str, object], **settings: object) -> World:
    """The same world, sending by several."""
    values = world.app.settings.model_dump() | {"smtp_url": None, "relays": relays} | settings
    return replace(world, app=App(Settings(**values), world.app.store, KEYS, now=world.clock))


def a_list() -> MailingList:
    return MailingList(
        id=0,
        name="weekly",
        title="The Weekly",
        sender=Mailbox(Address("news", "example.org"), "The Weekly"),
        reply_to=None,
        postal_address="1 Quay Street, Northport",
        list_id="weekly.example.org",
        schedule=Schedule(frozenset({0}), time(8, 0), "Europe/Vienna"),
        next_due_at=datetime(2026, 11, 30, 7, 0, tzinfo=UTC),
    )


def a_feed(list_id: int) -> Feed:
    return Feed(0, list_id, "https://news.example.org/feed.xml", FeedKind.SYNDICATION, title="The Harbour Post")


def an_article(number: int, published_at: datetime) -> Article:
    return Article(
        title=f"Story number {number}",
        url=f"https://news.example.org/stories/{number}",
        summary=f"What story {number} says in one sentence.",
        body_html=f"<p>What story {number} says at length.</p>",
        word_count=300,
        published_at=published_at,
        publisher="The Harbour Post",
    )
