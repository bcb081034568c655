"""The outbox: what is claimed, what may be armed, and what an attempt can come to."""

from dataclasses import replace
from datetime import datetime

import pytest

from digest.model.issue import CampaignState, OnCrash
from digest.model.message import LEASE, MESSAGE_MOVES, MessageState, Reply
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.store import Store, Transaction
from digest.store.tables import messages
from tests.store import rows
from tests.store.rows import HOUR, KEYS, MINUTE, NOW, outcome, states

ME, OTHER = "sender-1", "sender-2"
ENDS = [state for state, moves in MESSAGE_MOVES.items() if not moves]


def raw(tx: Transaction, message_id: int) -> dict[str, object]:
    found = tx._connection.execute(messages.select().where(messages.c.id == message_id)).mappings().one()
    return dict(found)


def put(tx: Transaction, message_id: int, state: MessageState, owner: str = ME) -> None:
    """Into any state, legal or not."""
    tx._connection.execute(messages.update().where(messages.c.id == message_id).values(state=state, lease_owner=owner))


def test_a_mail_of_its_own_is_made_once_for_its_key(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        mail = rows.a_mail(tx, weekly.id, "test", None, key="test 1")
        assert tx.messages.add(mail, NOW)
        assert not tx.messages.add(mail, NOW)
        assert not tx.messages.add(replace(mail, name="Another"), NOW + HOUR)
        assert tx.messages.add(replace(mail, key="test 2"), NOW)
        assert tx.messages.owed() == 2


def test_a_claimed_message_has_all_that_composing_needs(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann = rows.a_reader(tx, weekly.id)
        mail = replace(rows.a_mail(tx, weekly.id, "welcome", ann), name="Ann", slots={"CONFIRM": "https://x/c/1"})
        tx.messages.add(mail, NOW)
        (claimed,) = tx.outbox.claim(ME, 10, NOW)
    assert (claimed.campaign_id, claimed.edition_id, claimed.subscriber_id) == (None, mail.edition_id, ann)
    assert (claimed.list_id, claimed.address, claimed.name) == (weekly.id, mail.address, "Ann")
    assert (claimed.attempts, claimed.created_at, claimed.slots) == (0, NOW, {"CONFIRM": "https://x/c/1"})
    with store.read() as tx:
        assert tx.outbox.by_number(claimed.id) == claimed._replace(attempts=1)
        assert tx.outbox.by_number(claimed.id + 1) is None
        kept = raw(tx, claimed.id)
    assert (kept["state"], kept["lease_owner"], kept["lease_until"]) == ("claimed", ME, NOW + LEASE)


def test_a_mail_for_later_is_not_claimed_before(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        tx.messages.add(rows.a_mail(tx, weekly.id, "test", None), NOW, due_at=NOW + HOUR)
        assert tx.messages.next_due() == NOW + HOUR
        assert tx.outbox.claim(ME, 10, NOW + HOUR - MINUTE / 60) == []
        assert len(tx.outbox.claim(ME, 10, NOW + HOUR)) == 1


def test_mails_of_their_own_come_first_then_campaigns_by_due_time(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        people = rows.readers(tx, weekly.id, 3)
        campaign = rows.a_campaign(tx, weekly.id)
        (first, *_) = tx.outbox.claim(ME, 1, NOW)
        assert tx.outbox.settle(outcome(first, MessageState.DEFERRED, due_at=NOW + MINUTE), NOW)
        tx.messages.add(rows.a_mail(tx, weekly.id, "test", None), NOW)
        claimed = tx.outbox.claim(ME, 10, NOW + MINUTE)
    assert [message.campaign_id for message in claimed] == [None, campaign.id, campaign.id, campaign.id]
    assert [message.subscriber_id for message in claimed[1:]] == [people[1], people[2], people[0]]
    assert claimed[3].attempts == 1


@pytest.mark.parametrize("limit", [1, 3, 4, 5, 9])
def test_never_more_than_the_limit_is_claimed_over_all_campaigns(store: Store, limit: int) -> None:
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        rows.readers(tx, weekly.id, 2)
        for number in range(3):
            rows.a_reader(tx, daily.id, f"daily{number}@example.org")
        rows.a_campaign(tx, weekly.id)
        rows.a_campaign(tx, daily.id)
        tx.messages.add(rows.a_mail(tx, weekly.id, "test", None), NOW)
        assert len(tx.outbox.claim(ME, limit, NOW)) == min(limit, 6)


def test_what_is_claimed_is_not_claimed_again(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 5)
        rows.a_campaign(tx, weekly.id)
        seen = [message.id for _ in range(4) for message in tx.outbox.claim(ME, 2, NOW)]
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 5


def test_what_a_reading_transaction_claims_is_never_committed(store: Store) -> None:
    with store.write() as tx:
        _, _, message = claimed_issue(tx)
        tx.outbox.put_back(ME)
    with store.read() as tx:
        assert [each.id for each in tx.outbox.claim(ME, 1, NOW)] == [message]
    with store.read() as tx:
        assert raw(tx, message)["state"] == "queued"


def test_nothing_of_a_paused_campaign_is_claimed_owed_or_due(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 2)
        campaign = rows.a_campaign(tx, weekly.id)
        assert tx.messages.owed() == 2
        assert tx.campaigns.pause(campaign.id, "535")
        assert (tx.outbox.claim(ME, 10, NOW), tx.messages.owed(), tx.messages.next_due()) == ([], 0, None)
        assert tx.campaigns.resume(campaign.id)
        assert (tx.messages.owed(), tx.messages.next_due()) == (2, NOW)
        assert len(tx.outbox.claim(ME, 10, NOW)) == 2


@pytest.mark.parametrize("state", MessageState)
def test_only_what_is_queued_or_deferred_is_claimed(store: Store, state: MessageState) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.a_reader(tx, weekly.id)
        rows.a_campaign(tx, weekly.id)
        put(tx, 1, state)
        claimed = tx.outbox.claim(ME, 10, NOW)
    assert len(claimed) == (state in {MessageState.QUEUED, MessageState.DEFERRED})


# Arming: the last look before the dot.


def claimed_issue(tx: Transaction) -> tuple[int, int, int]:
    """A claimed message of a campaign: list, reader, message."""
    weekly = rows.a_list(tx)
    ann = rows.a_reader(tx, weekly.id)
    rows.a_campaign(tx, weekly.id)
    (message,) = tx.outbox.claim(ME, 1, NOW)
    return weekly.id, ann, message.id


def test_a_claimed_message_of_a_confirmed_reader_is_armed_once(store: Store) -> None:
    with store.write() as tx:
        _, _, number = claimed_issue(tx)
        assert tx.outbox.arm(number, ME, NOW)
        assert raw(tx, number)["armed_at"] == NOW
        assert not tx.outbox.arm(number, ME, NOW)
        assert raw(tx, number)["state"] == "armed"


def test_what_another_sender_claimed_is_not_armed_nor_touched(store: Store) -> None:
    with store.write() as tx:
        weekly, ann, number = claimed_issue(tx)
        tx.subscribers.move(ann, weekly, SubscriptionState.UNSUBSCRIBED, NOW)
        assert not tx.outbox.arm(number, OTHER, NOW)
        assert raw(tx, number)["state"] == "claimed"


@pytest.mark.parametrize("state", [state for state in MessageState if state is not MessageState.CLAIMED])
def test_only_what_is_claimed_is_armed(store: Store, state: MessageState) -> None:
    with store.write() as tx:
        _, _, number = claimed_issue(tx)
        put(tx, number, state)
        assert not tx.outbox.arm(number, ME, NOW)
        assert raw(tx, number)["state"] == state


def leave(tx: Transaction, how: str, list_id: int, subscriber_id: int) -> None:
    address_hash = tx.subscribers.hash_of(subscriber_id)
    assert address_hash
    if how == "unsubscribed":
        assert tx.subscribers.move(subscriber_id, list_id, SubscriptionState.UNSUBSCRIBED, NOW)
    elif how == "erased":
        tx.suppressions.add(address_hash, SuppressionReason.ERASED, NOW)
        tx.subscribers.erase(subscriber_id)
    elif how == "erased, without a word":
        tx.subscribers.erase(subscriber_id)
    else:
        tx.suppressions.add(address_hash, SuppressionReason(how), NOW)


LEFT = ("unsubscribed", "erased", "erased, without a word", "bounced", "complaint", "operator")


@pytest.mark.parametrize("how", LEFT)
@pytest.mark.parametrize("moment", ["queued", "claimed", "deferred", "deferred and claimed"])
def test_who_left_before_arming_is_never_armed(store: Store, how: str, moment: str) -> None:
    with store.write() as tx:
        weekly, ann, number = claimed_issue(tx)
        if moment == "queued":
            tx.outbox.put_back(ME)
        if "deferred" in moment:
            tx.outbox.settle(outcome(number, MessageState.DEFERRED, due_at=NOW), NOW)
        if moment == "deferred and claimed":
            tx.outbox.claim(ME, 1, NOW)
        leave(tx, how, weekly, ann)
    with store.write() as tx:
        tx.outbox.claim(ME, 1, NOW)
        assert not tx.outbox.arm(number, ME, NOW)
        kept = raw(tx, number)
        assert (kept["state"], kept["lease_owner"], kept["lease_until"]) == ("suppressed", "", None)
        assert tx.campaigns.account(1).balanced


def test_a_message_of_a_paused_campaign_is_not_armed_and_can_be_put_back(store: Store) -> None:
    with store.write() as tx:
        _, _, number = claimed_issue(tx)
        tx.campaigns.pause(1, "an operator said so")
        assert not tx.outbox.arm(number, ME, NOW)
        assert raw(tx, number)["state"] == "claimed"
        assert tx.outbox.put_back(ME) == 1
        tx.campaigns.resume(1)
        (again,) = tx.outbox.claim(ME, 1, NOW)
        assert again.attempts == 0
        assert tx.outbox.arm(again.id, ME, NOW)


@pytest.mark.parametrize(
    ("purpose", "state", "reason", "armed"),
    [
        ("welcome", SubscriptionState.CONFIRMED, None, True),
        ("welcome", SubscriptionState.PENDING, None, False),
        ("welcome", SubscriptionState.UNSUBSCRIBED, None, False),
        ("welcome", SubscriptionState.CONFIRMED, SuppressionReason.COMPLAINT, False),
        ("confirm-subscription", SubscriptionState.PENDING, None, True),
        ("confirm-subscription", SubscriptionState.PENDING, SuppressionReason.ERASED, True),
        ("confirm-subscription", SubscriptionState.PENDING, SuppressionReason.BOUNCED, False),
        ("confirm-subscription", SubscriptionState.PENDING, SuppressionReason.COMPLAINT, False),
        ("confirm-subscription", SubscriptionState.PENDING, SuppressionReason.OPERATOR, False),
        ("unsubscribed", SubscriptionState.UNSUBSCRIBED, None, True),
        ("unsubscribed", SubscriptionState.UNSUBSCRIBED, SuppressionReason.ERASED, False),
        ("test", SubscriptionState.UNSUBSCRIBED, None, True),
        ("test", SubscriptionState.UNSUBSCRIBED, SuppressionReason.OPERATOR, False),
    ],
)
def test_which_mails_of_their_own_may_go_out(
    store: Store, purpose: str, state: SubscriptionState, reason: SuppressionReason | None, armed: bool
) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann = rows.a_reader(tx, weekly.id, state=state)
        tx.messages.add(rows.a_mail(tx, weekly.id, purpose, ann), NOW)
        if reason:
            tx.suppressions.add(tx.subscribers.hash_of(ann) or "", reason, NOW)
        (message,) = tx.outbox.claim(ME, 1, NOW)
        assert tx.outbox.arm(message.id, ME, NOW) is armed


def test_a_test_to_a_stranger_is_armed(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        tx.messages.add(rows.a_mail(tx, weekly.id, "test", None), NOW)
        (message,) = tx.outbox.claim(ME, 1, NOW)
        assert tx.outbox.arm(message.id, ME, NOW)


# Settling.


@pytest.mark.parametrize("new", MessageState)
@pytest.mark.parametrize("old", MessageState)
def test_legal_outcomes_are_written_down_and_others_change_nothing(
    store: Store, old: MessageState, new: MessageState
) -> None:
    in_hand = {MessageState.CLAIMED, MessageState.ARMED}
    legal = old in in_hand and new in MESSAGE_MOVES[old] and new not in in_hand
    with store.write() as tx:
        _, _, number = claimed_issue(tx)
        put(tx, number, old)
        before = raw(tx, number)
        assert tx.outbox.settle(outcome(number, new, due_at=NOW + HOUR), NOW + MINUTE) is legal
        after = raw(tx, number)
    if not legal:
        assert after == before
    else:
        assert (after["state"], after["due_at"], after["settled_at"]) == (new, NOW + HOUR, NOW + MINUTE)
        assert (after["reply_code"], after["reply_status"], after["reply_text"]) == (250, "2.0.0", "said")
        assert (after["lease_owner"], after["lease_until"]) == ("", None)


def test_outcomes_are_written_down_and_others_armed_in_one_step(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx).id
        rows.readers(tx, weekly, 5)
        rows.a_campaign(tx, weekly)
        claimed = tx.outbox.claim(ME, 5, NOW)
        one, two, three, four, five = [message.id for message in claimed]
        assert tx.outbox.arm_each([one, two], ME, NOW).armed == {one, two}
        tx.suppressions.add(KEYS.address_hash(claimed[3].address), SuppressionReason.BOUNCED, NOW)
        settled = [outcome(one, MessageState.ACCEPTED), outcome(two, MessageState.DEFERRED, due_at=NOW + HOUR)]
        armed = tx.outbox.settle_and_arm(settled, [three, four, five], ME, NOW)
        found = [raw(tx, number)["state"] for number in (one, two, three, four, five)]
    assert armed.armed == {three, five}
    assert armed.suppressed == {four}
    assert found == ["accepted", "deferred", "armed", "suppressed", "armed"]


@pytest.mark.parametrize(
    "said", ['a "quoted" \\ and {braces}, NULL', "", "NULL", "zweite Zeile: ü, 'x' %s %(y)s", "a\0b"]
)
def test_what_the_next_hop_said_is_kept_as_it_is(store: Store, said: str) -> None:
    with store.write() as tx:
        _, _, number = claimed_issue(tx)
        assert tx.outbox.settle(outcome(number, MessageState.BOUNCED, text=said), NOW)
        assert raw(tx, number)["reply_text"] == said.replace("\0", "\N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize("end", ENDS)
def test_a_message_with_an_end_is_neither_owed_nor_due(store: Store, end: MessageState) -> None:
    with store.write() as tx:
        _, _, number = claimed_issue(tx)
        put(tx, number, end)
        assert (tx.messages.owed(), tx.messages.next_due()) == (0, None)


def test_a_deferred_message_is_owed_and_due_at_its_time(store: Store) -> None:
    with store.write() as tx:
        _, _, number = claimed_issue(tx)
        tx.outbox.settle(outcome(number, MessageState.DEFERRED, due_at=NOW + HOUR), NOW)
        assert (tx.messages.owed(), tx.messages.next_due()) == (1, NOW + HOUR)
        assert tx.outbox.claim(ME, 1, NOW) == []


def test_settling_what_is_not_there_says_so(store: Store) -> None:
    with store.write() as tx:
        assert not tx.outbox.settle(outcome(77, MessageState.ACCEPTED), NOW)


@pytest.mark.parametrize("text", ["nul \0 here", "lone \ud800 surrogate", "ünïcode 😀", "x" * 5000])
def test_whatever_a_server_says_can_be_written_down(store: Store, text: str) -> None:
    with store.write() as tx:
        _, _, number = claimed_issue(tx)
        tx.outbox.arm(number, ME, NOW)
        settled = outcome(number, MessageState.BOUNCED)._replace(reply=Reply(550, "5.1.1", text))
        assert tx.outbox.settle(settled, NOW)
        (recipient,) = tx.messages.recipients(1)
    assert recipient.reply.startswith("550 5.1.1 ")
    assert "\0" not in recipient.reply


def test_a_reply_about_an_erased_reader_is_not_kept(store: Store) -> None:
    with store.write() as tx:
        _, ann, number = claimed_issue(tx)
        tx.outbox.arm(number, ME, NOW)
        tx.subscribers.erase(ann)
        assert tx.outbox.settle(outcome(number, MessageState.BOUNCED, text="<ann@example.org> unknown"), NOW)
        kept = raw(tx, number)
    assert kept["state"] == "bounced"
    assert "ann" not in str(kept)


# Stopping and recovering.


def test_putting_back_leaves_no_trace_of_the_claim(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 4)
        rows.a_campaign(tx, weekly.id)
        mine = tx.outbox.claim(ME, 2, NOW)
        theirs = tx.outbox.claim(OTHER, 2, NOW)
        tx.outbox.arm(mine[0].id, ME, NOW)
        assert tx.outbox.put_back(ME) == 1
        assert raw(tx, mine[0].id)["state"] == "armed"
        kept = raw(tx, mine[1].id)
        assert (kept["state"], kept["attempts"], kept["lease_owner"], kept["lease_until"]) == ("queued", 0, "", None)
        assert [raw(tx, message.id)["state"] for message in theirs] == ["claimed", "claimed"]
        assert tx.outbox.put_back(ME) == 0


@pytest.mark.parametrize(("policy", "armed"), [(OnCrash.RESEND, "queued"), (OnCrash.HOLD, "uncertain")])
def test_recovery_puts_back_what_was_claimed_and_follows_the_policy(store: Store, policy: OnCrash, armed: str) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, len(MessageState))
        campaign = rows.a_campaign(tx, weekly.id)
        for number, state in enumerate(MessageState, 1):
            put(tx, number, state)
        recovered = tx.outbox.recover(policy, NOW + HOUR)
        after = dict(zip(MessageState, states(tx, campaign.id), strict=True))
        uncertain = raw(tx, list(MessageState).index(MessageState.ARMED) + 1)
        assert tx.campaigns.account(campaign.id).balanced
    assert (recovered.claimed, recovered.armed) == (1, 1)
    changed = {MessageState.CLAIMED: "queued", MessageState.ARMED: armed}
    assert after == {state: changed.get(state, state) for state in MessageState}
    assert uncertain["lease_owner"] == ""
    assert (uncertain["settled_at"] == NOW + HOUR) is (policy is OnCrash.HOLD)


def test_recovery_twice_finds_nothing_the_second_time(store: Store) -> None:
    with store.write() as tx:
        claimed_issue(tx)
        tx.outbox.recover(OnCrash.RESEND, NOW)
        again = tx.outbox.recover(OnCrash.RESEND, NOW)
    assert (again.claimed, again.armed) == (0, 0)


def test_what_was_armed_is_sent_again_even_in_a_paused_campaign_after_it_resumes(store: Store) -> None:
    with store.write() as tx:
        _, _, number = claimed_issue(tx)
        tx.outbox.arm(number, ME, NOW)
        tx.campaigns.pause(1, "power")
        tx.outbox.recover(OnCrash.RESEND, NOW)
        assert tx.outbox.claim(ME, 1, NOW) == []
        tx.campaigns.resume(1)
        assert [message.id for message in tx.outbox.claim(ME, 1, NOW)] == [number]


# Reports.


def test_a_campaign_lists_its_recipients_in_order(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.readers(tx, weekly.id, 3)
        campaign = rows.a_campaign(tx, weekly.id)
        tx.messages.add(rows.a_mail(tx, weekly.id, "test", None), NOW)
        claimed = next(each for each in tx.outbox.claim(ME, 2, NOW) if each.campaign_id)
        tx.outbox.settle(outcome(claimed, MessageState.BOUNCED, text="no such user"), NOW)
        listed = tx.messages.recipients(campaign.id)
    assert [recipient.address for recipient in listed] == [f"reader{number}@example.org" for number in range(3)]
    assert [recipient.state for recipient in listed] == ["bounced", "queued", "queued"]
    assert [recipient.reply for recipient in listed] == ["250 2.0.0 no such user", "", ""]
    assert [recipient.attempts for recipient in listed] == [1, 0, 0]


def test_the_mails_of_one_person_can_be_exported(store: Store) -> None:
    with store.write() as tx:
        weekly, ann, number = claimed_issue(tx)
        tx.messages.add(rows.a_mail(tx, weekly, "welcome", ann), NOW)
        tx.outbox.settle(outcome(number, MessageState.BOUNCED), NOW + MINUTE)
        sent = tx.messages.of_subscriber(ann)
    assert [(each.mail, each.state, each.address) for each in sent] == [
        ("issue", "bounced", "ann@example.org"),
        ("welcome", "queued", "ann@example.org"),
    ]
    assert [each.settled_at for each in sent] == [NOW + MINUTE, None]


def test_nothing_is_owed_or_due_in_an_empty_outbox(store: Store) -> None:
    with store.write() as tx:
        assert (tx.messages.owed(), tx.messages.next_due(), tx.outbox.claim(ME, 5, NOW)) == (0, None, [])
        assert tx.outbox.recover(OnCrash.HOLD, NOW).armed == 0
        assert tx.campaigns.in_state(CampaignState.RUNNING) == []


def test_a_time_without_a_zone_never_reaches_the_store(store: Store) -> None:
    with pytest.raises(Exception, match="without a zone"), store.write() as tx:
        tx.outbox.claim(ME, 1, datetime(2026, 3, 2, 7, 0))  # noqa: DTZ001  the point of this test


def test_an_address_is_recognised_by_its_hash_alone(store: Store) -> None:
    """A suppression holds for who signed up again, under whatever number."""
    with store.write() as tx:
        weekly = rows.a_list(tx)
        ann = rows.a_reader(tx, weekly.id)
        person = tx.subscribers.get(ann)
        assert person
        tx.suppressions.add(KEYS.address_hash(person.address), SuppressionReason.COMPLAINT, NOW)
        tx.subscribers.erase(ann)
        rows.a_reader(tx, weekly.id)
        assert rows.a_campaign(tx, weekly.id).audience == 0
