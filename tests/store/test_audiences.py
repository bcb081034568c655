"""Who is counted as what before an issue is published."""

from datetime import date, timedelta
from itertools import product

import pytest

from digest.model.choices import Choices
from digest.model.edition import Form
from digest.store import Store, Transaction, audiences
from tests.store import rows
from tests.store.rows import TODAY

CHOICES = (Choices(), Choices(form=Form.TEXT), Choices(topics=("World",)))
PAUSES: tuple[date | None, ...] = (None, TODAY, TODAY + timedelta(days=1))


def choose_each(tx: Transaction, list_id: int) -> None:
    """A reader for each mix, and some more that have chosen nothing."""
    for number, (chosen, cursor, until) in enumerate(product(CHOICES, (0, 7), PAUSES)):
        reader = rows.a_reader(tx, list_id, f"reader{number}@example.org")
        tx.audiences.choose(reader, list_id, chosen, until)
        tx.audiences.has_reached(cursor, reader, list_id)
    for number in range(5):
        rows.a_reader(tx, list_id, f"more{number}@example.org")


@pytest.mark.parametrize("few", [1, 1_000])
def test_who_is_counted_does_not_depend_on_what_most_seem_to_have_chosen(
    store: Store, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audiences, "_FEW", few)
    with store.write() as tx:
        weekly, other = rows.a_list(tx).id, rows.a_list(tx, "other").id
        choose_each(tx, weekly)
        rows.readers(tx, other, 2)
        found = tx.audiences.candidates(weekly, TODAY)
        one_by_one = tx.audiences.candidates(weekly, TODAY, without_suppressed=True)
    assert (found.readers, found.paused) == (12 + 5, 6)
    assert set(found.groups) == set(one_by_one.groups)
    assert found.paused == one_by_one.paused


def test_a_list_without_readers_has_no_candidates(store: Store) -> None:
    with store.write() as tx:
        found = tx.audiences.candidates(rows.a_list(tx).id, TODAY)
    assert (found.groups, found.paused) == ((), 0)
