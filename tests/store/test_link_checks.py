"""What asking for links came to is kept for as long as it holds, on both databases."""

from dataclasses import replace
from datetime import timedelta

from digest.model.link_check import LinkCheck, LinkState
from digest.store import Store
from tests.store.rows import HOUR, NOW

GOOD = LinkCheck("https://example.org/good", LinkState.GOOD, "", NOW)
DEAD = LinkCheck("https://example.org/dead", LinkState.DEAD, "it answered 404 Not Found", NOW)
ODD = LinkCheck("https://example.org/" + "ü\0x" * 2_000, LinkState.UNKNOWN, "it answered 403 Forbidden", NOW)


def known(store: Store, *checks: LinkCheck, after: timedelta = timedelta()) -> set[LinkCheck]:
    with store.read() as tx:
        return set(tx.link_checks.known([check.address for check in checks], NOW + after).values())


def test_good_ones_hold_for_a_day_and_others_for_an_hour(store: Store) -> None:
    with store.write() as tx:
        tx.link_checks.keep([GOOD, DEAD])
    assert known(store, GOOD, DEAD) == {GOOD, DEAD}
    assert known(store, GOOD) == {GOOD}
    assert known(store, GOOD, DEAD, after=HOUR) == {GOOD}
    assert known(store, GOOD, DEAD, after=24 * HOUR) == set()


def test_the_newest_answer_wins(store: Store) -> None:
    back = replace(DEAD, state=LinkState.GOOD, said="", checked_at=NOW + HOUR)
    with store.write() as tx:
        tx.link_checks.keep([DEAD])
        tx.link_checks.keep([back])
    assert known(store, DEAD, after=HOUR) == {back}


def test_any_address_can_be_kept_and_many_be_asked_for(store: Store) -> None:
    many = [replace(GOOD, address=f"https://example.org/{number}") for number in range(1_200)]
    with store.write() as tx:
        tx.link_checks.keep([ODD, *many])
    assert len(known(store, ODD, *many)) == 1_201


def test_what_no_longer_holds_is_forgotten(store: Store) -> None:
    with store.write() as tx:
        tx.link_checks.keep([GOOD, replace(DEAD, checked_at=NOW + 2 * HOUR)])
        tx.link_checks.forget(NOW + HOUR)
    assert {check.address for check in known(store, GOOD, DEAD)} == {DEAD.address}
