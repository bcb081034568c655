"""One run of a sender: connections, the messages on them, and the ledger, in one event loop. See docs/flow.md and docs/adr/0007.

    ledger ─claim─▶ hand ─compose─▶ line ─offer─▶ Held ─arm─▶ ledger ─committed─▶ dot, and the next offer ─▶ Answered ─settle─▶ ledger

Nothing here waits: sockets, the ledger's thread and dialling call back. A run ends when nothing is due, when it is told to stop
(what is offered is finished, the rest put back), or when it cannot go on; the dots that are out are waited for in any case.
"""

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

from digest.delivery.transport import Answered, Connection, Event, Held
from digest.model.errors import DigestError
from digest.model.issue import OnCrash
from digest.model.message import MessageState, Outgoing, Reply, Settlement, accept, settle
from digest.pipeline.compose import Compositor
from digest.pipeline.fleet import Fleet
from digest.pipeline.hand import Hand, Letter
from digest.pipeline.ledger import Ledger, Page, Written, suppressed
from digest.pipeline.line import Line
from digest.pipeline.outcomes import Outcomes
from digest.pipeline.progress import Progress
from digest.pipeline.pulse import Act, Pulse
from digest.pipeline.sender import Sender
from digest.pipeline.tempo import FAR, PATIENT, Tempo
from digest.store.outbox import Recovered
from digest.store.owner import SenderLock

log = logging.getLogger("digest.deliver")

TICK_SECONDS = 0.2
STALE_SECONDS = (
    60  # a dot that was allowed so long ago is not sent: we were stopped meanwhile, and others may have the message
)
GRACE_SECONDS = 10  # told to stop: how long what is offered may take to be ready for its dot
MOST_CLAIMED = 1000  # messages in hand: what a kill puts back
CLAIMED_FOR_EACH = 16  # connection
OWN_AT_ONCE = 16  # mails of their own, which go before everything in hand


