"""Rows for the tests of the store: the smallest that make sense."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from digest.model.address import Address, Mailbox
from digest.model.article import Article
from digest.model.edition import Edition
from digest.model.feed import Feed, FeedKind
from digest.model.issue import Campaign, IssueState
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList, Schedule
from digest.model.message import MessageState, Outgoing, Reply, Settlement
from digest.model.subscriber import Consent, Subscriber, SubscriptionState
from digest.store import Transaction
from digest.store.audiences import Assigned, Audience
from digest.store.campaigns import Terms
from digest.store.messages import NewMessage

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TODAY = NOW.date()
KEYS = Keys(b"the secret of all these tests, 32 bytes or more")
CONSENT = Consent("form", "Sign up for our weekly newsletter", NOW)
WEEKLY = MailingList(
    id=0,
    name="weekly",
    title="The Weekly",
    sender=Mailbox(Address.parse("news@example.org"), "The Weekly"),
    reply_to=None,
    postal_address="1 Example Street",
    list_id="weekly.example.org",
    schedule=Schedule(frozenset({0}), time(7, 0), "Europe/Vienna"),
)
ARTICLE = Article("Rain", "https://example.org/rain", "It rained.", "<p>It rained.</p>", 2, NOW - DAY)


def a_list(tx: Transaction, name: str = "weekly") -> MailingList:
    return tx.lists.add(replace(WEEKLY, name=name, list_id=f"{name}.example.org"), NOW)


def a_feed(tx: Transaction, list_id: int, location: str = "https://example.org/feed") -> Feed:
    return tx.feeds.add(Feed(id=0, list_id=list_id, location=location, kind=FeedKind.SYNDICATION, topic="World"))


def an_article(tx: Transaction, feed: Feed, *keys: str, article: Article = ARTICLE) -> int:
    number = tx.articles.add(feed, article, f"hash of {article.title}", NOW)
    tx.articles.add_keys(feed.list_id, number, keys)
    return number


def a_person(tx: Transaction, text: str) -> Subscriber:
    address = Address.parse(text)
    return tx.subscribers.ensure(address, KEYS.address_hash(address), name="", language="en", now=NOW)


def a_reader(
    tx: Transaction, list_id: int, text: str = "ann@example.org", state: SubscriptionState = SubscriptionState.CONFIRMED
) -> int:
    person = a_person(tx, text)
    assert tx.subscribers.subscribe(person.id, list_id, state, CONSENT)
    return person.id


def readers(tx: Transaction, list_id: int, count: int) -> list[int]:
    return [a_reader(tx, list_id, f"reader{number}@example.org") for number in range(count)]


def an_edition(tx: Transaction, list_id: int, issue_id: int | None = None, mail: str = "issue") -> int:
    skeleton = f"{mail} {list_id} {issue_id}".encode()
    edition = Edition(mail, list_id, "Subject", "<p>html</p>", "text", skeleton, "salt")
    return tx.editions.keep(edition, issue_id, NOW).id


def an_issue(tx: Transaction, list_id: int, period: date = TODAY) -> int:
    return tx.issues.open_slot(list_id, period, salt="5a17", window=(NOW - 7 * DAY, NOW), now=NOW)


def a_campaign(tx: Transaction, list_id: int, period: date = TODAY, terms: Terms | None = None) -> Campaign:
    issue_id = an_issue(tx, list_id, period)
    assert tx.issues.move(issue_id, IssueState.PUBLISHED, published_at=NOW)
    everybody = to_everybody(tx, list_id, an_edition(tx, list_id, issue_id), period)
    return tx.campaigns.freeze(issue_id, list_id, everybody, NOW, terms or Terms(NOW + 2 * DAY))


def to_everybody(
    tx: Transaction, list_id: int, edition_id: int, period: date = TODAY, due_at: datetime = NOW
) -> Audience:
    """One edition for all, now."""
    candidates = tx.audiences.candidates(list_id, period)
    return Audience(period, tuple(Assigned(group, edition_id, due_at) for group in candidates.groups), candidates)


def audience_size(tx: Transaction, list_id: int) -> tuple[int, int]:
    """Readers, and how many confirmed ones are suppressed."""
    found = tx.audiences.candidates(list_id, TODAY).without(tx.audiences.suppressed(list_id, TODAY))
    return found.readers, found.suppressed


def a_mail(tx: Transaction, list_id: int, purpose: str, subscriber_id: int | None, key: str = "") -> NewMessage:
    """A mail of its own, ready to be added."""
    person = tx.subscribers.get(subscriber_id) if subscriber_id is not None else None
    address = person.address if person else Address.parse("somebody@example.org")
    return NewMessage(
        key=key or f"{purpose}:{subscriber_id}",
        purpose=purpose,
        list_id=list_id,
        edition_id=an_edition(tx, list_id, mail=purpose),
        address=address,
        address_hash=KEYS.address_hash(address),
        subscriber_id=subscriber_id,
    )


def outcome(
    message: Outgoing | int, state: MessageState, *, due_at: datetime | None = None, text: str = "said"
) -> Settlement:
    number = message if isinstance(message, int) else message.id
    return Settlement(number, state, Reply(250, "2.0.0", text), due_at)


def states(tx: Transaction, campaign_id: int) -> list[MessageState]:
    return [recipient.state for recipient in tx.messages.recipients(campaign_id)]
