"""A store with two lists, and what the verbs of `audience` need beside it."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import pytest

from digest.audience.door import Visit
from digest.audience.notices import Notices
from digest.audience.sign_up import Application, SignedUp, sign_up
from digest.links import Links
from digest.model.address import Address, Mailbox
from digest.model.choices import ChoiceChange
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList, Schedule
from digest.model.subscriber import Consent, SubscriptionState
from digest.store import Store, open_store

KEYS = Keys(b"a secret for tests, of 32 bytes.")
BASE_URL = "https://news.example.org"
OFTEN = Visit(per_hour=1_000_000)  # so that only a test about limits meets one


def make_list(name: str, title: str) -> MailingList:
    return MailingList(
        id=0,
        name=name,
        title=title,
        sender=Mailbox(Address("news", "example.org"), title),
        reply_to=None,
        postal_address="1 Paper Lane\nExampleton",
        list_id=f"{name}.news.example.org",
        schedule=Schedule(frozenset({0}), time(8), "Europe/Vienna"),
        tagline="What mattered this week",
    )


@dataclass
class Desk:
    """Everything that a verb asks for, with a clock that only moves when it is told to."""

    store: Store
    keys: Keys
    notices: Notices
    links: Links
    now: datetime
    weekly: MailingList
    evening: MailingList
    nonce: Callable[[], str]

    def later(self, **parts: float) -> None:
        self.now += timedelta(**parts)

    def consent(self, source: str = "form") -> Consent:
        return Consent(source, "Sign up for our weekly newsletter", self.now, "nethash")

    def sign_up(
        self,
        address: str,
        *lists: str,
        name: str = "",
        visit: Visit = OFTEN,
        choices: dict[str, ChoiceChange] | None = None,
    ) -> SignedUp:
        application = Application(
            address, lists or ("weekly",), self.consent(), name, choices=choices or {}, visit=visit
        )
        return sign_up(self.store, self.keys, self.notices, application, now=self.now, nonce=self.nonce())

    def outbox(self, purpose: str = "") -> list[dict[str, object]]:
        """The rows of the outbox, oldest first."""
        query = "SELECT * FROM messages ORDER BY id"
        with self.store.read() as tx:
            rows = [dict(row) for row in tx._connection.exec_driver_sql(query).mappings()]
        return [row for row in rows if purpose in ("", row["purpose"])]

    def count(self, table: str) -> int:
        with self.store.read() as tx:
            return int(tx._connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())

    def tokens(self) -> list[str]:
        """The tokens in the confirmation mails of the outbox, oldest first."""
        with self.store.read() as tx:
            found = [tx.outbox.by_number(int(str(row["id"]))) for row in self.outbox("confirm-subscription")]
        return [self.keys.confirmation_token(each.slots["confirm"]) for each in found if each is not None]

    def state(self, address: str, list_name: str = "weekly") -> SubscriptionState | None:
        with self.store.read() as tx:
            subscriber = tx.subscribers.find(Address.parse(address))
            if subscriber is None:
                return None
            kept = tx.subscribers.subscription(subscriber.id, tx.lists.by_name(list_name).id)
        return None if kept is None else kept.state

    def number(self, address: str) -> int:
        with self.store.read() as tx:
            subscriber = tx.subscribers.find(Address.parse(address))
        assert subscriber is not None
        return subscriber.id


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    """On SQLite and on PostgreSQL."""
    store = open_store(database_url)
    numbers = itertools.count(1)
    now = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
    with store.write() as tx:
        weekly = tx.lists.add(make_list("weekly", "The Weekly Example"), now)
        evening = tx.lists.add(make_list("evening", "The Evening Example"), now)
    yield Desk(
        store,
        KEYS,
        Notices(KEYS, BASE_URL),
        Links(BASE_URL, KEYS),
        now,
        weekly,
        evening,
        lambda: f"{next(numbers):032x}",
    )
    store.close()
