"""Random walks through the outbox beside a simple model of it: the account always balances, and no leaver is armed."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from digest.model.issue import CampaignState, OnCrash
from digest.model.message import MESSAGE_MOVES, OPEN, MessageState
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.store import open_store
from tests.store import rows
from tests.store.rows import MINUTE, NOW, outcome

READERS = 4
NOBODY = ""
WAITING = {MessageState.QUEUED, MessageState.DEFERRED}
IN_HAND = {MessageState.CLAIMED, MessageState.ARMED}
SENDERS = st.sampled_from(["one", "two"])
WHO = st.integers(1, READERS)


class Outbox(RuleBasedStateMachine):
    """One campaign of a few readers; a reader's number is their message's."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp(prefix="digest-walk-"))
        shutil.copy(self.template, self._folder / "walk.db")
        self._store = open_store(f"sqlite:///{self._folder / 'walk.db'}")
        with self._store.write() as tx:
            self._list = rows.a_list(tx).id
            rows.readers(tx, self._list, READERS)
            self._campaign = rows.a_campaign(tx, self._list).id
        self.state = dict.fromkeys(range(1, READERS + 1), MessageState.QUEUED)
        self.owner = dict.fromkeys(self.state, NOBODY)
        self.due = dict.fromkeys(self.state, NOW)
        self.now = NOW
        self.left: set[int] = set()
        self.erased: set[int] = set()
        self.campaign = CampaignState.RUNNING

    def teardown(self) -> None:
        self._store.close()
        shutil.rmtree(self._folder)

    def _end(self, number: int, state: MessageState) -> None:
        self.state[number], self.owner[number] = state, NOBODY

    @rule(minutes=st.integers(0, 20))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(owner=SENDERS, limit=st.integers(1, READERS))
    def claim(self, owner: str, limit: int) -> None:
        with self._store.write() as tx:
            claimed = [message.id for message in tx.outbox.claim(owner, limit, self.now)]
        due = [number for number, state in self.state.items() if state in WAITING and self.due[number] <= self.now]
        expected = sorted(due, key=lambda number: (self.due[number], number))[:limit]
        assert claimed == (expected if self.campaign is CampaignState.RUNNING else [])
        for number in claimed:
            self.state[number], self.owner[number] = MessageState.CLAIMED, owner

    def _one_of(self, states: set[MessageState], number: int) -> int:
        """A message in one of these states, if there is any."""
        found = [each for each, state in self.state.items() if state in states] or list(self.state)
        return found[number % len(found)]

    @rule(number=WHO, stranger=st.sampled_from([NOBODY, NOBODY, "one", "two"]))
    def arm(self, number: int, stranger: str) -> None:
        number = self._one_of({MessageState.CLAIMED}, number)
        owner = stranger or self.owner[number] or "one"
        with self._store.write() as tx:
            armed = tx.outbox.arm(number, owner, self.now)
        mine = self.state[number] is MessageState.CLAIMED and self.owner[number] == owner
        assert armed is (mine and number not in self.left and self.campaign is CampaignState.RUNNING)
        if armed:
            self.state[number] = MessageState.ARMED
        elif mine and number in self.left:
            self._end(number, MessageState.SUPPRESSED)

    @rule(number=WHO, wish=st.integers(0, 3), minutes=st.integers(0, 20))
    def settle_legally(self, number: int, wish: int, minutes: int) -> None:
        number = self._one_of(IN_HAND, number)
        moves = sorted(MESSAGE_MOVES[self.state[number]]) or [MessageState.ACCEPTED]
        self.settle(number, moves[wish % len(moves)], minutes)

    @rule(number=WHO, new=st.sampled_from(MessageState), minutes=st.integers(0, 20))
    def settle(self, number: int, new: MessageState, minutes: int) -> None:
        due_at = self.now + minutes * MINUTE if new is MessageState.DEFERRED else None
        with self._store.write() as tx:
            done = tx.outbox.settle(outcome(number, new, due_at=due_at), self.now)
        old = self.state[number]
        assert done is (old in IN_HAND and new in MESSAGE_MOVES[old] - IN_HAND)
        if done:
            self._end(number, new)
            self.due[number] = due_at or self.due[number]

    @rule(owner=SENDERS)
    def put_back(self, owner: str) -> None:
        mine = [n for n, state in self.state.items() if state is MessageState.CLAIMED and self.owner[n] == owner]
        with self._store.write() as tx:
            assert tx.outbox.put_back(owner) == len(mine)
        for number in mine:
            self._end(number, MessageState.QUEUED)

    @rule(policy=st.sampled_from(OnCrash))
    def recover(self, policy: OnCrash) -> None:
        with self._store.write() as tx:
            recovered = tx.outbox.recover(policy, self.now)
        claimed = [number for number, state in self.state.items() if state is MessageState.CLAIMED]
        armed = [number for number, state in self.state.items() if state is MessageState.ARMED]
        assert (recovered.claimed, recovered.armed) == (len(claimed), len(armed))
        for number in claimed:
            self._end(number, MessageState.QUEUED)
        for number in armed:
            self._end(number, MessageState.QUEUED if policy is OnCrash.RESEND else MessageState.UNCERTAIN)

    @rule(number=WHO, how=st.sampled_from(["unsubscribe", "erase", "complain"]))
    def leave(self, number: int, how: str) -> None:
        with self._store.write() as tx:
            if how == "unsubscribe":
                tx.subscribers.move(number, self._list, SubscriptionState.UNSUBSCRIBED, self.now)
            elif how == "erase":
                tx.subscribers.erase(number)
            elif address_hash := tx.subscribers.hash_of(number):
                tx.suppressions.add(address_hash, SuppressionReason.COMPLAINT, self.now)
        self.left.add(number)
        if how == "erase" and number not in self.erased:
            self.erased.add(number)
            if self.state[number] in WAITING:
                self._end(number, MessageState.SUPPRESSED)

    @rule()
    def pause_or_resume(self) -> None:
        was = self.campaign
        with self._store.write() as tx:
            assert tx.campaigns.resume(self._campaign) is (was is CampaignState.PAUSED)
            if was is not CampaignState.PAUSED:
                assert tx.campaigns.pause(self._campaign, "why") is (was is CampaignState.RUNNING)
        turned = {CampaignState.RUNNING: CampaignState.PAUSED, CampaignState.PAUSED: CampaignState.RUNNING}
        self.campaign = turned.get(was, was)

    @rule()
    def finish(self) -> None:
        may = self.campaign is CampaignState.RUNNING and not OPEN & set(self.state.values())
        with self._store.write() as tx:
            assert tx.campaigns.finish(self._campaign, self.now) is may
        if may:
            self.campaign = CampaignState.DONE

    @invariant()
    def the_store_and_the_model_agree(self) -> None:
        runs = self.campaign is CampaignState.RUNNING
        due = [self.due[number] for number, state in self.state.items() if state in WAITING]
        with self._store.read() as tx:
            recipients = tx.messages.recipients(self._campaign)
            account = tx.campaigns.account(self._campaign)
            assert [recipient.state for recipient in recipients] == list(self.state.values())
            assert tx.messages.owed() == (sum(state in OPEN for state in self.state.values()) if runs else 0)
            assert tx.messages.next_due() == (min(due, default=None) if runs else None)
            assert tx.messages.in_hand() == bool(IN_HAND & set(self.state.values()))
            assert tx.campaigns.get(self._campaign).state is self.campaign
        assert account.balanced
        assert account.audience == READERS
        erased = [recipients[number - 1] for number in self.erased]
        assert all("reader" not in recipient.address + recipient.reply for recipient in erased)


def test_the_outbox_walks_with_its_model(migrated_sqlite: Path) -> None:
    Outbox.template = migrated_sqlite
    run_state_machine_as_test(
        Outbox,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
