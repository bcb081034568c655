"""Campaigns: the frozen audience and the account of it."""

from datetime import timedelta
from typing import NoReturn

import pytest
from sqlalchemy import event, insert

from digest.model.errors import DigestError, NotFound
from digest.model.issue import CampaignState, IssueState
from digest.model.message import MessageState
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.store import Store, Transaction
from digest.store.campaigns import Terms
from digest.store.tables import messages, subscribers, subscriptions
from tests.store import rows
from tests.store.rows import NOW, TODAY, outcome

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionState


def addresses(tx: Transaction, campaign_id: int) -> list[str]:
    return [recipient.address for recipient in tx.messages.recipients(campaign_id)]


def test_the_audience_is_exactly_the_confirmed_and_unsuppressed(store: Store) -> None:
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        rows.a_reader(tx, weekly.id, "confirmed@example.org")
        rows.a_reader(tx, weekly.id, "pending@example.org", PENDING)
        rows.a_reader(tx, weekly.id, "left@example.org", UNSUBSCRIBED)
        rows.a_reader(tx, daily.id, "elsewhere@example.org")
        for reason in SuppressionReason:
            rows.a_reader(tx, weekly.id, f"{reason}@example.org")
            address_hash = tx.subscribers.hash_of(rows.a_person(tx, f"{reason}@example.org").id)
            tx.suppressions.add(address_hash or "", reason, NOW)
        both = rows.a_reader(tx, weekly.id, "both@example.org")
        tx.subscribers.subscribe(both, daily.id, UNSUBSCRIBED, rows.CONSENT)
        assert rows.audience_size(tx, weekly.id) == (2, len(SuppressionReason))
        campaign = rows.a_campaign(tx, weekly.id)
        assert campaign.audience == 2
        assert addresses(tx, campaign.id) == ["confirmed@example.org", "both@example.org"]
        assert rows.audience_size(tx, daily.id) == (1, 0)


