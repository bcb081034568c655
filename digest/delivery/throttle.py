"""How fast we may send: limits that others set, a brake for when they complain, a ramp-up for a new sending domain.

    Pace      all of it together: may one more go, by this relay, to this domain, from that one?
      limits  so many a second, an hour, a day
      Brake   slower after 421 and 4.7.x, faster again with every acceptance
      RampUp  so many a day, and more each day

Pure rules, for one thread. `now` is Unix time in seconds, as in `limits`.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Literal

from digest.delivery.limits import SHORT, Limit, Look, Seen, SharedWindow, Window
from digest.model.errors import BadSetting
from digest.model.message import Reply

REMEMBERED = 10_000  # domains; more only while they are in use
FIRST_GAP = 0.05  # seconds: the first is no smaller,
LAST_GAP = 60.0  # and none is larger
NO_GAP = 0.02  # less is none
UNKNOWN_GAP = 1.0  # the first when nothing was accepted lately
FORGIVEN = 3600.0  # seconds after the last slow-down there is none, though nothing was accepted
SAME_BREATH = 1.0  # slow-downs so near to the last answer what had been sent before it
_HALF = 5.0  # seconds: what was accepted in the last five, and the five before, was so lately
_A_DAY = Limit(10**9, 86_400)


class Brake:
    """A gap between the messages of one scope, after 421 or 4.7.x.

    The first slow-down sets it to twice the recent mean gap, each further one doubles it, and each acceptance of what was sent
    since shrinks it by a fifth. Many connections hear of the same trouble at once: within a second, slow-downs are one.
    """

    __slots__ = ("_accepted", "_before", "_sent", "_since", "_slowed", "_took", "gap")

    def __init__(self) -> None:
        self.gap = 0.0  # seconds
        self._took = self._slowed = -math.inf
        self._sent = 0  # since the last slow-down, and not accepted yet
        self._accepted = 0  # since
        self._since = -math.inf
        self._before = (0.0, 0)  # the same of the time before

    def may(self, now: float) -> bool:
        return self.next_at(now) <= now

    def next_at(self, now: float) -> float:
        self._took = min(self._took, now)  # later only when the clock was set back
        self.gap = 0.0 if now - self._slowed > FORGIVEN else self.gap
        return max(now, self._took + self.gap) if self.gap else now

    def took(self, now: float) -> None:
        self._took = now
        self._sent += 1

    def accepted(self, now: float) -> None:
        if not 0 <= now - self._since < _HALF:
            self._turn(now)
        self._accepted += 1
        if self.gap and self._sent:
            self._sent -= 1
            self.gap *= 0.8
            if self.gap < NO_GAP:
                self.gap = 0.0

    def slow_down(self, now: float) -> None:
        if self.gap and 0 <= now - self._slowed < SAME_BREATH:
            return
        self.gap = min(2 * self.gap or self._first_gap(now), LAST_GAP)
        self._took = self._slowed = now
        self._sent = 0

    def idle(self, now: float) -> bool:
        return (not self.gap or now - self._slowed > FORGIVEN) and not 0 <= now - self._since < 2 * _HALF

    def _first_gap(self, now: float) -> float:
        self._turn(now)
        since, count = self._before
        count += self._accepted
        return max(2 * (now - since) / count, FIRST_GAP) if count else UNKNOWN_GAP

    def _turn(self, now: float) -> None:
        ago = now - self._since
        if not 0 <= ago < _HALF:
            self._before = (self._since, self._accepted) if 0 <= ago < 2 * _HALF else (now, 0)
            self._since, self._accepted = now, 0


@dataclass(frozen=True, slots=True)
class RampUp:
    """How many a new sending domain may send a day: `first_day`, then `growth` times more each day; past `until`, any number."""

    start: date
    first_day: int
    growth: float
    until: int

    def __post_init__(self) -> None:
        if not (1 <= self.first_day <= self.until and 1 < self.growth <= 10):
            raise BadSetting(
                f"A ramp-up from {self.first_day} a day to {self.until}, each day {self.growth:g} times more, cannot be; it begins "
                "with 1 or more, ends no lower, and grows by more than 1 and up to 10 times."
            )

    def limit(self, today: date) -> int | None:
        """For this day; None when there is none any more. Before its start as on the first day."""
        days = max(0, (today - self.start).days)
        if days > math.log(self.until / self.first_day, self.growth) + 1:  # growth**days might be too large for a float
            return None
        limit = int(self.first_day * self.growth**days)
        return limit if limit <= self.until else None


_GREYLISTED = re.compile(r"gr[ae]y-?\s?list", re.IGNORECASE)


def slows(reply: Reply) -> Literal["relay", "domain"] | None:
    """Who asks us to slow down: the relay itself, or through it the recipient's domain.

    421 4.4.2 asks nothing: a connection idled or broke. Nor do 450 and 451 without 4.7.x, or for greylisting: that is the
    retry's business.
    """
    if reply.code == 421:
        return None if reply.status == "4.4.2" else "relay"
    if reply.code // 100 != 4 or not reply.status.startswith("4.7.") or _GREYLISTED.search(reply.text):
        return None
    return "domain" if reply.verb in {"RCPT", "DATA", "."} else "relay"


@dataclass(frozen=True, slots=True)
class PaceRules:
    """What the operator set. A domain's own limits stand instead of `every_domain`; a ramp-up is of a sending domain."""

    relay_limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=dict)
    domain_limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=dict)
    every_domain: tuple[Limit, ...] = ()
    ramp_ups: Mapping[str, RampUp] = field(default_factory=dict)


