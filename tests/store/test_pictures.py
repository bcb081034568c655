"""Pictures on both databases: kept once by content, known by address, needed by issues, forgotten by none of them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from digest.model.picture import KeptPicture, MissingPicture, Rendition
from digest.store import Store, Transaction
from tests.store import rows
from tests.store.rows import DAY, HOUR, NOW

A, B, C = (f"https://pictures.example.org/{name}.jpg" for name in "abc")
LONG = "https://pictures.example.org/?" + "ü" * 3_900  # longer than an index of PostgreSQL takes


def picture(word: str) -> KeptPicture:
    return KeptPicture(
        Rendition(f"wide {word}".encode(), "image/jpeg", 1056, 704),
        Rendition(f"thumb {word}".encode(), "image/png", 264, 198),
    )


def an_issue(tx: Transaction, period: date = rows.TODAY) -> int:
    lists = tx.lists.all() or [rows.a_list(tx)]
    return tx.issues.open_slot(lists[0].id, period, salt="s", window=(NOW - DAY, NOW), now=NOW)


def test_what_was_kept_comes_back(store: Store) -> None:
    with store.write() as tx:
        tx.pictures.keep(A, picture("a"), NOW)
        tx.pictures.keep(LONG, MissingPicture("it answered 404 Not Found"), NOW)
        tx.pictures.keep(B, MissingPicture("it is too small", worthless=True), NOW)
    with store.read() as tx:
        assert tx.pictures.of([A, B, C, LONG]) == {
            A: picture("a"),
            B: MissingPicture("it is too small", worthless=True),
            LONG: MissingPicture("it answered 404 Not Found"),
        }
        assert tx.pictures.get(picture("a").thumb.sha256) == picture("a").thumb
        assert tx.pictures.get("0" * 64) is None


def test_only_what_was_not_tried_or_failed_long_ago_is_fetched(store: Store) -> None:
    with store.write() as tx:
        tx.pictures.keep(A, picture("a"), NOW - 9 * DAY)
        tx.pictures.keep(B, MissingPicture("too slow"), NOW - HOUR)
        tx.pictures.keep(C, MissingPicture("a pixel", worthless=True), NOW - 9 * DAY)
        assert tx.pictures.untried([A, B, C, LONG, LONG], NOW - 2 * HOUR) == [LONG]
        assert tx.pictures.untried([A, B, C, LONG], NOW) == [B, LONG]
        assert tx.pictures.untried([], NOW) == []


def test_a_picture_that_we_have_outlasts_a_later_failure_and_a_failure_is_mended(store: Store) -> None:
    with store.write() as tx:
        tx.pictures.keep(A, picture("a"), NOW)
        tx.pictures.keep(A, MissingPicture("gone"), NOW)
        tx.pictures.keep(B, MissingPicture("gone"), NOW)
        tx.pictures.keep(B, picture("b"), NOW)
        assert tx.pictures.of([A, B]) == {A: picture("a"), B: picture("b")}


def count(tx: Transaction, table: str) -> int:
    return int(tx._connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_the_same_picture_at_two_addresses_is_kept_once(store: Store) -> None:
    with store.write() as tx:
        for url in (A, B):
            tx.pictures.keep(url, picture("same"), NOW)
        assert (count(tx, "pictures"), count(tx, "picture_sources")) == (2, 2)


def test_pruning_forgets_what_no_issue_needs(store: Store) -> None:
    with store.write() as tx:
        issue = an_issue(tx)
        for url in (A, B, C):
            tx.pictures.keep(url, picture(url), NOW)
        for _ in range(2):
            tx.pictures.need(issue, [A, "https://pictures.example.org/never-tried"], NOW)
    with store.write() as tx:
        assert tx.pictures.forget(NOW + DAY) == 2
        assert tx.pictures.forget(NOW + DAY) == 0
        assert set(tx.pictures.of([A, B, C])) == {A}
        assert count(tx, "pictures") == 2
        tx._connection.exec_driver_sql("DELETE FROM issues")
        assert tx.pictures.forget(NOW + DAY) == 1
        assert count(tx, "pictures") == 0


def test_what_was_used_lately_is_not_pruned(store: Store) -> None:
    with store.write() as tx:
        tx.pictures.keep(A, picture("a"), NOW)
        tx.pictures.need(an_issue(tx), [A], NOW + 3 * DAY)
        tx._connection.exec_driver_sql("DELETE FROM issues")
        assert tx.pictures.forget(NOW + DAY) == 0
        assert tx.pictures.of([A])


@pytest.mark.parametrize("same", [True, False])
def test_many_who_keep_it_at_once_keep_it_once(store: Store, same: bool) -> None:
    def keep(number: int) -> None:
        with store.write() as tx:
            tx.pictures.keep(A if same else f"{A}?{number}", picture("a"), NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, range(8)))
    with store.read() as tx:
        assert (count(tx, "pictures"), count(tx, "picture_sources")) == (2, 1 if same else 8)
