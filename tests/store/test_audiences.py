"""Who is counted as what before an issue is published."""

from datetime import date, timedelta
from itertools import product

from sqlalchemy import update

from digest.model.address import Address
from digest.model.choices import Choices
from digest.model.edition import Form
from digest.model.segment import Aim, read_filter
from digest.model.subscriber import SuppressionReason
from digest.store import Store, Transaction
from digest.store.tables import messages
from tests.store import rows
from tests.store.rows import TODAY

CHOICES = (Choices(), Choices(form=Form.TEXT), Choices(topics=("World",)))
AIMED = Aim(read_filter([("domain", "is", "example.org")]))  # all of these
PAUSES: tuple[date | None, ...] = (None, TODAY, TODAY + timedelta(days=1))


def suppress(tx: Transaction, address: str) -> None:
    tx.suppressions.add(rows.KEYS.address_hash(Address.parse(address)), SuppressionReason.BOUNCED, rows.NOW)


def choose_each(tx: Transaction, list_id: int) -> None:
    """A reader for each mix, and some more that have chosen nothing."""
    for number, (chosen, cursor, until) in enumerate(product(CHOICES, (0, 7), PAUSES)):
        reader = rows.a_reader(tx, list_id, f"reader{number}@example.org")
        tx.audiences.choose(reader, list_id, chosen, until)
        tx.audiences.has_reached(cursor, reader, list_id)
    for number in range(5):
        rows.a_reader(tx, list_id, f"more{number}@example.org")


def test_groups_are_those_who_chose_alike_and_got_the_same(store: Store) -> None:
    with store.write() as tx:
        weekly, other = rows.a_list(tx).id, rows.a_list(tx, "other").id
        choose_each(tx, weekly)
        rows.readers(tx, other, 2)
        found = tx.audiences.candidates(weekly, TODAY)
        one_by_one = tx.audiences.candidates(weekly, TODAY, aim=AIMED)
    assert (found.readers, found.paused) == (12 + 5, 6)
    assert set(found.groups) == set(one_by_one.groups)
    assert found.paused == one_by_one.paused


def test_who_is_suppressed_is_counted_as_that_alone(store: Store) -> None:
    """Whether they pause or not; those of other lists, and those who left, are nobody's."""
    with store.write() as tx:
        weekly, other = rows.a_list(tx).id, rows.a_list(tx, "other").id
        choose_each(tx, weekly)
        rows.a_reader(tx, other, "elsewhere@example.org")
        for address in ("reader0@example.org", "reader2@example.org", "elsewhere@example.org", "nobody@example.org"):
            suppress(tx, address)
        plain = tx.audiences.candidates(weekly, TODAY)
        found = plain.without(tx.audiences.suppressed(weekly, TODAY))
    assert (plain.readers, plain.paused, plain.suppressed) == (17, 6, 0)
    assert (found.readers, found.paused, found.suppressed) == (16, 5, 2)


def test_who_was_reached_is_counted_as_if_their_cursor_said_so(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx).id
        readers = rows.readers(tx, weekly, 3)
        campaign = rows.a_campaign(tx, weekly)
        rows.a_reader(tx, weekly, "late@example.org")
        tx._connection.execute(update(messages).where(messages.c.subscriber_id == readers[0]).values(state="bounced"))
        behind = tx.audiences.candidates(weekly, TODAY, behind=[campaign.id])
        suppress(tx, "reader1@example.org")
        out = tx.audiences.suppressed(weekly, TODAY, behind=[campaign.id])
        tx.audiences.advance(campaign.id, weekly, *tx.campaigns.messages_of(campaign.id))
        moved = tx.audiences.candidates(weekly, TODAY)
    assert {(group.cursor, group.readers) for group in behind.groups} == {(campaign.id, 2), (0, 2)}
    assert set(behind.groups) == set(moved.groups)
    assert {(group.cursor, group.readers) for group in behind.without(out).groups} == {(campaign.id, 1), (0, 2)}


def test_a_list_without_readers_has_no_candidates(store: Store) -> None:
    with store.write() as tx:
        found = tx.audiences.candidates(rows.a_list(tx).id, TODAY)
    assert (found.groups, found.paused) == ((), 0)