class _Scope:
    """A relay, a recipients' domain or a sending domain: its windows and its brake."""

    __slots__ = ("brake", "name", "windows")

    def __init__(self, name: str, windows: Iterable[Window | SharedWindow] = ()) -> None:
        self.name = name
        self.windows = tuple(windows)
        self.brake = Brake()

    def next_at(self, now: float) -> float:
        at = self.brake.next_at(now) if self.brake.gap else now
        for window in self.windows:
            if not window.may(now):
                at = max(at, window.next_at(now))
        return at

    @property
    def rate(self) -> float:
        by_brake = 1 / self.brake.gap if self.brake.gap else math.inf
        return min([by_brake, *(window.limit.count / window.limit.seconds for window in self.windows)])

    def took(self, now: float) -> None:
        if self.brake.gap:
            self.brake.took(now)
        for window in self.windows:
            window.take(now)

    def idle(self, now: float) -> bool:
        return self.brake.idle(now) and all(isinstance(each, Window) and each.idle(now) for each in self.windows)


class Pace:
    """Whether one more message may go now, and if not, when. A scope without limits and trouble costs one look into a dict.

    With `shared`, limits for more than a minute that name their scope, and ramp-ups, are SharedWindows: nothing goes there before
    the first look. All others are in memory, divided among the processes, and forgotten at a restart; so are brakes.
    """

    def __init__(self, rules: PaceRules, *, shared: bool = False) -> None:
        self._rules = rules
        self._shared = shared
        self._processes = 1
        self._day = -1.0
        self._relays = {name: self._scope(f"relay:{name}", limits) for name, limits in rules.relay_limits.items()}
        self._domains = {name: self._scope(f"domain:{name}", limits) for name, limits in rules.domain_limits.items()}
        self._senders = {name: self._scope(f"sender:{name}", [_A_DAY]) for name in rules.ramp_ups}
        named = (*self._relays.values(), *self._domains.values(), *self._senders.values())
        windows = ((scope.name, window) for scope in named for window in scope.windows)
        self._looking = {(name, each.limit): each for name, each in windows if isinstance(each, SharedWindow)}
        self._forget_at = REMEMBERED

    def may(self, relay: str, domain: str, sender_domain: str, now: float) -> float | None:
        """None: go. Else the earliest time at which it is worth asking again."""
        at = now
        for scope in (self._relays.get(relay), self._domains.get(domain), self._sender(sender_domain, now)):
            if scope is not None:
                at = max(at, scope.next_at(now))
        return at if at > now else None

    @property
    def ramps_up(self) -> bool:
        """Whether it matters which domain a message is from."""
        return bool(self._senders)

    def relay_at(self, relay: str, now: float) -> float:
        """When the relay takes one more, wherever it is for."""
        scope = self._relays.get(relay)
        return now if scope is None else scope.next_at(now)

    def rate(self, domain: str) -> float:
        """Messages a second that may go to a domain of recipients, in the long run."""
        scope = self._domains.get(domain)
        return math.inf if scope is None else scope.rate

    def gaps(self) -> tuple[dict[str, float], dict[str, float]]:
        """Where the brake is on: seconds between messages, by relay and by domain."""
        return _gaps(self._relays), _gaps(self._domains)

    def took(self, relay: str, domain: str, sender_domain: str, now: float) -> None:
        """A message was offered, whatever becomes of it."""
        to = self._domain(domain, now) if self._rules.every_domain else self._domains.get(domain)
        for scope in (self._relays.get(relay), to, self._sender(sender_domain, now)):
            if scope is not None:
                scope.took(now)

    def accepted(self, relay: str, domain: str, now: float) -> None:
        self._relay(relay).brake.accepted(now)
        self._domain(domain, now).brake.accepted(now)

    def slowed(self, reply: Reply, relay: str, domain: str, now: float) -> None:
        """Any reply: it is looked at whether it `slows`. `domain` is "" while no recipient was named."""
        if (whom := slows(reply)) is not None:
            scope = self._relay(relay) if whom == "relay" else self._domain(domain, now)
            scope.brake.slow_down(now)

    def looks(self, now: float) -> list[Look]:
        """What to tell the other processes and to ask, about once a second. Until `saw`, nothing of this may go."""
        self._turn(now)
        return [window.look(name, now) for (name, _), window in self._looking.items()]

    def parting_looks(self, now: float) -> list[Look]:
        """The same for a process that ends: what it took is told, and what it had set aside is given back."""
        return [replace(look, count=0) for look in self.looks(now)]

    def saw(self, seen: Iterable[Seen], processes: int) -> None:
        """The looks were committed, while so many processes were at work, this one among them."""
        for each in seen:
            self._looking[each.look.scope, each.look.limit].saw(each)
        if processes != self._processes:
            self._divide(processes)

    def _divide(self, processes: int) -> None:
        self._processes = processes
        for scope in (*self._relays.values(), *self._domains.values()):
            for window in scope.windows:
                window.allow(window.limit.count, processes)
        self._day = -1.0

    def _turn(self, now: float) -> None:
        """Another day (of UTC), another limit for each that ramps up."""
        day = now // _A_DAY.seconds
        if day == self._day:
            return
        self._day = day
        today = datetime.fromtimestamp(now, UTC).date()
        for name, ramp_up in self._rules.ramp_ups.items():
            limit = ramp_up.limit(today)
            self._senders[name].windows[0].allow(_A_DAY.count if limit is None else limit, self._processes)

    def _scope(self, name: str, limits: Iterable[Limit]) -> _Scope:
        tightest = {limit.seconds: limit for limit in sorted(limits, key=lambda limit: -limit.count)}
        shared = self._shared
        windows = (
            SharedWindow(each) if shared and each.seconds > SHORT else Window(each) for each in tightest.values()
        )
        return _Scope(name, windows)

    def _sender(self, name: str, now: float) -> _Scope | None:
        scope = self._senders.get(name)
        if scope is not None:
            self._turn(now)
        return scope

    def _relay(self, name: str) -> _Scope:
        return self._relays.get(name) or self._relays.setdefault(name, _Scope(name))

    def _domain(self, name: str, now: float) -> _Scope:
        scope = self._domains.get(name)
        if scope is None:
            if len(self._domains) >= self._forget_at:
                self._forget(now)
            windows = (Window(limit, self._processes) for limit in self._rules.every_domain)
            scope = self._domains[name] = _Scope(name, windows)
        return scope

    def _forget(self, now: float) -> None:
        """Drop the idle domains: no more than twice as many as are in use are remembered, or REMEMBERED."""
        named = self._rules.domain_limits
        self._domains = {name: each for name, each in self._domains.items() if name in named or not each.idle(now)}
        self._forget_at = max(REMEMBERED, 2 * len(self._domains))


def _gaps(scopes: Mapping[str, _Scope]) -> dict[str, float]:
    return {name: scope.brake.gap for name, scope in scopes.items() if scope.brake.gap}