def test_a_frozen_row_has_all_that_sending_needs(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann = rows.a_reader(tx, weekly.id)
        campaign = rows.a_campaign(tx, weekly.id)
        (message,) = tx.outbox.claim("me", 5, NOW)
        edition = tx.editions.of_issue(campaign.issue_id)
    assert edition
    assert (message.campaign_id, message.subscriber_id, message.list_id) == (campaign.id, ann, weekly.id)
    assert (message.edition_id, message.created_at, message.slots) == (edition.id, NOW, {})


def test_who_comes_or_leaves_later_does_not_change_the_audience(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann, _ = rows.readers(tx, weekly.id, 2)
        campaign = rows.a_campaign(tx, weekly.id)
        tx.subscribers.move(ann, weekly.id, UNSUBSCRIBED, NOW)
        rows.a_reader(tx, weekly.id, "late@example.org")
        account = tx.campaigns.account(campaign.id)
    assert (account.audience, account.counts) == (2, {MessageState.QUEUED: 2})


def test_an_audience_of_nobody_is_an_audience(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        assert rows.audience_size(tx, weekly.id) == (0, 0)
        campaign = rows.a_campaign(tx, weekly.id)
        assert campaign.audience == 0
        assert tx.campaigns.account(campaign.id).balanced
        assert tx.campaigns.finish(campaign.id, NOW)


def test_an_issue_is_published_to_its_audience_once(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 2)
        campaign = rows.a_campaign(tx, weekly.id)
    with pytest.raises(DigestError), store.write() as tx:
        tx.campaigns.freeze(campaign.issue_id, weekly.id, rows.to_everybody(tx, weekly.id, 1), NOW, Terms(NOW))
    with store.read() as tx:
        assert len(tx.messages.recipients(campaign.id)) == 2


def many_readers(tx: Transaction, list_id: int, count: int) -> None:
    people = [{"address": f"r{n}@example.org", "address_key": f"r{n}@example.org"} for n in range(count)]
    tx._connection.execute(
        insert(subscribers), [person | {"address_hash": person["address"], "created_at": NOW} for person in people]
    )
    subscription = {"list_id": list_id, "state": CONFIRMED, "consent_source": "", "consent_text": "", "consent_at": NOW}
    tx._connection.execute(
        insert(subscriptions), [subscription | {"subscriber_id": number} for number in range(1, count + 1)]
    )
    tx._connection.exec_driver_sql("ANALYZE")  # PostgreSQL may have looked when the tables were empty


def test_twenty_thousand_readers_are_frozen_in_one_statement(store: Store) -> None:
    statements: list[str] = []
    with store.write() as tx:
        weekly = rows.a_list(tx)
        many_readers(tx, weekly.id, 20_000)
        issue_id = rows.an_issue(tx, weekly.id)
        edition_id = rows.an_edition(tx, weekly.id, issue_id)
        event.listen(tx._connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
        everybody = rows.to_everybody(tx, weekly.id, edition_id)
        campaign = tx.campaigns.freeze(issue_id, weekly.id, everybody, NOW, Terms(NOW))
    with store.read() as tx:
        account = tx.campaigns.account(campaign.id)
    assert (campaign.audience, account.counts, account.balanced) == (20_000, {MessageState.QUEUED: 20_000}, True)
    assert len([statement for statement in statements if "INTO messages" in statement]) == 1


def stop(_message: object) -> NoReturn:
    raise RuntimeError


def test_what_is_stopped_in_the_middle_of_publishing_leaves_nothing(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 3)
    with pytest.raises(RuntimeError), store.write() as tx:
        stop(rows.a_campaign(tx, weekly.id))
    with store.read() as tx:
        assert tx.campaigns.in_state(CampaignState.RUNNING) == []
        assert tx._connection.execute(messages.select()).all() == []
        assert tx.issues.all() == []


# The life of a campaign.


def test_a_campaign_is_paused_with_a_reason_and_resumed(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.a_reader(tx, weekly.id)
        number = rows.a_campaign(tx, weekly.id).id
        assert not tx.campaigns.resume(number)
        assert tx.campaigns.pause(number, "550 5.7.1 no")
        assert not tx.campaigns.pause(number, "again")
        paused = tx.campaigns.get(number)
        assert (paused.state, paused.reason) == (CampaignState.PAUSED, "550 5.7.1 no")
        assert not tx.campaigns.finish(number, NOW)
        assert tx.campaigns.resume(number)
        running = tx.campaigns.get(number)
        assert (running.state, running.reason) == (CampaignState.RUNNING, "")


@pytest.mark.parametrize("state", MessageState)
def test_a_campaign_is_done_when_every_message_has_an_end(store: Store, state: MessageState) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 2)
        number = rows.a_campaign(tx, weekly.id).id
        tx._connection.execute(messages.update().where(messages.c.id == 1).values(state=MessageState.ACCEPTED))
        tx._connection.execute(messages.update().where(messages.c.id == 2).values(state=state))
        is_open = state in {MessageState.QUEUED, MessageState.CLAIMED, MessageState.ARMED, MessageState.DEFERRED}
        assert tx.campaigns.finish(number, NOW) is not is_open
        assert not tx.campaigns.finish(number, NOW)
        done = tx.campaigns.get(number)
    assert (done.state is CampaignState.DONE, done.finished_at) == (not is_open, None if is_open else NOW)


def test_what_is_done_stays_done(store: Store) -> None:
    with store.write() as tx:
        number = rows.a_campaign(tx, rows.a_list(tx).id).id
        tx.campaigns.finish(number, NOW)
        assert not tx.campaigns.pause(number, "late")
        assert not tx.campaigns.resume(number)
        assert tx.campaigns.get(number).state is CampaignState.DONE


def test_a_mail_of_its_own_does_not_hold_a_campaign_open(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        number = rows.a_campaign(tx, weekly.id).id
        tx.messages.add(rows.a_mail(tx, weekly.id, "test", None), NOW)
        assert tx.campaigns.finish(number, NOW)


def test_the_account_counts_every_end(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 4)
        number = rows.a_campaign(tx, weekly.id).id
        claimed = tx.outbox.claim("me", 3, NOW)
        assert tx.outbox.arm(claimed[0].id, "me", NOW)
        tx.outbox.settle(outcome(claimed[0], MessageState.ACCEPTED), NOW)
        tx.outbox.settle(outcome(claimed[1], MessageState.BOUNCED), NOW)
        account = tx.campaigns.account(number)
    assert account.balanced
    assert account.counts == {
        MessageState.ACCEPTED: 1,
        MessageState.BOUNCED: 1,
        MessageState.CLAIMED: 1,
        MessageState.QUEUED: 1,
    }


def test_campaigns_are_found_by_issue_number_and_state(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        first = rows.a_campaign(tx, weekly.id)
        second = rows.a_campaign(tx, weekly.id, TODAY + timedelta(days=7))
        draft = rows.an_issue(tx, weekly.id, TODAY + timedelta(days=14))
        tx.campaigns.pause(second.id, "why")
        assert tx.campaigns.of_issue(first.issue_id) == first == tx.campaigns.get(first.id)
        assert tx.campaigns.of_issue(draft) is None
        assert tx.campaigns.in_state(CampaignState.RUNNING) == [first]
        assert [campaign.id for campaign in tx.campaigns.in_state(CampaignState.PAUSED)] == [second.id]
        assert tx.issues.get(first.issue_id).state is IssueState.PUBLISHED
        with pytest.raises(NotFound, match="no campaign 99"):
            tx.campaigns.get(99)
