"""What a sender has in hand: messages that it claimed, composed when their turn comes, or ahead of it where that takes long.

A message is taken when the pace allows it. One whose recipients' domain must wait is put aside, and the others pass it.
"""

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from digest.delivery.content import Content
from digest.delivery.transport import Envelope
from digest.model.message import Outgoing
from digest.pipeline.compose import Compositor

AHEAD = 4  # messages composed before their turn, for each thread that does it
AT_ONCE = 4  # composed in the loop while there is time


@dataclass(eq=False, slots=True)
class Letter:
    """A message on its way from its row to the wire."""

    message: Outgoing
    domain: str
    composed: tuple[Envelope, Content] | None = None
    failed: Exception | None = None  # composing it: this message's own fault
    halted: Exception | None = None  # the store could not be asked for its edition: nobody's fault
    composing: "Future[None] | None" = None

    @property
    def ready(self) -> bool:
        return not (self.composed is None and self.failed is None and self.halted is None)


class _Aside(NamedTuple):
    until: float
    order: int
    letter: Letter


class Hand:
    """Used by one thread, but for the composing."""

    def __init__(self, compositor: Compositor, composed: Callable[[], None], threads: int = 0) -> None:
        """`composed` is called, in another thread, when a message was composed ahead; `threads` of 0 compose nothing ahead."""
        self._compositor = compositor
        self._composed = composed
        self.again_at = 0.0  # when to look again, after `take` gave nothing: 0 for when something changes
        self._letters: deque[Letter] = deque()
        self._aside: list[_Aside] = []
        self._looked_at = 0  # of the first messages so many were composed, as far as is known
        self._order = 0
        self._ahead = AHEAD * threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="compose") if threads else None

    def __len__(self) -> int:
        return len(self._letters) + len(self._aside)

    def __bool__(self) -> bool:
        return bool(self._letters or self._aside)

    @property
    def ready(self) -> int:
        """How many need not wait, as far as is known."""
        return len(self._letters)

    def add(self, messages: Iterable[Outgoing], *, first: bool = False) -> None:
        letters = [Letter(message, message.address.domain) for message in messages]
        if first:
            self._letters.extendleft(reversed(letters))
            self._looked_at = 0
        else:
            self._letters.extend(letters)
        self._compose_ahead()

    def drop(self, campaign_ids: Iterable[int]) -> list[int]:
        """Let go of all messages of some campaigns; returns which."""
        gone = set(campaign_ids)
        dropped = [
            each
            for each in (*self._letters, *(aside.letter for aside in self._aside))
            if each.message.campaign_id in gone
        ]
        numbers = {letter.message.id for letter in dropped}
        self._letters = deque(each for each in self._letters if each.message.id not in numbers)
        self._looked_at = 0
        self._aside = [aside for aside in self._aside if aside.letter.message.id not in numbers]
        heapq.heapify(self._aside)
        return sorted(numbers)

    def put_aside(self, patient: int, most: int, until: float) -> list[Letter]:
        """Take out of what waits: what must wait beyond this time, and all but the first few, of each domain and of all."""
        kept: Counter[str] = Counter()
        stay: list[_Aside] = []
        out: list[Letter] = []
        for aside in sorted(self._aside):
            kept[aside.letter.domain] += 1
            if kept[aside.letter.domain] > patient or len(stay) >= most or aside.until > until:
                out.append(aside.letter)
            else:
                stay.append(aside)
        self._aside = stay  # sorted, and so a heap
        return out

    def take(self, waits_until: Callable[[Letter], float] | None, now: float) -> Letter | None:
        """The first message that need not wait: composed, or failed, or what is to stop the sender. Without `waits_until` none waits."""
        while self._aside and self._aside[0].until <= now:
            self._letters.appendleft(heapq.heappop(self._aside).letter)
            self._looked_at = 0
        while self._letters:
            letter = self._letters[0]
            if waits_until is not None and (until := waits_until(letter)) > now:
                self._pop()
                self._order += 1
                heapq.heappush(self._aside, _Aside(until, self._order, letter))
            elif self._is_ready(letter):
                self._pop()
                self._compose_ahead()
                return letter
            else:
                self.again_at = 0
                return None
        self.again_at = self._aside[0].until if self._aside else 0
        return None

    def _pop(self) -> None:
        self._letters.popleft()
        self._looked_at = max(0, self._looked_at - 1)

    def compose_some(self, most: int) -> bool:
        """Of the next `most` messages, the first few that are not composed; whether there were any. With threads, those do it."""
        if self._pool is not None:
            return False
        count = min(AT_ONCE, most - self._looked_at, len(self._letters) - self._looked_at)
        for letter in islice(self._letters, self._looked_at, self._looked_at + count):
            self._is_ready(letter)
        self._looked_at += max(0, count)
        return count > 0

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _is_ready(self, letter: Letter) -> bool:
        if letter.composed is None and self._pool is None and not letter.ready:
            self._compose(letter)
        return letter.composed is not None or letter.ready

    def _compose_ahead(self) -> None:
        if self._pool is None:
            return
        for at in range(min(self._ahead, len(self._letters))):
            letter = self._letters[at]
            if letter.composing is None:
                letter.composing = self._pool.submit(self._compose, letter)
                letter.composing.add_done_callback(lambda _: self._composed())

    def _compose(self, letter: Letter) -> None:
        """House rule 7: what crashed is kept and shown, and the others go on. What the store says stops us instead."""
        try:
            edition = self._compositor.edition(letter.message.edition_id)
        except Exception as error:  # noqa: BLE001  raised where it stops the sender
            letter.halted = error
            return
        try:
            letter.composed = self._compositor.fill(edition, letter.message)
        except Exception as error:  # noqa: BLE001  whatever it is, it is this message's alone
            letter.failed = error
