"""Many people on their way in at once: how they stand, and their rows by a few statements for all of them.

The rows of a batch go into a table of this connection alone, as fast as the driver can (COPY on PostgreSQL), and from there into
the real ones. What others did in that moment stays: a row that is there already is passed over.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Integer,
    MetaData,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.schema import CreateTable

from digest.model.address import Address
from digest.model.imports import Standing
from digest.model.subscriber import Consent, SubscriptionState, SuppressionReason
from digest.store.batches import IN_POSTGRESQL, IN_SQLITE, Batches
from digest.store.columns import Instant, Words, storable
from digest.store.dialect import insert_new
from digest.store.driver import at_home, copy_in
from digest.store.import_tables import import_changes
from digest.store.subscribers import Subscribers
from digest.store.tables import events, subscribers, subscriptions, suppressions

_own = MetaData()

_incoming = Table(
    "incoming",
    _own,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("subscriber_id", Integer),  # empty for who is not known yet
    Column("address", Words),
    Column("address_key", Words),
    Column("address_hash", Words),
    Column("name", Words),
    Column("language", Words),
    Column("note", Words),
    Column("created_at", Instant),
    Column("state", Words),
    Column("consent_source", Words),
    Column("consent_text", Words),
    Column("consent_network", Words),
    Column("consent_at", Instant),
    Column("confirmed_at", Instant),
    Column("unsubscribed_at", Instant),
    Column("choices_id", Integer),
    Column("paused_until", Date),
    Column("kind", Words),  # of the event
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)

_PERSON = ("address", "address_key", "address_hash", "name", "language", "note", "created_at")
_CONSENT = ("consent_source", "consent_text", "consent_network", "consent_at")
_SUBSCRIPTION = ("state", *_CONSENT, "confirmed_at", "unsubscribed_at", "choices_id", "paused_until")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A subscription to be made, and its person if there is none. `kind` is that of the event which tells of it."""

    subscriber_id: int | None
    address: Address
    address_hash: str
    name: str
    language: str
    note: str
    joined_at: datetime
    state: SubscriptionState
    consent: Consent
    confirmed_at: datetime | None
    unsubscribed_at: datetime | None
    choices_id: int
    paused_until: date | None
    kind: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What all arrivals share. `import_id` is 0 for none."""

    list_id: int
    import_id: int
    by: str
    now: datetime

    @property
    def detail(self) -> dict[str, Any]:
        return {"by": self.by, "import": self.import_id} if self.import_id else {"by": self.by}


class Incoming:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._batches = _batches(connection.dialect.name)

    def standing(self, list_id: int, address_hashes: Sequence[str]) -> dict[str, Standing]:
        """How these addresses stand beside a list; without those of which nothing is known."""
        hashes = self._batches.words(address_hashes)
        suppressed = {
            row.address_hash: SuppressionReason(row.reason)
            for row in self._connection.execute(_suppressed_among(self._connection.dialect.name), hashes)
        }
        among = _known_among(self._connection.dialect.name)
        known = {
            row.address_hash: Standing(
                row.id,
                SubscriptionState(row.state) if row.state else None,
                came_back=row.unsubscribed_at is not None,
                suppressed=suppressed.pop(row.address_hash, None),
                import_id=row.import_id or 0,
            )
            for row in self._connection.execute(among, {"list_id": list_id} | hashes)
        }
        return known | {hashed: Standing(suppressed=reason) for hashed, reason in suppressed.items()}

    def add(self, batch: Batch, arrivals: Sequence[Arrival]) -> None:
        """The people, their subscriptions and the events, in the order of arrival."""
        if not arrivals:
            return
        self._fill(arrivals)
        execute = self._connection.execute
        people = select(*(_incoming.c[name] for name in _PERSON)).where(_incoming.c.subscriber_id.is_(None))
        execute(self._insert(subscribers, _PERSON, people.order_by(_incoming.c.position)))
        number = select(subscribers.c.id).where(subscribers.c.address_hash == _incoming.c.address_hash)
        unknown = _incoming.c.subscriber_id.is_(None)
        execute(update(_incoming).where(unknown).values(subscriber_id=number.scalar_subquery()))
        rows = select(
            _incoming.c.subscriber_id,
            literal(batch.list_id),
            literal(batch.import_id),
            *(_incoming.c[name] for name in _SUBSCRIPTION),
        ).where(_incoming.c.subscriber_id.is_not(None))
        columns = ("subscriber_id", "list_id", "import_id", *_SUBSCRIPTION)
        made = execute(self._insert(subscriptions, columns, rows.order_by(_incoming.c.position))).rowcount
        execute(_tell(batch, all_of_them=made == len(arrivals)))

    def numbers(self, address_hashes: Sequence[str]) -> dict[str, int]:
        """Of those who are subscribers."""
        found = self._connection.execute(
            _numbers_among(self._connection.dialect.name), self._batches.words(address_hashes)
        )
        return {row.address_hash: row.id for row in found}

    def change(self, batch: Batch, subscriber_id: int, state: SubscriptionState, consent: Consent | None) -> bool:
        """A legal move of a subscription that is there; how it stood before is kept with the import. False: it cannot come there."""
        who = subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.list_id == batch.list_id
        if batch.import_id:
            self._remember(batch, subscriber_id)
        if not Subscribers(self._connection).move(subscriber_id, batch.list_id, state, batch.now, consent):
            return False
        self._connection.execute(update(subscriptions).where(*who).values(import_id=batch.import_id))
        return True

    def suppress(self, batch: Batch, reasons: Mapping[str, tuple[SuppressionReason, datetime]]) -> None:
        """By the hash of the address. Those that are suppressed already stay as they are."""
        rows = [
            {"address_hash": hashed, "reason": reason, "created_at": at, "import_id": batch.import_id}
            for hashed, (reason, at) in sorted(reasons.items())
        ]
        if rows:
            new = insert_new(self._connection, suppressions)
            self._connection.execute(new.on_conflict_do_nothing(index_elements=["address_hash"]), rows)

    def _fill(self, arrivals: Sequence[Arrival]) -> None:
        self._connection.execute(CreateTable(_incoming, if_not_exists=True))
        self._connection.execute(delete(_incoming))
        time = at_home(self._connection)
        rows = (_row(position, one, time) for position, one in enumerate(arrivals))
        copy_in(self._connection, _incoming.name, _incoming.c.keys(), rows)

    def _insert(self, table: Table, columns: Sequence[str], rows: Select[Any]) -> Any:
        return insert_new(self._connection, table).from_select(columns, rows).on_conflict_do_nothing()

    def _remember(self, batch: Batch, subscriber_id: int) -> None:
        """Not what this import itself has made: undoing it takes that away."""
        names = ("state", *_CONSENT, "confirmed_at", "unsubscribed_at")
        before = select(
            literal(batch.import_id),
            subscriptions.c.subscriber_id,
            subscriptions.c.list_id,
            *(subscriptions.c[name] for name in names),
            subscriptions.c.import_id,
        ).where(
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.list_id == batch.list_id,
            subscriptions.c.import_id != batch.import_id,
        )
        columns = ("import_id", "subscriber_id", "list_id", *names, "earlier_import_id")
        self._connection.execute(self._insert(import_changes, columns, before))


def _row(position: int, one: Arrival, time: Callable[[date | None], Any]) -> tuple[Any, ...]:
    consent = one.consent
    return (
        position,
        one.subscriber_id,
        str(one.address),
        one.address.key,
        one.address_hash,
        storable(one.name),
        one.language,
        storable(one.note),
        time(one.joined_at),
        one.state.value,
        storable(consent.source),
        storable(consent.text),
        consent.network_hash,
        time(consent.at),
        time(one.confirmed_at),
        time(one.unsubscribed_at),
        one.choices_id,
        time(one.paused_until),
        one.kind,
    )


def _tell(batch: Batch, *, all_of_them: bool) -> Any:
    """Events of those who arrived; unless they all did, only of those whose subscription this import has made."""
    told = select(
        _incoming.c.kind,
        literal(batch.now, Instant),
        _incoming.c.subscriber_id,
        literal(batch.list_id),
        literal(batch.detail, events.c.detail.type),
    ).order_by(_incoming.c.position)
    if not all_of_them:
        made = and_(
            subscriptions.c.subscriber_id == _incoming.c.subscriber_id,
            subscriptions.c.list_id == batch.list_id,
            subscriptions.c.import_id == batch.import_id,
        )
        told = told.join(subscriptions, made)
    return insert(events).from_select(["kind", "at", "subscriber_id", "list_id", "detail"], told)


def _batches(dialect: str) -> Batches:
    return IN_SQLITE if dialect == "sqlite" else IN_POSTGRESQL


@lru_cache
def _known_among(dialect: str) -> Select[Any]:
    theirs = and_(
        subscriptions.c.subscriber_id == subscribers.c.id,
        subscriptions.c.list_id == bindparam("list_id", type_=Integer),
    )
    return (
        select(
            subscribers.c.address_hash,
            subscribers.c.id,
            subscriptions.c.state,
            subscriptions.c.unsubscribed_at,
            subscriptions.c.import_id,
        )
        .outerjoin(subscriptions, theirs)
        .where(_batches(dialect).among_words(subscribers.c.address_hash))
    )


@lru_cache
def _suppressed_among(dialect: str) -> Select[Any]:
    query = select(suppressions.c.address_hash, suppressions.c.reason)
    return query.where(_batches(dialect).among_words(suppressions.c.address_hash))


@lru_cache
def _numbers_among(dialect: str) -> Select[Any]:
    query = select(subscribers.c.address_hash, subscribers.c.id)
    return query.where(_batches(dialect).among_words(subscribers.c.address_hash))
