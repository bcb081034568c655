"""What the sender writes down, many messages in one transaction (docs/adr/0007).

The loop that speaks with relays asks; one thread of the ledger writes and gives the answer back to the loop. What is asked for
while it writes goes into the next transaction, and with few connections waiting it lets the others join for a moment: so a
commit, which costs a write to the disk, is shared by all connections that wait for one. A dot waits for its commit; if the
commit fails, there is no dot.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from digest.model.event import EventKind
from digest.model.issue import CampaignState
from digest.model.message import MessageState, Outgoing, Reply, Settlement
from digest.pipeline.canary import Judged, Verdict, judge
from digest.pipeline.failures import failed, refused
from digest.pipeline.pulse import Act
from digest.store import Transaction
from digest.store.outbox import Armed
from digest.store.owner import SenderLock

JOIN_SECONDS = 0.004  # how long a transaction waits for more to do, where that has brought enough lately
LEAST_JOIN_SECONDS = 0.0005

_TOLD = frozenset({MessageState.BOUNCED, MessageState.FAILED})
_NOTHING_ARMED = Armed(frozenset(), frozenset())


@dataclass(slots=True)
class Page:
    """What one transaction is to do, in this order."""

    settled: list[Settlement] = field(default_factory=list)
    pause: dict[int, str] = field(default_factory=dict)  # campaign → why
    back: list[int] = field(default_factory=list)  # messages without a dot, to be queued again
    arm: dict[int, int | None] = field(default_factory=dict)  # message → its campaign
    later: dict[int, datetime] = field(default_factory=dict)  # messages that cannot go for a while, and until when
    claim: int = 0  # messages wanted
    own: int = 0  # and of mails of their own, which go before all others
    acts: list[Act] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        wanted = self.claim or self.own or self.acts
        return not (self.settled or self.pause or self.back or self.arm or self.later or wanted)


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it."""

    page: Page
    began: float  # of time.monotonic()
    armed: Armed
    halted: dict[
        int, str
    ]  # campaigns found not to go on, and why: messages of theirs were to be armed, or canaries fared badly
    claimed: Sequence[Outgoing]
    own: Sequence[Outgoing]
    on_trial: bool  # there are fewer than wanted, but canaries are on their way
    waiting_until: datetime | None  # if nothing could be claimed: when something can that was never tried


class Desk(Protocol):
    """Who asks. Called in the loop."""

    def written(self, written: Written) -> None: ...

    def not_written(self, page: Page, error: BaseException) -> None:
        """Nothing of the page was."""

    def writing(self) -> None:
        """A page has gone to be written: there is time for other things."""


