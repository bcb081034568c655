from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.address import Address
from digest.model.message import (
    LEASE,
    MESSAGE_MOVES,
    MISSED,
    OPEN,
    RETRY_MINUTES,
    TIME_TO_SEND,
    Account,
    MessageState,
    Outgoing,
    Reply,
    retry_at,
    settle,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MESSAGE = Outgoing(
    id=7,
    campaign_id=3,
    edition_id=2,
    subscriber_id=5,
    list_id=1,
    address=Address("ann", "example.org"),
    name="Ann",
    attempts=0,
    created_at=NOON,
)
ENDS = set(MessageState) - OPEN
VERBS = ["", "MAIL", "RCPT", "DATA", "."]
REPLIES = st.builds(
    Reply,
    st.just(0) | st.integers(200, 599),
    st.sampled_from(["", "2.0.0", "4.2.1", "4.7.1", "5.1.1", "5.1.8", "5.2.2", "5.3.4", "5.6.7", "5.7.1"]),
    st.just("words"),
    st.sampled_from(VERBS),
)


def test_every_state_has_its_moves_and_an_end_is_left_only_by_an_operators_retry() -> None:
    assert set(MESSAGE_MOVES) == set(MessageState)
    ends = {state: moves for state, moves in MESSAGE_MOVES.items() if state not in OPEN}
    assert {state for state, moves in ends.items() if moves} == MISSED
    assert all(moves <= {MessageState.QUEUED} for moves in ends.values())
    assert all(moves <= set(MessageState) and state not in moves for state, moves in MESSAGE_MOVES.items())


def test_every_state_can_be_reached_and_every_open_one_can_end() -> None:
    reached = {MessageState.QUEUED}
    for _ in MessageState:
        reached |= {move for state in reached for move in MESSAGE_MOVES[state]}
    assert reached == set(MessageState)
    assert all(MESSAGE_MOVES[state] for state in OPEN)


def test_a_dot_is_never_sent_but_from_armed() -> None:
    assert {state for state, moves in MESSAGE_MOVES.items() if MessageState.ACCEPTED in moves} == {MessageState.ARMED}
    assert {state for state, moves in MESSAGE_MOVES.items() if MessageState.UNCERTAIN in moves} == {MessageState.ARMED}
    assert {state for state, moves in MESSAGE_MOVES.items() if MessageState.ARMED in moves} == {MessageState.CLAIMED}


ACCEPTED, DEFERRED, BOUNCED = MessageState.ACCEPTED, MessageState.DEFERRED, MessageState.BOUNCED


@pytest.mark.parametrize(
    ("reply", "dot_sent", "state", "about_us"),
    [
        (Reply(250, "2.0.0", "Ok", "."), True, ACCEPTED, False),
        (Reply(200, verb="."), True, ACCEPTED, False),
        (Reply(251, verb="."), True, ACCEPTED, False),
        (Reply(252, verb="."), True, ACCEPTED, False),
        (Reply(250, verb="RCPT"), False, DEFERRED, False),  # no dot, no acceptance
        (Reply(0), True, DEFERRED, False),
        (Reply(0), False, DEFERRED, False),
        (Reply(421, "4.3.2", verb="."), True, DEFERRED, False),
        (Reply(450, "4.7.1", "greylisted", "RCPT"), False, DEFERRED, False),
        (Reply(452, "4.2.2", verb="RCPT"), False, DEFERRED, False),
        (Reply(550, "5.1.1", verb="RCPT"), False, BOUNCED, False),
        (Reply(550, verb="RCPT"), False, BOUNCED, False),
        (Reply(551, verb="RCPT"), False, BOUNCED, False),
        (Reply(553, "5.6.7", verb="RCPT"), False, BOUNCED, False),
        (Reply(553, "5.6.7", verb="MAIL"), False, BOUNCED, False),  # the reader's address, though refused at MAIL
        (Reply(554, verb="."), True, BOUNCED, False),
        (Reply(552, verb="RCPT"), False, DEFERRED, False),  # as 452
        (Reply(552, "5.2.2", verb="."), True, DEFERRED, False),  # a full mailbox may be emptied
        (Reply(552, "5.2.3", verb="."), True, BOUNCED, False),  # too big for this mailbox
        (Reply(552, "5.3.4", verb="MAIL"), False, DEFERRED, True),  # too big for the relay: for every reader
        (Reply(552, verb="MAIL"), False, DEFERRED, True),
        (Reply(550, "5.7.1", verb="RCPT"), False, DEFERRED, True),
        (Reply(550, "5.7.26", verb="."), True, DEFERRED, True),
        (Reply(550, "5.7.515", verb="."), True, DEFERRED, True),
        (Reply(550, "4.7.1", verb="RCPT"), False, DEFERRED, True),  # wrong class, right subject
        (Reply(530, verb="MAIL"), False, DEFERRED, True),
        (Reply(535, "5.7.8"), False, DEFERRED, True),
        (Reply(550, verb="MAIL"), False, DEFERRED, True),  # the sender is refused, not the reader
        (Reply(553, "5.1.8", verb="RCPT"), False, DEFERRED, True),
    ],
)
def test_what_a_reply_means(reply: Reply, dot_sent: bool, state: MessageState, about_us: bool) -> None:
    settlement = settle(MESSAGE, reply, dot_sent=dot_sent, hold_silence=False, now=NOON)
    assert (settlement.state, reply.about_us) == (state, about_us)
    assert (settlement.message_id, settlement.reply) == (7, reply)


def test_silence_after_the_dot_is_held_only_by_policy() -> None:
    assert settle(MESSAGE, Reply(0), dot_sent=True, hold_silence=True, now=NOON).state is MessageState.UNCERTAIN
    assert settle(MESSAGE, Reply(0), dot_sent=False, hold_silence=True, now=NOON).state is DEFERRED
    assert settle(MESSAGE, Reply(451), dot_sent=True, hold_silence=True, now=NOON).state is DEFERRED


def test_what_is_still_refused_when_the_time_is_over_has_failed() -> None:
    late = NOON + TIME_TO_SEND
    assert settle(MESSAGE, Reply(450), dot_sent=False, hold_silence=False, now=late).state is MessageState.FAILED
    assert settle(MESSAGE, Reply(0), dot_sent=False, hold_silence=False, now=late).state is MessageState.FAILED
    assert settle(MESSAGE, Reply(550), dot_sent=False, hold_silence=False, now=late).state is BOUNCED
    assert settle(MESSAGE, Reply(250), dot_sent=True, hold_silence=False, now=late).state is ACCEPTED


def test_what_may_have_arrived_has_not_failed() -> None:
    late = NOON + TIME_TO_SEND
    assert settle(MESSAGE, Reply(0), dot_sent=True, hold_silence=False, now=late).state is MessageState.UNCERTAIN


def test_a_campaign_waits_for_its_operator_and_a_mail_of_its_own_does_not_wait_for_ever() -> None:
    late, policy = NOON + TIME_TO_SEND, Reply(550, "5.7.26")
    alone = MESSAGE._replace(campaign_id=None)
    assert settle(MESSAGE, policy, dot_sent=False, hold_silence=False, now=late).state is DEFERRED
    assert settle(alone, policy, dot_sent=False, hold_silence=False, now=NOON).state is DEFERRED
    assert settle(alone, policy, dot_sent=False, hold_silence=False, now=late).state is MessageState.FAILED
    doubtful = Reply(550, "5.7.1", verb="RCPT")  # of one mailbox: the campaign goes on, and this reader's time runs out
    assert settle(MESSAGE, doubtful, dot_sent=False, hold_silence=False, now=late).state is MessageState.FAILED


def test_a_campaigns_own_deadline_counts() -> None:
    hasty = MESSAGE._replace(deadline_at=NOON + timedelta(hours=1))
    assert settle(hasty, Reply(450), dot_sent=False, hold_silence=False, now=NOON).state is DEFERRED
    late = NOON + timedelta(hours=1)
    assert settle(hasty, Reply(450), dot_sent=False, hold_silence=False, now=late).state is MessageState.FAILED


def test_a_message_is_not_sent_again_sooner_than_was_asked_for() -> None:
    asked = Reply(451, "4.7.1", "try again in 30 minutes", "RCPT")
    due_at = settle(MESSAGE, asked, dot_sent=False, hold_silence=False, now=NOON).due_at
    assert due_at == NOON + timedelta(minutes=30)


@given(
    reply=REPLIES,
    dot_sent=st.booleans(),
    hold=st.booleans(),
    attempts=st.integers(0, 20),
    hours=st.integers(0, 100),
    alone=st.booleans(),
)
def test_a_settlement_is_always_a_legal_move(
    *, reply: Reply, dot_sent: bool, hold: bool, attempts: int, hours: int, alone: bool
) -> None:
    message = MESSAGE._replace(attempts=attempts, campaign_id=None if alone else 3)
    now = NOON + timedelta(hours=hours)
    settlement = settle(message, reply, dot_sent=dot_sent, hold_silence=hold, now=now)
    assert settlement.state in MESSAGE_MOVES[MessageState.ARMED if dot_sent else MessageState.CLAIMED]
    assert (settlement.due_at is not None) == (settlement.state is DEFERRED)
    assert settlement.due_at is None or settlement.due_at > now
    assert (settlement.state is ACCEPTED) == (dot_sent and 200 <= reply.code < 300)
    if settlement.state is BOUNCED:
        assert reply.permanent
        assert not reply.about_us


@given(st.integers(1, 10**9), st.integers(0, 50))
def test_each_wait_is_its_minutes_and_up_to_a_quarter_more(number: int, attempts: int) -> None:
    message = MESSAGE._replace(id=number, attempts=attempts)
    wait = retry_at(message, NOON) - NOON
    minutes = RETRY_MINUTES[min(attempts, len(RETRY_MINUTES) - 1)]
    assert timedelta(minutes=minutes) <= wait <= timedelta(minutes=minutes * 1.25)
    assert retry_at(message, NOON) == retry_at(message, NOON)


def test_a_crowd_does_not_return_at_once() -> None:
    waits = {retry_at(MESSAGE._replace(id=number, attempts=4), NOON) for number in range(1000)}
    assert len(waits) > 950


def test_waits_grow() -> None:
    waits = [retry_at(MESSAGE._replace(attempts=attempts), NOON) for attempts in range(len(RETRY_MINUTES))]
    assert waits == sorted(waits)


def test_a_lease_outlasts_the_longest_dot() -> None:
    assert timedelta(minutes=10) < LEASE


def test_an_account_balances_or_says_that_it_does_not() -> None:
    whole = Account(60, {ACCEPTED: 57, BOUNCED: 2, MessageState.SUPPRESSED: 1})
    assert whole.balanced
    assert whole.open == 0
    assert str(whole) == "audience 60 = accepted 57 + deferred 0 + bounced 2 + suppressed 1 + failed 0 + uncertain 0"
    assert str(Account(60, {ACCEPTED: 59})).startswith("audience 60 ≠ accepted 59")


def test_an_account_shows_what_has_no_end_yet() -> None:
    midway = Account(10, {ACCEPTED: 4, MessageState.QUEUED: 3, MessageState.ARMED: 1, DEFERRED: 2})
    assert midway.balanced
    assert midway.open == 6
    assert str(midway).endswith("uncertain 0 + queued 3 + armed 1")


@given(st.dictionaries(st.sampled_from(MessageState), st.integers(0, 1000)))
def test_an_account_names_every_state_it_counts(counts: dict[MessageState, int]) -> None:
    account = Account(sum(counts.values()), counts)
    assert account.balanced
    terms = dict(term.split() for term in str(account).split(" = ")[1].split(" + "))
    assert sum(map(int, terms.values())) == account.audience
    assert account.open + sum(account.of(state) for state in ENDS) == account.audience


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        (Reply(250, "2.0.0", "Ok"), "250 2.0.0 Ok"),
        (Reply(250), "250"),
        (Reply(0), "no answer"),
        (Reply(0, text="no answer: it hung up"), "no answer: it hung up"),
    ],
)
def test_a_reply_reads_as_it_was_said(reply: Reply, shown: str) -> None:
    assert str(reply) == shown
