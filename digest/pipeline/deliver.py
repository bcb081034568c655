"""Step 4, deliver: outbox row → reply → settlement. See docs/flow.md and docs/adr/0001 for what a kill at any line leaves.

    the right to send ─▶ recover what the dead left ─▶ sending: claim, compose, offer, arm, release, settle ─▶ put back ─▶ account

No transaction waits for the next hop. If arming cannot be committed, no dot leaves.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from digest.model.errors import DigestError
from digest.model.issue import CampaignState
from digest.model.message import Account, MessageState
from digest.pipeline.closing import close_if_over
from digest.pipeline.ledger import Page, record
from digest.pipeline.pulse import take_over
from digest.pipeline.sender import Sender
from digest.pipeline.sending import Sending
from digest.store import Transaction
from digest.store.outbox import Recovered
from digest.store.owner import SenderLock


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What one run came to. `accounts` has the campaigns that it had to do with, to whatever end."""

    settled: Counter[MessageState]
    recovered: Recovered
    accounts: dict[int, Account]  # by issue
    paused: dict[int, str]  # issues whose campaign was paused, and why
    next_due_at: datetime | None  # when the first deferred message is due again
    troubled: dict[str, str]  # relays that could not be used in the end, and why


def deliver(sender: Sender) -> DeliveryReport:
    """Send all that is due. Raises SenderBusy when another process has the right to, TryLater when no next hop can be reached.

    Safe twice and killed at any line. What it claimed and did not come to is put back.
    """
    with sender.store.sender_lock(sender.owner) as lock:
        with lock.write() as tx:
            recovered = take_over(tx, lock, sender.on_crash, sender.now())
        sending = Sending(sender, lock)
        try:
            asyncio.run(sending.run())
        except BaseException:
            with suppress(DigestError):  # the error that stopped us says more
                _put_back(sender, sending)
            raise
        _put_back(sender, sending)
        return _report(sender, lock, sending, recovered + sending.recovered)


def _put_back(sender: Sender, sending: Sending) -> None:
    """Queue again what is in hand, and try once more to write down what could not be: the sooner, the fewer copies.

    Whoever lost the right to send may still say what became of messages that nobody else has taken yet.
    """
    parting = sending.parting()
    with sender.store.write() as tx:
        record(tx, Page(settled=sending.unwritten), sender.now(), sender.owner)
        tx.outbox.put_back(sender.owner)
        for act in parting:
            act.write(tx, sender.now())
    for act in parting:
        act.done()
    sending.count(sending.unwritten)


def _report(sender: Sender, lock: SenderLock, sending: Sending, recovered: Recovered) -> DeliveryReport:
    """Finish the campaigns in which nothing is owed any more, and draw up the accounts: at every end, pause and recovery."""
    with lock.write() as tx:
        touched = sending.touched | recovered.campaigns | _finish(tx, sender.now())
        campaigns = [tx.campaigns.get(number) for number in sorted(touched)]
        paused = {each.issue_id: each.reason for each in campaigns if each.state is CampaignState.PAUSED}
        accounts = {each.issue_id: tx.campaigns.account(each.id) for each in campaigns}
        tx.senders.leave(sender.owner, sender.now())
        next_due = tx.messages.next_due()
        return DeliveryReport(sending.counts, recovered, accounts, paused, next_due, sending.troubled)


def _finish(tx: Transaction, now: datetime) -> set[int]:
    return {number for number in tx.campaigns.unfinished() if close_if_over(tx, number, now)}
