"""Two and more at once: who looks first and writes then must not be overtaken."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

import pytest

from digest.model.errors import TryLater
from digest.model.issue import OnCrash
from digest.model.message import MessageState
from digest.model.subscriber import SubscriptionState
from digest.store import Store, Transaction, open_store
from digest.store.campaigns import Terms
from digest.store.outbox import Recovered
from tests.store import rows
from tests.store.rows import ARTICLE, CONSENT, DAY, KEYS, NOW, TODAY, outcome

MANY = 8
T = TypeVar("T")


def at_once(work: Callable[[int], T], count: int = MANY) -> list[T]:
    """Run it in several threads that start together."""
    start = Barrier(count)

    def run(number: int) -> T:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.fixture
def hasty(database_url: str) -> Iterator[Store]:
    """A second door to the same database, which does not wait for long."""
    opened = open_store(database_url, busy_seconds=0.2)
    yield opened
    opened.close()


def test_many_who_claim_at_once_get_rows_of_their_own(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 60)
        campaign = rows.a_campaign(tx, weekly.id)

    def drain(number: int) -> list[int]:
        mine: list[int] = []
        while True:
            with store.write() as tx:
                claimed = tx.outbox.claim(f"sender-{number}", 5, NOW)
            if not claimed:
                return mine
            mine += [message.id for message in claimed]

    claimed = [number for mine in at_once(drain) for number in mine]
    assert sorted(claimed) == list(range(1, 61))
    with store.read() as tx:
        account = tx.campaigns.account(campaign.id)
    assert (account.counts, account.balanced) == ({MessageState.CLAIMED: 60}, True)


def test_one_message_is_armed_and_settled_by_one(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.a_reader(tx, weekly.id)
        rows.a_campaign(tx, weekly.id)
        (message,) = tx.outbox.claim("me", 1, NOW)

    def arm(_number: int) -> bool:
        with store.write() as tx:
            return tx.outbox.arm(message.id, "me", NOW)

    def settle(_number: int) -> bool:
        with store.write() as tx:
            return tx.outbox.settle(outcome(message, MessageState.ACCEPTED), NOW)

    assert sorted(at_once(arm)) == [False] * (MANY - 1) + [True]
    assert sorted(at_once(settle)) == [False] * (MANY - 1) + [True]


def test_one_of_many_schedulers_moves_the_slot(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        tx.lists.save(replace(weekly, next_due_at=NOW), replan=True)

    def move(_number: int) -> bool:
        with store.write() as tx:
            return tx.lists.move_slot(weekly.id, NOW, NOW + 7 * DAY)

    assert sorted(at_once(move)) == [False] * (MANY - 1) + [True]


def test_many_who_open_a_slot_get_one_issue(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)

    def open_slot(number: int) -> int:
        with store.write() as tx:
            return tx.issues.open_slot(weekly.id, TODAY, salt=str(number), window=(NOW, NOW), now=NOW)

    assert set(at_once(open_slot, 10)) == {1}
    with store.read() as tx:
        assert len(tx.issues.all()) == 1


def test_many_slots_opened_at_once_are_numbered_without_a_gap(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)

    def open_slot(number: int) -> int:
        with store.write() as tx:
            return rows.an_issue(tx, weekly.id, TODAY + timedelta(days=number))

    made = at_once(open_slot)
    with store.read() as tx:
        assert sorted(tx.issues.get(number).number for number in made) == list(range(1, MANY + 1))


def test_an_article_in_many_feeds_is_kept_once(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        feeds = [rows.a_feed(tx, weekly.id, f"https://example.org/{number}") for number in range(MANY)]

    def refresh(number: int) -> None:
        """As pipeline.refresh does; each feed has its entries in an order of its own."""
        keys = [f"url:{(entry + number) % 5}" for entry in range(5)]
        with store.write() as tx:
            known = tx.articles.known(weekly.id, keys)
            for key in keys:
                if key not in known:
                    article_id = tx.articles.add(feeds[number], ARTICLE, key, NOW)
                    tx.articles.add_keys(weekly.id, article_id, [key])

    at_once(refresh)
    with store.read() as tx:
        assert len(tx.articles.candidates(weekly.id, NOW - 7 * DAY, NOW, None)) == 5


def test_one_address_signed_up_by_many_is_one_subscriber(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)

    def sign_up(number: int) -> tuple[int, int]:
        made = 0
        with store.write() as tx:
            for person in range(5):
                ann = rows.a_person(tx, f"ann{person}@example.org").id
                made += tx.subscribers.subscribe(ann, weekly.id, SubscriptionState.PENDING, CONSENT)
                made += tx.messages.add(rows.a_mail(tx, weekly.id, "confirm-subscription", ann), NOW) * 100
        return number, made

    assert sum(made for _, made in at_once(sign_up)) == 505
    with store.read() as tx:
        assert len(list(tx.subscribers.readers())) == 5
        assert tx.messages.owed() == 5


def test_a_confirmation_is_used_by_one(store: Store) -> None:
    with store.write() as tx:
        ann = rows.a_person(tx, "ann@example.org").id
        number = tx.confirmations.add(ann, [1], KEYS.confirmation_token("nonce"), NOW, NOW + DAY)

    def use(_number: int) -> bool:
        with store.write() as tx:
            return tx.confirmations.use(number, NOW)

    assert sorted(at_once(use)) == [False] * (MANY - 1) + [True]


def a_claimed_message(store: Store) -> tuple[int, int, int]:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann = rows.a_reader(tx, weekly.id)
        rows.a_campaign(tx, weekly.id)
        (message,) = tx.outbox.claim("me", 1, NOW)
    return weekly.id, ann, message.id


def test_who_leaves_while_their_message_is_armed_is_answered_after_the_arming(store: Store, hasty: Store) -> None:
    """Else a leaving could be answered first, and the dot released then."""
    weekly, ann, message = a_claimed_message(store)
    with store.write() as tx:
        assert tx.outbox.arm(message, "me", NOW)
        with pytest.raises(TryLater), hasty.write() as other:
            other.subscribers.move(ann, weekly, SubscriptionState.UNSUBSCRIBED, NOW)
        with pytest.raises(TryLater), hasty.write() as other:
            other.subscribers.erase(ann)


def test_arming_waits_for_who_is_just_leaving(store: Store, hasty: Store) -> None:
    weekly, ann, message = a_claimed_message(store)
    with store.write() as tx:
        assert tx.subscribers.move(ann, weekly, SubscriptionState.UNSUBSCRIBED, NOW)
        with pytest.raises(TryLater), hasty.write() as other:
            other.outbox.arm(message, "me", NOW)
    with hasty.write() as other:
        assert not other.outbox.arm(message, "me", NOW)
        assert other.campaigns.account(1).counts == {MessageState.SUPPRESSED: 1}


def until_somebody_waits(tx: Transaction) -> None:
    """On PostgreSQL one can see that another session waits for a lock; on SQLite it waits before it begins."""
    asked = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
    if tx._connection.dialect.name == "postgresql":
        assert any(tx._connection.exec_driver_sql(asked).scalar() for _ in range(20_000)), "nobody waits"


def test_an_arming_that_waited_for_an_unsubscribe_arms_nothing(store: Store) -> None:
    weekly, ann, message = a_claimed_message(store)

    def arm() -> bool:
        with store.write() as tx:
            return tx.outbox.arm(message, "me", NOW)

    with ThreadPoolExecutor(1) as pool:
        with store.write() as tx:
            tx.subscribers.move(ann, weekly, SubscriptionState.UNSUBSCRIBED, NOW)
            armed = pool.submit(arm)
            until_somebody_waits(tx)
        assert not armed.result()
    with store.read() as tx:
        assert tx.campaigns.account(1).counts == {MessageState.SUPPRESSED: 1}


def test_erasing_waits_for_a_publishing_and_leaves_no_trace(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann, _ = rows.readers(tx, weekly.id, 2)

    def erase() -> None:
        with store.write() as tx:
            tx.subscribers.erase(ann)

    with ThreadPoolExecutor(1) as pool:
        with store.write() as tx:
            campaign = rows.a_campaign(tx, weekly.id)
            erased = pool.submit(erase)
            until_somebody_waits(tx)
        erased.result()
    with store.read() as tx:
        kept = tx.messages.recipients(campaign.id)
        assert tx.campaigns.account(campaign.id).balanced
    assert [(each.address, each.state) for each in kept] == [
        ("erased@erased.invalid", MessageState.SUPPRESSED),
        ("reader1@example.org", MessageState.QUEUED),
    ]


def test_publishing_passes_over_who_is_erased_meanwhile(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann, _ = rows.readers(tx, weekly.id, 2)
        issue_id = rows.an_issue(tx, weekly.id)
        edition_id = rows.an_edition(tx, weekly.id, issue_id)

    def publish() -> int:
        with store.write() as tx:
            everybody = rows.to_everybody(tx, weekly.id, edition_id)
            return tx.campaigns.freeze(issue_id, weekly.id, everybody, NOW, Terms(NOW)).audience

    with ThreadPoolExecutor(1) as pool:
        with store.write() as tx:
            tx.subscribers.erase(ann)
            audience = pool.submit(publish)
            until_somebody_waits(tx)
        assert audience.result() == 1


def test_a_reader_sees_one_moment_however_much_is_written(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 3)
        campaign = rows.a_campaign(tx, weekly.id)
    with store.read() as before:
        counted = before.campaigns.account(campaign.id)
        with store.write() as tx:
            tx.outbox.claim("me", 2, NOW)
            rows.a_reader(tx, weekly.id, "late@example.org")
        assert before.campaigns.account(campaign.id) == counted
        assert rows.audience_size(before, weekly.id) == (3, 0)
    with store.read() as after:
        assert after.campaigns.account(campaign.id) != counted


def test_what_a_reader_writes_is_never_committed(store: Store) -> None:
    with store.read() as tx:
        rows.a_list(tx)
    with store.read() as tx:
        assert tx.lists.all() == []


def test_a_sender_that_was_stopped_in_a_transaction_does_not_hold_up_who_takes_over(postgresql_url: str) -> None:
    """Its rows are let be until it goes on or dies; whatever else it had in hand is taken."""
    stopped, other = open_store(postgresql_url), open_store(postgresql_url, busy_seconds=0.2)
    with stopped.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 3)
        rows.a_campaign(tx, weekly.id)
        first, *_ = tx.outbox.claim("stopped", 2, NOW)
    with stopped.write() as tx:
        assert tx.outbox.arm(first.id, "stopped", NOW)
        with other.write() as beside:
            assert beside.outbox.recover(OnCrash.RESEND, NOW + DAY, ["stopped"]) == Recovered(claimed=1)
    with other.write() as tx:
        assert tx.outbox.recover(OnCrash.RESEND, NOW + DAY, ["stopped"]) == Recovered(armed=1)
    stopped.close()
    other.close()
