"""Queries about subscribers and their subscriptions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, select, update

from digest.model.address import Address
from digest.model.event import EventKind
from digest.model.message import MessageState
from digest.model.subscriber import (
    SUBSCRIPTION_MOVES,
    Consent,
    Subscriber,
    Subscription,
    SubscriptionState,
    SuppressionReason,
)
from digest.store.dialect import insert_new
from digest.store.fresh_links import FreshLinks
from digest.store.messages import NOBODYS, empty_letters, for_readers
from digest.store.tables import (
    IS_DUE,
    IS_NOBODYS,
    events,
    lists,
    merged_subscribers,
    messages,
    subscribers,
    subscriptions,
    suppressions,
)


@dataclass(frozen=True, slots=True)
class Reader:
    """A subscriber with one subscription: a line of a table or an export."""

    subscriber: Subscriber
    list_name: str
    subscription: Subscription
    suppressed: SuppressionReason | None = None
    suppressed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewSubscriber:
    address: Address
    address_hash: str
    name: str = ""
    language: str = ""


class Subscribers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, address: Address) -> Subscriber | None:
        row = self._connection.execute(select(subscribers).where(subscribers.c.address_key == address.key)).first()
        return None if row is None else to_subscriber(row)

    def get(self, subscriber_id: int) -> Subscriber | None:
        row = self._connection.execute(select(subscribers).where(subscribers.c.id == subscriber_id)).first()
        return None if row is None else to_subscriber(row)

    def known_as(self, number: int) -> Subscriber | None:
        """Whom a link with this number leads to: the one who has it, or whom that one was merged with."""
        found = self.get(number)
        if found is not None:
            return found
        query = select(merged_subscribers.c.subscriber_id).where(merged_subscribers.c.id == number)
        now: int | None = self._connection.execute(query).scalar()
        return None if now is None else self.get(now)

    def hash_of(self, subscriber_id: int) -> str | None:
        query = select(subscribers.c.address_hash).where(subscribers.c.id == subscriber_id)
        found: str | None = self._connection.execute(query).scalar()
        return found

    def ensure(self, address: Address, address_hash: str, *, name: str, language: str, now: datetime) -> Subscriber:
        """The subscriber at this address, made now if there is none. A known one keeps their name."""
        self._connection.execute(
            insert_new(self._connection, subscribers)
            .values(
                address=str(address),
                address_key=address.key,
                address_hash=address_hash,
                name=name,
                language=language,
                created_at=now,
            )
            .on_conflict_do_nothing()  # of any constraint: on PostgreSQL the one named is not always the first to be hit
        )
        found = self.find(address)
        assert found is not None
        return found

    def ensure_each(self, new: Sequence[NewSubscriber], now: datetime) -> dict[str, int]:
        """The numbers of up to a few hundred subscribers by their address keys; those that are missing are made now."""
        rows = [
            {
                "address": str(each.address),
                "address_key": each.address.key,
                "address_hash": each.address_hash,
                "name": each.name,
                "language": each.language,
                "created_at": now,
            }
            for each in new
        ]
        if not rows:
            return {}
        insertion = insert_new(self._connection, subscribers).on_conflict_do_nothing()
        self._connection.execute(insertion, rows)
        query = select(subscribers.c.address_key, subscribers.c.id).where(
            subscribers.c.address_key.in_([each.address.key for each in new])
        )
        return {row.address_key: row.id for row in self._connection.execute(query)}

    def lock(self, subscriber_id: int) -> bool:
        """Until the end of this transaction nobody else changes what hangs on this subscriber. False: there is none."""
        query = select(subscribers.c.id).where(subscribers.c.id == subscriber_id).with_for_update()
        return self._connection.execute(query).first() is not None

    def subscription(self, subscriber_id: int, list_id: int) -> Subscription | None:
        query = select(subscriptions).where(
            subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.list_id == list_id
        )
        row = self._connection.execute(query).first()
        return None if row is None else to_subscription(row)

    def subscriptions(self, subscriber_id: int) -> list[Subscription]:
        query = (
            select(subscriptions)
            .where(subscriptions.c.subscriber_id == subscriber_id)
            .order_by(subscriptions.c.list_id)
        )
        return [to_subscription(row) for row in self._connection.execute(query)]

    def on_list(self, list_id: int, subscriber_ids: Sequence[int]) -> dict[int, Subscription]:
        """The subscriptions of up to a few hundred subscribers to one list."""
        query = select(subscriptions).where(
            subscriptions.c.list_id == list_id, subscriptions.c.subscriber_id.in_(subscriber_ids)
        )
        return {row.subscriber_id: to_subscription(row) for row in self._connection.execute(query)}

    def subscribe_each(self, new: Sequence[Subscription]) -> None:
        """New subscriptions, as they stand; those that are there already stay as they are."""
        rows = [_from_subscription(each) for each in new]
        if rows:
            insertion = insert_new(self._connection, subscriptions)
            self._connection.execute(
                insertion.on_conflict_do_nothing(index_elements=["subscriber_id", "list_id"]), rows
            )

    def subscribe(
        self,
        subscriber_id: int,
        list_id: int,
        state: SubscriptionState,
        consent: Consent,
        *,
        confirmed_at: datetime | None = None,
    ) -> bool:
        """A new subscription. False when there is one already, in whatever state: then nothing changes."""
        new = Subscription(subscriber_id, list_id, state, consent, confirmed_at)
        done = self._connection.execute(
            insert_new(self._connection, subscriptions)
            .values(_from_subscription(new))
            .on_conflict_do_nothing(index_elements=["subscriber_id", "list_id"])
        )
        return done.rowcount == 1

    def move(
        self, subscriber_id: int, list_id: int, state: SubscriptionState, now: datetime, consent: Consent | None = None
    ) -> bool:
        """A legal move, or False when it is there already or cannot come there."""
        before = [old for old, new in SUBSCRIPTION_MOVES.items() if state in new]
        values: dict[str, Any] = {"state": state, "import_id": 0}
        if state is SubscriptionState.CONFIRMED:
            values["confirmed_at"] = now
        if state is SubscriptionState.UNSUBSCRIBED:
            values["unsubscribed_at"] = now
        if consent is not None:
            values |= _from_consent(consent)
        done = self._connection.execute(
            update(subscriptions)
            .where(
                subscriptions.c.subscriber_id == subscriber_id,
                subscriptions.c.list_id == list_id,
                subscriptions.c.state.in_(before),
            )
            .values(**values)
        )
        return done.rowcount == 1

    def renew_consent(self, subscriber_id: int, list_id: int, consent: Consent) -> None:
        """Who asks again before they confirmed consents to what they see now."""
        self._connection.execute(
            update(subscriptions)
            .where(
                subscriptions.c.subscriber_id == subscriber_id,
                subscriptions.c.list_id == list_id,
                subscriptions.c.state == SubscriptionState.PENDING,
            )
            .values(import_id=0, **_from_consent(consent))
        )

    def own(self, subscriber_id: int, list_id: int) -> None:
        """The reader has said themselves what an import said of them: undoing that leaves it as it is."""
        whose = subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.list_id == list_id
        self._connection.execute(update(subscriptions).where(*whose).values(import_id=0))

    def renew_feed(self, subscriber_id: int, list_id: int) -> bool:
        """The link to their own feed becomes another one. False when they are not confirmed on this list."""
        which = (
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.list_id == list_id,
            subscriptions.c.state == SubscriptionState.CONFIRMED,
        )
        renewed = update(subscriptions).where(*which).values(feed_number=subscriptions.c.feed_number + 1)
        return self._connection.execute(renewed).rowcount == 1

    def readers(
        self, list_id: int | None = None, state: SubscriptionState | None = None, limit: int | None = None
    ) -> Iterator[Reader]:
        """Streamed in the order of addresses' numbers."""
        query = (
            select(
                subscribers,
                subscriptions,
                lists.c.name.label("list_name"),
                suppressions.c.reason.label("suppressed"),
                suppressions.c.created_at.label("suppressed_at"),
            )
            .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
            .join(lists, lists.c.id == subscriptions.c.list_id)
            .outerjoin(suppressions, suppressions.c.address_hash == subscribers.c.address_hash)
            .order_by(subscribers.c.id, subscriptions.c.list_id)
        )
        if list_id is not None:
            query = query.where(subscriptions.c.list_id == list_id)
        if state is not None:
            query = query.where(subscriptions.c.state == state)
        if limit is not None:
            query = query.limit(limit)
        streamed = self._connection.execute(query, execution_options={"stream_results": True, "yield_per": 1000})
        for row in streamed:
            suppressed = SuppressionReason(row.suppressed) if row.suppressed else None
            yield Reader(to_subscriber(row), row.list_name, to_subscription(row), suppressed, row.suppressed_at)

    def counts(self, list_id: int) -> dict[SubscriptionState, int]:
        query = (
            select(subscriptions.c.state, func.count())
            .where(subscriptions.c.list_id == list_id)
            .group_by(subscriptions.c.state)
        )
        return {SubscriptionState(state): count for state, count in self._connection.execute(query)}

    def pending(self, list_id: int) -> int:
        """How many have not confirmed yet. By an index: all of `counts` takes a million readers a sixth of a second."""
        asked = subscriptions.c.list_id == list_id, subscriptions.c.state == SubscriptionState.PENDING
        query = select(func.count()).select_from(subscriptions).where(*asked)
        return int(self._connection.execute(query).scalar_one())

    def forget_unconfirmed(self, list_id: int, asked_before: datetime, most: int) -> int:
        """Up to so many who asked for a list before then and did not confirm; returns how many.

        Who had left before is unsubscribed again: that must be remembered. Who has no other subscription is erased.
        """
        late = (
            subscriptions.c.list_id == list_id,
            subscriptions.c.state == SubscriptionState.PENDING,
            subscriptions.c.consent_at < asked_before,
        )
        query = select(subscriptions.c.subscriber_id).where(*late).order_by(subscriptions.c.subscriber_id).limit(most)
        found = list(self._connection.execute(query).scalars())
        locked = select(subscribers.c.id).where(subscribers.c.id.in_(found)).order_by(subscribers.c.id)
        self._connection.execute(locked.with_for_update())  # before their subscriptions, as by who signs up or confirms
        theirs = (*late, subscriptions.c.subscriber_id.in_(found))
        came_back = subscriptions.c.unsubscribed_at.is_not(None)
        left = update(subscriptions).where(*theirs, came_back).values(state=SubscriptionState.UNSUBSCRIBED)
        self._connection.execute(left)
        self._connection.execute(delete(subscriptions).where(*theirs))
        others = exists().where(subscriptions.c.subscriber_id == subscribers.c.id)
        alone = select(subscribers.c.id).where(subscribers.c.id.in_(found), ~others)
        self.erase_each(self._connection.execute(alone).scalars().all())
        return len(found)

    def erase(self, subscriber_id: int) -> None:
        self.erase_each([subscriber_id])

    def erase_each(self, subscriber_ids: Sequence[int]) -> None:
        """Remove up to a few hundred people: their rows, subscriptions and confirmations, and name and address in the outbox.

        Outbox rows stay, so that accounts still balance, but point to nobody. A publishing that is under way is waited
        for, so that it cannot leave a row of theirs behind; one that begins later passes them over.
        """
        people = select(subscribers.c.id, subscribers.c.address_hash).where(subscribers.c.id.in_(subscriber_ids))
        found = self._connection.execute(people.order_by(subscribers.c.id).with_for_update()).all()
        if not found:
            return
        numbers, hashes = [row.id for row in found], [row.address_hash for row in found]
        nobodys = and_(IS_NOBODYS, messages.c.address_hash.in_(hashes))  # such as a test mail
        for theirs in (*for_readers(numbers), nobodys):
            empty_letters(self._connection, theirs)
            self._connection.execute(update(messages).where(theirs, IS_DUE).values(state=MessageState.SUPPRESSED))
            self._connection.execute(update(messages).where(theirs).values(**NOBODYS))
        said = events.c.subscriber_id.in_(numbers), events.c.kind == EventKind.SAID_WHY
        self._connection.execute(
            update(events).where(*said).values(detail={})
        )  # the one event with a reader's own words
        FreshLinks(self._connection).forget_addresses(hashes)
        self._connection.execute(delete(subscribers).where(subscribers.c.id.in_(numbers)))


def to_subscriber(row: Row[Any]) -> Subscriber:
    return Subscriber(row.id, Address.parse(row.address), row.name, row.language, row.created_at, row.note)


def to_subscription(row: Row[Any]) -> Subscription:
    consent = Consent(row.consent_source, row.consent_text, row.consent_at, row.consent_network)
    return Subscription(
        subscriber_id=row.subscriber_id,
        list_id=row.list_id,
        state=SubscriptionState(row.state),
        consent=consent,
        confirmed_at=row.confirmed_at,
        unsubscribed_at=row.unsubscribed_at,
        choices_id=row.choices_id,
        paused_until=row.paused_until,
        import_id=row.import_id,
        feed_number=row.feed_number,
    )


def _from_subscription(value: Subscription) -> dict[str, Any]:
    return {
        "subscriber_id": value.subscriber_id,
        "list_id": value.list_id,
        "state": value.state,
        "confirmed_at": value.confirmed_at,
        "unsubscribed_at": value.unsubscribed_at,
    } | _from_consent(value.consent)


def _from_consent(consent: Consent) -> dict[str, Any]:
    return {
        "consent_source": consent.source,
        "consent_text": consent.text,
        "consent_network": consent.network_hash,
        "consent_at": consent.at,
    }