class Sending:
    """See above. The `Desk` of its ledger."""

    def __init__(self, sender: Sender, lock: SenderLock) -> None:
        self.counts: Counter[MessageState] = Counter()
        self.touched: set[int] = set()  # campaigns
        self.unwritten: list[Settlement] = []
        self._sender = sender
        self._compositor = Compositor(sender.store, sender.links, sender.signers, sender.return_paths)
        threads = (os.cpu_count() or 1) if sender.signers else 0  # a signature takes longer than all else
        self._ledger = Ledger(lock, sender.owner, sender.now, self)
        self._hand = Hand(self._compositor, self._composed, threads)
        self._tempo = Tempo(sender.pace, sender.now, self._sender_domain)
        self._fleet = Fleet(sender.hops, self._tempo.now, self._connected, self._not_connected)
        self._progress = Progress(time.monotonic())
        self._pulse = Pulse(sender, lock, self._tempo, self._fleet, self._progress)
        self._outcomes = Outcomes(self._tempo, self._fleet, self._progress)
        self._lines: list[Line] = []
        self._idle: set[Line] = set()  # those on which a message could be offered
        self._arming: dict[int, Line] = {}  # by message
        self._went: dict[int, tuple[Outgoing, str, Reply]] = {}  # whose connection went while they were being armed
        self._second: set[int] = set()  # messages that had a connection go under them once
        self._wanted = 0  # messages asked of the ledger and not answered for
        self._drained = False  # the last claim found nothing
        self._awaiting = False  # but something waits for its turn, or for canaries
        self._settled_when_lost = -1  # how many there were when no connection could be had the last time
        self._error: BaseException | None = None
        self._stopping_since: float | None = None
        self._wake: asyncio.TimerHandle | None = None
        self._going_on = False  # soon
        self._composing = False  # what goes next, while the ledger writes
        self._told_of_composed = False
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def recovered(self) -> Recovered:
        """What was taken over while it ran."""
        return self._pulse.recovered

    def parting(self) -> Sequence[Act]:
        """What is still to be written when the run has ended."""
        return self._pulse.parting()

    async def run(self) -> None:
        """Raises what it ended for, when that is an error."""
        self._loop = asyncio.get_running_loop()
        try:
            self._tick()
            await self._over.wait()
        finally:
            self._put_down()
        if self._error is not None:
            raise self._error

    @property
    def troubled(self) -> dict[str, str]:
        return {hop.hop.name: hop.state.health.why for hop in self._fleet if hop.state.health.why}

    def _put_down(self) -> None:
        self._over.set()
        self._outcomes.catch_up()
        self._pulse.look(time.monotonic())
        self._fleet.close()
        for line in self._lines:
            line.unwatch()
            line.connection.cut()
        self.unwritten += self._ledger.close().settled
        self._hand.close()

    # What goes by itself

    def _tick(self) -> None:
        if self._over.is_set():
            return
        assert self._loop is not None
        self._loop.call_later(TICK_SECONDS, self._tick)
        now = time.monotonic()
        for line in list(self._lines):
            if line.connection.deadline is not None and now >= line.connection.deadline:
                self._serve(line)
        if self._stopping_since is not None and now - self._stopping_since > GRACE_SECONDS:
            for line in [each for each in self._lines if each.released is None]:
                self._cut(line)
        if self._error is None:
            self._do_what_is_due(now)
        self._drained = False  # something may have become due
        self._go_on()

    def _do_what_is_due(self, now: float) -> None:
        self._outcomes.catch_up()
        page, acts = self._ledger.page, self._pulse.acts(now)
        page.acts += acts
        if acts and self._going and self._hand:
            page.own = OWN_AT_ONCE

    @property
    def _going(self) -> bool:
        """Whether anything new is begun."""
        if self._sender.stop is not None and self._stopping_since is None and self._sender.stop.is_set():
            self._stopping_since = time.monotonic()
        return self._stopping_since is None

    def _fail(self, error: BaseException) -> None:
        """Finish what can be finished, and end."""
        self._error = self._error or error
        self._stopping_since = self._stopping_since or time.monotonic()

    def _go_on(self) -> None:
        """After anything that happened: more messages, more connections, the next offers, or the end."""
        self._going_on = self._told_of_composed = False
        self._outcomes.catch_up()
        if self._going:
            self._claim_more()
            self._feed_the_idle()
        self._ledger.turn()
        self._end_if_done()

    def writing(self) -> None:
        """While the ledger writes there is time to compose what goes next: few at once, so that nobody waits for it."""
        if not self._composing:
            assert self._loop is not None
            self._composing = True
            self._loop.call_soon(self._compose_ahead)

    def _compose_ahead(self) -> None:
        assert self._loop is not None
        self._composing = self._ledger.writing and self._hand.compose_some(len(self._lines))
        if self._composing:
            self._loop.call_soon(self._compose_ahead)

    def _go_on_soon(self) -> None:
        """Once for all that happens in one round of the loop, and not while the ledger will call anyway."""
        if not (self._going_on or self._ledger.calls_back):
            assert self._loop is not None
            self._going_on = True
            self._loop.call_soon(self._go_on)

    def _claim_more(self) -> None:
        most, ready = min(MOST_CLAIMED, CLAIMED_FOR_EACH * self._fleet.most), self._hand.ready
        if not self._wanted and not self._drained and ready <= most // 2:
            self._wanted = self._ledger.page.claim = max(0, min(most - ready, MOST_CLAIMED - len(self._hand)))

    def _feed_the_idle(self) -> None:
        for line in sorted(self._idle, key=lambda line: self._fleet[line.relay].state.load) if self._hand else ():
            self._handle(line, ())
        if self._hand and not self._idle:
            self._fleet.dial(len(self._hand))

    def _end_if_done(self) -> None:
        if self._going and (self._hand or self._wanted or self._awaiting or not self._drained):
            return
        if any(line.busy for line in self._lines) or not self._ledger.quiet:
            return
        for line in list(self._lines):
            line.connection.close()
            self._handle(line, line.connection.pump(listen=False))
        if not self._lines:
            self._over.set()

    def _wake_at(self, at: float) -> None:
        """Go on at that time of the tempo, if not before."""
        assert self._loop is not None
        when = self._loop.time() + max(at - self._tempo.now(), 0)
        if (
            self._wake is None
            or self._wake.cancelled()
            or when < self._wake.when()
            or self._wake.when() < self._loop.time()
        ):
            if self._wake is not None:
                self._wake.cancel()
            self._wake = self._loop.call_at(when, self._go_on)

    # Connections

    def _connected(self, relay: str, connection: Connection) -> None:
        line = Line(relay, connection, self._fleet[relay].state)
        self._lines.append(line)
        self._ledger.enough = max(1, int(len(self._lines) / 1.5))
        self._handle(line, ())
        self._go_on()

    def _not_connected(self) -> None:
        """When none is open and none can be, it is tried again as long as something goes out in between."""
        if (error := self._fleet.hopeless) is not None:
            if self._fleet.shut or self.counts.total() == self._settled_when_lost:
                self._fail(error)
            self._settled_when_lost = self.counts.total()
        self._go_on()

    def _serve(self, line: Line) -> None:
        """Its socket is ready, or its deadline has come."""
        self._handle(line, line.connection.pump())
        self._go_on_soon()

    def _handle(self, line: Line, events: Sequence[Event]) -> None:
        """What happened on a line; then the next offer on it."""
        connection = line.connection
        while True:
            for event in events:
                self._take(line, event)
            if connection.over or line.offered is not None or not self._offer(line):
                break
            events = connection.pump(listen=False)
        line.watch(self._serve)
        if line.offered is None and connection.free:
            self._idle.add(line)
        else:
            self._idle.discard(line)
        if connection.over and line in self._lines:
            self._lines.remove(line)
            self._fleet.left(line.relay, turned_away=line.turned_away)

    def _take(self, line: Line, event: Event) -> None:
        if isinstance(event, Held):
            self._arm(line)
            return
        reply = event.reply
        line.turned_away = line.turned_away or (reply.code == 421 and reply.status != "4.4.2")
        if isinstance(event, Answered):
            assert line.released is not None
            message, line.released = line.released, None
            self._settle(message, line.relay, reply, dot_sent=True)
        elif reply.silent or reply.code == 421:
            self._not_sent(line, reply)
        else:
            assert line.offered is not None
            letter, line.offered = line.offered, None
            self._settle(letter.message, line.relay, reply, dot_sent=False)

    def _offer(self, line: Line) -> bool:
        """Whether something new is to be sent on this line."""
        if not (line.connection.free and self._going):
            return False
        letter = self._next_letter(line.relay)
        if letter is None:
            return False
        if letter.halted is not None:
            self._fail(letter.halted)
            return False
        self._put_on(line, letter)
        return True

    def _next_letter(self, relay: str) -> Letter | None:
        """The next that may go by this relay now."""
        if not self._hand:
            return None
        now = self._tempo.now()
        if self._tempo.calm:
            return self._hand.take(None, now)
        if (until := self._tempo.relay_until(relay, now)) > now:
            self._wake_at(until)
            return None
        letter = self._hand.take(partial(self._tempo.until, relay=relay, now=now), now)
        if letter is None and self._hand.again_at:
            self._wake_at(self._hand.again_at)
            self._postpone(now)
        return letter

    def _postpone(self, now: float) -> None:
        """What must wait long makes room in hand for others."""
        letters = self._hand.put_aside(PATIENT, MOST_CLAIMED // 2, now + FAR)
        if letters:
            self._ledger.page.later |= self._tempo.postpone(letters, self._sender.now())

    def _put_on(self, line: Line, letter: Letter) -> None:
        """House rule 7, again: what cannot be composed, or may not go on any wire, fails alone."""
        error: Exception | None = letter.failed
        if letter.composed is not None:
            try:
                line.connection.offer(*letter.composed)
            except Exception as refused:  # noqa: BLE001  as in Hand
                error = refused
            else:
                line.offered, line.arming, line.armed = letter, False, False
                line.state.handed += 1
                if not self._tempo.calm:
                    self._tempo.took(letter, line.relay)
        if error is not None:
            self._outcomes.ended(letter.message, "", MessageState.FAILED)
            self._write_down(Settlement(letter.message.id, MessageState.FAILED, Reply(0, text=_why(error))))

    def _cut(self, line: Line) -> None:
        """Whatever is offered on it is not sent."""
        line.connection.cut()
        if line.offered is not None:
            self._not_sent(line, Reply(0, text="we closed the connection"))
        self._handle(line, ())

    # Dots

    def _arm(self, line: Line) -> None:
        assert line.offered is not None
        message = line.offered.message
        if self._error is not None:
            self._cut(line)
            return
        line.arming = True
        self._arming[message.id] = line
        self._ledger.page.arm[message.id] = message.campaign_id

    def _release(self, line: Line, began: float) -> None:
        """The offered message is armed: its dot may go, if it goes at once."""
        assert line.offered is not None
        line.arming, line.armed = False, True
        if time.monotonic() - began > STALE_SECONDS:
            self._cut(line)
            return
        line.connection.release(began + STALE_SECONDS)
        if line.connection.over:
            self._handle(line, line.connection.pump())
            return
        line.released, line.offered, line.armed = line.offered.message, None, False
        self._offer(line)
        self._handle(line, line.connection.pump(listen=False))

    def _not_sent(self, line: Line, reply: Reply) -> None:
        """The connection went before the dot of the offered message did."""
        assert line.offered is not None
        message, line.offered = line.offered.message, None
        if line.arming:
            self._arming.pop(message.id, None)
            self._went[message.id] = message, line.relay, reply
        else:
            self._again(message, line.relay, reply)

    def _again(self, message: Outgoing, relay: str, reply: Reply) -> None:
        """It is nobody's fault: back into the outbox at once, but to a later time if it happens to this message again."""
        if message.id in self._second:
            self._settle(message, relay, reply, dot_sent=False)
            return
        self._second.add(message.id)
        self._ledger.page.back.append(message.id)
        self._outcomes.put_off(message, relay, reply)

    def _settle(self, message: Outgoing, relay: str, reply: Reply, *, dot_sent: bool) -> None:
        self._second.discard(message.id)
        if dot_sent and reply.accepted:
            self._outcomes.accepted(message, relay)
            self._write_down(accept(message, reply, relay))
            return
        hold = self._sender.on_crash is OnCrash.HOLD
        settlement = settle(message, reply, dot_sent=dot_sent, hold_silence=hold, now=self._sender.now(), relay=relay)
        self._write_down(settlement)
        why = self._outcomes.refused(message, relay, settlement)
        if why and message.campaign_id is not None:
            self._ledger.page.pause[message.campaign_id] = why
            self._halt([message.campaign_id])

    def _write_down(self, settlement: Settlement) -> None:
        if self._error is not None:
            self.unwritten.append(settlement)
        else:
            self._ledger.page.settled.append(settlement)

    # The ledger's answers

    def written(self, written: Written) -> None:
        page = written.page
        self.count(page.settled)
        self._drained = self._drained and not page.back
        if page.claim:
            self._claimed(written)
        self._hand.add(written.own, first=True)
        self._halt(written.halted)
        for number in page.arm:
            self._is_armed(number, written)
        self._go_on()

    def _claimed(self, written: Written) -> None:
        self._wanted = 0
        waits = written.waiting_until is not None and written.waiting_until < self._sender.now() + timedelta(days=2)
        self._drained = not written.claimed
        self._awaiting = self._drained and (waits or written.on_trial)
        self.touched.update(each.campaign_id for each in written.claimed if each.campaign_id is not None)
        self._hand.add(written.claimed)

    def _is_armed(self, number: int, written: Written) -> None:
        line, armed = self._arming.pop(number, None), written.armed
        if line is not None and number in armed.armed:
            self._release(line, written.began)
            return
        went = self._went.pop(number, None)
        if number in armed.suppressed:
            self.count([suppressed(number)])
        if line is not None:
            line.offered = None  # DATA cannot be taken back
            self._cut(line)
        elif went is not None and number in armed.armed:
            self._again(*went)
        if number not in armed.armed | armed.suppressed and written.page.arm[number] in written.halted:
            self._ledger.page.back.append(number)

    def _halt(self, campaigns: Iterable[int]) -> None:
        """Let go of what is in hand of campaigns that are not to go on."""
        if halted := set(campaigns):
            self.touched |= halted
            self._outcomes.forget(halted)
            self._ledger.page.back += self._hand.drop(halted)

    def not_written(self, page: Page, error: BaseException) -> None:
        """No dot goes any more, by the next page either: what its connection said last may be on the one that was not written."""
        self._fail(error)
        self._wanted = 0
        self.unwritten += page.settled
        lines = list(self._arming.values())
        for asked in (self._arming, self._went, self._ledger.page.arm):
            asked.clear()
        for line in lines:
            line.offered = None
            self._cut(line)
        self._go_on()

    def count(self, settled: Iterable[Settlement]) -> None:
        """Of what was written down; and tell whoever watches."""
        settled = list(settled)
        self.counts.update(settlement.state for settlement in settled)
        if self._sender.settled is None:
            return
        for settlement in settled:
            try:
                self._sender.settled(settlement)
            except Exception as error:  # noqa: BLE001  who watches must not stop the mail: a dot may wait for us
                log.debug("action=watch error=%r", error)

    def _composed(self) -> None:
        """In another thread. One word is enough for all that is composed until the loop goes on."""
        if not self._told_of_composed:
            assert self._loop is not None
            self._told_of_composed = True
            self._loop.call_soon_threadsafe(self._go_on)

    def _sender_domain(self, list_id: int) -> str:
        with self._sender.store.read() as tx:
            return tx.lists.get(list_id).sender.address.domain


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, DigestError) else f"{type(error).__name__}: {error}"
