"""How fast this run may send: the rules of pace, with the clock and the domains that they need."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from digest.delivery.throttle import Pace, PaceRules
from digest.model.message import Outgoing, Reply
from digest.pipeline.hand import Letter

FAR = 60.0  # seconds: what must wait longer waits in the outbox
PATIENT = 50  # messages for one domain that wait in hand; the others wait in the outbox


class Tempo:
    """Used in one event loop. Times are Unix seconds, carried on by a monotonic clock."""

    def __init__(self, pace: Pace | None, now: Callable[[], datetime], sender_domain: Callable[[int], str]) -> None:
        """`sender_domain` is that of a list, asked for once each, and only if a domain ramps up."""
        self.pace = pace or Pace(PaceRules())
        self._offset = now().timestamp() - time.monotonic()
        self._domain_of = lru_cache(1024)(sender_domain) if self.pace.ramps_up else lambda _: ""
        self._postponed: dict[str, float] = {}  # domain → until when its postponed messages are spread

    def now(self) -> float:
        return self._offset + time.monotonic()

    @property
    def calm(self) -> bool:
        """Anything may go at once, and it need not be said what went."""
        return self.pace.calm

    def relay_until(self, relay: str, now: float) -> float:
        return self.pace.relay_at(relay, now)

    def until(self, letter: Letter, relay: str, now: float) -> float:
        at = self.pace.may(relay, letter.domain, self._domain_of(letter.message.list_id), now)
        return now if at is None else at

    def took(self, letter: Letter, relay: str) -> None:
        self.pace.took(relay, letter.domain, self._domain_of(letter.message.list_id), self.now())

    def accepted(self, relay: str, domain: str, count: int) -> None:
        self.pace.accepted(relay, domain, self.now(), count)

    def slowed(self, message: Outgoing, relay: str, reply: Reply) -> None:
        """Any reply but an acceptance."""
        self.pace.slowed(reply, relay, message.address.domain, self.now())

    def postpone(self, letters: list[Letter], now: datetime) -> dict[int, datetime]:
        """For each message that must wait too long to be kept in hand, when it is due: one after the other, as its domain allows."""
        return {letter.message.id: now + timedelta(seconds=self._turn_of(letter.domain)) for letter in letters}

    def _turn_of(self, domain: str) -> float:
        """In so many seconds."""
        now = self.now()
        rate = max(self.pace.rate(domain), 1 / FAR)
        start = max(self._postponed.get(domain, 0.0), now + PATIENT / rate)
        self._postponed[domain] = start + 1 / rate
        return start - now
