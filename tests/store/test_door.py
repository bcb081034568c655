"""Buckets, proofs and inboxes that were asked, on both databases, by several at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from digest.store import Store
from digest.store.door import Rate

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
THREE = Rate(burst=3, seconds=10)


def take(store: Store, key: str, now: datetime = NOW) -> bool:
    with store.write() as tx:
        return tx.door.take(key, THREE, now)


def reserve(store: Store, now: datetime = NOW) -> float:
    with store.write() as tx:
        return (tx.door.reserve("all", THREE, now) - now).total_seconds()


def wait(store: Store, now: datetime = NOW) -> float:
    with store.read() as tx:
        return tx.door.wait("all", THREE, now).total_seconds()


def test_a_burst_and_then_one_at_a_time(store: Store) -> None:
    assert [take(store, "a") for _ in range(5)] == [True] * 3 + [False] * 2
    assert take(store, "b")
    later = NOW + timedelta(seconds=10)
    assert [take(store, "a", later) for _ in range(2)] == [True, False]
    rested = NOW + timedelta(hours=1)
    assert [take(store, "a", rested) for _ in range(4)] == [True] * 3 + [False]


def test_a_reservation_says_when_its_turn_comes(store: Store) -> None:
    assert wait(store) == 0
    assert [reserve(store) for _ in range(5)] == [0, 0, 0, 10, 20]
    assert wait(store) == 30
    assert reserve(store, NOW + timedelta(seconds=25)) == 5
    assert reserve(store, NOW + timedelta(days=1)) == 0


def test_of_many_at_once_only_a_burst_gets_in(store: Store) -> None:
    with ThreadPoolExecutor(10) as pool:
        taken = list(pool.map(lambda _: take(store, "a"), range(40)))
        reserved = sorted(pool.map(lambda _: reserve(store), range(10)))
    assert taken.count(True) == 3
    assert reserved == [0, 0, 0, 10, 20, 30, 40, 50, 60, 70]


def test_a_proof_is_worth_one_sign_up(store: Store) -> None:
    def spend(key: str) -> bool:
        with store.write() as tx:
            return tx.door.spend(key, NOW)

    with ThreadPoolExecutor(10) as pool:
        spent = list(pool.map(spend, ["a"] * 20))
    assert spent.count(True) == 1
    assert spend("b")


def test_a_inbox_is_asked_by_one_at_a_time(store: Store) -> None:
    def ask(_: int) -> bool:
        with store.write() as tx:
            before = tx.door.asked("ann")
            if not before:
                tx.door.remember("ann", [NOW])
        return not before

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(ask, range(20))).count(True) == 1
    with store.write() as tx:
        assert tx.door.asked("ann") == (NOW,)
        assert tx.door.asked("bob") == ()


def test_what_says_nothing_any_more_is_forgotten(store: Store) -> None:
    with store.write() as tx:
        tx.door.take("soon full", Rate(1, 1), NOW)
        tx.door.take("long empty", Rate(1, 3600), NOW)
        tx.door.spend("expired", NOW + timedelta(minutes=1))
        tx.door.spend("good", NOW + timedelta(hours=1))
        for inbox, at in (("old", NOW - timedelta(days=31)), ("new", NOW)):
            tx.door.asked(inbox)
            tx.door.remember(inbox, [at])
        tx.door.asked("never")
        tx.door.forget(NOW + timedelta(minutes=2), NOW - timedelta(days=30))
        kept = {
            table: set(tx._connection.exec_driver_sql(f"SELECT {key} FROM {table}").scalars())
            for table, key in (("buckets", "key"), ("spent_proofs", "key"), ("asked", "inbox"))
        }
    assert kept == {"buckets": {"long empty"}, "spent_proofs": {"good"}, "asked": {"new"}}