class Ledger:
    """Used in one event loop, but for `write`."""

    def __init__(self, lock: SenderLock, owner: str, now: Callable[[], datetime], desk: Desk) -> None:
        self.enough = 1  # messages that are worth a transaction at once
        self._lock = lock
        self._owner = owner
        self._now = now
        self._desk = desk
        self._page = Page()
        self._writing: tuple[Page, asyncio.Future[Written]] | None = None
        self._joining: asyncio.TimerHandle | None = None
        self._join_seconds = JOIN_SECONDS
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")

    @property
    def writing(self) -> bool:
        return self._writing is not None

    @property
    def calls_back(self) -> bool:
        """Whether the desk will hear from it, so that it need not be told of what is new on the page."""
        return self._writing is not None or (self._joining is not None and self._waiting < self.enough)

    @property
    def quiet(self) -> bool:
        """Whether nothing is being written or waits to be."""
        return self._writing is None and self._page.empty

    @property
    def page(self) -> Page:
        """The next one, to be filled; call `turn` after it."""
        return self._page

    def turn(self) -> None:
        """Write the page soon."""
        if self._writing or self._page.empty:
            return
        waiting = self._waiting
        if waiting >= self.enough:
            self._join_seconds = min(JOIN_SECONDS, 2 * self._join_seconds)
        if waiting >= self.enough or not waiting:
            self._begin()
        elif self._joining is None:
            self._joining = asyncio.get_running_loop().call_later(self._join_seconds, self._begin_with_few)

    @property
    def _waiting(self) -> int:
        return max(len(self._page.arm), len(self._page.settled))

    def close(self) -> Page:
        """No more is written in the loop; outcomes that are not written down are given back."""
        if self._joining is not None:
            self._joining.cancel()
        self._thread.shutdown()
        rest = Page(settled=self._page.settled)
        if self._writing is not None:
            page, future = self._writing
            if not future.done() or future.exception() is not None:
                rest.settled = page.settled + rest.settled  # if it was written after all, its rows have moved on
        return rest

    def write(self, page: Page) -> Written:
        """In one transaction, here and now."""
        began, now = time.monotonic(), self._now()
        with self._lock.write() as tx:
            armed = _settle_and_arm(tx, page, now, self._owner)
            halted = _halted(tx, page, armed) if len(armed.armed) < len(page.arm) else {}
            own = tx.outbox.claim_from(None, self._owner, page.own, now) if page.own else ()
            claimed, judged = self._claim(tx, page.claim, now)
            waiting_until = tx.outbox.waiting_until(now) if page.claim and not claimed else None
            for act in page.acts:
                act.write(tx, now)
        soon = judged.verdict is Verdict.SOON
        return Written(page, began, armed, halted | judged.paused, claimed, own, soon, waiting_until)

    def _claim(self, tx: Transaction, wanted: int, now: datetime) -> tuple[list[Outgoing], Judged]:
        """When there are fewer than wanted, it may be that canaries have come back, and the others may follow."""
        claimed = tx.outbox.claim(self._owner, wanted, now) if wanted else []
        judged = judge(tx, now) if len(claimed) < wanted else Judged(Verdict.NOTHING)
        if judged.verdict is Verdict.GO:
            claimed += tx.outbox.claim(self._owner, wanted - len(claimed), now)
        return claimed, judged

    def _begin_with_few(self) -> None:
        """Waiting was in vain: a distant relay answers too seldom for it. So the next waits less."""
        self._join_seconds = max(LEAST_JOIN_SECONDS, self._join_seconds / 2)
        self._begin()

    def _begin(self) -> None:
        if self._joining is not None:
            self._joining.cancel()
            self._joining = None
        if self._writing or self._page.empty:
            return
        page, self._page = self._page, Page()
        future = asyncio.get_running_loop().run_in_executor(self._thread, self.write, page)
        self._writing = page, future
        future.add_done_callback(lambda done: self._wrote(page, done))
        self._desk.writing()

    def _wrote(self, page: Page, done: "asyncio.Future[Written]") -> None:
        self._writing = None
        error = done.exception()
        if error is not None:
            self._desk.not_written(page, error)
        else:
            for act in page.acts:
                act.done()
            self._desk.written(done.result())
        self.turn()


def _settle_and_arm(tx: Transaction, page: Page, now: datetime, owner: str) -> Armed:
    """What must stop is stopped before it is asked what may go."""
    if not page.arm:
        record(tx, page, now, owner)
        return _NOTHING_ARMED
    _tell(tx, page, now, owner)
    return tx.outbox.settle_and_arm(page.settled, list(page.arm), owner, now)


def record(tx: Transaction, page: Page, now: datetime, owner: str) -> None:
    """What became of messages, and which campaigns must stop for it."""
    if page.settled:
        tx.outbox.settle_each(page.settled, now, owner)
    _tell(tx, page, now, owner)


def _tell(tx: Transaction, page: Page, now: datetime, owner: str) -> None:
    """All but the settlements."""
    told = [each for each in page.settled if each.state in _TOLD]
    whose = tx.outbox.whose([each.message_id for each in told]) if told else {}
    for settlement in told:
        number, said = settlement.message_id, settlement.reply
        if settlement.state is MessageState.BOUNCED:
            refused(tx, number, whose[number], said, now)
        else:
            failed(tx, number, whose[number], said, now)
    for campaign_id, why in page.pause.items():
        if tx.campaigns.pause(campaign_id, why):
            tx.events.add(EventKind.PAUSED, now, campaign=campaign_id, why=why)
    if page.back:
        tx.outbox.put_back(owner, page.back)
    if page.later:
        tx.outbox.postpone(owner, page.later)


def _halted(tx: Transaction, page: Page, armed: Armed) -> dict[int, str]:
    left = {page.arm[message] for message in page.arm.keys() - armed.armed - armed.suppressed}
    found = [tx.campaigns.get(campaign_id) for campaign_id in left if campaign_id is not None]
    return {campaign.id: campaign.reason for campaign in found if campaign.state is not CampaignState.RUNNING}


def suppressed(message_id: int) -> Settlement:
    """What arming wrote down by itself."""
    return Settlement(message_id, MessageState.SUPPRESSED, Reply(0))
